"""Proportions of a response by arm in many trials at once: differences from the control, and tests of association.

What follows from a table of counts alone is found once for each distinct table, of which thousands of trials have
few: Fisher's p and the limits of Miettinen and Nurminen, by the functions of `categorical`. Fisher's p of two arms
sums the hypergeometric probabilities of all tables no more probable than the one seen. Pearson's chi-square, the
Cochran-Mantel-Haenszel test and the other intervals are the formulas of `chi_square`, `cochran_mantel_haenszel`
and `risk_difference`. Checked against these, replicate by replicate, and R (`fisher.test`, `mantelhaen.test`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from equipoise.errors import DataError, EstimationFailed, suggest
from equipoise.statistics.categorical.fisher import exact_p
from equipoise.statistics.categorical.odds_ratio import EQUALLY_PROBABLE
from equipoise.statistics.categorical.proportion import proportion_limits
from equipoise.statistics.categorical.score_limits import critical_score, difference_limits
from equipoise.statistics.confidence import critical_value
from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import Codes
from equipoise.statistics.replicates.quadratic import quadratic_forms
from equipoise.statistics.replicates.tails import chi2_above
from equipoise.statistics.replicates.trials import Booleans, read_arms, read_codes, read_participants, read_trials

Test = Literal["fisher", "chi-square", "cochran-mantel-haenszel", "none"]
Interval = Literal["newcombe", "miettinen-nurminen", "score", "wald"]
Association = Literal["general", "correlation"]


@dataclass(frozen=True, eq=False)
class ProportionReplicates:
    """Proportions of T trials, each arm but the control against the control, and tests.

    `events`, `n`, `proportion`: T x arms. `difference`, `se` (NaN for methods without), `lower`, `upper`: T x
    (arms - 1), in the order of the arms. `chi2`, `df`, `p` (T): the test of all arms; `pair_chi2`, `pair_p`: of
    each arm and the control. Chi-square is NaN for Fisher's test. NaN also where everybody has the same response,
    or nothing can be compared; `estimable` and `pair_estimable` say where there is a p. `counts` (T x strata x
    arms x 2) are those with and without the response.
    """

    events: Floats
    n: Floats
    proportion: Floats
    difference: Floats
    se: Floats
    lower: Floats
    upper: Floats
    chi2: Floats
    df: Floats
    p: Floats
    pair_chi2: Floats
    pair_p: Floats
    estimable: Booleans
    pair_estimable: Booleans
    counts: Floats

    def proportion_limits(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """Give Wilson's limits of the proportions (T x arms) at `level`."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return proportion_limits(self.events, self.n, "wilson", level)


def replicate_proportions(
    response: ArrayLike,
    arm: ArrayLike,
    *,
    arms: int,
    control: int = 0,
    strata: ArrayLike | None = None,
    participants: ArrayLike | None = None,
    test: Test = "fisher",
    association: Association = "general",
    interval: Interval = "newcombe",
    level: float = 0.95,
) -> ProportionReplicates:
    """Count `response` (T x n: True or 1, False or 0, NaN where missing) by arm; compare each with the `control`.

    `arm`: whole numbers from 0 to `arms` - 1, `strata`: whole numbers from 0 on, `participants`: who is in the
    analysis, each T x n, or n where all trials share it. With `strata` the differences have Mantel-Haenszel
    weights and Sato's variance, whatever `interval` says, and Cochran-Mantel-Haenszel tests are within strata; the
    other tests ignore them. `association` of that test: `general`, or `correlation` with the arms scored in their
    order. `level`: of the limits of the differences.
    Raises `DataError` for values outside these, unknown options and shapes that do not go together.
    """
    for value, options in ((test, Test), (association, Association), (interval, Interval)):
        if value not in get_args(options):
            known = get_args(options)
            raise DataError(f"an option must be one of {', '.join(known)}{suggest(value, known)} Got {value}")
    z = critical_value(level)
    counts = _count(response, arm, arms, control, strata, participants)
    table = counts.sum(axis=1)
    n, events = table.sum(axis=2), table[:, :, 0]
    others = [one for one in range(arms) if one != control]
    if strata is not None:
        compared = [_mantel_haenszel(counts[:, :, one], counts[:, :, control], z) for one in others]
    else:
        compared = [_difference(table[:, one], table[:, control], interval, level) for one in others]
    difference, se, lower, upper = (np.stack(column, axis=1) for column in zip(*compared, strict=True))
    tested = [_test(counts, list(range(arms)), test, association)]
    # with two arms the pair is all there is
    tested += [
        _test(counts, sorted((one, control)), test, association) if arms > 2 else tested[0] for one in others
    ]
    chi2, df, p = (np.stack(column, axis=1) for column in zip(*tested, strict=True))
    with np.errstate(invalid="ignore", divide="ignore"):
        proportion = events / n
    return ProportionReplicates(
        events=events,
        n=n,
        proportion=proportion,
        difference=difference,
        se=se,
        lower=lower,
        upper=upper,
        chi2=chi2[:, 0],
        df=df[:, 0],
        p=p[:, 0],
        pair_chi2=chi2[:, 1:],
        pair_p=p[:, 1:],
        estimable=np.isfinite(p[:, 0]),
        pair_estimable=np.isfinite(p[:, 1:]),
        counts=counts,
    )


