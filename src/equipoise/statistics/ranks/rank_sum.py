"""The Wilcoxon-Mann-Whitney rank sum test for two groups.

W = rank sum of the first group, U = W - m (m + 1) / 2 (R prints U and calls it W). Asymptotic: z = (U - m n /
2 +- 0.5) / sigma with sigma^2 = m n / 12 [N + 1 - sum (t^3 - t) / (N (N - 1))]. Exact, with or without ties:
the permutation distribution of the midranks; two-sided p = probability of a sum at least as far from its
mean. Sources: Wilcoxon, Biometrics Bulletin 1945;1:80-3; Lehmann, Nonparametrics, 1975, chapter 1. SAS:
NPAR1WAY WILCOXON (EXACT). Checked against R's `wilcox.test` and coin's `wilcox_test`.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from narwhals.typing import IntoFrame

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.distributions import Floats, normal_two_sided_p
from equipoise.statistics.frames import split_two_groups
from equipoise.statistics.ranks.midranks import midranks, tie_sum, whole_scores
from equipoise.statistics.ranks.permutation import sum_distribution

RankMethod = Literal["asymptotic", "exact"]


@dataclass(frozen=True)
class RankSum:
    """A rank sum test of `first` against `versus`.

    `w` is the rank sum of `first`, `u` the number of pairs in which its value is larger (ties count half);
    `z` is None for an exact test. `n` and `n_versus` values were used, `dropped` rows had a missing value.
    """

    method: str
    w: float
    u: float
    z: float | None
    p: float
    n: int
    n_versus: int
    dropped: int
    first: str
    versus: str


def rank_sum(
    data: IntoFrame,
    value: str,
    by: str,
    *,
    versus: object = None,
    method: RankMethod = "asymptotic",
    correction: bool = True,
) -> RankSum:
    """Test that `value` has the same distribution in the two levels of `by` (two-sided).

    `versus` is by default the first level (declared order of an `Enum`, else sorted). `method`: `asymptotic`,
    with the continuity `correction` of 0.5 that R and SAS apply by default, or `exact`, which allows ties.
    Raises `DataError` unless `by` has two levels, `EstimationFailed` if all values are equal or an exact test
    would take minutes.
    """
    require_rank_method(method)
    groups = split_two_groups(data, value, by, versus)
    m, n = groups.first_values.size, groups.versus_values.size
    pooled = np.concatenate([groups.first_values, groups.versus_values])
    if pooled.min() == pooled.max():
        raise EstimationFailed(f"a rank sum test needs {value} to vary. Got {pooled[0]:g} in all {m + n} rows")
    ranks = midranks(pooled)
    w = float(ranks[:m].sum())
    u = w - m * (m + 1) / 2.0
    if method == "exact":
        z, p = None, _exact_p(ranks, m)
    else:
        variance = m * n / 12.0 * (m + n + 1 - tie_sum(pooled) / ((m + n) * (m + n - 1)))
        z = corrected(u - m * n / 2.0, correction) / float(np.sqrt(variance))
        p = normal_two_sided_p(z)
    name = "exact" if method == "exact" else f"asymptotic, {'with' if correction else 'no'} continuity correction"
    return RankSum(
        f"Wilcoxon rank sum test, {name}", w, u, z, p, m, n, groups.dropped, groups.first, groups.versus
    )


def require_rank_method(method: str) -> None:
    """Refuse a method that is neither asymptotic nor exact with `DataError`."""
    if method not in get_args(RankMethod):
        raise DataError(f"the method of a rank test must be asymptotic or exact. Got {method}")


def corrected(deviation: float, correction: bool) -> float:
    """Take 0.5 from a deviation, towards 0, where a continuity correction is wanted (as R does, none at 0)."""
    return deviation - 0.5 * float(np.sign(deviation)) if correction else deviation


def _exact_p(ranks: Floats, m: int) -> float:
    scores = whole_scores(ranks)
    total, size = int(scores.sum()), scores.size
    # the smaller group is followed: its sum and the other's mirror each other about their means
    taken, observed = (m, int(scores[:m].sum())) if 2 * m <= size else (size - m, int(scores[m:].sum()))
    distribution = sum_distribution(np.sort(scores), taken)
    distance = np.abs(size * np.arange(distribution.size) - taken * total)
    return min(1.0, float(distribution[distance >= abs(size * observed - taken * total)].sum()))
