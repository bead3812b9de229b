"""Virtual participants of one trial: who they are, when they come, what is measured, when they leave.

CD4 on treatment: a true level and a slope of the participant's own, times a lognormal error whose coefficient of
variation is that of repeated counts; the level is truncated, not the counts, as in the protocol's assumptions.
Any other measurement: a level of the participant's own and a normal error around it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import ProtocolError
from ..protocol import Protocol
from ..protocol.model.assumptions import (
    Assumptions,
    Background,
    CD4OnTreatment,
    Effect,
    NormalMeasurement,
)
from ..statistics.distributions import Floats

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class VirtualTrial:
    """One trial's participants as arrays; n participants by v visits, visits in the order of time.

    arm, site: position of each participant's arm in the protocol, and of the site.
    entry: calendar day of study day 1, counted from the first participant's.
    days, seen: study day of each visit, and whether it took place; n x v.
    last_day, completed: study day on which a participant was last seen; whether that is the end of the schedule.
    values: by item, n x v. screen_failures: number screened and not enrolled.
    """

    visits: tuple[str, ...]
    arm: Integers
    site: Integers
    entry: Integers
    days: Integers
    seen: NDArray[np.bool_]
    last_day: Integers
    completed: NDArray[np.bool_]
    values: Mapping[str, Floats]
    screen_failures: int


def require_assumptions(protocol: Protocol) -> Assumptions:
    """Return the assumptions; ProtocolError where participants cannot be drawn from them."""
    given = protocol.assumptions
    if given is None or given.participant is None:
        raise ProtocolError(
            f"protocol {protocol.trial.id} has no assumptions.participant, so nobody can be drawn from it; "
            "bring the trial's data with --data, or add the assumptions"
        )
    return given


def draw_virtual_trial(protocol: Protocol, rng: np.random.Generator, scenario: str | None = None) -> VirtualTrial:
    """Draw one trial of the planned size; without `scenario` the last of the protocol's scenarios holds.

    Arms are a random order of the list with the planned ratio (random allocation rule). Raises ProtocolError where
    the protocol assumes nothing to draw from.
    """
    given = require_assumptions(protocol)
    visits = tuple(sorted(protocol.schedule.visits, key=lambda v: protocol.schedule.visits[v].target))
    n = protocol.size or 0
    arm = _draw_arms(protocol, n, rng)
    sites = given.sites.count if given.sites else 1
    rate = (given.sites.participants_per_month if given.sites else 1.0) * sites
    entry = np.sort(np.floor(np.cumsum(rng.exponential(30.4375 / rate, n)))).astype(np.int64)
    days = _draw_visit_days(protocol, visits, n, rng)
    last_day, completed = _draw_last_days(protocol, given, days, rng)
    seen = days <= last_day[:, None]
    missed = rng.random(days.shape) < (given.missed_visit or 0.0)
    after_start = np.array([protocol.schedule.visits[v].target > 1 for v in visits])
    seen &= ~(missed & after_start)
    effect = given.scenarios.get(scenario or (list(given.scenarios) or [""])[-1])
    values = (
        {given.participant.item: _draw_modelled(protocol, given, effect, arm, days, rng)}
        if given.participant
        else {}
    )
    values |= {item: _draw_background(b, days.shape, rng) for item, b in given.background.items()}
    failure = given.screen_failure or 0.0
    return VirtualTrial(
        visits=visits,
        arm=arm,
        site=rng.integers(0, sites, n),
        entry=entry,
        days=days,
        seen=seen,
        last_day=last_day,
        completed=completed,
        values=values,
        screen_failures=int(rng.negative_binomial(n, 1 - failure)) if failure else 0,
    )


def _draw_arms(protocol: Protocol, n: int, rng: np.random.Generator) -> Integers:
    per_arm = protocol.enrolment.per_arm if protocol.enrolment else {}
    if per_arm:
        return np.repeat(np.arange(len(protocol.arms)), [per_arm.get(name, 0) for name in protocol.arms])
    one_round = np.repeat(np.arange(len(protocol.arms)), [arm.ratio for arm in protocol.arms.values()])
    return rng.permutation(np.resize(one_round, n))


def _draw_visit_days(protocol: Protocol, visits: tuple[str, ...], n: int, rng: np.random.Generator) -> Integers:
    columns = []
    for name in visits:
        allowed, target = protocol.schedule.visits[name].allowed, protocol.schedule.visits[name].target
        spread = max(allowed.last - allowed.first, 0) / 6
        drawn = np.clip(np.rint(rng.normal(target, spread, n)), allowed.first, allowed.last).astype(np.int64)
        columns.append(np.where(drawn == 0, 1, drawn))
    return np.stack(columns, axis=1)


def _draw_last_days(
    protocol: Protocol, given: Assumptions, days: Integers, rng: np.random.Generator
) -> tuple[Integers, NDArray[np.bool_]]:
    """Time to dropout is exponential, such that the assumed share is reached at the visit named."""
    n, end = days.shape[0], days[:, -1]
    if given.dropout is None:
        return end, np.ones(n, dtype=bool)
    horizon = protocol.schedule.visits[given.dropout.by].target
    hazard = -np.log1p(-given.dropout.share) / horizon
    gone = np.ceil(rng.exponential(1 / hazard, n)).astype(np.int64) if hazard else end
    return np.minimum(gone, end), gone >= end


def _draw_modelled(
    protocol: Protocol,
    given: Assumptions,
    effect: Effect | None,
    arm: Integers,
    days: Integers,
    rng: np.random.Generator,
) -> Floats:
    model = given.participant
    assert isinstance(model, CD4OnTreatment | NormalMeasurement)
    n = len(arm)
    level = _truncated(model.level.mean, model.level.sd, model.level.truncate, n, rng)
    truth = np.repeat(level[:, None], days.shape[1], axis=1)
    since = np.maximum(days - 1, 0)
    if model.slope is not None:
        truth += rng.normal(model.slope.mean, model.slope.sd, n)[:, None] * since / model.slope.per.to("day")
    if effect is not None:
        difference = np.array(
            [float(effect.differences[a].value) if a in effect.differences else 0.0 for a in protocol.arms]
        )
        reached = protocol.schedule.visits[effect.reached_by].target - 1 if effect.reached_by else 1
        truth += difference[arm][:, None] * np.minimum(since / reached, 1.0)
    if isinstance(model, NormalMeasurement):
        return np.round(truth + rng.normal(0, model.within_sd, truth.shape), 1)
    spread = np.sqrt(np.log1p(model.within_cv**2))
    error = np.exp(rng.normal(-(spread**2) / 2, spread, truth.shape))
    counts: Floats = np.rint(np.maximum(truth, 1.0) * error)
    return counts


def _draw_background(background: Background, shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
    own = _truncated(background.mean, background.sd, background.truncate, shape[0], rng)
    values = own[:, None] + (
        rng.normal(0, background.within_sd, shape) if background.within_sd else np.zeros(shape)
    )
    return values if background.truncate is None else np.clip(values, *background.truncate)


def _truncated(
    mean: float, sd: float, limits: tuple[float, float] | None, n: int, rng: np.random.Generator
) -> Floats:
    """Draw from a normal distribution cut at the limits, by its quantile function."""
    from scipy.special import ndtr, ndtri

    if limits is None or sd == 0:
        return rng.normal(mean, sd, n)
    low, high = ndtr((np.array(limits) - mean) / sd)
    drawn: Floats = mean + sd * ndtri(rng.uniform(low, high, n))
    return drawn
