"""Analysis after a number of events: what many trials know at the time of their d-th event.

A participant who entered before that time has been observed for what lies between, and an event is known when it
came by then: calendar time of an event is entry + time to it. Checked against a loop over trials.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats
from equipoise.statistics.replicates.survival.moments import read_event
from equipoise.statistics.replicates.trials import Booleans, blocks, read_trials


@dataclass(frozen=True, eq=False)
class EventCut:
    """What T trials know at a time: `time` observed, `event` seen and `participants` entered by then (T x n).

    `calendar` (T) is the time of the cut from the start of the trial, infinite where fewer events ever came.
    """

    time: Floats
    event: Booleans
    participants: Booleans
    calendar: Floats


def cut_at_events(entry: ArrayLike, time: ArrayLike, event: ArrayLike, events: int) -> EventCut:
    """Cut each trial at its `events`-th event.

    `entry`: calendar time of entry; `time`: from entry to the event or the end of observation (NaN: not in the
    trial); `event`: seen (True or 1) or censored; each T x n. Trials with fewer events are kept whole. Raises
    `DataError` for a number of events that is not 1 to n, and shapes that do not go together.
    """
    begin, times = read_trials(entry, "entries"), read_trials(time, "times")
    if begin.shape != times.shape:
        raise DataError(f"entries must have the shape of the times, {times.shape}. Got the shape {begin.shape}")
    times, seen = read_event(event, times)
    if not 1 <= events <= times.shape[1]:
        raise DataError(f"the number of events must lie between 1 and {times.shape[1]} participants. Got {events}")
    followed, known = np.empty(times.shape), np.empty(times.shape, dtype=bool)
    entered, calendar = np.empty(times.shape, dtype=bool), np.empty(times.shape[0])
    for part in blocks(*times.shape, at_once=60_000):
        came = np.where(seen[part], begin[part] + times[part], np.inf)
        # whatever is missing sorts behind infinity
        at = np.partition(came, events - 1, axis=1)[:, events - 1]
        calendar[part] = np.where(np.isnan(at), np.inf, at)
        end = calendar[part, None]
        known[part] = seen[part] & (came <= end)
        # the time of an event stays as it is, without the rounding of a sum and a difference
        observed = np.minimum(times[part], np.maximum(end - begin[part], 0.0))
        followed[part] = np.where(known[part], times[part], observed)
        entered[part] = begin[part] < end
    return EventCut(followed, known, entered & ~np.isnan(times), calendar)
