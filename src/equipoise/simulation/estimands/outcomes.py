"""From an estimand to the outcome of each virtual participant, every intercurrent event handled as it says.

The same steps as `analysis.estimand` takes on the data frames of one trial, on the arrays of many; the tests
compare the two. Strategies: treatment policy leaves values as they are; hypothetical sets those on or after the
event missing; composite, worst value puts the worst outcome seen in the trial at that visit; composite,
non-response counts as none; composite, event ends the time with an event; a principal stratum leaves participants
out.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ...errors import ProtocolError
from ...protocol import Protocol
from ...protocol.model import Endpoint, Estimand
from ...statistics.distributions import Floats
from ..population import VirtualTrials
from ..population.trials import Booleans
from .rules import evaluate_rule

CARRIED = "last observation carried forward"


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Outcomes of T trials of n participants at the v visits asked for; NaN where missing.

    outcome: T x n x v. change: from baseline, T x n x v. baseline: T x n. members: who is in the analysis; T x n.
    """

    outcome: Floats
    change: Floats
    baseline: Floats
    members: Booleans


def arms_of(protocol: Protocol, estimand: Estimand) -> tuple[tuple[str, ...], str | None]:
    """Return the arms of an estimand in the order of the protocol, and the one compared with."""
    versus = estimand.versus or protocol.control
    if estimand.summary == "mean":
        versus = estimand.versus
    wanted = {*estimand.arms, *([versus] if versus else [])} if estimand.arms else set(protocol.arms)
    return tuple(arm for arm in protocol.arms if arm in wanted), versus


def members_of(protocol: Protocol, estimand: Estimand, trials: VirtualTrials) -> Booleans:
    """Return who is in the analysis set and in an arm of the estimand, and in its principal stratum."""
    arms, _ = arms_of(protocol, estimand)
    inside = np.isin(trials.arm, [trials.arms.index(arm) for arm in arms])
    rule = protocol.analysis_sets[estimand.set].rule
    if rule not in trials.flags:
        raise ProtocolError(f"the analysis set {estimand.set} cannot be told: `{rule}` cannot be decided")
    inside &= trials.flags[rule]
    for event, strategy in estimand.intercurrent.items():
        if strategy == "principal stratum" and event in trials.events:
            inside &= np.isnan(trials.events[event])
    return inside


def baseline_values(protocol: Protocol, endpoint: Endpoint, trials: VirtualTrials) -> Floats:
    """Return the baseline of an item: the mean at the visits named, else the last value on or before day 1."""
    if endpoint.item is None or endpoint.item not in trials.values:
        raise ProtocolError(f"item {endpoint.item} is not among what is drawn")
    seen = trials.observed(endpoint.item)
    if endpoint.baseline:
        wanted = seen[..., [trials.visit(name) for name in endpoint.baseline]]
        known = ~np.isnan(wanted)
        count = known.sum(axis=-1)
        total = np.where(known, wanted, 0.0).sum(axis=-1)
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)
    found = np.full(trials.shape, np.nan)
    for v, name in enumerate(trials.visits):
        if protocol.schedule.visits[name].target <= 1:
            found = np.where(np.isnan(seen[..., v]), found, seen[..., v])
    return found


def measure_outcomes(
    protocol: Protocol, estimand: Estimand, trials: VirtualTrials, visits: tuple[str, ...] = ()
) -> Outcomes:
    """Return the outcomes of a measurement or response at the estimand's visits, or at `visits`.

    Raises ProtocolError for a strategy or a way with missing values that is not simulated.
    """
    endpoint, item = estimand.variable, estimand.variable.item or ""
    places = [trials.visit(name) for name in visits or endpoint.at]
    baseline, members = baseline_values(protocol, endpoint, trials), members_of(protocol, estimand, trials)
    observed = trials.observed(item)
    kept = observed.copy()
    for event, strategy in estimand.intercurrent.items():
        if strategy == "while on treatment":
            raise ProtocolError(f"estimands: the strategy {strategy} for {event} is not simulated")
        if strategy == "hypothetical" and event in trials.events:
            kept[trials.days >= _never(trials.events[event])[..., None]] = np.nan
    if estimand.missing == CARRIED:
        kept = _carried(protocol, trials, kept)
    elif estimand.missing == "worst observation carried forward":
        raise ProtocolError(f"estimands: missing values by {estimand.missing} are not simulated")
    ends = np.array([protocol.schedule.visits[trials.visits[v]].allowed.last for v in places])
    times = np.where(np.isnan(observed[..., places]), ends, trials.days[..., places])
    change = kept[..., places] - baseline[..., None]
    if endpoint.response is not None:
        outcome = _responses(estimand, trials, kept, baseline, places, times)
    else:
        outcome = _summary(endpoint, kept[..., places], change, baseline)
        outcome, change = _worst(estimand, trials, outcome, change, baseline, times, members)
    return Outcomes(outcome, change, baseline, members)


