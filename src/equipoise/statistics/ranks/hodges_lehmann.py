"""The Hodges-Lehmann estimate of a shift or a location, with its exact or asymptotic interval.

Two groups: the median of all differences between a value of one and a value of the other. One sample or
pairs: the median of all Walsh averages (x[i] + x[j]) / 2, i <= j. Hodges and Lehmann, Ann Math Stat
1963;34:598-611. The limits are order statistics of the same differences, found by inverting the rank test
(Moses; Hollander, Wolfe and Chicken, Nonparametric Statistical Methods, 2014, sections 3.3 and 4.3):

- `exact` from the exact distribution without ties, at least the level asked for; it is conservative with
  ties.
- `asymptotic` from the normal approximation, ties within a group in its variance, with R's continuity
  correction.

A level that so few values cannot reach gives infinite limits (R warns and prints the extremes instead). R
finds the asymptotic limits by a root search with tolerance 1e-4 and agrees with these to that; its asymptotic
*estimate* is any point where the test statistic is 0, so it may lie anywhere between the two middle
differences. R's one-sample functions leave out values equal to the one tested; here all values count. Checked
against R's `wilcox.test`.
"""

from dataclasses import dataclass
from math import ceil

import numpy as np
from narwhals.typing import IntoFrame

from equipoise.errors import EstimationFailed
from equipoise.statistics.confidence import require_confidence
from equipoise.statistics.distributions import Floats, normal_quantile
from equipoise.statistics.frames import split_two_groups
from equipoise.statistics.ranks.midranks import tie_sum
from equipoise.statistics.ranks.permutation import lower_quantile, signed_distribution, sum_distribution
from equipoise.statistics.ranks.rank_sum import RankMethod, require_rank_method
from equipoise.statistics.ranks.signed_rank import read_differences

_MOST_PAIRS = 50_000_000  # 400 MB


@dataclass(frozen=True)
class HodgesLehmann:
    """A shift (`first` minus `versus`) or a location, in the unit of the value.

    `achieved_level` is the level an exact interval has without ties; None for an asymptotic one.
    """

    method: str
    estimate: float
    lower: float
    upper: float
    level: float
    achieved_level: float | None
    n: int
    n_versus: int
    dropped: int
    first: str
    versus: str


def hodges_lehmann(
    data: IntoFrame,
    value: str,
    by: str,
    *,
    versus: object = None,
    method: RankMethod = "asymptotic",
    correction: bool = True,
    level: float = 0.95,
) -> HodgesLehmann:
    """Estimate the shift of `value` between the two levels of `by`: the other level minus `versus`.

    `versus`, `method` and `correction` as in `rank_sum`, whose test the interval inverts. Raises `DataError`
    unless `by` has two levels, `EstimationFailed` for more pairs than memory holds.
    """
    _require(method, level)
    groups = split_two_groups(data, value, by, versus)
    x, y = groups.first_values, groups.versus_values
    m, n = x.size, y.size
    _require_pairs(m * n)
    differences = np.sort(np.subtract.outer(x, y), axis=None)
    distribution = None
    if method == "exact":
        small = min(m, n)
        distribution = sum_distribution(np.arange(m + n), small)[small * (small - 1) // 2 :]
    ties = (tie_sum(x) + tie_sum(y)) / ((m + n) * (m + n - 1))
    sigma = float(np.sqrt(m * n / 12.0 * (m + n + 1 - ties)))
    lower, upper, achieved = _limits(differences, distribution, sigma, correction, level)
    return HodgesLehmann(
        f"Hodges-Lehmann shift, {method} interval",
        _median(differences),
        lower,
        upper,
        level,
        achieved,
        m,
        n,
        groups.dropped,
        groups.first,
        groups.versus,
    )


def hodges_lehmann_one_sample(
    data: IntoFrame,
    value: str,
    versus: str | None = None,
    *,
    method: RankMethod = "asymptotic",
    correction: bool = True,
    level: float = 0.95,
) -> HodgesLehmann:
    """Estimate the location of `value`, or of `value` minus the column `versus` for pairs.

    `method` and `correction` as in `signed_rank`, whose test the interval inverts. Raises `EstimationFailed`
    without values or for more pairs than memory holds.
    """
    _require(method, level)
    values, dropped = read_differences(data, value, versus)
    n = values.size
    _require_pairs(n * n)
    first, second = np.triu_indices(n)
    averages = np.sort((values[first] + values[second]) / 2.0)
    distribution = signed_distribution(np.arange(1, n + 1)) if method == "exact" else None
    sigma = float(np.sqrt(n * (n + 1) * (2 * n + 1) / 24.0 - tie_sum(values) / 48.0))
    lower, upper, achieved = _limits(averages, distribution, sigma, correction, level)
    return HodgesLehmann(
        f"Hodges-Lehmann location, {method} interval",
        _median(averages),
        lower,
        upper,
        level,
        achieved,
        n,
        0,
        dropped,
        value,
        versus or "",
    )


def _limits(
    ordered: Floats, distribution: Floats | None, sigma: float, correction: bool, level: float
) -> tuple[float, float, float | None]:
    """Choose the order statistics that bound the shifts the two-sided rank test does not reject."""
    size = ordered.size
    tail = (1.0 - level) / 2.0
    achieved = None
    if distribution is None:
        rejected = size / 2.0 + (0.5 if correction else 0.0) + normal_quantile(1.0 - tail) * sigma
        place = ceil(size + 1 - rejected) - 1
    else:
        place = lower_quantile(distribution, tail)
        achieved = 1.0 - 2.0 * float(distribution[:place].sum())
    if place < 1:
        return -np.inf, np.inf, achieved
    return float(ordered[place - 1]), float(ordered[size - place]), achieved


def _median(ordered: Floats) -> float:
    middle = ordered.size // 2
    return float(ordered[middle] if ordered.size % 2 else (ordered[middle - 1] + ordered[middle]) / 2.0)


def _require(method: str, level: float) -> None:
    require_rank_method(method)
    require_confidence(level)


def _require_pairs(pairs: int) -> None:
    if pairs > _MOST_PAIRS:
        raise EstimationFailed(f"a Hodges-Lehmann estimate takes at most {_MOST_PAIRS:,} pairs. Got {pairs:,}")
