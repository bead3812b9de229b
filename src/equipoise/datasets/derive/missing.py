"""Rows for missed visits: the last or the worst observation carried forward.

For each series and each scheduled visit without an observed value, a row is added that copies the observed row it
is carried from, with AVISIT and AVISITN of the missed visit and DTYPE "LOCF" or "WOCF". What was true of the
source alone (ABLFL, the window AW--) is empty; CHG and PCHG are those of the carried value. Nothing is carried to
a visit before the observation. Baseline is carried only on request: carried after baseline, a change of 0 would be
counted as seen. These are the rules of an estimand's sensitivity analyses of their time, not advice.
Sources: ADaMIG 1.3 section 4.5.1 (DTYPE); National Research Council, The Prevention and Treatment of Missing Data
in Clinical Trials, 2010, chapter 4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import polars as pl

from equipoise.datasets.check import require_variables
from equipoise.errors import DataError

_OF_THE_SOURCE = ("ABLFL", "AWRANGE", "AWTARGET", "AWTDIFF", "AWLO", "AWHI", "AWU")
_OBSERVED = pl.col("AVAL").is_not_null()


def derive_locf(
    frame: pl.DataFrame,
    visits: Mapping[str, float],
    *,
    keys: Sequence[str] = ("USUBJID", "PARAMCD"),
    baseline: str | None = None,
    where: pl.Expr = _OBSERVED,
) -> pl.DataFrame:
    """Return `frame` and after it the rows carried forward from the last observation.

    `visits` maps the AVISIT of each visit after baseline to its AVISITN, ascending. `baseline` names the AVISIT
    that may be carried too, None for none. `where` selects the rows that count as observed (one a visit: add
    ANL01FL). Raises DataError where two observed rows share a visit, or a variable is absent.
    """
    return _carry(frame, visits, keys, baseline, where, "LOCF", worst=None)


def derive_wocf(
    frame: pl.DataFrame,
    visits: Mapping[str, float],
    *,
    worst: Literal["high", "low"],
    keys: Sequence[str] = ("USUBJID", "PARAMCD"),
    baseline: str | None = None,
    where: pl.Expr = _OBSERVED,
) -> pl.DataFrame:
    """Return `frame` and after it the rows carried forward from the worst observation so far.

    `worst` says whether a high or a low AVAL is the worse; of equal ones the latest is carried. For the rest see
    `derive_locf`.
    """
    return _carry(frame, visits, keys, baseline, where, "WOCF", worst=worst)


def _carry(
    frame: pl.DataFrame,
    visits: Mapping[str, float],
    keys: Sequence[str],
    baseline: str | None,
    where: pl.Expr,
    method: str,
    *,
    worst: Literal["high", "low"] | None,
) -> pl.DataFrame:
    require_variables(frame, [*keys, "AVISIT", "AVAL"], method)
    order = [*([baseline] if baseline else []), *visits]
    observed = (
        frame.with_row_index("_row")
        .filter(_OBSERVED & where & pl.col("AVISIT").is_in(order))
        .select("_row", *keys, "AVISIT", "AVAL")
    )
    twice = observed.filter(observed.select(*keys, "AVISIT").is_duplicated())
    if len(twice):
        described = ", ".join(f"{name}={twice[name][0]}" for name in (*keys, "AVISIT"))
        raise DataError(f"{method} needs one observed row a visit; choose by ANL01FL. Got two for {described}")
    places = pl.DataFrame(
        {"AVISIT": order, "_place": range(len(order))}, schema={"AVISIT": pl.String, "_place": pl.Int64}
    )
    grid = (
        observed.select(keys)
        .unique(maintain_order=True)
        .join(places, how="cross")
        .join(observed, on=[*keys, "AVISIT"], how="left", nulls_equal=True)
        .sort(*keys, "_place")
    )
    source = pl.col("_row")
    if worst:
        bad = pl.col("AVAL") if worst == "high" else -pl.col("AVAL")
        source = pl.when(bad == bad.cum_max().over(keys)).then(pl.col("_row"))
    carried = grid.with_columns(_source=source.forward_fill().over(keys)).filter(
        pl.col("_row").is_null() & pl.col("_source").is_not_null()
    )
    carried = carried.filter(pl.col("AVISIT").is_in(list(visits))).sort("_source", "_place")
    numbers = carried["AVISIT"].replace_strict(dict(visits), return_dtype=pl.Float64)
    rows = frame[carried["_source"]].with_columns(
        carried["AVISIT"],
        numbers.cast(frame.schema.get("AVISITN", pl.Float64)).alias("AVISITN"),
        *(pl.lit(None, kind).alias(name) for name, kind in frame.schema.items() if name in _OF_THE_SOURCE),
        DTYPE=pl.lit(method),
    )
    if {"BASE", "CHG"} <= set(frame.columns):
        rows = rows.with_columns(CHG=pl.col("AVAL") - pl.col("BASE"))
    if {"BASE", "CHG", "PCHG"} <= set(frame.columns):
        rows = rows.with_columns(PCHG=pl.when(pl.col("BASE") != 0).then(100 * pl.col("CHG") / pl.col("BASE")))
    return pl.concat([frame, rows], how="diagonal_relaxed")
