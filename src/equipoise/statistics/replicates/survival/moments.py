"""Event times of many trials in one list: who was at risk and who had the event, by arm.

A moment is a distinct event time of a stratum of a trial. What log-rank tests, Cox regressions of arms and
survival curves need of a trial are the numbers at risk just before its moments and the events at them; so each
trial is sorted once. At equal times events come before censorings.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import Codes
from equipoise.statistics.replicates.ordering import order_values
from equipoise.statistics.replicates.trials import (
    Booleans,
    blocks,
    read_arms,
    read_codes,
    read_participants,
    read_trials,
)


@dataclass(frozen=True, eq=False)
class TimesToEvent:
    """Times (T x n), whether the event was seen, arms and strata, and who is in the analysis."""

    time: Floats
    event: Booleans
    arm: Codes
    stratum: Codes | None
    kept: Booleans
    arms: int

    def blocks(self) -> list[slice]:
        """Cut the trials into blocks."""
        return blocks(*self.time.shape, at_once=60_000)

    def select(self, part: slice) -> "TimesToEvent":
        """Take a block of the trials."""
        stratum = None if self.stratum is None else self.stratum[part]
        return TimesToEvent(self.time[part], self.event[part], self.arm[part], stratum, self.kept[part], self.arms)

    def count_arms(self) -> Floats:
        """Count the participants of each arm in the analysis (T x arms)."""
        counted = np.empty((self.time.shape[0], self.arms))
        counted[:, -1] = self.kept.sum(axis=1)
        for code in range(self.arms - 1):
            counted[:, code] = (self.kept & (self.arm == code)).sum(axis=1)
            # the last arm is what the others leave
            counted[:, -1] -= counted[:, code]
        return counted


@dataclass(frozen=True, eq=False)
class Moments:
    """The moments of `trials` trials: the `trial` of each, and `at_risk`, `events` by arm (arms x moments).

    `participant`: somebody who leaves at the moment, by place in the flattened array of times.
    """

    trials: int
    trial: Codes
    at_risk: Floats
    events: Floats
    participant: Codes

    @cached_property
    def starts(self) -> Codes:
        """The first moment of each trial that has one."""
        return np.flatnonzero(np.append(True, self.trial[1:] != self.trial[:-1])[: self.trial.size])

    def total(self, values: Floats) -> Floats:
        """Add up `values` of the moments (... x moments) within each trial (... x T)."""
        added = np.zeros((*values.shape[:-1], self.trials))
        if self.starts.size:
            added[..., self.trial[self.starts]] = np.add.reduceat(values, self.starts, axis=-1)
        return added


def read_times(
    time: ArrayLike,
    event: ArrayLike,
    arm: ArrayLike,
    *,
    arms: int,
    control: int = 0,
    strata: ArrayLike | None = None,
    participants: ArrayLike | None = None,
    fewest: int = 2,
) -> TimesToEvent:
    """Read times to an event (T x n, NaN where missing), seen (True or 1) or censored, with arms and strata.

    `DataError` for negative times, events of other values, and shapes that do not go together.
    """
    times = read_trials(time, "times")
    # NaN is not below 0
    if (times < 0).any():
        raise DataError(f"times must not be negative. Got {np.nanmin(times):g}")
    times, seen = read_event(event, times)
    codes = read_arms(arm, times.shape, arms, control, fewest=fewest)
    stratum = None if strata is None else read_codes(strata, times.shape, None, "strata")
    return TimesToEvent(
        times, seen, codes, stratum, read_participants(participants, times.shape) & ~np.isnan(times), arms
    )


def read_event(event: ArrayLike, times: Floats) -> tuple[Floats, Booleans]:
    """Read whether events were seen, True or 1, or False or 0; where it is NaN, the time is not known either."""
    seen = np.asarray(event)
    if seen.shape != times.shape:
        raise DataError(f"events must have the shape of the times, {times.shape}. Got the shape {seen.shape}")
    if seen.dtype == np.bool_:
        return times, seen
    numbers = read_trials(seen, "events")
    missing = np.isnan(numbers)
    if (wrong := ~missing & (numbers != 0) & (numbers != 1)).any():
        raise DataError(f"events must be True or 1 (seen), or False or 0 (censored). Got {numbers[wrong][0]:g}")
    return np.where(missing, np.nan, times), numbers == 1


def find_moments(given: TimesToEvent) -> Moments:
    """Sort each trial and find its moments."""
    trials, width = given.time.shape
    everybody = bool(given.kept.all())
    # whoever is not in the analysis comes last, and is of no arm
    place, new = order_values(given.time if everybody else np.where(given.kept, given.time, np.inf))
    start = np.arange(trials) * width
    place += start[:, None]
    seen = given.event if everybody else given.event & given.kept
    # arm and event in one number, to be put in order at once
    narrow = np.int8 if given.arms < 64 else np.int64
    code = np.multiply(given.arm, 2, dtype=narrow, casting="unsafe")
    np.add(code, seen, out=code)
    ends = start + (width if everybody else given.kept.sum(axis=1))
    if given.stratum is not None:
        place, new, ends = _sort_by_stratum(given, place)
    place = place.ravel()
    ordered = np.take(code.ravel(), place)
    deaths = np.flatnonzero(ordered & 1)
    first = deaths
    if tied := not new.all() and deaths.size > 0:
        group = np.take(np.cumsum(new.ravel()), deaths)
        leads = np.flatnonzero(np.append(True, group[1:] != group[:-1]))
        first = np.take(np.flatnonzero(new), group[leads] - 1)
    trial = first // width
    last = np.take(ends, trial if given.stratum is None else np.searchsorted(ends, first, side="right"))
    at_risk, events = np.empty((given.arms, first.size)), np.empty((given.arms, first.size))
    np.subtract(last, first, out=at_risk[-1])
    events[-1] = np.diff(np.append(leads, deaths.size)) if tied else 1.0
    dead = np.take(ordered, deaths)
    before = np.zeros(ordered.size + 1, dtype=np.int32)
    for number in range(given.arms - 1):
        np.cumsum(ordered >> 1 == number, out=before[1:])
        at_risk[number] = np.take(before, last)
        at_risk[number] -= np.take(before, first)
        dying = dead == 2 * number + 1
        events[number] = np.add.reduceat(dying.astype(float), leads) if tied else dying
        # the last arm is what the others leave
        at_risk[-1] -= at_risk[number]
        events[-1] -= events[number]
    return Moments(trials, trial, at_risk, events, np.take(place, first))


def _sort_by_stratum(given: TimesToEvent, place: Codes) -> tuple[Codes, Booleans, Codes]:
    """Sort places (T x n, in the order of time) by stratum: places, new moments, and the end of each stratum."""
    assert given.stratum is not None
    # whoever is not in the analysis makes a stratum of their own
    labels = np.where(given.kept, given.stratum, given.stratum.max() + 1)
    stratum = np.take(labels.ravel(), place)
    # few labels fit sixteen bits, which numpy sorts by counting
    narrow = stratum.astype(np.uint16 if labels.max() < 2**16 else np.int64)
    again = np.argsort(narrow, axis=1, kind="stable")
    place, stratum = np.take_along_axis(place, again, axis=1), np.take_along_axis(stratum, again, axis=1)
    time = np.take(given.time.ravel(), place)
    edge, new = np.ones(place.shape, dtype=bool), np.ones(place.shape, dtype=bool)
    edge[:, :-1] = stratum[:, 1:] != stratum[:, :-1]
    new[:, 1:] = edge[:, :-1] | (time[:, 1:] != time[:, :-1])
    return place, new, np.flatnonzero(edge) + 1
