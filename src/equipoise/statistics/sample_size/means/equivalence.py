"""Equivalence of means by two one-sided tests: exact power.

Both tests reject when lower + t se < estimate < upper - t se, which needs the estimated standard deviation to be
small enough; the probability given S is a difference of two normal ones and is averaged over S up to that bound
(Owen, Biometrika 1965;52:437-46; Phillips, Journal of Pharmacokinetics and Biopharmaceutics 1990;18:137-44). No
approximation: power is 0 where the sample is too small, never negative. Designs: two parallel arms, pairs, and the
2 x 2 crossover (sd within participants). For ratios give logarithms. Checked against integration over
the standard deviation in R and the manual of PowerTOST.
"""

from math import inf
from typing import Literal

import numpy as np

from equipoise.errors import DataError
from equipoise.statistics.distributions import normal_cdf, t_quantile
from equipoise.statistics.sample_size.noncentral import chi_average_nodes
from equipoise.statistics.sample_size.result import (
    Question,
    SampleSize,
    require_one_of,
    require_positive,
    solve,
)

Design = Literal["parallel", "paired", "crossover"]
Method = Literal["student", "normal"]


def power_equivalence(
    difference: float | None = 0.0,
    sd: float = 1.0,
    *,
    lower: float,
    upper: float,
    n: float | tuple[float, float] | None = None,
    power: float | None = None,
    design: Design = "parallel",
    ratio: float = 1.0,
    alpha: float = 0.05,
    method: Method = "student",
) -> SampleSize:
    """Relate sample size, power and true difference for two one-sided tests, each at level `alpha`.

    The means are equivalent if their difference lies between `lower` and `upper`. `sd` is that of a value
    (parallel), of paired differences (paired), or within participants (crossover, sequences of equal size). `n` is
    the total; `ratio` treatment to control for parallel arms. With `difference=None` the largest difference above
    the middle of the limits that still has the power is found. Raises `DataError` for limits out of order, or a
    difference outside them, and `EstimationFailed` where no answer exists.
    """
    require_one_of("design", design, Design)
    require_one_of("method", method, Method)
    require_positive("sd", sd)
    require_positive("ratio", ratio)
    if not lower < upper:
        raise DataError(f"the limits of equivalence must be in order. Got {lower:g} and {upper:g}")
    if difference is not None and not lower < difference < upper:
        raise DataError(
            f"the true difference must lie within the limits {lower:g} and {upper:g} of equivalence. "
            f"Got {difference:g}"
        )
    question = Question(n, power, difference, alpha, 1)
    parts = 1.0 if design == "paired" else 2.0

    def curve(sizes: tuple[float, ...], effect: float) -> float:
        spread = 1.0 / sizes[0] + 1.0 / sizes[1] if design == "parallel" else parts / sizes[0]
        df = inf if method == "normal" else sum(sizes) - parts
        return tost_power(effect, sd * float(np.sqrt(spread)), df, (lower, upper), alpha)

    # at a limit the power is at most alpha, and it rises towards the middle
    return solve(
        question,
        curve,
        method=f"equivalence of means, {design}, two one-sided tests",
        arms=("treatment", "control") if design == "parallel" else ("all",),
        allocation=(ratio, 1.0) if design == "parallel" else (1.0,),
        fewest=parts + 1.0,
        null=upper,
        farthest=(lower + upper) / 2.0,
    )


def tost_power(difference: float, se: float, df: float, limits: tuple[float, float], alpha: float) -> float:
    """Power of two one-sided t tests at `alpha` of an estimate with this `se` and `df` (may be infinite)."""
    lower, upper = limits
    critical = -t_quantile(alpha, df)
    largest = (upper - lower) / (2.0 * critical * se)
    if df == inf:
        s, weights = np.ones(1), np.full(1, float(largest > 1.0))
    else:
        s, weights = chi_average_nodes(df, largest)
    above = normal_cdf((upper - difference) / se - critical * s)
    below = normal_cdf((lower - difference) / se + critical * s)
    return max(0.0, float(weights @ (above - below)))
