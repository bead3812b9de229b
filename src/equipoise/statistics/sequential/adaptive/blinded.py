"""Blinded re-estimation of the sample size from a nuisance parameter.

Means (Gould and Shih 1992; Kieser and Friede 2003): the variance of all values, arms unknown, overestimates that
within arms by N / (N - 1) r / (1 + r)^2 delta^2, with delta the true difference and r the allocation ratio; the
adjusted estimate takes off the part of the difference planned. Rates (Gould 1992): the pooled rate is observed,
the difference planned is kept, and the rates of the arms follow. The type I error is kept for all practical
purposes. The size comes from the formula for fixed designs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats
from equipoise.statistics.sample_size import power_proportions, power_t_test
from equipoise.statistics.sample_size.result import SampleSize, require_positive, round_up


@dataclass(frozen=True)
class Reestimation:
    """A sample size found again.

    `nuisance`: standard deviation within arms or pooled rate, as seen; `size`: by the formula with it; `n`: all
    participants, rounded up and within the limits set.
    """

    nuisance: float
    size: SampleSize
    n: int


def blinded_sd(values: Sequence[float] | Floats, *, difference: float = 0.0, ratio: float = 1.0) -> float:
    """Estimate the standard deviation within arms from `values` of both arms together.

    `difference`: planned, taken off as by Kieser and Friede; at 0 the one-sample estimate. `ratio`: treatment to
    control. Raises `DataError` for fewer than two values and where the difference explains all the variance.
    """
    seen = np.asarray(values, dtype=float)
    require_positive("ratio", ratio)
    if seen.size < 2 or not np.isfinite(seen).all():
        raise DataError(f"values must be at least two finite numbers. Got {seen.size}")
    total = float(seen.var(ddof=1))
    between = seen.size / (seen.size - 1.0) * ratio / (1.0 + ratio) ** 2 * difference**2
    if total <= between:
        raise DataError(
            f"the difference must explain less than the variance seen, {total:g}; take 0. Got {between:g}"
        )
    return float(np.sqrt(total - between))


def reestimate_means(
    values: Sequence[float] | Floats,
    difference: float,
    *,
    power: float = 0.9,
    alpha: float = 0.05,
    sides: int = 2,
    ratio: float = 1.0,
    adjusted: bool = True,
    smallest: int | None = None,
    largest: int | None = None,
) -> Reestimation:
    """Find the sample size of a t test again from `values` of both arms together, `difference` as planned.

    `adjusted`: by Kieser and Friede, else the one-sample variance. `smallest`: total that is kept (the planned
    one in a restricted design, by default the participants seen), `largest`: total never passed. Raises
    `DataError` as `blinded_sd` and for limits out of order.
    """
    sd = blinded_sd(values, difference=difference if adjusted else 0.0, ratio=ratio)
    size = power_t_test(difference, sd, power=power, alpha=alpha, sides=sides, ratio=ratio)
    return Reestimation(sd, size, _within(size, smallest or len(values), largest))


def reestimate_proportions(
    events: int,
    seen: int,
    difference: float,
    *,
    power: float = 0.9,
    alpha: float = 0.05,
    sides: int = 2,
    ratio: float = 1.0,
    smallest: int | None = None,
    largest: int | None = None,
) -> Reestimation:
    """Find the sample size of a test of two rates again from the `events` among all `seen`.

    Rates follow from the pooled one: control = pooled - difference r / (1 + r). Limits as in `reestimate_means`.
    Raises `DataError` where they leave 0-1.
    """
    require_positive("ratio", ratio)
    if not 0 <= events <= seen or seen < 1:
        raise DataError(f"events must lie between 0 and the participants seen. Got {events} of {seen}")
    pooled = events / seen
    control = pooled - difference * ratio / (1.0 + ratio)
    if not (0 < control < 1 and 0 < control + difference < 1):
        raise DataError(
            "the pooled rate and the difference must leave both rates between 0 and 1; "
            f"take a smaller difference. Got {control:g} and {control + difference:g}"
        )
    size = power_proportions(control + difference, control, power=power, alpha=alpha, sides=sides, ratio=ratio)
    return Reestimation(pooled, size, _within(size, smallest or seen, largest))


def _within(size: SampleSize, smallest: int, largest: int | None) -> int:
    if largest is not None and largest < smallest:
        raise DataError(f"the largest total must be at least the smallest, {smallest}. Got {largest}")
    wanted = max(smallest, sum(round_up(n) for n in size.per_arm))
    return wanted if largest is None else min(wanted, largest)
