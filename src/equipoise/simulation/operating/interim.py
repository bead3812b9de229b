"""Looks at the planned analysis before its end, as the protocol's `design.interim` has them.

A look comes when the planned outcome of the share of participants that it asks for is due. A stage holds the
participants whose outcome came since the look before, and is analysed alone; the stages are combined by inverse
normal in a closed test (Dunnett within a stage), whose bounds spend alpha as the protocol says. A look drops the
arms whose z is below the futility bound, at the first look all but the best where one is selected. The trial
stops when every arm has been shown to work or dropped; nobody enters after that, and nobody enters a dropped arm.
"""

from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import numpy as np

from ...errors import ProtocolError
from ...protocol import Protocol
from ...protocol.model import Design, Interim
from ...statistics.distributions import Floats, normal_quantile
from ...statistics.replicates import replicate_closed_combination, select_doses
from ...statistics.sequential import GroupSequential, group_sequential
from ..analyses import Place, SimulatedAnalyses
from ..analyses.alone import fill_in
from ..analyses.simulated import METHODS
from ..estimands import arms_of
from ..population import VirtualTrials
from ..population.accrual import DAYS_A_MONTH
from ..population.trials import Booleans, Integers
from .sums import Sums

SPENDING = {"obrien-fleming": "lan-demets-obrien-fleming", "pocock": "lan-demets-pocock"}
LARGEST_Z = 37.0
"""Beyond this a normal probability is 0 in double precision."""


@dataclass(frozen=True, eq=False)
class Looks:
    """Looks of T trials: calendar day of each before the last (T x k), and the stage of participants (T x n)."""

    calendar: Integers
    stage: Integers


def bounds_of(plan: Design) -> GroupSequential:
    """Return the one-sided design whose bounds the combined stages must pass."""
    assert plan.interim is not None
    rates = [*plan.interim.looks, 1.0]
    alpha = plan.alpha / plan.sides
    if plan.interim.spending == "none":
        return group_sequential(rates, alpha=alpha, bounds=[*(0.0 for _ in plan.interim.looks), alpha])
    return group_sequential(rates, alpha=alpha, bounds=SPENDING[plan.interim.spending])


def find_looks(trials: VirtualTrials, visit: str, shares: tuple[float, ...]) -> Looks:
    """Return when the planned outcome of each share of the participants is due, and who is in which stage."""
    due = trials.entry + trials.days[..., trials.visit(visit)]
    numbers = [ceil(share * due.shape[1]) - 1 for share in shares]
    calendar = np.sort(due, axis=1)[:, numbers]
    stage = (due[..., None] > calendar[:, None, :]).sum(axis=-1)
    return Looks(calendar, stage)


def summarise_interim(sums: Sums, analyses: SimulatedAnalyses, trials: VirtualTrials) -> None:
    """Add what the trial with its looks concludes, how large it becomes and how long it takes."""
    plan = analyses.protocol.design
    if plan is None or plan.interim is None or plan.analysis not in analyses.names:
        return
    protocol = analyses.protocol
    estimand = analyses.estimand_of(plan.analysis)
    arms, versus = arms_of(protocol, estimand)
    better = analyses.better_of(plan.analysis)
    if versus is None or better is None:
        raise ProtocolError(
            f"design.interim needs an estimand that compares arms and says which side is better; {plan.analysis} "
            "has none"
        )
    visit = estimand.variable.at[-1]
    others = [arm for arm in arms if arm != versus]
    looks = find_looks(trials, visit, plan.interim.looks)
    z = np.stack(
        [
            _stage_z(protocol, plan.analysis, trials, looks.stage == k, others, versus, better)
            for k in range(looks.calendar.shape[1] + 1)
        ],
        axis=1,
    )
    going = _dropped(plan.interim, z)
    rejected_at = _decide(plan, np.where(going, z, np.nan), trials, [versus, *others])
    stopped = _stopped(rejected_at, going)
    shown = (rejected_at > 0) & (rejected_at <= stopped[:, None])
    for k, arm in enumerate(others):
        sums.add(
            Place("interim", visit, arm, versus),
            {"success": shown[:, k].astype(float), "dropped": (~going[:, -1, k]).astype(float)},
        )
    size, months = _course(trials, looks, going, stopped, others, visit)
    found = {f"stop_at_look_{k + 1}": (stopped == k + 1).astype(float) for k in range(looks.calendar.shape[1])}
    found |= {"any_success": shown.any(axis=1).astype(float), "participants": size, "months": months}
    for k in range(looks.calendar.shape[1]):
        found[f"months_to_look_{k + 1}"] = looks.calendar[:, k] / DAYS_A_MONTH
        found[f"enrolled_at_look_{k + 1}"] = (trials.entry <= looks.calendar[:, [k]]).sum(axis=1).astype(float)
    sums.add(Place("interim", visit), found)


