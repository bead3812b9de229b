"""Permuted blocks of fixed or random sizes.

Within a block of size b = R m every order of m r_k places for each arm k is equally likely; with several sizes
each block's size is drawn, all equally likely. Source: Zelen, Journal of Chronic Diseases 1974;27:365-375;
Rosenberger and Lachin, Randomization in Clinical Trials, 2nd ed., Wiley 2016, chapter 3. Where sizes are random,
the probability of the next arm is that of somebody who knows the possible sizes and all arms so far, but not where
blocks began: each possible beginning and size of the current block is carried along with its probability. Checked
by enumeration in R.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from equipoise.errors import DataError
from equipoise.randomisation.schemes.scheme import (
    Integers,
    StratumScheme,
    next_given,
    pick,
    require_allocation,
)
from equipoise.randomisation.schemes.unrestricted import require_multiple
from equipoise.randomisation.strata import require_factors
from equipoise.statistics.distributions import Floats


@dataclass(frozen=True)
class PermutedBlocks(StratumScheme):
    """Blocks of one of `sizes`, each a multiple of the ratio's sum (`DataError` else); a list for each stratum."""

    sizes: tuple[int, ...]

    method = "permuted blocks"
    version = "permuted-blocks/1"

    def __post_init__(self) -> None:
        """Refuse a size that the ratio does not divide, and sizes that repeat."""
        super().__post_init__()
        if not self.sizes or len(set(self.sizes)) != len(self.sizes):
            raise DataError(f"permuted blocks need sizes, each named once, such as (4, 6). Got {self.sizes}")
        for size in self.sizes:
            require_multiple("size of a block", size, self.parts)

    def draw(self, rng: np.random.Generator, factors: ArrayLike) -> Integers:
        """Draw allocations as every scheme does."""
        return self.draw_blocks(rng, factors)[0]

    def draw_blocks(self, rng: np.random.Generator, factors: ArrayLike) -> tuple[Integers, Integers]:
        """Draw allocations, and the number of each participant's block in its stratum, from 1 on; both T x n."""
        cells, size = self._cells(require_factors(factors))
        quotas = np.outer(self.parts, np.array(self.sizes) // sum(self.parts))
        n, _, trials = cells.shape
        left, block = np.zeros((self.arms, size)), np.zeros(size, dtype=np.int64)
        allocation, blocks = np.empty((n, trials), dtype=np.int64), np.empty((n, trials), dtype=np.int64)
        columns = np.arange(trials)
        for entry in range(n):
            at = cells[entry, 0]
            here = left[:, at]
            fresh = np.flatnonzero(here.sum(axis=0) == 0)
            if fresh.size:
                here[:, fresh] = quotas[:, self._draw_sizes(rng, fresh.size)]
                block[at[fresh]] += 1
            arm = pick(rng.random((trials,)), here)
            here[arm, columns] -= 1.0
            left[:, at] = here
            allocation[entry], blocks[entry] = arm, block[at]
        return np.ascontiguousarray(allocation.T), np.ascontiguousarray(blocks.T)

    def _draw_sizes(self, rng: np.random.Generator, count: int) -> Integers:
        """Draw positions of sizes; a single size takes no uniform number."""
        if len(self.sizes) == 1:
            return np.zeros(count, dtype=np.int64)
        return np.floor(rng.random(count) * len(self.sizes)).astype(np.int64)

    def probabilities(self, allocation: ArrayLike, factors: ArrayLike) -> Floats:
        """Find the exact probabilities; with several sizes those of one who does not see where blocks begin."""
        if len(self.sizes) == 1:
            return super().probabilities(allocation, factors)
        levels = require_factors(factors)
        given = require_allocation(allocation, levels.shape, self.arms)
        cells, size = self._cells(levels)
        found = np.empty((*levels.shape[:2], self.arms))
        sight = _Sight(self, size)
        for entry in range(levels.shape[1]):
            at = cells[entry, 0]
            found[:, entry] = sight.chances(at)
            sight.see(at, next_given(found[:, entry], given, entry))
        return found

    def _weigh_stratum(self, counts: Floats) -> Floats:
        if len(self.sizes) > 1:
            raise DataError(
                "with blocks of several sizes the next arm depends on the order of those before; "
                f"use probabilities. Got sizes {list(self.sizes)}"
            )
        total = counts.sum(axis=0)
        quota = np.array(self.parts, dtype=float)[:, None] * (self.sizes[0] // sum(self.parts))
        return np.asarray(quota * (np.floor(total / self.sizes[0]) + 1.0) - counts)


class _Sight:
    """What can be known of the current block in each of M cells: how long ago it began, and its size.

    belief: places since the beginning x sizes x M, the joint probabilities; taken: places x arms x M, arms given
    since then.
    """

    def __init__(self, scheme: PermutedBlocks, cells: int) -> None:
        longest, count = max(scheme.sizes), len(scheme.sizes)
        self.sizes = np.array(scheme.sizes)
        self.quotas = np.outer(scheme.parts, self.sizes // sum(scheme.parts)).astype(float)
        self.belief = np.zeros((longest, count, cells))
        self.belief[0] = 1.0 / count
        self.taken = np.zeros((longest, len(scheme.parts), cells))

    def _shares(self, at: Integers) -> Floats:
        """Probability of each arm under each belief: places x sizes x arms x T, 0 where the block is over."""
        places = np.arange(self.belief.shape[0])
        left = np.maximum(self.sizes - places[:, None], 0).astype(float)[:, :, None, None]
        wanted = np.maximum(self.quotas.T[None, :, :, None] - self.taken[:, None, :, at], 0.0)
        return np.asarray(np.divide(wanted, left, out=np.zeros_like(wanted), where=left > 0))

    def chances(self, at: Integers) -> Floats:
        """Probability of each arm in the cells `at`, T x arms."""
        weighed = np.einsum("psat,pst->ta", self._shares(at), self.belief[:, :, at])
        return np.asarray(weighed / weighed.sum(axis=1, keepdims=True))

    def see(self, at: Integers, arm: Integers) -> None:
        """Take in that the next participant of each of the cells `at` got `arm`."""
        columns = np.arange(at.size)
        shares = self._shares(at).transpose(0, 1, 3, 2)[:, :, columns, arm]
        after = self.belief[:, :, at] * shares
        after /= after.sum(axis=(0, 1))
        full = np.arange(after.shape[0])[:, None] + 1 == self.sizes
        ended = after[full].sum(axis=0)
        after[full] = 0.0
        moved = np.zeros_like(after)
        moved[1:] = after[:-1]
        moved[0] = ended / self.sizes.size
        self.belief[:, :, at] = moved
        taken = self.taken[:, :, at]
        taken[:, arm, columns] += 1.0
        taken[1:] = taken[:-1]
        taken[0] = 0.0
        self.taken[:, :, at] = taken
