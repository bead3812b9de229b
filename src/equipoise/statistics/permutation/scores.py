"""Statistics for permutation tests: scores of the participants, compared between arms.

Two arms: the mean score of the first less that of the second. More arms: the sum over arms of n (mean - overall
mean)^2, which is larger the more the arms differ. Scores: the values themselves, residuals from covariates without
the arm (Gail, Tan and Piantadosi, Biometrika 1988;75:57-64), midranks, or log-rank scores (events less expected
events; Savage, Annals of Mathematical Statistics 1956;27:590-615). Scores may be taken within strata.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats
from equipoise.statistics.ranks.midranks import midranks

Labels = NDArray[np.generic]
Statistic = Callable[[Labels], Floats]


@dataclass(frozen=True, eq=False)
class ScoreStatistic:
    """Compares the scores of `arms` (labels): the statistic of each row of an array of allocations (B x N)."""

    scores: Floats
    arms: tuple[object, ...]

    def __call__(self, allocations: Labels) -> Floats:
        """Find the statistic of each allocation; an arm that nobody got has mean 0."""
        sums, sizes = [], []
        for arm in self.arms:
            inside = (allocations == arm).astype(float)
            sums.append(inside @ self.scores)
            sizes.append(inside.sum(axis=-1))
        means = [total / np.maximum(size, 1.0) for total, size in zip(sums, sizes, strict=True)]
        if len(self.arms) == 2:
            return np.asarray(means[0] - means[1])
        overall = sum(sums) / np.maximum(sum(sizes), 1.0)
        squares = [size * (mean - overall) ** 2 for size, mean in zip(sizes, means, strict=True)]
        return np.asarray(sum(squares))


def mean_scores(values: ArrayLike, *, strata: ArrayLike | None = None) -> Floats:
    """Score participants by their values, less the mean (of their stratum)."""
    return _centred(_finite(values), strata)


def rank_scores(values: ArrayLike, *, strata: ArrayLike | None = None) -> Floats:
    """Score participants by the midrank of their value (within their stratum), less the mean rank."""
    numbers = _finite(values)
    ranks = np.empty(numbers.size)
    for members in _members(strata, numbers.size):
        ranks[members] = midranks(numbers[members])
    return _centred(ranks, strata)


def residual_scores(values: ArrayLike, covariates: ArrayLike, *, strata: ArrayLike | None = None) -> Floats:
    """Score participants by the residual of least squares on `covariates` (N or N x q) and a constant.

    The arm is not in the model. With `strata` each stratum has its own constant. `DataError` for lengths that
    differ and values that are not finite.
    """
    numbers = _finite(values)
    matrix = np.asarray(covariates, dtype=float).reshape(numbers.size, -1) if numbers.size else np.empty((0, 1))
    if not np.isfinite(matrix).all():
        raise DataError("covariates of a permutation test must be finite numbers. Got some that are not")
    columns = np.column_stack([_centred(column, strata) for column in matrix.T])
    target = _centred(numbers, strata)
    return np.asarray(target - columns @ np.linalg.lstsq(columns, target, rcond=None)[0])


def log_rank_scores(time: ArrayLike, event: ArrayLike, *, strata: ArrayLike | None = None) -> Floats:
    """Score participants by their event (0 or 1) less the events expected by their time (within their stratum).

    Expected: the sum of d / n over event times up to one's own (Nelson and Aalen). `DataError` for lengths that
    differ and events other than 0 and 1.
    """
    times, events = _finite(time), _finite(event)
    if times.shape != events.shape or not np.isin(events, (0.0, 1.0)).all():
        raise DataError("log-rank scores need as many events as times, each 0 or 1. Got others")
    scores = np.empty(times.size)
    for members in _members(strata, times.size):
        distinct, place = np.unique(times[members], return_inverse=True)
        happened = np.bincount(place, weights=events[members], minlength=distinct.size)
        leaving = np.bincount(place, minlength=distinct.size)
        at_risk = members.size - np.concatenate([[0], np.cumsum(leaving)[:-1]])
        scores[members] = events[members] - np.cumsum(happened / at_risk)[place]
    return _centred(scores, strata)


def compare_arms(scores: ArrayLike, arms: Sequence[object]) -> ScoreStatistic:
    """Make the statistic that compares `scores` between `arms`: the first minus the second, or all of several.

    `DataError` for fewer than two arms.
    """
    if len(set(arms)) < 2 or len(set(arms)) != len(arms):
        raise DataError(f"a permutation test compares two or more arms, each named once. Got {list(arms)}")
    return ScoreStatistic(_finite(scores), tuple(arms))


def _finite(values: ArrayLike) -> Floats:
    numbers = np.asarray(values, dtype=float)
    if numbers.ndim != 1 or numbers.size == 0 or not np.isfinite(numbers).all():
        raise DataError(
            "a permutation test needs a list of finite numbers, one a participant; impute or drop the missing. "
            f"Got {numbers.size} with {int((~np.isfinite(numbers)).sum())} that are not finite"
        )
    return numbers


def _members(strata: ArrayLike | None, n: int) -> list[NDArray[np.intp]]:
    if strata is None:
        return [np.arange(n)]
    labels = pl.Series("strata", np.asarray(strata).tolist())
    if labels.len() != n or labels.null_count():
        raise DataError(f"strata must name one for each of the {n} participants. Got {labels.drop_nulls().len()}")
    codes = labels.rank("dense").to_numpy()
    return [np.flatnonzero(codes == code) for code in np.unique(codes)]


def _centred(values: Floats, strata: ArrayLike | None) -> Floats:
    centred = values.copy()
    for members in _members(strata, values.size):
        centred[members] -= values[members].mean()
    return centred
