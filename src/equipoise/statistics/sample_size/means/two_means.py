"""Two means compared: Student's t, Welch's t, the normal approximation, analysis of covariance.

Student: ncp = (difference - null) / (sd root(1/n1 + 1/n2)), N - 2 degrees of freedom, power from the noncentral t
distribution; two-sided power counts the right side only (`strict` adds the other, as SAS does). Welch: exact
power averages over the ratio of the two estimated variances (Moser, Stevens and Watts, Communications in
Statistics - Theory and Methods 1989;18:3963-75; SAS TEST=DIFF_SATT), or takes noncentral t with Satterthwaite's
degrees of freedom of the true variances. Covariance: variance times 1 - correlation^2, a degree of freedom less
for each covariate. Non-inferiority and superiority by a margin are tests with another `null`. Checked against R's
`power.t.test`, rpact's `getSampleSizeMeans`, statsmodels, and R programs.
"""

from functools import lru_cache
from typing import Literal

import numpy as np
from scipy import special

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats, t_quantile
from equipoise.statistics.sample_size.noncentral import noncentral_t_upper, normal_power, t_power
from equipoise.statistics.sample_size.result import (
    Direction,
    Question,
    SampleSize,
    require_one_of,
    require_positive,
    solve,
)

Method = Literal["student", "welch", "welch-approximate", "normal"]
ARMS = ("treatment", "control")


def power_t_test(
    difference: float | None = None,
    sd: float = 1.0,
    *,
    n: float | tuple[float, float] | None = None,
    power: float | None = None,
    sd_control: float | None = None,
    null: float = 0.0,
    ratio: float = 1.0,
    alpha: float = 0.05,
    sides: int = 2,
    strict: bool = False,
    direction: Direction = "above",
    method: Method = "student",
) -> SampleSize:
    """Relate sample size, power and difference of two means: two of `n`, `power`, `difference` give the third.

    `n` is the total, or a size for treatment and control; `ratio` is treatment to control. `null` is the
    difference tested: minus the margin for non-inferiority where more is better. An open difference is searched on
    the side `direction` of it. `sd_control` sets another standard deviation in control; use it with `welch`.
    `strict` counts rejections on the wrong side of a two-sided test too. Raises `DataError` for values out of
    range and `EstimationFailed` where no answer exists.
    """
    require_one_of("method", method, Method)
    require_one_of("direction", direction, Direction)
    control = sd if sd_control is None else sd_control
    require_positive("sd", sd, control)
    require_positive("ratio", ratio)
    if method == "student" and control != sd:
        raise DataError(
            f"the t test of Student assumes one standard deviation; take method welch. Got {sd:g} and {control:g}"
        )
    question = Question(n, power, difference, alpha, sides)
    both = strict and sides == 2

    def curve(sizes: tuple[float, ...], effect: float) -> float:
        first, second = sd**2 / sizes[0], control**2 / sizes[1]
        ncp = abs(effect - null) / float(np.sqrt(first + second))
        if method == "normal":
            return normal_power(ncp, question.critical, both=both)
        if method == "student":
            return t_power(ncp, sum(sizes) - 2.0, question.level, both=both)
        if method == "welch":
            return _welch_power(ncp, (first, second), (sizes[0], sizes[1]), question.level, both)
        df = (first + second) ** 2 / (first**2 / (sizes[0] - 1.0) + second**2 / (sizes[1] - 1.0))
        return t_power(ncp, df, question.level, both=both)

    return solve(
        question,
        curve,
        method=f"two means, {_TITLES[method]}",
        arms=ARMS,
        allocation=(ratio, 1.0),
        fewest=2.0 if method == "normal" else 3.0,
        fewest_an_arm=2.0 if method.startswith("welch") else 0.0,
        null=null,
        farthest=np.inf if direction == "above" else -np.inf,
    )


def power_ancova(
    difference: float | None = None,
    sd: float = 1.0,
    *,
    correlation: float,
    covariates: int = 1,
    n: float | tuple[float, float] | None = None,
    power: float | None = None,
    null: float = 0.0,
    ratio: float = 1.0,
    alpha: float = 0.05,
    sides: int = 2,
    strict: bool = False,
    direction: Direction = "above",
) -> SampleSize:
    """Relate sample size, power and difference of two means adjusted for baseline covariates.

    `correlation` (-1 to 1) is that of the outcome with the covariate within arms, the multiple correlation for
    several `covariates`; `sd` that of the outcome before adjustment. Source: Borm et al., Journal of Clinical
    Epidemiology 2007;60:1234-8, with N - 2 - covariates degrees of freedom (SAS GLMPOWER CORRXY= NCOVARIATES=).
    Otherwise as `power_t_test`.
    """
    require_one_of("direction", direction, Direction)
    require_positive("sd", sd)
    require_positive("ratio", ratio)
    if not -1 < correlation < 1:
        raise DataError(f"correlation must lie between -1 and 1 (exclusive). Got {correlation:g}")
    if not 0 <= covariates < np.inf:
        raise DataError(f"covariates must be their number, 0 or more. Got {covariates}")
    question = Question(n, power, difference, alpha, sides)
    left = sd * float(np.sqrt((1.0 - correlation) * (1.0 + correlation)))

    def curve(sizes: tuple[float, ...], effect: float) -> float:
        ncp = abs(effect - null) / (left * float(np.sqrt(1.0 / sizes[0] + 1.0 / sizes[1])))
        return t_power(ncp, sum(sizes) - 2.0 - covariates, question.level, both=strict and sides == 2)

    return solve(
        question,
        curve,
        method="two means, analysis of covariance",
        arms=ARMS,
        allocation=(ratio, 1.0),
        fewest=3.0 + covariates,
        null=null,
        farthest=np.inf if direction == "above" else -np.inf,
    )


