"""Strata of randomisation: combinations of the levels of the stratification factors, as integers."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.errors import DataError

Integers = NDArray[np.int64]


def require_factors(factors: ArrayLike) -> Integers:
    """Return factors as integers, T trials x n participants x k factors; `DataError` for anything else."""
    levels = np.asarray(factors)
    if levels.ndim != 3 or (levels.size and (levels.dtype.kind not in "iub" or levels.min() < 0)):
        raise DataError(
            "factors must be integers from 0 on, trials x participants x factors (no factor: shape (T, n, 0)). "
            f"Got {levels.dtype} of shape {levels.shape}"
        )
    return levels.astype(np.int64)


def no_factors(trials: int, n: int) -> Integers:
    """Give the factors of trials without stratification: shape (trials, n, 0)."""
    return np.zeros((trials, n, 0), dtype=np.int64)


def combine_levels(levels: Integers) -> tuple[Integers, int]:
    """Give each participant's combination of levels (T x n x k) a number from 0 on, and how many there are."""
    trials, n, k = levels.shape
    strata, count = np.zeros((trials, n), dtype=np.int64), 1
    for factor in range(k):
        width = int(levels[:, :, factor].max(initial=0)) + 1
        strata, count = strata * width + levels[:, :, factor], count * width
        if count > max(n, 1):
            # factors of many levels leave most combinations empty; only those that occur get a number
            seen, place = np.unique(strata, return_inverse=True)
            strata, count = place.reshape(trials, n), seen.size
    return strata, count


def count_levels(levels: Integers) -> list[int]:
    """Count the levels of each factor (T x n x k): one more than the highest."""
    return [int(levels[:, :, factor].max(initial=0)) + 1 for factor in range(levels.shape[2])]
