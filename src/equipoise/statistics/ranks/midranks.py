"""Ranks where equal values share the mean of their ranks, and what ties take from a variance."""

import numpy as np
from numpy.typing import NDArray

from equipoise.statistics.distributions import Floats


def midranks(values: Floats) -> Floats:
    """Rank `values` from 1; equal values get the mean of the ranks they share."""
    _, place, size = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(size)
    shared: Floats = last - (size - 1) / 2.0
    return shared[place.ravel()]


def tie_sum(values: Floats) -> float:
    """Sum t^3 - t over the groups of t equal values; 0 without ties."""
    _, size = np.unique(values, return_counts=True)
    tied = size[size > 1].astype(float)
    return float((tied**3 - tied).sum())


def whole_scores(ranks: Floats) -> NDArray[np.int64]:
    """Turn midranks into the smallest whole numbers from 0 with the same order and proportions of their gaps."""
    doubled = np.rint(2.0 * ranks).astype(np.int64)
    lowered = doubled - doubled.min(initial=doubled[0])
    divisor = int(np.gcd.reduce(lowered))
    return np.asarray(lowered // max(divisor, 1))
