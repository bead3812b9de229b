"""What every scheme of randomisation has: the arms' ratio, draws of whole allocations, exact probabilities.

Participants come one after the other, and each gets an arm with probabilities that depend on the arms of those
before: on their numbers in the participant's stratum, or, for minimisation, in each level of each factor that the
participant has. One walk over the entries serves both the draws and the probabilities, for a batch of trials at
once. An arm is drawn by comparing one uniform number with the cumulated weights, and nothing but uniform numbers
is taken from the generator, so that a draw is pinned by the stream of the bit generator alone.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import gcd
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.errors import DataError
from equipoise.randomisation.strata import combine_levels, require_factors
from equipoise.statistics.distributions import Floats

Integers = NDArray[np.int64]
# the arm of each trial's next participant: from its place in the order of entry and the weights (arms x trials)
Choice = Callable[[int, Floats], Integers]


@dataclass(frozen=True)
class Scheme(ABC):
    """A way to allocate participants to arms in the ratio `ratio` (a whole number from 1 on for each arm)."""

    ratio: tuple[int, ...]

    method: ClassVar[str]
    """Name of the method in the protocol."""
    version: ClassVar[str]
    """Name and version of the algorithm: it changes whenever the same uniform numbers give another allocation."""

    def __post_init__(self) -> None:
        """Refuse (`DataError`) fewer than two arms, and shares that are not whole numbers from 1 on."""
        if len(self.ratio) < 2 or not all(isinstance(share, int) and share >= 1 for share in self.ratio):
            raise DataError(
                "the ratio of a scheme must be two or more whole numbers from 1 on, such as (1, 1). "
                f"Got {self.ratio}"
            )

    @cached_property
    def parts(self) -> tuple[int, ...]:
        """The ratio in lowest terms."""
        divisor = gcd(*self.ratio)
        return tuple(share // divisor for share in self.ratio)

    @property
    def arms(self) -> int:
        """Number of arms."""
        return len(self.ratio)

    def draw(self, rng: np.random.Generator, factors: ArrayLike) -> Integers:
        """Draw allocations of T trials: positions of arms, T x n, participants in the order of entry.

        `factors` (integers from 0 on, T x n x k) holds the level of each of k factors; k may be 0. `DataError` for
        factors of another shape, and for a list that is shorter than its stratum.
        """
        levels = require_factors(factors)
        return self._walk(levels, lambda _, weights: pick(rng.random((weights.shape[1],)), weights))

    def probabilities(self, allocation: ArrayLike, factors: ArrayLike) -> Floats:
        """Find the exact probability of each arm for each participant given those before, T x n x arms.

        `allocation` holds the arms given, T x n, or T x (n - 1) where the last participant is still to come;
        `factors` is that of `draw`. The product over entries of the probability of the arm given is the
        probability of the whole allocation. `DataError` for an allocation that the scheme cannot give.
        """
        levels = require_factors(factors)
        given = require_allocation(allocation, levels.shape, self.arms)
        found = np.empty((*levels.shape[:2], self.arms))

        def follow(entry: int, weights: Floats) -> Integers:
            found[:, entry] = (weights / weights.sum(axis=0)).T
            return next_given(found[:, entry], given, entry)

        self._walk(levels, follow)
        return found

    def _walk(self, levels: Integers, choose: Choice) -> Integers:
        """Go through the entries; counts of the cells that a participant belongs to lead to the weights."""
        trials, n, _ = levels.shape
        cells, size = self._cells(levels)
        if self._places is not None:
            require_list(cells, self._places, self.method)
        counts = np.zeros((self.arms, size))
        allocation = np.empty((n, trials), dtype=np.int64)
        for entry in range(n):
            at = cells[entry]
            arm = choose(entry, self._weigh(counts[:, at]))
            counts[arm, at] += 1.0
            allocation[entry] = arm
        return np.ascontiguousarray(allocation.T)

    @abstractmethod
    def _cells(self, levels: Integers) -> tuple[Integers, int]:
        """Give the cells in which each participant is counted, n x cells of one x T, and how many there are."""

    @abstractmethod
    def _weigh(self, counts: Floats) -> Floats:
        """Weigh the arms, arms x T, from the counts in the participant's cells, arms x cells of one x T."""

    @property
    def _places(self) -> int | None:
        """Places of the list of a stratum, where it has an end."""
        return None


