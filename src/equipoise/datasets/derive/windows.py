"""Analysis windows: the visit that a record counts for, by its study day, and the one record chosen for it.

A window is a range of study days with a target. AWTDIFF is the distance in days from the record to the target; as
there is no day 0, a distance across it is one day less than the difference of the study days.
Source: ADaMIG 1.3 section 3.3.9 (AWRANGE, AWTARGET, AWTDIFF, AWLO, AWHI, AWU) and 4.5.2 (ANLzzFL).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from equipoise.datasets.check import require_variables
from equipoise.datasets.derive.selection import derive_first_flag
from equipoise.errors import DataError

Choice = Literal["closest", "first", "last"]


@dataclass(frozen=True)
class Window:
    """The study days `low` to `high` (None: without limit) count for `visit`, whose target is day `target`."""

    visit: str
    number: float
    target: int
    low: int | None
    high: int | None

    @property
    def range(self) -> str:
        """The window in words, as AWRANGE has it."""
        if self.low is None:
            return "any" if self.high is None else f"<={self.high}"
        return f">={self.low}" if self.high is None else f"{self.low}-{self.high}"


def derive_analysis_windows(
    frame: pl.DataFrame,
    windows: Sequence[Window],
    *,
    choose: Choice = "closest",
    tie: Literal["later", "earlier"] = "later",
    keys: Sequence[str] = ("USUBJID", "PARAMCD"),
    day: str = "ADY",
    value: str = "AVAL",
) -> pl.DataFrame:
    """Add AVISIT, AVISITN, AWRANGE, AWTARGET, AWTDIFF, AWLO, AWHI, AWU and ANL01FL; rows keep their order.

    A record outside every window has no AVISIT. ANL01FL is "Y" for one record of each series (`keys`) and window,
    among those whose `value` is not missing: the closest to the target (of two as close, the `tie`), the first or
    the last; of one day, the later row. Raises DataError where windows overlap or a target lies outside its own.
    """
    require_variables(frame, [*keys, day, value], "analysis windows")
    ordered = _require_apart(windows)
    starts = pl.Series([-(10**9) if window.low is None else window.low for window in ordered])
    lasts = pl.Series([10**9 if window.high is None else window.high for window in ordered])
    days = frame[day].cast(pl.Int64)
    found = starts.search_sorted(days, side="right").cast(pl.Int64) - 1
    inside = days.is_not_null() & (found >= 0) & (days <= lasts.gather(found.clip(lower_bound=0)))
    place = found.set(~inside, None)
    columns = pl.DataFrame(
        {
            "AVISIT": [window.visit for window in ordered],
            "AVISITN": [window.number for window in ordered],
            "AWRANGE": [window.range for window in ordered],
            "AWTARGET": [window.target for window in ordered],
            "AWLO": [window.low for window in ordered],
            "AWHI": [window.high for window in ordered],
        },
        schema_overrides={"AVISITN": pl.Float64, "AWLO": pl.Int64, "AWHI": pl.Int64},
    ).select(pl.all().gather(place))
    placed = frame.with_columns(*columns.iter_columns(), _window=place).with_columns(
        AWTDIFF=_distance(pl.col(day), pl.col("AWTARGET")),
        AWU=pl.when(pl.col("_window").is_not_null()).then(pl.lit("DAYS")),
    )
    later = pl.int_range(pl.len())
    orders: dict[tuple[str, str], tuple[list[pl.Expr], list[bool]]] = {
        ("closest", "later"): ([pl.col("AWTDIFF"), pl.col(day), later], [False, True, True]),
        ("closest", "earlier"): ([pl.col("AWTDIFF"), pl.col(day), later], [False, False, True]),
    }
    order, descending = orders.get((choose, tie), ([pl.col(day), later], [choose == "last", True]))
    usable = pl.col("_window").is_not_null() & pl.col(value).is_not_null()
    flagged = derive_first_flag(placed, "ANL01FL", [*keys, "_window"], order, descending=descending, where=usable)
    return flagged.drop("_window")


def _distance(day: pl.Expr, target: pl.Expr) -> pl.Expr:
    across = (day > 0) != (target > 0)
    return (day - target).abs() - across.cast(pl.Int64)


def _require_apart(windows: Sequence[Window]) -> list[Window]:
    infinite = float("inf")
    ordered = sorted(windows, key=lambda window: -infinite if window.low is None else window.low)
    for window in ordered:
        low = -infinite if window.low is None else window.low
        high = infinite if window.high is None else window.high
        if not low <= window.target <= high or window.target == 0:
            raise DataError(
                f"the target of window {window.visit} must be a study day within {window.range}. "
                f"Got {window.target}"
            )
    for one, other in itertools.pairwise(ordered):
        if one.high is None or other.low is None or other.low <= one.high:
            raise DataError(
                f"analysis windows must not overlap; a study day would count twice. "
                f"Got {one.visit} ({one.range}) and {other.visit} ({other.range})"
            )
    return ordered