def power_mean_ratio(
    mean_ratio: float | None = None,
    cv: float = 1.0,
    *,
    null: float = 1.0,
    n: float | tuple[float, float] | None = None,
    power: float | None = None,
    ratio: float = 1.0,
    alpha: float = 0.05,
    sides: int = 2,
    strict: bool = False,
    direction: Direction = "above",
    method: Literal["student", "normal"] = "student",
) -> SampleSize:
    """Relate sample size, power and the ratio of two means of values on their original scale.

    Tests mean(treatment) = `null` x mean(control), as `0.8` for non-inferiority; `cv` is the standard deviation,
    the same in both arms, over the mean in control. Source: Kieser and Hauschke, Journal of Biopharmaceutical
    Statistics 1999;9:641-50 (rpact: `meanRatio = TRUE`). Otherwise as `power_t_test`.
    """
    require_one_of("method", method, Literal["student", "normal"])
    require_one_of("direction", direction, Direction)
    require_positive("cv", cv)
    require_positive("ratio", ratio)
    require_positive("null", null)
    question = Question(n, power, mean_ratio, alpha, sides)
    both = strict and sides == 2

    def curve(sizes: tuple[float, ...], effect: float) -> float:
        ncp = abs(effect - null) / (cv * float(np.sqrt(1.0 / sizes[0] + null**2 / sizes[1])))
        if method == "normal":
            return normal_power(ncp, question.critical, both=both)
        return t_power(ncp, sum(sizes) - 2.0, question.level, both=both)

    return solve(
        question,
        curve,
        method=f"ratio of two means, {_TITLES[method]}",
        arms=ARMS,
        allocation=(ratio, 1.0),
        fewest=2.0 if method == "normal" else 3.0,
        null=null,
        farthest=np.inf if direction == "above" else 0.0,
    )


_TITLES = {
    "student": "t test with noncentral t",
    "welch": "Welch's t test, exact",
    "welch-approximate": "Welch's t test, noncentral t with Satterthwaite's degrees of freedom",
    "normal": "normal approximation",
}


def _welch_power(
    ncp: float, variances: tuple[float, float], sizes: tuple[float, float], level: float, both: bool
) -> float:
    """Average over the ratio of the mean squares: given it, the statistic is a scaled noncentral t."""
    df1, df2 = sizes[0] - 1.0, sizes[1] - 1.0
    share, weights = _beta_nodes(df1, df2)
    # share = X1 / (X1 + X2) of the two chi-squares, independent of their sum, which carries df1 + df2
    first = variances[0] * share / df1
    second = variances[1] * (1.0 - share) / df2
    df = (first + second) ** 2 / (first**2 / df1 + second**2 / df2)
    scale = np.sqrt((first + second) * (df1 + df2) / sum(variances))
    critical = -t_quantile(np.full_like(df, level), df) * scale
    power = noncentral_t_upper(critical, df1 + df2, ncp)
    if both:
        power = power + noncentral_t_upper(critical, df1 + df2, -ncp)
    return float(weights @ power)


def _beta_nodes(df1: float, df2: float) -> tuple[Floats, Floats]:
    """Values of a beta variable with df1 / 2 and df2 / 2 and weights that sum to 1, on the scale of its logit."""
    a, b = df1 / 2.0, df2 / 2.0
    low = float(special.logit(special.betaincinv(a, b, 1e-17)))
    high = -float(special.logit(special.betaincinv(b, a, 1e-17)))
    points, weights = _legendre()
    logit = (low + high) / 2.0 + (high - low) / 2.0 * points
    log_density = a * special.log_expit(logit) + b * special.log_expit(-logit)
    density = weights * np.exp(log_density - log_density.max())
    return special.expit(logit), density / density.sum()


@lru_cache(maxsize=1)
def _legendre() -> tuple[Floats, Floats]:
    points, weights = np.polynomial.legendre.leggauss(120)
    return points, weights