class StratumScheme(Scheme):
    """A scheme that works apart in every stratum, a combination of the levels of all factors."""

    def chances(self, counts: ArrayLike) -> Floats:
        """Find the probability of each arm for the next participant of a stratum with these numbers in the arms.

        `counts`: ... x arms; so is the result. `DataError` for numbers that the scheme cannot give.
        """
        before = np.asarray(counts, dtype=float)
        if not before.ndim or before.shape[-1] != self.arms or not (np.isfinite(before) & (before >= 0)).all():
            raise DataError(f"counts need a number from 0 on for each of {self.arms} arms. Got {before.tolist()}")
        weights = self._weigh_stratum(before.reshape(-1, self.arms).T)
        total = weights.sum(axis=0)
        if not ((weights >= 0).all() and (total > 0).all()):
            raise DataError(f"{self.method} cannot lead to these numbers in the arms. Got {before.tolist()}")
        return np.asarray((weights / total).T.reshape(before.shape))

    @abstractmethod
    def _weigh_stratum(self, counts: Floats) -> Floats:
        """Weigh the arms from the counts in the stratum, both arms x T."""

    def _weigh(self, counts: Floats) -> Floats:
        return self._weigh_stratum(counts[:, 0])

    def _cells(self, levels: Integers) -> tuple[Integers, int]:
        strata, count = combine_levels(levels)
        trials = strata.shape[0]
        cells = np.arange(trials) * count + strata.T
        return cells[:, None], trials * count


def pick(uniform: Floats, weights: Floats) -> Integers:
    """Pick an arm for each of T uniform numbers (0 to below 1) by its weights, arms x T from 0 on."""
    cumulated = np.cumsum(weights, axis=0)
    point = uniform * cumulated[-1]
    # an arm of weight 0 is never passed over to: the point lies below the total whatever the rounding
    return np.asarray((point >= cumulated[:-1]).sum(axis=0), dtype=np.int64)


def require_allocation(allocation: ArrayLike, shape: tuple[int, ...], arms: int) -> Integers:
    """Return positions of arms as integers; `DataError` unless there is one from 0 to arms - 1 for each entry.

    The entries are those of factors of `shape`; the last may be missing.
    """
    given = np.asarray(allocation)
    fits = given.ndim == 2 and given.shape[0] == shape[0] and given.shape[1] in (shape[1], shape[1] - 1)
    if not fits or (given.size and not (given.dtype.kind in "iu" and 0 <= given.min() <= given.max() < arms)):
        raise DataError(
            f"an allocation must hold a position of an arm, 0 to {arms - 1}, for each of "
            f"{shape[0]} trials x {shape[1]} participants. Got {given.dtype} of shape {given.shape}"
        )
    return given.astype(np.int64)


def next_given(chances: Floats, given: Integers, entry: int) -> Integers:
    """Return the arms given at `entry`; an arm that is possible where the participant is still to come.

    `chances` is T x arms. `DataError` for an arm that has none.
    """
    if entry == given.shape[1]:
        return np.asarray(chances.argmax(axis=1), dtype=np.int64)
    arm = given[:, entry]
    if not (chances[np.arange(arm.size), arm] > 0).all():
        raise DataError(
            "the allocation must be one that the scheme can give, with the factors in the same order. "
            f"Got an arm of probability 0 for participant {entry + 1}"
        )
    return arm


def require_list(cells: Integers, size: int, method: str) -> None:
    """Refuse (`DataError`) more participants in a stratum than its list has places."""
    longest = int(np.bincount(cells.ravel()).max(initial=0))
    if longest > size:
        raise DataError(
            f"{method} has a list of {size} places for each stratum; make it longer. "
            f"Got {longest} participants in one"
        )