def _stage_z(
    protocol: Protocol,
    name: str,
    trials: VirtualTrials,
    inside: Booleans,
    others: list[str],
    versus: str,
    better: str,
) -> Floats:
    """Return z of each arm against the control from one stage, large where the arm is better; T x m."""
    spec: Any = protocol.analyses[name]
    of_stage = replace(trials, flags={rule: flag & inside for rule, flag in trials.flags.items()})
    found = METHODS[spec.method](protocol, name, spec, of_stage)
    fill_in(protocol, found, of_stage, (name,))
    visit = protocol.estimands[spec.estimand].variable.at[-1]
    by_place = {one.place: one.statistics for one in found}
    columns = []
    for arm in others:
        place = next(p for p in by_place if p.arm == arm and p.versus == versus and p.visit in (visit, ""))
        statistics = by_place[place]
        direction = np.sign(statistics.get("estimate", statistics.get("z", np.ones(1))))
        size = np.minimum(-normal_quantile(np.maximum(statistics["p"] / 2, 1e-300)), LARGEST_Z)
        columns.append((1.0 if better == "higher" else -1.0) * direction * size)
    return np.nan_to_num(np.stack(columns, axis=1), nan=0.0)


def _dropped(interim: Interim, z: Floats) -> Booleans:
    """Return which arms go on into each stage; T x stages x m, all of them into the first."""
    going = np.ones(z.shape, dtype=bool)
    looks = np.arange(1, z.shape[1])
    rates = np.array([*interim.looks, 1.0])
    weights = np.sqrt(np.diff(rates, prepend=0.0))
    for k in looks:
        cumulated = (z[:, :k] * weights[:k, None]).sum(axis=1) / np.sqrt(rates[k - 1])
        going[:, k] = going[:, k - 1]
        if interim.futility is not None:
            going[:, k] &= cumulated >= interim.futility
        if interim.select == "best" and k == 1:
            going[:, k] &= select_doses(cumulated, 1)
    return going


def _decide(plan: Design, z: Floats, trials: VirtualTrials, arms: list[str]) -> Integers:
    """Return the look at which each arm is shown to work, 0 for never; T x m."""
    ratio = np.array([np.mean(trials.arm == trials.arms.index(arm)) for arm in arms])
    shares = np.diff([*plan.interim.looks, 1.0], prepend=0.0)  # type: ignore[union-attr]
    sizes = np.maximum(np.outer(shares, ratio) * trials.shape[1], 1.0)
    found = replicate_closed_combination(bounds_of(plan), z, participants=sizes, test="dunnett")
    return found.rejected_at


def _stopped(rejected_at: Integers, going: Booleans) -> Integers:
    """Return the look at which every arm was shown to work or dropped, else the last; T."""
    stages = going.shape[1]
    stopped = np.full(len(going), stages)
    for look in range(stages - 1, 0, -1):
        decided = ((rejected_at > 0) & (rejected_at <= look)) | ~going[:, look]
        stopped = np.where(decided.all(axis=1), look, stopped)
    return stopped


def _course(
    trials: VirtualTrials, looks: Looks, going: Booleans, stopped: Integers, others: list[str], visit: str
) -> tuple[Floats, Floats]:
    """Return how many entered, and the months until the decision."""
    entered = np.ones(trials.shape, dtype=bool)
    end = (trials.entry + trials.days[..., trials.visit(visit)]).max(axis=1)
    for k in range(looks.calendar.shape[1]):
        late = trials.entry > looks.calendar[:, [k]]
        entered &= ~(late & (stopped == k + 1)[:, None])
        for m, arm in enumerate(others):
            entered &= ~(late & (trials.arm == trials.arms.index(arm)) & ~going[:, k + 1, [m]])
        end = np.where(stopped == k + 1, looks.calendar[:, k], end)
    return entered.sum(axis=1).astype(float), end / DAYS_A_MONTH
