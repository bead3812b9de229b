"""The Kruskal-Wallis test: one distribution in several groups.

H = [12 / (N (N + 1)) sum R_k^2 / n_k - 3 (N + 1)] / [1 - sum (t^3 - t) / (N^3 - N)], referred to chi-square
on k - 1 degrees of freedom; Kruskal and Wallis, JASA 1952;47:583-621. SAS: NPAR1WAY WILCOXON. Checked against
R's `kruskal.test`.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from narwhals.typing import IntoFrame

from equipoise.errors import EstimationFailed
from equipoise.statistics.distributions import chi2_upper_p
from equipoise.statistics.frames import factor_levels, keep_complete, require_numbers, show_levels, to_polars
from equipoise.statistics.ranks.midranks import midranks


@dataclass(frozen=True)
class KruskalWallis:
    """The tie-corrected chi-square, its degrees of freedom and p; `n` rows used, `dropped` had a missing value."""

    chi2: float
    df: int
    p: float
    n: int
    dropped: int


def kruskal_wallis(data: IntoFrame, value: str, by: str) -> KruskalWallis:
    """Test that `value` has the same distribution at every level of `by`.

    Raises `EstimationFailed` with fewer than two levels or if all values are equal.
    """
    complete = keep_complete(to_polars(data), [value, by])
    values = require_numbers(complete.frame, value)
    levels = factor_levels(complete.frame[by])
    if len(levels) < 2:
        raise EstimationFailed(f"a Kruskal-Wallis test needs two levels of {by}. Got {show_levels(levels)}")
    if values.min() == values.max():
        raise EstimationFailed(f"a Kruskal-Wallis test needs {value} to vary. Got {values[0]:g} in all rows")
    group = complete.frame[by].cast(pl.String).rank("dense").to_numpy() - 1
    centred = midranks(values) - (values.size + 1) / 2.0
    size, total = np.bincount(group), np.bincount(group, weights=centred)
    # the variance of midranks holds the correction for ties
    chi2 = float((total**2 / size).sum() / (centred @ centred) * (values.size - 1))
    df = len(levels) - 1
    return KruskalWallis(chi2, df, chi2_upper_p(chi2, df), values.size, complete.dropped)