def _count(
    response: ArrayLike,
    arm: ArrayLike,
    arms: int,
    control: int,
    strata: ArrayLike | None,
    participants: ArrayLike | None,
) -> Floats:
    """Count with and without the response: T x strata x arms x 2."""
    values = read_trials(response, "responses")
    kept = read_participants(participants, values.shape) & ~np.isnan(values)
    if (wrong := kept & (values != 0) & (values != 1)).any():
        raise DataError(f"responses must be True or 1, False or 0, or NaN. Got {values[wrong][0]:g}")
    trials = values.shape[0]
    codes = read_arms(arm, values.shape, arms, control)
    stratum: Codes | int = 0
    number = 1
    if strata is not None:
        stratum = read_codes(strata, values.shape, None, "strata")
        number = int(stratum.max()) + 1
    cell = ((np.arange(trials)[:, None] * number + stratum) * arms + codes) * 2 + (values != 1)
    found = np.bincount(cell[kept], minlength=trials * number * arms * 2)
    return found.reshape(trials, number, arms, 2).astype(float)


def _test(
    counts: Floats, chosen: list[int], test: Test, association: Association
) -> tuple[Floats, Floats, Floats]:
    """Chi-square, degrees of freedom and p of the association between the chosen arms and the response."""
    part = counts[:, :, chosen]
    table = part.sum(axis=1)
    trials = table.shape[0]
    none = np.full(trials, np.nan)
    varies = (table.sum(axis=1) > 0).all(axis=1) & ((table.sum(axis=2) > 0).sum(axis=1) > 1)
    if test == "none" or not varies.any():
        return none, none, none
    if test == "fisher":
        return none, none, _fisher(table.astype(np.int64), varies)
    if test == "chi-square":
        chi2, df = _pearson(table)
    else:
        chi2, df = _cochran_mantel_haenszel(part, association)
    chi2, df = np.where(varies, chi2, np.nan), np.where(varies, df, np.nan)
    return chi2, df, chi2_above(chi2, df)


def _pearson(table: Floats) -> tuple[Floats, Floats]:
    rows, columns = table.sum(axis=2, keepdims=True), table.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = rows * columns / rows.sum(axis=1, keepdims=True)
        share = np.where(rows > 0, (table - expected) ** 2 / expected, 0.0)
    return share.sum(axis=(1, 2)), (rows[:, :, 0] > 0).sum(axis=1) - 1.0


def _cochran_mantel_haenszel(counts: Floats, association: Association) -> tuple[Floats, Floats]:
    rows = counts.sum(axis=3)
    n, columns = rows.sum(axis=2), counts.sum(axis=2)
    safe = np.maximum(n, 1.0)
    share = rows / safe[:, :, None]
    deviation = (counts[..., 0] - share * columns[:, :, :1]).sum(axis=1)
    spread = np.where(n > 1, columns[:, :, 0] * columns[:, :, 1] / np.maximum(n - 1.0, 1.0), 0.0)
    covariance = -np.einsum("tsi,tsj,ts->ijt", share, share, spread)
    arms = np.arange(rows.shape[2])
    covariance[arms, arms] += np.einsum("tsi,ts->it", share, spread)
    if association == "general":
        return quadratic_forms(deviation.T, covariance)
    variance = np.einsum("i,ijt,j->t", arms, covariance, arms)
    with np.errstate(invalid="ignore", divide="ignore"):
        chi2 = np.where(variance > 0, (deviation @ arms) ** 2 / variance, np.nan)
    return chi2, np.ones(chi2.shape)


def _fisher(tables: Codes, wanted: Booleans) -> Floats:
    found = np.full(wanted.size, np.nan)
    if tables.shape[1] == 2:
        most = int(tables.sum(axis=(1, 2)).max())
        found[wanted] = each_distinct(tables[wanted].reshape(-1, 4), lambda distinct: _two_by_two(distinct, most))
    else:
        # the order of the arms does not matter
        order = np.lexsort((tables[wanted, :, 1], tables[wanted, :, 0]), axis=1)
        flat = np.take_along_axis(tables[wanted], order[:, :, None], axis=1).reshape(-1, 2 * tables.shape[1])
        found[wanted] = each_distinct(
            flat, lambda distinct: np.array([_many_arms(tuple(row)) for row in distinct.tolist()])
        )
    return found


