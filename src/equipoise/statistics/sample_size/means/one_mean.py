"""One mean, or the mean of paired differences, compared with a value: noncentral t or the normal approximation.

ncp = (difference - null) root(n) / sd, n - 1 degrees of freedom. For pairs sd is that of the differences,
root(sd1^2 + sd2^2 - 2 correlation sd1 sd2). Checked against R's `power.t.test` and rpact.
"""

from typing import Literal

import numpy as np

from equipoise.errors import DataError
from equipoise.statistics.sample_size.noncentral import normal_power, t_power
from equipoise.statistics.sample_size.result import (
    Direction,
    Question,
    SampleSize,
    require_one_of,
    require_positive,
    solve,
)

Method = Literal["student", "normal"]


def power_one_mean(
    difference: float | None = None,
    sd: float = 1.0,
    *,
    n: float | None = None,
    power: float | None = None,
    null: float = 0.0,
    alpha: float = 0.05,
    sides: int = 2,
    strict: bool = False,
    direction: Direction = "above",
    method: Method = "student",
) -> SampleSize:
    """Relate the number of participants (or pairs) `n`, power and mean: two of them give the third.

    `difference` is the true mean and `null` the one tested; `sd` that of the values or paired differences
    (`sd_of_differences`). Other arguments, and what is refused, as in `power_t_test`.
    """
    require_one_of("method", method, Method)
    require_one_of("direction", direction, Direction)
    require_positive("sd", sd)
    question = Question(n, power, difference, alpha, sides)
    both = strict and sides == 2

    def curve(sizes: tuple[float, ...], effect: float) -> float:
        ncp = abs(effect - null) * float(np.sqrt(sizes[0])) / sd
        if method == "normal":
            return normal_power(ncp, question.critical, both=both)
        return t_power(ncp, sizes[0] - 1.0, question.level, both=both)

    title = "normal approximation" if method == "normal" else "t test with noncentral t"
    return solve(
        question,
        curve,
        method=f"one mean, {title}",
        arms=("all",),
        allocation=(1.0,),
        fewest=1.0 if method == "normal" else 2.0,
        null=null,
        farthest=np.inf if direction == "above" else -np.inf,
    )


def sd_of_differences(sd_first: float, sd_second: float, correlation: float) -> float:
    """Find the standard deviation of the difference of two values with this `correlation` (-1 to 1)."""
    require_positive("sd", sd_first, sd_second)
    if not -1 <= correlation <= 1:
        raise DataError(f"correlation must lie between -1 and 1. Got {correlation:g}")
    return float(np.sqrt(sd_first**2 + sd_second**2 - 2.0 * correlation * sd_first * sd_second))
