"""Dates from ISO 8601 text, and study days.

SDTM keeps a date as far as it is known: 2014, 2014-03, 2014-03-05, 2014-03-05T14:30 (SDTMIG 3.4, 4.4.1 and 4.4.2).
Analysis needs a day; what is missing may be imputed, and a flag says what was: D the day, M month and day, Y all
(ADaMIG 1.3, 3.1.6, variables --DTF). The study day has no day 0: the day of the reference date is 1, the day
before it is -1 (SDTMIG 3.4, 4.4.4).
"""

from __future__ import annotations

from typing import Literal

import polars as pl

from equipoise.datasets.check import require_variables
from equipoise.errors import DataError

_ISO = r"^(\d{4}(-(\d{2}|-)(-(\d{2})(T.*)?)?)?|-{1,5}.*)$"
Imputed = Literal["none", "day", "month"]


def derive_date(
    frame: pl.DataFrame,
    dtc: str,
    date: str,
    *,
    flag: str | None = None,
    impute: Imputed = "none",
    to: Literal["first", "last"] = "first",
    not_before: str | None = None,
    not_after: str | None = None,
) -> pl.DataFrame:
    """Add `date` (Date) from the ISO 8601 text `dtc`, and `flag` (D or M where imputed, else missing).

    `impute` is the largest part that may be missing: "none" (partial dates give no date), "day" (2014-03 gives a
    date, 2014 none) or "month" (both do). `to` takes the first or last day that the text allows. `not_before` and
    `not_after` name date variables: where that date lies in the period that the text allows, an imputed date is
    moved up to it, or down to it. Text that is no ISO 8601 date, or no day of the calendar: DataError with rows.
    """
    bounds = [name for name in (not_before, not_after) if name]
    require_variables(frame, [dtc, *bounds], f"the date {date}")
    if frame.schema[dtc] == pl.Date:
        return frame.with_columns(
            pl.col(dtc).alias(date), *([pl.lit(None, pl.String).alias(flag)] if flag else [])
        )
    _require_iso(frame, dtc)
    first, last = first_possible(pl.col(dtc)), last_possible(pl.col(dtc))
    length = known_length(pl.col(dtc))
    chosen = first if to == "first" else last
    if not_before:
        lower = pl.col(not_before)
        chosen = pl.when(lower.is_between(first, last) & (chosen < lower)).then(lower).otherwise(chosen)
    if not_after:
        upper = pl.col(not_after)
        chosen = pl.when(upper.is_between(first, last) & (chosen > upper)).then(upper).otherwise(chosen)
    allowed = length >= {"none": 10, "day": 7, "month": 4}[impute]
    columns = [pl.when(allowed).then(chosen).alias(date)]
    if flag:
        imputed = pl.when(length == 7).then(pl.lit("D")).when(length == 4).then(pl.lit("M"))
        columns.append(pl.when(allowed).then(imputed).alias(flag))
    return frame.with_columns(columns)


def derive_study_day(frame: pl.DataFrame, date: str, reference: str, day: str) -> pl.DataFrame:
    """Add `day`: days from `reference` to `date`, 1 on the reference date, -1 on the day before, never 0."""
    require_variables(frame, [date, reference], f"the study day {day}")
    return frame.with_columns(study_day(pl.col(date), pl.col(reference)).alias(day))


def study_day(date: pl.Expr, reference: pl.Expr) -> pl.Expr:
    """Return the study day of `date`; see `derive_study_day`."""
    days = (date - reference).dt.total_days()
    return pl.when(days >= 0).then(days + 1).otherwise(days)


def known_length(dtc: pl.Expr) -> pl.Expr:
    """Return how much of the date is known: 10 the day, 7 the month, 4 the year, 0 not even that."""
    return (
        pl.when(dtc.str.contains(r"^\d{4}-\d{2}-\d{2}"))
        .then(10)
        .when(dtc.str.contains(r"^\d{4}-\d{2}"))
        .then(7)
        .when(dtc.str.contains(r"^\d{4}"))
        .then(4)
        .otherwise(0)
    )


def first_possible(dtc: pl.Expr) -> pl.Expr:
    """Return the first day that the ISO 8601 text allows; missing where not even the year is known."""
    return _filled(dtc, known_length(dtc))


def last_possible(dtc: pl.Expr) -> pl.Expr:
    """Return the last day that the ISO 8601 text allows; missing where not even the year is known."""
    length, first = known_length(dtc), first_possible(dtc)
    whole = pl.when(length == 7).then(first.dt.month_end())
    return whole.when(length == 4).then(first.dt.offset_by("1y").dt.offset_by("-1d")).otherwise(first)


def _filled(dtc: pl.Expr, length: pl.Expr) -> pl.Expr:
    text = (
        pl.when(length == 10)
        .then(dtc.str.slice(0, 10))
        .when(length == 7)
        .then(dtc.str.slice(0, 7) + "-01")
        .when(length == 4)
        .then(dtc.str.slice(0, 4) + "-01-01")
    )
    return text.str.to_date("%Y-%m-%d", strict=False)


def _require_iso(frame: pl.DataFrame, dtc: str) -> None:
    text = pl.col(dtc)
    known = (known_length(text) > 0) & first_possible(text).is_not_null()
    unknown = text.str.starts_with("-") | text.is_null()
    wrong = frame.select(~(text.str.contains(_ISO) & known | unknown)).to_series()
    if wrong.any():
        rows = (wrong.arg_true() + 1).to_list()
        shown = ", ".join(map(str, rows[:5])) + (f", ... ({len(rows)})" if len(rows) > 5 else "")
        raise DataError(
            f"variable {dtc} must hold ISO 8601 dates such as 2014-03-05, 2014-03 or 2014; rows {shown}. "
            f"Got {frame[dtc][rows[0] - 1]!r}"
        )