def _two_by_two(tables: Codes, most: int) -> Floats:
    """Fisher's p of tables (with, without in one arm, with, without in the other)."""
    x1, y1, x0, y0 = tables.T[:, :, None]
    n1, n0, total = x1 + y1, x0 + y0, x1 + x0
    log_factorial = special.gammaln(np.arange(most + 2) + 1.0)
    low, high = np.maximum(0, total - n0), np.minimum(total, n1)
    value = np.minimum(low + np.arange(most + 1), high)
    log_weight = -sum(log_factorial[cell] for cell in (value, n1 - value, total - value, n0 - total + value))
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    weight[low + np.arange(most + 1) > high] = 0.0
    seen = np.take_along_axis(weight, x1 - low, axis=1)
    rare = np.where(weight <= seen * EQUALLY_PROBABLE, weight, 0.0)
    return np.asarray(np.minimum(rare.sum(axis=1) / weight.sum(axis=1), 1.0))


@lru_cache(maxsize=100_000)
def _many_arms(row: tuple[int, ...]) -> float:
    """Fisher's p of a table, arm after arm; batches of one design have many tables in common."""
    table = np.array(row).reshape(-1, 2)
    try:
        return exact_p(table[table.sum(axis=1) > 0])
    except EstimationFailed:
        return float("nan")


def _difference(own: Floats, other: Floats, interval: Interval, level: float) -> tuple[Floats, ...]:
    """Difference of proportions, its SE and limits, from counts with and without (T x 2) of two arms."""
    x1, n1, x0, n0 = own[:, 0], own.sum(axis=1), other[:, 0], other.sum(axis=1)
    z = critical_value(level)
    with np.errstate(invalid="ignore", divide="ignore"):
        p1, p0 = x1 / n1, x0 / n0
        difference, se = p1 - p0, np.full(p1.shape, np.nan)
        if interval == "wald":
            se = np.sqrt(p1 * (1.0 - p1) / n1 + p0 * (1.0 - p0) / n0)
            return difference, se, np.maximum(difference - z * se, -1.0), np.minimum(difference + z * se, 1.0)
        if interval == "newcombe":
            (l1, l0), (u1, u0) = proportion_limits(np.stack([x1, x0]), np.stack([n1, n0]), "wilson", level)
            return difference, se, difference - np.hypot(p1 - l1, u0 - p0), difference + np.hypot(u1 - p1, p0 - l0)
    found = each_distinct(
        np.column_stack([x1, n1, x0, n0]).astype(np.int64),
        lambda distinct: np.array([_score_limits(tuple(map(float, row)), interval, level) for row in distinct]),
    )
    return difference, se, found[:, 0], found[:, 1]


def _score_limits(counts: tuple[float, ...], interval: str, level: float) -> tuple[float, float]:
    x1, n1, x0, n0 = counts
    if n1 == 0 or n0 == 0:
        return np.nan, np.nan
    four = (x1, n1, x0, n0)
    return difference_limits(four, critical_score(level, four, interval))


def _mantel_haenszel(own: Floats, other: Floats, z: float) -> tuple[Floats, ...]:
    """Stratified difference, its SE and limits, from counts with and without (T x strata x 2) of two arms."""
    x1, n1, x0, n0 = own[..., 0], own.sum(axis=2), other[..., 0], other.sum(axis=2)
    both = (n1 > 0) & (n0 > 0)
    a, b = np.where(both, n1, 1.0), np.where(both, n0, 1.0)
    n = a + b
    with np.errstate(invalid="ignore", divide="ignore"):
        weight = np.where(both, a * b / n, 0.0)
        total = weight.sum(axis=1)
        difference = (weight * (x1 / a - x0 / b)).sum(axis=1) / total
        first = np.where(both, (a**2 * x0 - b**2 * x1 + a * b * (b - a) / 2.0) / n**2, 0.0)
        second = np.where(both, (x1 * (b - x0) + x0 * (a - x1)) / (2.0 * n), 0.0)
        variance = (difference * first.sum(axis=1) + second.sum(axis=1)) / total**2
        se = np.sqrt(np.maximum(variance, 0.0))
    return difference, se, np.maximum(difference - z * se, -1.0), np.minimum(difference + z * se, 1.0)


def each_distinct(tables: Codes, function: Callable[[Codes], Floats]) -> Floats:
    """Apply a function of tables (T x cells, whole numbers) to each distinct one; give every trial its value."""
    sizes = tables.max(axis=0) + 1
    if float(np.prod(sizes.astype(float))) < 2.0**62:
        key = np.ravel_multi_index(tuple(tables.T), tuple(sizes.tolist()))
        _, first, place = np.unique(key, return_index=True, return_inverse=True)
    else:
        _, first, place = np.unique(tables, axis=0, return_index=True, return_inverse=True)
    return np.asarray(function(tables[first])[place.ravel()])
