"""Trend over doses: a contrast of several means by noncentral t.

ncp = sum c_i mean_i / (sd root(sum c_i^2 / n_i)), N - k degrees of freedom. The default contrast is linear in the
doses, c_i = d_i - mean(d). Source: Chow, Shao, Wang and Lokhnygina, Sample Size Calculations in Clinical Research,
3rd ed., 2018, with the t distribution. Checked against a program in R.
"""

from collections.abc import Sequence
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


def power_dose_contrast(
    difference: float | None = None,
    sd: float = 1.0,
    *,
    shape: Sequence[float],
    doses: Sequence[float] | None = None,
    contrast: Sequence[float] | None = None,
    n: float | tuple[float, ...] | None = None,
    power: float | None = None,
    allocation: Literal["equal", "sqrt"] | Sequence[float] = "equal",
    alpha: float = 0.05,
    sides: int = 2,
    strict: bool = False,
    direction: Direction = "above",
    method: Method = "student",
) -> SampleSize:
    """Relate sample size, power and size of a trend in the means of control and k doses.

    The true means are a constant + `difference` x `shape` (one number an arm, control first). `contrast`: the
    weights, summing to 0; else linear in `doses` (default 0, 1, 2, ...). `n` is the total or a size an arm;
    `allocation` as in `power_dunnett`. Otherwise as `power_t_test`. Raises `DataError` for a contrast that does
    not sum to 0 or does not see the shape.
    """
    require_one_of("method", method, Method)
    require_one_of("direction", direction, Direction)
    require_positive("sd", sd)
    means = np.asarray(shape, dtype=float)
    arms = means.size
    scores = np.arange(arms, dtype=float) if doses is None else np.asarray(doses, dtype=float)
    weights = scores if contrast is None else np.asarray(contrast, dtype=float)
    if means.ndim != 1 or arms < 2 or weights.shape != means.shape or not np.isfinite([means, weights]).all():
        raise DataError(
            "shape and doses or contrast must have a finite number for each of two or more arms. "
            f"Got {means.tolist()} and {weights.tolist()}"
        )
    if contrast is None:
        weights = scores - scores.mean()
    if abs(weights.sum()) > 1e-9 * np.abs(weights).sum() or abs(weights @ means) < 1e-12:
        raise DataError(
            "contrast must sum to 0 and differ from 0 on the shape, or no size can show it. "
            f"Got sum {weights.sum():g} and {weights @ means:g} on the shape"
        )
    question = Question(n, power, difference, alpha, sides)
    both = strict and sides == 2

    def curve(sizes: tuple[float, ...], effect: float) -> float:
        ncp = abs(effect * float(weights @ means)) / (sd * float(np.sqrt(np.sum(weights**2 / np.array(sizes)))))
        if method == "normal":
            return normal_power(ncp, question.critical, both=both)
        return t_power(ncp, sum(sizes) - arms, question.level, both=both)

    return solve(
        question,
        curve,
        method="contrast of means over doses",
        arms=("control", *(f"dose {one}" for one in range(1, arms))),
        allocation=read_allocation(allocation, arms - 1),
        fewest=arms + 1.0,
        farthest=np.inf if direction == "above" else -np.inf,
    )


def read_allocation(allocation: Literal["equal", "sqrt"] | Sequence[float], doses: int) -> tuple[float, ...]:
    """Give the relative sizes of control and `doses` doses; `sqrt`: control root(doses) times a dose."""
    if isinstance(allocation, str):
        require_one_of("allocation", allocation, Literal["equal", "sqrt"])
        return (float(np.sqrt(doses)) if allocation == "sqrt" else 1.0, *[1.0] * doses)
    if len(allocation) != doses + 1:
        raise DataError(
            f"allocation must be equal, sqrt or a number for control and each of {doses} doses. Got {allocation}"
        )
    require_positive("allocation", *allocation)
    return tuple(float(share) for share in allocation)
