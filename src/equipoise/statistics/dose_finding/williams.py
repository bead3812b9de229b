"""Williams' test: the lowest dose that differs from the control, where the response can only rise with the dose.

The means of the doses (not of the control) are pooled until they do not fall, weighted by group sizes: M_i =
max_u min_v mean of doses u to v, u <= i <= v. With k doses tbar_i = (M_i - mean of control) / (s sqrt(1 / n_i + 1
/ n_0)) is tested from the highest dose down, as long as it is significant. p is exact for any group sizes: M_k
based on doses 1 to k is the largest of their means over u to k, so {tbar_k <= t} is a rectangle of a multivariate
t distribution. Williams' tables give the same for equal groups, and extrapolate for a larger control group.

Sources: Williams, Biometrics 1971;27:103-17 and 1972;28:519-31. SAS: PROBMC("WILLIAMS"), for equal groups. The
version with contrasts (Bretz 2006) is `multiple_contrast_test` with `williams_contrasts`. Checked against the
published tables and mvtnorm.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from narwhals.typing import IntoFrame
from scipy.optimize import brentq, isotonic_regression

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.arrays import read_floats
from equipoise.statistics.distributions import Floats, t_quantile
from equipoise.statistics.dose_finding.models.candidates import Direction
from equipoise.statistics.factors import code_factor
from equipoise.statistics.frames import keep_complete, require_level, require_numbers, show_levels, to_polars
from equipoise.statistics.multivariate import t_rectangle


@dataclass(frozen=True, eq=False)
class Williams:
    """Williams' test of each dose against `control`, one-sided in `direction`.

    `table`: dose (its label), n, mean, pooled (the isotonic mean), t, critical, p, significant; p is the largest
    of those of this dose and of all above it, as the test steps down. `minimum_effective`: the lowest significant
    dose. `sd`: the residual one used, on `df` degrees of freedom (infinite where it was given). `dropped` rows
    lacked a value.
    """

    table: pl.DataFrame
    minimum_effective: str | None
    control: str
    control_mean: float
    control_n: int
    sd: float
    df: float
    alpha: float
    direction: Direction
    dropped: int


def williams(
    data: IntoFrame,
    value: str,
    by: str,
    *,
    control: object = None,
    direction: Direction = "increasing",
    alpha: float = 0.05,
    sd: float | None = None,
) -> Williams:
    """Test the means of `value` at the levels of `by` against the control by Williams' step-down test.

    `by`: doses (numbers, sorted) or labels (declared order of an `Enum`, else sorted); `control` is by default
    the first. `sd`: a known standard deviation; by default that within groups is estimated. Raises `DataError`
    for wrong input, `EstimationFailed` with fewer than two levels or where the values do not vary within groups.
    """
    if direction not in ("increasing", "decreasing"):
        raise DataError(f"a direction must be increasing or decreasing. Got {direction}")
    _require_alpha(alpha)
    complete = keep_complete(to_polars(data), [value, by])
    values = require_numbers(complete.frame, value)
    factor = code_factor(complete.frame[by])
    levels = list(factor.levels)
    if len(levels) < 2:
        raise EstimationFailed(f"Williams' test needs a control and a dose in {by}. Got {show_levels(levels)}")
    first = 0 if control is None else levels.index(require_level(levels, control, by))
    order = [first, *(place for place in range(len(levels)) if place != first)]
    count = np.bincount(factor.codes).astype(float)
    mean = np.bincount(factor.codes, weights=values) / count
    if sd is None:
        df = float(values.size - len(levels))
        within = float(((values - mean[factor.codes]) ** 2).sum())
        if df < 1 or within <= 1e-26 * float(values @ values):
            raise EstimationFailed(f"Williams' test needs {value} to vary within groups. Got {values.size} values")
        spread = float(np.sqrt(within / df))
    else:
        if not (np.isfinite(sd) and sd > 0):
            raise DataError(f"a known sd must be finite and above 0. Got {sd:g}")
        spread, df = float(sd), float("inf")
    count, mean = count[order], mean[order]
    sign = 1.0 if direction == "increasing" else -1.0
    pooled = sign * isotonic_regression(sign * mean[1:], weights=count[1:]).x
    t = sign * (pooled - mean[0]) / (spread * np.sqrt(1.0 / count[1:] + 1.0 / count[0]))
    sizes = [count[: place + 2].tolist() for place in range(t.size)]
    alone = [williams_p(float(one), size, df) for one, size in zip(t, sizes, strict=True)]
    p = np.maximum.accumulate(np.array(alone)[::-1])[::-1]
    labels = [str(levels[place]) for place in order]
    significant = p <= alpha
    table = pl.DataFrame(
        {
            "dose": labels[1:],
            "n": count[1:].astype(int),
            "mean": mean[1:],
            "pooled": pooled,
            "t": t,
            "critical": [williams_critical_value(alpha, size, df) for size in sizes],
            "p": p,
            "significant": significant,
        }
    )
    lowest = labels[1 + int(significant.argmax())] if significant.any() else None
    return Williams(
        table, lowest, labels[0], float(mean[0]), int(count[0]), spread, df, alpha, direction, complete.dropped
    )


def williams_p(statistic: float, n: Sequence[float], df: float) -> float:
    """Find the probability that tbar of the highest dose is at least `statistic` when no dose has an effect.

    `n`: group sizes, the control first (up to a factor); `df`: degrees of freedom of the variance, may be
    infinite.
    """
    limits, correlation = _limits(n)
    if np.isnan(statistic):
        raise DataError("a statistic must be a number. Got NaN")
    return 1.0 - t_rectangle(-np.inf, statistic * limits, correlation, df)


def williams_critical_value(alpha: float, n: Sequence[float], df: float) -> float:
    """Find the value that tbar of the highest dose reaches with probability `alpha` (up to 0.5) under no effect.

    Arguments as in `williams_p`; for equal groups the values of Williams' tables.
    """
    _require_alpha(alpha)
    doses = len(_limits(n)[0])
    least, most = -t_quantile(alpha, df), -t_quantile(alpha / doses, df)
    if doses == 1:
        return least
    # pooled means are less variable than single ones, so with few at the highest dose the value may be below t's
    while williams_p(least, n, df) < alpha:
        least -= 0.5
    return float(brentq(lambda t: williams_p(t, n, df) - alpha, least, most + 1e-9, xtol=1e-11))


def _limits(n: Sequence[float]) -> tuple[Floats, Floats]:
    """Factors of tbar that bound the standardised pooled differences from the control, and their correlation."""
    sizes = read_floats(n, "group sizes")
    if sizes.ndim != 1 or sizes.size < 2 or not (np.isfinite(sizes) & (sizes > 0)).all():
        raise DataError(f"Williams' test needs the sizes of a control and of one or more doses. Got {list(n)}")
    doses = sizes.size - 1
    pooled = np.triu(np.tile(sizes[1:], (doses, 1)))
    contrasts = np.hstack([-np.ones((doses, 1)), pooled / pooled.sum(axis=1, keepdims=True)])
    covariance = contrasts / sizes @ contrasts.T
    sd = np.sqrt(np.diag(covariance))
    return np.sqrt(1.0 / sizes[0] + 1.0 / sizes[-1]) / sd, covariance / np.outer(sd, sd)


def _require_alpha(alpha: float) -> None:
    if not 0 < alpha <= 0.5:
        raise DataError(f"the level of a test must be above 0 and at most 0.5; try 0.05. Got {alpha:g}")
