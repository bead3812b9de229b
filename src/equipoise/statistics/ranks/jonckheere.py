"""The Jonckheere-Terpstra test: a rank test for a trend over ordered groups.

J = sum over pairs of groups i < j of the number of pairs of values in which that of group j is larger, ties
counting half. Asymptotic: z = (J - E) / sd with the mean and the tie-corrected variance of the permutation
distribution; with strata, sums of J, E and variances over them. Exact, with or without ties and strata: the
permutation distribution of J: without ties, sums of independent rank sums; with ties, a walk through the distinct
values in order, the state being how many of each group have been placed.

Sources: Terpstra, Indagationes Mathematicae 1952;14:327-33; Jonckheere, Biometrika 1954;41:133-45; variance with
ties: Hollander, Wolfe and Chicken, Nonparametric Statistical Methods, Wiley 2014, section 6.2. SAS: FREQ JT
(EXACT JT). Checked against their example, coin and all permutations of small samples.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal, get_args

import numpy as np
from narwhals.typing import IntoFrame
from numpy.typing import NDArray
from scipy.special import gammaln

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.distributions import Floats, normal_two_sided_p, normal_upper_p
from equipoise.statistics.factors import code_factor, code_strata
from equipoise.statistics.frames import keep_complete, require_numbers, show_levels, to_polars
from equipoise.statistics.ranks.permutation import sum_distribution
from equipoise.statistics.ranks.rank_sum import RankMethod, require_rank_method

TrendAlternative = Literal["two-sided", "increasing", "decreasing"]
Counts = NDArray[np.int64]
_MOST_STEPS = 2 * 10**8  # some ten seconds


@dataclass(frozen=True)
class Jonckheere:
    """A trend test over `levels` in their order.

    `j`: the number of ordered pairs (summed over strata); `mean`, `sd`: of J under no difference; `z` is None for
    an exact test; above 0: values rise with the level. `n` rows used in `strata` strata, `dropped` had a missing
    value.
    """

    method: str
    alternative: TrendAlternative
    j: float
    mean: float
    sd: float
    z: float | None
    p: float
    n: int
    strata: int
    dropped: int
    levels: tuple[str, ...]


def jonckheere(
    data: IntoFrame,
    value: str,
    by: str,
    *,
    strata: str | Sequence[str] | None = None,
    alternative: TrendAlternative = "two-sided",
    method: RankMethod = "asymptotic",
) -> Jonckheere:
    """Test for a trend of `value` over the ordered levels of `by` (declared order of an `Enum`, else sorted).

    `strata`: columns within whose combinations values are compared. `alternative`: `increasing` means larger
    values at later levels. `method`: `asymptotic`, or `exact` for small samples, ties allowed; its two-sided p is
    the probability of a J at least as far from its mean. No continuity correction (as in SAS). Raises `DataError`
    for wrong input, `EstimationFailed` with fewer than two levels, where no values can be compared, and where an
    exact test would take minutes.
    """
    require_rank_method(method)
    if alternative not in get_args(TrendAlternative):
        raise DataError(
            f"an alternative must be one of {', '.join(get_args(TrendAlternative))}. Got {alternative}"
        )
    names = [strata] if isinstance(strata, str) else list(strata or ())
    complete = keep_complete(to_polars(data), [value, by, *names])
    values = require_numbers(complete.frame, value)
    factor = code_factor(complete.frame[by])
    if len(factor.levels) < 2:
        raise EstimationFailed(f"a trend test needs two levels of {by}. Got {show_levels(factor.levels)}")
    stratum = code_strata(complete.frame, names)
    tables = []
    for one in range(len(stratum.levels)):
        inside = stratum.codes == one
        _, place = np.unique(values[inside], return_inverse=True)
        table = np.zeros((place.max(initial=0) + 1, len(factor.levels)), dtype=np.int64)
        np.add.at(table, (place.ravel(), factor.codes[inside]), 1)
        tables.append(table)
    doubled = sum(_doubled_pairs(table) for table in tables)
    mean = sum(_moments(table)[0] for table in tables)
    variance = sum(_moments(table)[1] for table in tables)
    if not variance > 0:
        raise EstimationFailed(f"a trend test needs values of {value} that vary over {by}. Got {values.size} rows")
    if method == "exact":
        z, p = None, _exact_p(tables, doubled, alternative)
    else:
        z = (doubled / 2.0 - mean) / float(np.sqrt(variance))
        sign = -1.0 if alternative == "decreasing" else 1.0
        p = normal_two_sided_p(z) if alternative == "two-sided" else normal_upper_p(sign * z)
    return Jonckheere(
        method=f"Jonckheere-Terpstra test, {method}",
        alternative=alternative,
        j=doubled / 2.0,
        mean=mean,
        sd=float(np.sqrt(variance)),
        z=z,
        p=p,
        n=values.size,
        strata=len(tables),
        dropped=complete.dropped,
        levels=tuple(str(level) for level in factor.levels),
    )


def _doubled_pairs(table: Counts) -> int:
    """Count 2 J in a table of distinct values (rows, ascending) x groups."""
    below = np.cumsum(table, axis=0) - table
    earlier = np.cumsum(table, axis=1) - table
    smaller = np.cumsum(below, axis=1) - below
    return int((table * (2 * smaller + earlier)).sum())


def _moments(table: Counts) -> tuple[float, float]:
    """Mean and tie-corrected variance of J."""
    groups, ties = table.sum(axis=0).astype(float), table.sum(axis=1).astype(float)
    n = float(groups.sum())
    mean = (n**2 - float((groups**2).sum())) / 4.0
    if n < 2:
        return mean, 0.0

    def cubic(x: Floats | float) -> float:
        return float(np.sum(np.asarray(x) * (np.asarray(x) - 1.0) * (2.0 * np.asarray(x) + 5.0)))

    def falling(x: Floats, order: int) -> float:
        return float(np.prod([x - step for step in range(order)], axis=0).sum())

    variance = (cubic(n) - cubic(groups) - cubic(ties)) / 72.0
    if n > 2:
        variance += falling(groups, 3) * falling(ties, 3) / (36.0 * n * (n - 1.0) * (n - 2.0))
    return mean, variance + falling(groups, 2) * falling(ties, 2) / (8.0 * n * (n - 1.0))


def _exact_p(tables: Sequence[Counts], doubled: int, alternative: TrendAlternative) -> float:
    distribution = np.ones(1)
    for table in tables:
        distribution = np.convolve(distribution, _distribution(table))
    if alternative == "increasing":
        chosen = np.arange(distribution.size) >= doubled
    elif alternative == "decreasing":
        chosen = np.arange(distribution.size) <= doubled
    else:
        centre = sum(round(4.0 * _moments(table)[0]) for table in tables)
        chosen = np.abs(2 * np.arange(distribution.size) - centre) >= abs(2 * doubled - centre)
    return min(1.0, float(distribution[chosen].sum()))


def _distribution(table: Counts) -> Floats:
    """Probabilities of 2 J over all ways to give the values to groups of the sizes seen, indexed by 2 J."""
    groups, ties = table.sum(axis=0), table.sum(axis=1)
    return distribution_with_ties(groups, ties) if ties.max(initial=1) > 1 else distribution_without_ties(groups)


def distribution_with_ties(groups: Counts, ties: Counts) -> Floats:
    """Find the distribution of 2 J by placing one set of equal values after the other (sizes `ties`) in `groups`.

    Raises `EstimationFailed` where it would take minutes.
    """
    most = int(groups.sum() ** 2 - (groups**2).sum())
    states = int(np.prod(groups + 1))
    if states * (most + 1) * max(4, int(ties.max(initial=1))) > _MOST_STEPS:
        raise EstimationFailed(
            f"an exact trend test takes too long for so many values; use asymptotic. Got {groups.sum()} values"
        )
    shape = tuple(int(size) + 1 for size in groups)
    current = np.zeros((*shape, most + 1))
    current[(0,) * (len(shape) + 1)] = 1.0
    placed = 0
    for tie in ties.tolist():
        following = np.zeros_like(current)
        for used in product(*(range(size) for size in shape)):
            if sum(used) != placed:
                continue
            row = current[used]
            reach = np.flatnonzero(row)
            if reach.size == 0:
                continue
            row = row[: reach[-1] + 1]
            left = groups - np.array(used)
            for taken in _splits(left.tolist(), tie):
                chance = _log_ways(left, taken) - _log_choose(int(left.sum()), tie)
                gain, before, earlier = 0, 0, 0
                for already, now in zip(used, taken, strict=True):
                    gain += now * (2 * before + earlier)
                    before, earlier = before + already, earlier + now
                target = tuple(already + now for already, now in zip(used, taken, strict=True))
                following[target][gain : gain + row.size] += np.exp(chance) * row
        current, placed = following, placed + tie
    return np.asarray(current[tuple(int(size) for size in groups)])


def distribution_without_ties(groups: Counts) -> Floats:
    """Find the distribution of 2 J without ties: the rank sums of each group among those up to it add up."""
    found, before = np.ones(1), 0
    for size in groups.tolist():
        sums = sum_distribution(np.arange(before + size, dtype=np.int64), size)
        found = np.convolve(found, sums[size * (size - 1) // 2 :])
        before += size
    doubled = np.zeros(2 * found.size - 1)
    doubled[::2] = found
    return doubled


def _splits(left: Sequence[int], total: int) -> list[tuple[int, ...]]:
    """List the ways to take `total` values from groups that have `left` places."""
    if len(left) == 1:
        return [(total,)] if total <= left[0] else []
    return [
        (first, *rest) for first in range(min(left[0], total) + 1) for rest in _splits(left[1:], total - first)
    ]


def _log_ways(left: Counts, taken: Sequence[int]) -> float:
    return sum(_log_choose(int(size), now) for size, now in zip(left, taken, strict=True))


def _log_choose(size: int, taken: int) -> float:
    return float(gammaln(size + 1) - gammaln(taken + 1) - gammaln(size - taken + 1))
