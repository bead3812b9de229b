"""Intervals of the mean: arithmetic with Student's t, geometric on the log scale.

Geometric mean = exp(mean of logs) with the t interval of the mean of logs, exponentiated; geometric coefficient
of variation = sqrt(exp(s^2) - 1), s the SD of the natural logs, which is that of a log-normal variable (Aitchison
and Brown, The Lognormal Distribution, 1957; SAS: TTEST DIST=LOGNORMAL). Checked against R's `t.test`.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
from narwhals.typing import IntoFrame

from equipoise.errors import DataError
from equipoise.statistics.confidence import require_confidence
from equipoise.statistics.descriptive.summary import summarise
from equipoise.statistics.distributions import Floats, t_quantile
from equipoise.statistics.frames import require_numeric, to_polars


def mean_interval(
    data: IntoFrame, value: str, by: Sequence[str] = (), *, level: float = 0.95, complete: bool = False
) -> pl.DataFrame:
    """Estimate the mean of `value` in each group of `by` with its t interval.

    One row a group: the columns of `by`, `n`, `missing`, `mean`, `se`, `df` (n - 1), `lower`, `upper`; null where
    n is too small. `complete` and errors as in `summarise`; `DataError` also for a level outside 0-1.
    """
    summary = summarise(data, value, by, complete=complete)
    half = _t_half_width(summary, level)
    return summary.select(
        *by,
        "n",
        "missing",
        "mean",
        "se",
        pl.when(pl.col("n") > 1).then(pl.col("n") - 1).alias("df"),
        (pl.col("mean") - half).alias("lower"),
        (pl.col("mean") + half).alias("upper"),
    )


def geometric_summary(
    data: IntoFrame, value: str, by: Sequence[str] = (), *, level: float = 0.95, complete: bool = False
) -> pl.DataFrame:
    """Estimate the geometric mean of `value` in each group of `by`, its interval and coefficient of variation.

    One row a group: the columns of `by`, `n`, `missing`, `geometric_mean`, `lower`, `upper` (unit of `value`),
    `geometric_cv` (a proportion: 0.45 is 45%); null where n is too small. Raises `DataError` for a value of zero
    or below, and as `mean_interval` does.
    """
    frame = to_polars(data)
    values = require_numeric(frame, value)
    if bad := int((values <= 0).sum()):
        raise DataError(f"a geometric mean needs values above 0 in column {value}. Got {bad} that are not")
    logs = frame.with_columns(values.log().alias(value))
    summary = summarise(logs, value, by, complete=complete)
    half = _t_half_width(summary, level)
    return summary.select(
        *by,
        "n",
        "missing",
        pl.col("mean").exp().alias("geometric_mean"),
        (pl.col("mean") - half).exp().alias("lower"),
        (pl.col("mean") + half).exp().alias("upper"),
        # exp(s^2) - 1 keeps its digits for a small s this way
        ((pl.col("sd") ** 2).map_batches(_expm1, return_dtype=pl.Float64)).sqrt().alias("geometric_cv"),
    )


def _expm1(values: pl.Series) -> pl.Series:
    return pl.Series(np.expm1(values.cast(pl.Float64).to_numpy())).fill_nan(None)


def _t_half_width(summary: pl.DataFrame, level: float) -> pl.Series:
    require_confidence(level)
    df: Floats = np.maximum(summary["n"].to_numpy() - 1, 1).astype(float)
    quantile = t_quantile(np.full(df.shape, (1.0 + level) / 2.0), df)
    return summary["se"] * pl.Series(quantile)
