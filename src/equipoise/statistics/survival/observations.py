"""Times to an event, each seen or censored: what every survival method reads first.

An observation is a time from entry to the event or to the end of observation, in any one unit, and whether the
event was seen (1) or the time was censored (0). At equal times events come before censorings.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from narwhals.typing import IntoFrame
from numpy.typing import NDArray

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import Codes, Factor, code_factor, code_strata
from equipoise.statistics.frames import keep_complete, require_numbers, to_polars

Booleans = NDArray[np.bool_]


@dataclass(frozen=True)
class Observations:
    """Rows that have every value needed: `time`, `event`, arm and stratum codes; `dropped` rows had not."""

    frame: pl.DataFrame
    time: Floats
    event: Booleans
    arm: Factor
    stratum: Factor
    by: str | None
    dropped: int

    def arm_column(self, codes: Codes) -> list[pl.Series]:
        """Name the arms of `codes` in a column called and typed as in the data; no column without arms."""
        if self.by is None:
            return []
        levels = pl.Series(self.by, list(self.arm.levels), dtype=self.frame[self.by].dtype)
        return [levels[codes.tolist()]]


def read_observations(
    data: IntoFrame,
    time: str,
    event: str,
    *,
    by: str | None = None,
    strata: str | Sequence[str] | None = None,
    also: Sequence[str] = (),
) -> Observations:
    """Read the columns named; rows with a missing value in one of them, or in `also`, are dropped and counted.

    Raises `DataError` where a time is negative or not finite, an event is not 0 or 1, or no row is left.
    """
    strata_names = [strata] if isinstance(strata, str) else list(strata or ())
    names = list(dict.fromkeys([time, event, *([by] if by else []), *strata_names, *also]))
    complete = keep_complete(to_polars(data), names)
    frame = complete.frame
    if frame.is_empty():
        raise DataError(
            f"the data must have a row with a value in each of {', '.join(names)}. Got {complete.dropped} without"
        )
    times = require_numbers(frame, time)
    if times.min() < 0:
        raise DataError(f"times in column {time} must not be negative. Got {times.min():g}")
    return Observations(
        frame=frame,
        time=times,
        event=read_events(frame, event),
        arm=code_factor(frame[by]) if by else Factor(np.zeros(frame.height, dtype=np.intp), ("all",)),
        stratum=code_strata(frame, strata_names),
        by=by,
        dropped=complete.dropped,
    )


def read_events(frame: pl.DataFrame, name: str) -> Booleans:
    """Read an event column of booleans or of 0 and 1; anything else is refused with `DataError`."""
    column = frame[name]
    if column.dtype == pl.Boolean:
        return np.asarray(column.to_numpy(), dtype=np.bool_)
    values = require_numbers(frame, name)
    event = values == 1
    wrong = ~event & (values != 0)
    if wrong.any():
        raise DataError(
            f"events in column {name} must be 1 (seen) or 0 (censored); recode it. Got {values[wrong][0]:g}"
        )
    return np.asarray(event)


def require_events(event: Booleans, name: str) -> None:
    """Refuse data without a single event: `EstimationFailed`."""
    if not event.any():
        raise EstimationFailed(f"at least one event must be seen in column {name} to compare anything. Got none")


def require_arms(arm: Factor, by: str | None) -> None:
    """Refuse a comparison of fewer than two arms: `DataError`."""
    if len(arm.levels) < 2:
        raise DataError(f"a comparison needs two or more levels in column {by}. Got {arm.levels[0]}")


def sort_by_stratum_and_time(time: Floats, stratum: Factor) -> Codes:
    """Order the rows by stratum, then by time; rows of one stratum and time come in any order."""
    order = np.argsort(time)
    if len(stratum.levels) > 1:
        # few levels fit sixteen bits, which numpy sorts by counting
        narrow = stratum.codes.astype(np.uint16 if len(stratum.levels) < 2**16 else np.int64)
        order = order[np.argsort(narrow[order], kind="stable")]
    return order
