"""Summaries of a column by arm, as rows of results."""

from collections.abc import Mapping, Sequence

import polars as pl

from ..statistics.descriptive import summarise
from .context import TOTAL
from .rows import Number, ResultRows

SHORT = ("n", "mean", "sd", "median", "min", "max")
FULL = ("n", "mean", "sd", "median", "q1", "q3", "min", "max")
WITH_ERROR = ("n", "mean", "sd", "se", "median", "q1", "q3", "min", "max")


def summary_of(frame: pl.DataFrame, column: str, statistics: Sequence[str] = FULL) -> dict[str, Number]:
    """Summarise the values of a column; all but `n` are None where there are none."""
    row = summarise(frame.select(pl.col(column).cast(pl.Float64).alias("x")), "x").row(0, named=True)
    return {name: row[name] for name in statistics}


def summaries_by_arm(
    frame: pl.DataFrame, column: str, arms: Sequence[str], statistics: Sequence[str] = FULL, *, total: bool = False
) -> dict[str, dict[str, Number]]:
    """Summarise a column for each of `arms`, those without values too, and for all together if `total`."""
    typed = frame.select(pl.col("arm").cast(pl.String), pl.col(column).cast(pl.Float64).alias("x"))
    found = {row["arm"]: row for row in summarise(typed, "x", ["arm"]).iter_rows(named=True)}
    nothing: dict[str, Number] = dict.fromkeys(statistics) | {"n": 0}
    summaries = {arm: {k: found[arm][k] for k in statistics} if arm in found else nothing for arm in arms}
    if total and len(summaries) > 1:
        summaries[TOTAL] = summary_of(frame, column, statistics)
    return summaries


def add_summaries(
    rows: ResultRows,
    frame: pl.DataFrame,
    column: str,
    arms: Sequence[str],
    *,
    statistics: Sequence[str] = FULL,
    total: bool = False,
    parameter: str = "",
    visit: str = "",
    group: Mapping[str, object] | None = None,
) -> None:
    """Add the summary of a column for each arm, and for all arms together if `total`."""
    for arm, summary in summaries_by_arm(frame, column, arms, statistics, total=total).items():
        rows.add(summary, parameter=parameter, visit=visit, arm=arm, group=group)


def add_shares(
    rows: ResultRows,
    counted: Mapping[str, int],
    denominators: Mapping[str, int],
    *,
    parameter: str = "",
    group: Mapping[str, object] | None = None,
    events: Mapping[str, int] | None = None,
) -> None:
    """Add count and percent (0-100) by arm, and the number of events if given; no percent of nobody."""
    for arm, count in counted.items():
        below = denominators[arm]
        statistics: dict[str, Number] = {"count": count, "percent": 100.0 * count / below if below else None}
        if events is not None:
            statistics["events"] = events[arm]
        rows.add(statistics, parameter=parameter, arm=arm, group=group)
