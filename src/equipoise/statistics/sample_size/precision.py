"""Sample size for an interval of a given width: a mean, a difference of means, a proportion.

Mean: half width t sd root(1/n), or root(1/n1 + 1/n2), with the true sd in place of the estimate (half of all
intervals are narrower, for large n). Proportion: the half width of the Wald or Wilson interval at the expected
proportion. Source: Machin, Campbell, Tan and Tan, Sample Sizes for Clinical, Laboratory and Epidemiology Studies,
4th ed., 2018. Checked against a program in R.
"""

from typing import Literal

import numpy as np

from equipoise.errors import DataError
from equipoise.statistics.confidence import critical_value, require_confidence
from equipoise.statistics.distributions import t_quantile
from equipoise.statistics.sample_size.result import find_size, require_one_of, require_positive, require_share

Interval = Literal["wald", "wilson"]


def size_for_mean_interval(
    half_width: float, sd: float = 1.0, *, arms: Literal[1, 2] = 1, ratio: float = 1.0, level: float = 0.95
) -> float:
    """Find the total size (not rounded) at which the t interval of a mean has this `half_width`.

    `arms` 2: of the difference of two means with one `sd`, `ratio` participants of the first arm to the second.
    Raises `DataError` for values out of range.
    """
    require_positive("half_width", half_width)
    require_positive("sd", sd)
    require_positive("ratio", ratio)
    require_confidence(level)
    if arms not in (1, 2):
        raise DataError(f"arms must be 1 or 2. Got {arms}")
    spread = 1.0 if arms == 1 else (1.0 + ratio) ** 2 / ratio

    def excess(n: float) -> float:
        return half_width - t_quantile(0.5 + level / 2.0, n - arms) * sd * float(np.sqrt(spread / n))

    return find_size(excess, arms + 1.0)


def size_for_proportion_interval(
    half_width: float, proportion: float = 0.5, *, level: float = 0.95, interval: Interval = "wald"
) -> float:
    """Find the size (not rounded) at which the interval of a `proportion` (0-1) has this `half_width`.

    Raises `DataError` for values out of range.
    """
    require_share("half_width", half_width)
    require_share("proportion", proportion)
    require_one_of("interval", interval, Interval)
    z = critical_value(level)
    variance = proportion * (1.0 - proportion)
    if interval == "wald":
        return (z / half_width) ** 2 * variance

    def excess(n: float) -> float:
        return half_width - z / (1.0 + z * z / n) * float(np.sqrt(variance / n + z * z / (4.0 * n * n)))

    return find_size(excess, 1.0)
