"""A correlation compared with a value by Fisher's z = atanh(r), normal with variance 1 / (n - 3).

`fisher`: power = Phi(|z - z0| root(n - 3) - z_alpha). `cohen`: the t test of no correlation on that scale, mean
raised by r / (2 (n - 1)) (Cohen, Statistical Power Analysis, 1988, page 546), as R's `pwr.r.test`. Checked against
that and a program in R.
"""

from typing import Literal

import numpy as np

from equipoise.errors import DataError
from equipoise.statistics.distributions import t_quantile
from equipoise.statistics.sample_size.noncentral import normal_power
from equipoise.statistics.sample_size.result import Direction, Question, SampleSize, require_one_of, solve

Method = Literal["fisher", "cohen"]


def power_correlation(
    correlation: float | None = None,
    *,
    null: float = 0.0,
    n: float | None = None,
    power: float | None = None,
    alpha: float = 0.05,
    sides: int = 2,
    strict: bool = False,
    direction: Direction = "above",
    method: Method = "fisher",
) -> SampleSize:
    """Relate the number of participants `n`, power and `correlation` (-1 to 1); `null` is the one tested.

    `cohen` tests no correlation only. `strict` counts rejections on the wrong side too, as `pwr` does. Raises
    `DataError` for values out of range, `EstimationFailed` where no answer exists.
    """
    require_one_of("method", method, Method)
    require_one_of("direction", direction, Direction)
    for value in (correlation, null):
        if value is not None and not -1 < value < 1:
            raise DataError(f"correlation and null must lie between -1 and 1 (exclusive). Got {value:g}")
    if method == "cohen" and null != 0:
        raise DataError(f"method cohen tests no correlation; take fisher. Got null {null:g}")
    question = Question(n, power, correlation, alpha, sides)
    both = strict and sides == 2

    def curve(sizes: tuple[float, ...], effect: float) -> float:
        size = sizes[0]
        root = float(np.sqrt(size - 3.0))
        if method == "fisher":
            return normal_power(
                abs(float(np.arctanh(effect) - np.arctanh(null))) * root, question.critical, both=both
            )
        critical = -t_quantile(question.level, size - 2.0)
        edge = float(np.arctanh(critical / np.sqrt(critical**2 + size - 2.0)))
        mean = float(np.arctanh(abs(effect)) + abs(effect) / (2.0 * (size - 1.0)))
        return normal_power(mean * root, edge * root, both=both)

    return solve(
        question,
        curve,
        method=f"correlation, {method}",
        arms=("all",),
        allocation=(1.0,),
        fewest=4.0,
        null=null,
        farthest=1.0 if direction == "above" else -1.0,
    )