def _never(days: Floats) -> Floats:
    return np.where(np.isnan(days), np.inf, days)


def _carried(protocol: Protocol, trials: VirtualTrials, kept: Floats) -> Floats:
    """Carry the last value after day 1 forward."""
    filled = kept.copy()
    after = [v for v, name in enumerate(trials.visits) if protocol.schedule.visits[name].target > 1]
    for before, v in pairwise(after):
        filled[..., v] = np.where(np.isnan(filled[..., v]), filled[..., before], filled[..., v])
    return filled


def _percent(change: Floats, baseline: Floats) -> Floats:
    below = np.where(baseline != 0, baseline, np.nan)[..., None]
    return np.asarray(100.0 * change / below)


def _summary(endpoint: Endpoint, value: Floats, change: Floats, baseline: Floats) -> Floats:
    if endpoint.summary == "value":
        return value.copy()
    return change.copy() if endpoint.summary == "change from baseline" else _percent(change, baseline)


def _worst(
    estimand: Estimand,
    trials: VirtualTrials,
    outcome: Floats,
    change: Floats,
    baseline: Floats,
    times: Floats,
    members: Booleans,
) -> tuple[Floats, Floats]:
    """Put the worst outcome seen in the trial at a visit where an event of that strategy came before it."""
    endpoint = estimand.variable
    sign = -1.0 if endpoint.better == "lower" else 1.0
    for event, strategy in estimand.intercurrent.items():
        if strategy != "composite, worst value" or event not in trials.events:
            continue
        seen = np.where(members[..., None] & ~np.isnan(outcome), sign * outcome, np.inf)
        worst = sign * seen.min(axis=1, keepdims=True)
        hit = trials.events[event][..., None] <= times
        outcome = np.where(hit, worst, outcome)
        below = baseline[..., None]
        as_change = {"value": worst - below, "change from baseline": worst}.get(
            endpoint.summary, below * worst / 100.0
        )
        change = np.where(hit, as_change, change)
    return outcome, change


def _responses(
    estimand: Estimand,
    trials: VirtualTrials,
    kept: Floats,
    baseline: Floats,
    places: list[int],
    times: Floats,
) -> Floats:
    """Return 1 for a response, 0 for none, NaN where missing and not taken as non-response."""
    endpoint = estimand.variable
    change = kept - baseline[..., None]
    measured = {
        "value": kept,
        "baseline": baseline[..., None],
        "change": change,
        "percent_change": _percent(change, baseline),
        "day": trials.days.astype(float),
        "visit": np.array(trials.visits),
    }
    every = evaluate_rule(endpoint.response or "", trials, endpoint.item or "", measured)
    outcome = every[..., places].copy()
    for event, strategy in estimand.intercurrent.items():
        if strategy == "composite, non-response" and event in trials.events:
            outcome[trials.events[event][..., None] <= times] = 0.0
    if estimand.missing == "non-response":
        outcome = np.where(np.isnan(outcome), 0.0, outcome)
    if endpoint.confirmed_by is not None:
        again = _next_seen(every, kept)
        for k, v in enumerate(places):
            outcome[..., k] = np.where(outcome[..., k] == 1.0, np.nan_to_num(again[..., v]), outcome[..., k])
    return outcome


def _next_seen(answers: Floats, kept: Floats) -> Floats:
    """Return, for each visit, the answer at the next visit with a value; NaN where there is none."""
    following = np.full(answers.shape, np.nan)
    for v in range(answers.shape[-1] - 2, -1, -1):
        here = ~np.isnan(kept[..., v + 1])
        following[..., v] = np.where(here, answers[..., v + 1], following[..., v + 1])
    return following
