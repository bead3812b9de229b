"""Baseline and change of measurements, in the words of the protocol.

Change = value - baseline; percent change = 100 change / baseline, none where the baseline is 0 (as CHG and PCHG of
ADaMIG 1.3, section 3.3).
"""

from collections.abc import Sequence

import polars as pl


def percent_change(change: pl.Expr | None = None) -> pl.Expr:
    """Return the percent of `baseline` (0 to 100) that a change is, by default the column `change`; null for 0."""
    of = pl.col("change") if change is None else change
    return pl.when(pl.col("baseline") != 0).then(100.0 * of / pl.col("baseline"))


def replace_baseline(measured: pl.DataFrame, visits: Sequence[str]) -> pl.DataFrame:
    """Replace the baseline by the mean of the observed, analysed values at `visits`; change follows.

    `measured` is a frame of `AnalysisData.measurements`; rows keep their order. A participant without a value at
    any of the visits has no baseline.
    """
    before = measured.filter(
        pl.col("visit").is_in(list(visits)) & pl.col("analysed") & pl.col("imputed").is_null()
    )
    means = before.group_by("participant").agg(pl.col("value").mean().alias("baseline"))
    change = pl.col("value") - pl.col("baseline")
    return (
        measured.drop("baseline")
        .join(means, on="participant", how="left", maintain_order="left")
        .with_columns(change.alias("change"), percent_change(change).alias("percent_change"))
    )
