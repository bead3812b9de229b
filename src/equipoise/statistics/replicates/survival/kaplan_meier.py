"""Survival at given times by arm in many trials at once: the product-limit estimate with Greenwood's SE.

S(t) = prod (1 - d_i / n_i) over event times up to t; var S = S^2 sum d_i / (n_i (n_i - d_i)), as `kaplan_meier`
gives them by `at`. Checked against it, replicate by replicate, and R (`survfit`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from equipoise.errors import DataError
from equipoise.statistics.arrays import read_floats
from equipoise.statistics.distributions import Floats
from equipoise.statistics.replicates.survival.moments import Moments, TimesToEvent, find_moments, read_times


@dataclass(frozen=True, eq=False)
class SurvivalReplicates:
    """`survival` and its `se` just after each of the times, T x arms x times.

    NaN after the last time seen in an arm, unless survival had reached 0; there the SE is NaN.
    """

    survival: Floats
    se: Floats


def replicate_survival(
    time: ArrayLike,
    event: ArrayLike,
    arm: ArrayLike,
    times: ArrayLike,
    *,
    arms: int,
    participants: ArrayLike | None = None,
) -> SurvivalReplicates:
    """Estimate survival in each arm of each trial at `times`, one or more numbers from 0 on.

    Other arguments as in `replicate_log_rank`; `DataError` likewise, and for negative times.
    """
    asked = np.atleast_1d(read_floats(times, "times"))
    if asked.ndim != 1 or not asked.size or not (np.isfinite(asked) & (asked >= 0)).all():
        raise DataError(f"times must be one or more numbers from 0 on. Got {asked.tolist()}")
    given = read_times(time, event, arm, arms=arms, participants=participants, fewest=1)
    parts = [_estimate(given.select(part), asked, arms) for part in given.blocks()]
    return SurvivalReplicates(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _estimate(given: TimesToEvent, asked: Floats, arms: int) -> tuple[Floats, Floats]:
    moments = find_moments(given)
    time = np.take(given.time.ravel(), moments.participant)
    survival = np.empty((moments.trials, arms, asked.size))
    se = np.empty(survival.shape)
    for arm in range(arms):
        inside = given.kept & (given.arm == arm)
        last = np.where(inside, given.time, -np.inf).max(axis=1)
        n, d = moments.at_risk[arm], moments.events[arm]
        share = d / np.maximum(n, 1.0)
        greenwood = np.where(n > d, d / (np.maximum(n, 1.0) * np.maximum(n - d, 1.0)), 0.0)
        for place, at in enumerate(asked.tolist()):
            now = time <= at
            estimate = _product(moments, np.where(now, 1.0 - share, 1.0))
            spread = np.sqrt(moments.total(np.where(now, greenwood, 0.0)))
            ended = _product(moments, 1.0 - share) == 0.0
            followed = (at <= last) | (ended & (last >= 0))
            survival[:, arm, place] = np.where(followed, estimate, np.nan)
            se[:, arm, place] = np.where(followed & (estimate > 0), estimate * spread, np.nan)
    return survival, se


def _product(moments: Moments, factors: Floats) -> Floats:
    """Multiply the factors of the moments of each trial, in their order."""
    product = np.ones(moments.trials)
    if moments.starts.size:
        product[moments.trial[moments.starts]] = np.multiply.reduceat(factors, moments.starts)
    return product
