"""One-way analysis of variance: the F test that the means of several groups are equal.

F = (between sum of squares / (k - 1)) / (within sum of squares / (n - k)); Fisher, Statistical Methods for
Research Workers, 1925. Checked against R's `oneway.test` with equal variances and the baseline table of the CDISC
pilot study.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from narwhals.typing import IntoFrame

from equipoise.errors import EstimationFailed
from equipoise.statistics.distributions import f_upper_p
from equipoise.statistics.frames import factor_levels, keep_complete, require_numbers, show_levels, to_polars


@dataclass(frozen=True)
class OneWayAnova:
    """The F test of equal means, the sums of squares behind it, and how many rows were used and dropped."""

    f: float
    df_between: int
    df_within: int
    p: float
    sum_sq_between: float
    sum_sq_within: float
    n: int
    dropped: int


def anova_one_way(data: IntoFrame, value: str, by: str) -> OneWayAnova:
    """Test that the mean of `value` is the same at every level of `by`.

    Rows that lack either are dropped and counted. Raises `EstimationFailed` with fewer than two levels, no more
    values than levels, or no variation within the levels.
    """
    complete = keep_complete(to_polars(data), [value, by])
    frame = complete.frame
    values = require_numbers(frame, value)
    levels = factor_levels(frame[by])
    n, k = values.size, len(levels)
    if k < 2:
        raise EstimationFailed(
            f"a one-way analysis of variance needs two levels of {by}. Got {show_levels(levels)}"
        )
    if n <= k:
        raise EstimationFailed(f"a one-way analysis of variance needs more values than its {k} levels. Got {n}")
    group = frame[by].cast(pl.String).rank("dense").to_numpy() - 1
    size = np.bincount(group, minlength=k)
    centred = values - values.mean()
    mean = np.bincount(group, weights=centred, minlength=k) / size
    between = float((size * mean**2).sum())
    within = float(((centred - mean[group]) ** 2).sum())
    if within <= (1e-13**2) * float(values @ values):
        raise EstimationFailed(
            f"a one-way analysis of variance needs {value} to vary within the levels of {by}. "
            f"Got a sum of squares of {within:.3g}"
        )
    f = (between / (k - 1)) / (within / (n - k))
    return OneWayAnova(f, k - 1, n - k, f_upper_p(f, k - 1, n - k), between, within, n, complete.dropped)
