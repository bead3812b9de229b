"""Sample size of the Wilcoxon-Mann-Whitney test, for shifts, relative effects and ordered categories.

p = P(treatment > control) + P(equal) / 2 and t the share of participants with treatment.
`noether` (JASA 1987;82:645-7): N = (z + z)^2 / (12 t (1 - t) (p - 1/2)^2).
`zhao` (Zhao, Rahardja and Qu, Statistics in Medicine 2008;27:462-8): times 1 - sum of the cubed mean category
probabilities, for ties.
`happ` (Happ, Bathke and Brunner, Statistics in Medicine 2019;38:363-75): p with its own variance under the
alternative beside that under the hypothesis.
`obrien-castelloe` (SAS SUGI 31, 2006, paper 209; PROC POWER TWOSAMPLEWILCOXON): the same for the log of the odds
p / (1 - p).
Variances come from the categories; continuous distributions are cut into many. Checked against a published run of
SAS, R programs, and simulation.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from scipy import special

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats, normal_upper_p
from equipoise.statistics.sample_size.result import (
    Direction,
    Question,
    SampleSize,
    require_one_of,
    require_positive,
    require_share,
    solve,
)

Method = Literal["noether", "zhao", "happ", "obrien-castelloe"]
Distribution = Literal["normal", "logistic", "laplace", "uniform"]
ARMS = ("treatment", "control")


def power_rank_sum(
    relative_effect: float | None = None,
    *,
    n: float | tuple[float, float] | None = None,
    power: float | None = None,
    ratio: float = 1.0,
    alpha: float = 0.05,
    sides: int = 2,
    direction: Direction = "above",
) -> SampleSize:
    """Relate sample size, power and `relative_effect` P(treatment > control) + P(equal) / 2 (0-1) by Noether.

    `n` is the total, or a size for treatment and control; `ratio` treatment to control. An open effect is searched
    `above` or `below` one half. Raises `DataError` for values out of range, `EstimationFailed` where no answer
    exists.
    """
    require_one_of("direction", direction, Direction)
    require_positive("ratio", ratio)
    if relative_effect is not None:
        require_share("relative_effect", relative_effect)
    question = Question(n, power, relative_effect, alpha, sides)

    def curve(sizes: tuple[float, ...], effect: float) -> float:
        spread = np.sqrt(sum(sizes) / (12.0 * sizes[0] * sizes[1]))
        return normal_upper_p(question.critical - float(abs(effect - 0.5) / spread))

    return solve(
        question,
        curve,
        method="rank sum test, Noether",
        arms=ARMS,
        allocation=(ratio, 1.0),
        fewest=2.0,
        null=0.5,
        farthest=1.0 if direction == "above" else 0.0,
    )


def power_ordinal(
    treatment: Sequence[float] | None = None,
    control: Sequence[float] = (),
    *,
    odds_ratio: float | None = None,
    n: float | tuple[float, float] | None = None,
    power: float | None = None,
    ratio: float = 1.0,
    alpha: float = 0.05,
    sides: int = 2,
    direction: Direction = "above",
    method: Method = "obrien-castelloe",
) -> SampleSize:
    """Relate sample size, power and effect of a rank sum test on ordered categories.

    `control` and `treatment` hold the probability of each category, lowest first, each summing to 1. Instead of
    `treatment` an `odds_ratio` gives it by proportional odds (above 1: more in high categories). Two of `n`,
    `power` and the effect are given; an open effect is an odds ratio, searched `above` or `below` 1. In the result
    `effect` is the odds ratio, or for `treatment` the relative effect. Raises `DataError` for probabilities that
    are none.
    """
    require_one_of("method", method, Method)
    require_one_of("direction", direction, Direction)
    require_positive("ratio", ratio)
    low = _read_categories("control", control)
    if treatment is not None and odds_ratio is not None:
        raise DataError(f"give treatment or odds_ratio, not both. Got {list(treatment)} and {odds_ratio:g}")
    if odds_ratio is not None:
        require_positive("odds_ratio", odds_ratio)
    high = None if treatment is None else _read_categories("treatment", treatment)
    if high is not None and high.size != low.size:
        raise DataError(f"both arms must have the same categories. Got {high.size} and {low.size}")
    effect = odds_ratio if high is None else relative_effect(high, low)
    question = Question(n, power, effect, alpha, sides)

    def curve(sizes: tuple[float, ...], effect: float) -> float:
        first = proportional_odds(low, effect) if high is None else high
        return _category_power(first, low, (sizes[0], sizes[1]), question.critical, method)

    null = 1.0 if high is None else 0.5
    return solve(
        question,
        curve,
        method=f"rank sum test of ordered categories, {method}",
        arms=ARMS,
        allocation=(ratio, 1.0),
        fewest=2.0,
        null=null,
        farthest=np.inf if direction == "above" else 0.0,
    )


def relative_effect(treatment: Floats, control: Floats) -> float:
    """P(treatment > control) + P(equal) / 2 for two vectors of category probabilities, lowest first."""
    return float(treatment @ (np.cumsum(control) - control / 2.0))


def proportional_odds(control: Floats, odds_ratio: float) -> Floats:
    """Category probabilities whose odds of lying above any category are `odds_ratio` times those of `control`."""
    above = np.clip(1.0 - np.cumsum(control)[:-1], 0.0, 1.0)
    # 1 / odds rather than odds, as the ratio may grow without limit
    moved = above / (above + (1.0 - above) / odds_ratio)
    return -np.diff(np.concatenate([[1.0], moved, [0.0]]))


def relative_effect_of_shift(shift: float, sd: float = 1.0, *, distribution: Distribution = "normal") -> float:
    """Relative effect of a `shift` between two arms of this shape and standard deviation, in closed form."""
    require_one_of("distribution", distribution, Distribution)
    require_positive("sd", sd)
    if not np.isfinite(shift):
        raise DataError(f"shift must be a finite number. Got {shift:g}")
    size = abs(shift) / sd
    if distribution == "normal":
        above = float(special.ndtr(size / np.sqrt(2.0)))
    elif distribution == "logistic":
        x = size * np.pi / np.sqrt(3.0)
        # (1 - e^-x (1 + x)) / (1 - e^-x)^2, by its series where that loses its digits
        above = 0.5 + x / 6.0 if x < 1e-4 else float((1.0 - (1.0 + x) * np.exp(-x)) / np.expm1(-x) ** 2)
    elif distribution == "laplace":
        x = size * np.sqrt(2.0)
        above = float(1.0 - np.exp(-x) * (2.0 + x) / 4.0)
    else:
        x = min(size / np.sqrt(12.0), 1.0)
        above = 1.0 - (1.0 - x) ** 2 / 2.0
    return above if shift >= 0 else 1.0 - above


# relative efficiency of the rank test to the t test for a shift (Lehmann, Nonparametrics, 1975)
EFFICIENCY: dict[str, float] = {
    "normal": 3.0 / np.pi,
    "logistic": np.pi**2 / 9.0,
    "laplace": 1.5,
    "uniform": 1.0,
    "least": 108.0 / 125.0,
}


def size_by_efficiency(n: float, distribution: str = "normal") -> float:
    """Turn a size `n` of a t test into that of the rank sum test by their asymptotic relative efficiency.

    `distribution`: normal, logistic, laplace, uniform, or least for the lowest that any shape can have.
    """
    require_positive("n", n)
    if distribution not in EFFICIENCY:
        raise DataError(f"distribution must be one of {', '.join(EFFICIENCY)}. Got {distribution}")
    return n / EFFICIENCY[distribution]


def _category_power(
    treatment: Floats, control: Floats, sizes: tuple[float, float], critical: float, method: Method
) -> float:
    n1, n2 = sizes
    p = relative_effect(treatment, control)
    mean = (n1 * treatment + n2 * control) / (n1 + n2)
    null_sd = float(np.sqrt((1.0 - np.sum(mean**3)) / 12.0 * (1.0 / n1 + 1.0 / n2)))
    distance = abs(p - 0.5)
    if method == "noether":
        spread = np.sqrt((1.0 / n1 + 1.0 / n2) / 12.0)
        return normal_upper_p(critical - float(distance / spread))
    if method == "zhao":
        return normal_upper_p(critical - distance / null_sd)
    placed1 = np.cumsum(control) - control / 2.0
    placed2 = 1.0 - (np.cumsum(treatment) - treatment / 2.0)
    variance = float(treatment @ (placed1 - p) ** 2 / n1 + control @ (placed2 - p) ** 2 / n2)
    if method == "happ":
        return _two_spreads(distance, null_sd, float(np.sqrt(variance)), critical)
    if not 0 < p < 1:
        return 1.0
    log_odds = abs(float(np.log(p / (1.0 - p))))
    return _two_spreads(log_odds, 4.0 * null_sd, float(np.sqrt(variance)) / (p * (1.0 - p)), critical)


def _two_spreads(distance: float, null_sd: float, sd: float, critical: float) -> float:
    """Power where the statistic has standard deviation `null_sd` under the hypothesis and `sd` otherwise."""
    excess = critical * null_sd - distance
    return normal_upper_p(excess / sd) if sd > 0 else float(excess < 0)


def _read_categories(name: str, probabilities: Sequence[float]) -> Floats:
    values = np.asarray(probabilities, dtype=float)
    if values.ndim != 1 or values.size < 2 or not (np.all(values >= 0) and abs(values.sum() - 1.0) < 1e-8):
        raise DataError(
            f"{name} must hold the probability of each of two or more categories, summing to 1. "
            f"Got {values.tolist()}"
        )
    scaled: Floats = values / values.sum()
    return scaled
