"""Sample size for rates of recurrent events: negative binomial, and Poisson at dispersion 0.

A count in follow-up t has mean rate t and variance mean + dispersion mean^2. Log rate ratio, for n participants in
control and r n with treatment: V1 = (1 / t) (1 / rate0 + 1 / (r rate1)) + dispersion (1 + r) / r, and V0 the same
at rates under the hypothesis: those of control (`control`), the true ones (`true`) or those with the same mean of
all participants (`mle`). n = (z root(V0) + z root(V1))^2 / log(RR / RR0)^2. Source: Zhu and Lakkis, Statistics in
Medicine 2014;33:376-87, approaches 1, 2 and 3. Checked against a program in R and simulation.
"""

from typing import Literal

import numpy as np

from equipoise.errors import DataError
from equipoise.statistics.distributions import normal_upper_p
from equipoise.statistics.sample_size.result import (
    Direction,
    Question,
    SampleSize,
    require_one_of,
    require_positive,
    solve,
)

NullVariance = Literal["control", "true", "mle"]


def power_negative_binomial(
    rate_ratio: float | None = None,
    *,
    control_rate: float,
    dispersion: float = 0.0,
    exposure: float = 1.0,
    n: float | tuple[float, float] | None = None,
    power: float | None = None,
    null: float = 1.0,
    ratio: float = 1.0,
    alpha: float = 0.05,
    sides: int = 2,
    direction: Direction = "below",
    null_variance: NullVariance = "mle",
) -> SampleSize:
    """Relate sample size, power and `rate_ratio` of treatment to control.

    `control_rate`: events per unit of time; `exposure`: mean follow-up in that unit; `dispersion`: the k of
    variance mean + k mean^2 (1 / size in R). `null` is the rate ratio tested. `n` is the total, or a size for
    treatment and control; `ratio` treatment to control. An open rate ratio is searched `below` or `above` the one
    tested. Raises `DataError` for values out of range, `EstimationFailed` where no answer exists.
    """
    require_one_of("null_variance", null_variance, NullVariance)
    require_one_of("direction", direction, Direction)
    require_positive("control_rate", control_rate)
    require_positive("exposure", exposure)
    require_positive("null", null)
    require_positive("ratio", ratio)
    if rate_ratio is not None:
        require_positive("rate_ratio", rate_ratio)
    if not 0 <= dispersion < np.inf:
        raise DataError(f"dispersion must be a finite number, 0 or more. Got {dispersion:g}")
    question = Question(n, power, rate_ratio, alpha, sides)

    def spread(sizes: tuple[float, ...], rate: float, other: float) -> float:
        first = (1.0 / (exposure * rate) + dispersion) / sizes[0]
        return float(np.sqrt(first + (1.0 / (exposure * other) + dispersion) / sizes[1]))

    def curve(sizes: tuple[float, ...], effect: float) -> float:
        rate = effect * control_rate
        if null_variance == "true":
            under_null = spread(sizes, rate, control_rate)
        else:
            same = (sizes[0] * rate + sizes[1] * control_rate) / (sizes[0] * null + sizes[1])
            common_rate = control_rate if null_variance == "control" else same
            under_null = spread(sizes, null * common_rate, common_rate)
        distance = abs(float(np.log(effect / null)))
        return normal_upper_p((question.critical * under_null - distance) / spread(sizes, rate, control_rate))

    return solve(
        question,
        curve,
        method=f"negative binomial rates, variance under the hypothesis: {null_variance}",
        arms=("treatment", "control"),
        allocation=(ratio, 1.0),
        fewest=2.0,
        null=null,
        farthest=0.0 if direction == "below" else np.inf,
    )
