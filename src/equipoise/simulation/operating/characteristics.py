"""Operating characteristics of a design: from the sums of all chunks to values with their Monte Carlo errors.

A mean over N trials has the error SD / sqrt(N); the empirical standard error s of an estimate has s / sqrt(2 (N -
1)), a bias that of the mean (Morris, White and Crowther, Statistics in Medicine 2019;38:2074-2102, table 6).
"""

import math
from collections.abc import Mapping

import polars as pl

from .sums import KEYS

RENAMED: Mapping[str, str] = {"error": "bias", "estimate": "mean_estimate", "se": "mean_se", "df": "mean_df"}
SCHEMA: Mapping[str, pl.DataType] = {
    "scenario": pl.String(),
    **{name: pl.String() for name in KEYS},
    "value": pl.Float64(),
    "mc_error": pl.Float64(),
    "trials": pl.Int64(),
}
"""Columns of `operating_characteristics.csv`; `trials`: those that had the quantity."""


def operating_characteristics(
    scenario: str, totals: pl.DataFrame, truths: Mapping[tuple[str, str, str, str], float]
) -> pl.DataFrame:
    """Return the characteristics under one scenario, a row a quantity.

    totals: frame of `Sums`. truths: true value of an estimate by analysis, visit, arm and versus.
    """
    rows: list[tuple[object, ...]] = []
    for analysis, visit, arm, versus, statistic, count, total, squares in totals.iter_rows():
        place = (analysis, visit, arm, versus)
        if not count:
            rows.append((scenario, *place, RENAMED.get(statistic, statistic), None, None, 0))
            continue
        mean = total / count
        variance = max(squares - total * mean, 0.0) / (count - 1) if count > 1 else math.nan
        rows.append(
            (scenario, *place, RENAMED.get(statistic, statistic), mean, math.sqrt(variance / count), count)
        )
        if statistic == "estimate" and (versus or place in truths):
            sd = math.sqrt(variance)
            error = sd / math.sqrt(2 * (count - 1)) if count > 1 else math.nan
            rows.append((scenario, *place, "empirical_se", sd, error, count))
            if place in truths:
                rows.append((scenario, *place, "truth", truths[place], 0.0, count))
    return pl.DataFrame(rows, schema=dict(SCHEMA), orient="row").with_columns(
        pl.col("value", "mc_error").fill_nan(None)
    )
