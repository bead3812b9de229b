"""Two proportions compared: normal approximations for a difference, ratio or odds ratio, and the arcsine.

Power = Phi((|distance| root(N) - z sd0) / sd1): distance p1 - p2 - null for a difference, p1 - null p2 for a
ratio, the log odds ratio less log null for an odds ratio; sd1 at the assumed proportions, sd0 at them too
(`unpooled`) or at the proportions constrained to the hypothesis (`pooled`; for null 0 or 1 the pooled proportion
of Fleiss, otherwise Farrington and Manning, Statistics in Medicine 1990;9:1447-54). `corrected` is `pooled` with
the continuity correction of Casagrande, Pike and Smith (Biometrics 1978;34:483-6) and Fleiss, Tytun and Ury
(Biometrics 1980;36:343-6). `arcsine`: Cohen's h. `wald`: delta method for the log of a ratio or odds ratio.
Checked against R's `power.prop.test`, `pwr`, and rpact's `getSampleSizeRates`.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats, normal_upper_p
from equipoise.statistics.sample_size.proportions.score import (
    Pair,
    constrained_difference,
    constrained_odds,
    constrained_ratio,
    spread,
)
from equipoise.statistics.sample_size.result import (
    Direction,
    PowerCurve,
    Question,
    SampleSize,
    require_one_of,
    require_positive,
    require_share,
    solve,
)

Measure = Literal["difference", "ratio", "odds-ratio"]
Method = Literal["pooled", "unpooled", "corrected", "arcsine", "wald"]
ARMS = ("treatment", "control")
_CONSTRAINED: dict[str, Callable[[Floats, Floats, float, float], Pair]] = {
    "difference": constrained_difference,
    "ratio": constrained_ratio,
    "odds-ratio": constrained_odds,
}


def power_proportions(
    proportion: float | None = None,
    control: float = 0.5,
    *,
    n: float | tuple[float, float] | None = None,
    power: float | None = None,
    measure: Measure = "difference",
    null: float | None = None,
    ratio: float = 1.0,
    alpha: float = 0.05,
    sides: int = 2,
    strict: bool = False,
    direction: Direction = "above",
    method: Method = "pooled",
) -> SampleSize:
    """Relate sample size, power and `proportion` with treatment, given that in `control` (both 0-1).

    `null` is the difference, ratio or odds ratio tested (default 0, 1, 1): minus the margin for non-inferiority
    where more is better. `n` is the total, or a size for treatment and control; `ratio` treatment to control. An
    open proportion is searched `above` or `below` the one that the hypothesis pairs with control. `arcsine` and
    `corrected` test a difference of 0 only, `wald` a ratio or odds ratio. `strict` counts rejections on the wrong
    side too. Raises `DataError` for values out of range, `EstimationFailed` where no answer exists.
    """
    require_one_of("measure", measure, Measure)
    require_one_of("method", method, Method)
    require_one_of("direction", direction, Direction)
    require_share("control", control)
    require_positive("ratio", ratio)
    if proportion is not None:
        require_share("proportion", proportion)
    tested = (0.0 if measure == "difference" else 1.0) if null is None else null
    at_null = paired_proportion(control, measure, tested)
    if method in ("arcsine", "corrected") and (measure != "difference" or tested != 0.0):
        raise DataError(
            f"method {method} tests a difference of 0; otherwise take pooled. Got {measure} {tested:g}"
        )
    if method == "wald" and measure == "difference":
        raise DataError("method wald is for a ratio or an odds ratio; take unpooled. Got difference")
    question = Question(n, power, proportion, alpha, sides)
    z = question.critical
    both = strict and sides == 2

    def curve(sizes: tuple[float, ...], effect: float) -> float:
        if method == "corrected":
            sizes = _without_correction(sizes, abs(effect - control))
        distance, sd0, sd1 = _parts(measure, method, effect, control, sizes, tested)
        right = float(normal_upper_p((z * sd0 - abs(distance)) / sd1))
        return right + float(normal_upper_p((z * sd0 + abs(distance)) / sd1)) if both else right

    return solve_from_proportion(
        question, curve, f"two proportions, {measure}, {method}", ratio, at_null, direction
    )


def solve_from_proportion(
    question: Question, curve: PowerCurve, method: str, ratio: float, at_null: float, direction: Direction
) -> SampleSize:
    """Solve for two arms; the effect is the proportion with treatment, `at_null` under the hypothesis."""
    return solve(
        question,
        curve,
        method=method,
        arms=ARMS,
        allocation=(ratio, 1.0),
        fewest=2.0,
        null=at_null,
        farthest=1.0 if direction == "above" else 0.0,
    )


def paired_proportion(control: float, measure: Measure, null: float) -> float:
    """Proportion with treatment that the hypothesis pairs with `control`; `DataError` unless it lies in 0-1."""
    if measure == "difference":
        paired = control + null
    else:
        require_positive("null", null)
        paired = control * null if measure == "ratio" else control * null / (1.0 - control + control * null)
    if not -1e-12 < paired < 1.0 + 1e-12:
        raise DataError(
            f"null must leave a proportion between 0 and 1 beside {control:g} in control. Got {null:g}"
        )
    return min(max(paired, 0.0), 1.0)


def _parts(
    measure: Measure, method: Method, p1: float, p2: float, sizes: tuple[float, ...], null: float
) -> tuple[float, float, float]:
    """Distance from the hypothesis and its standard deviation under hypothesis and alternative."""
    n1, n2 = sizes
    if method == "arcsine":
        distance = 2.0 * float(np.arcsin(np.sqrt(p1)) - np.arcsin(np.sqrt(p2)))
        sd = float(np.sqrt(1.0 / n1 + 1.0 / n2))
        return distance, sd, sd
    given = (np.asarray(p1), np.asarray(p2))
    moved = _CONSTRAINED[measure](*given, n1 / n2, null) if method in ("pooled", "corrected") else given
    if measure == "difference":
        distance = p1 - p2 - null
        sds = [np.sqrt(spread(a) / n1 + spread(b) / n2) for a, b in (moved, given)]
    elif measure == "ratio" and method == "wald":
        distance = float(np.log(p1 / p2 / null))
        sds = [np.sqrt((1.0 - a) / (n1 * a) + (1.0 - b) / (n2 * b)) for a, b in (moved, given)]
    elif measure == "ratio":
        distance = p1 - null * p2
        sds = [np.sqrt(spread(a) / n1 + null**2 * spread(b) / n2) for a, b in (moved, given)]
    else:
        distance = float(np.log(p1 / (1.0 - p1)) - np.log(p2 / (1.0 - p2)) - np.log(null))
        sds = [np.sqrt(1.0 / (n1 * spread(a)) + 1.0 / (n2 * spread(b))) for a, b in (moved, given)]
    return distance, float(sds[0]), float(sds[1])


def _without_correction(sizes: tuple[float, ...], distance: float) -> tuple[float, ...]:
    """Sizes without continuity correction that are worth these: n (1 - c / n)^2, c = (r + 1) / (2 r distance)."""
    n1, n2 = sizes
    ratio = n1 / n2
    # Fleiss: n' = n / 4 (1 + root(1 + 2 (r + 1) / (n r d)))^2 for the second arm, solved for n
    shrunk = max(n2 - (ratio + 1.0) / (2.0 * ratio * distance), 0.0) ** 2 / n2
    return (ratio * shrunk, shrunk) if shrunk > 0 else (1e-12 * ratio, 1e-12)
