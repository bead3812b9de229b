"""Allocations that could have been: rearrangements of the labels that were given, all of them or random ones.

Rearranging the labels within each block (or stratum, or the whole trial) is the reference set of permuted blocks
and of complete randomisation with fixed numbers (Rosenberger and Lachin, Randomization in Clinical Trials, 2nd
ed., Wiley 2016, chapter 6). Other schemes have their own `redraw`.
"""

from collections.abc import Callable, Iterator
from itertools import product
from math import comb, prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.errors import DataError

Redraw = Callable[[np.random.Generator, int], NDArray[Any]]


def permute_within(allocation: ArrayLike, blocks: ArrayLike | None = None) -> Redraw:
    """Make a `redraw` that shuffles the labels of `allocation` within each of `blocks` (default: one block).

    Both have an entry for each participant. `DataError` if their lengths differ.
    """
    labels, members = _blocks(allocation, blocks)

    def redraw(rng: np.random.Generator, size: int) -> NDArray[Any]:
        drawn = np.broadcast_to(labels, (size, labels.size)).copy()
        for who in members:
            drawn[:, who] = rng.permuted(drawn[:, who], axis=1)
        return drawn

    return redraw


def count_allocations(allocation: ArrayLike, blocks: ArrayLike | None = None) -> int:
    """Count the distinct rearrangements of the labels within the blocks."""
    labels, members = _blocks(allocation, blocks)
    return prod(_multinomial(np.unique(labels[who], return_counts=True)[1]) for who in members)


def enumerate_allocations(
    allocation: ArrayLike, blocks: ArrayLike | None = None, *, most: int = 200_000
) -> NDArray[Any]:
    """List every distinct rearrangement of the labels within the blocks, a row each.

    `DataError` for more than `most` of them: draw some instead.
    """
    labels, members = _blocks(allocation, blocks)
    count = count_allocations(allocation, blocks)
    if count > most:
        raise DataError(f"all allocations can be listed up to {most}; draw random ones. Got {count}")
    parts = [np.array(list(_arrangements(labels[who])), dtype=labels.dtype) for who in members]
    every = np.empty((count, labels.size), dtype=labels.dtype)
    chosen = np.array(list(product(*(range(len(part)) for part in parts))))
    for place, (who, part) in enumerate(zip(members, parts, strict=True)):
        every[:, who] = part[chosen[:, place]]
    return every


def _blocks(allocation: ArrayLike, blocks: ArrayLike | None) -> tuple[NDArray[Any], list[NDArray[np.intp]]]:
    labels = np.asarray(allocation)
    if labels.ndim != 1 or labels.size == 0:
        raise DataError(f"an allocation must be a list with an arm for each participant. Got shape {labels.shape}")
    if blocks is None:
        return labels, [np.arange(labels.size)]
    of_block = np.asarray(blocks)
    if of_block.shape != labels.shape:
        raise DataError(f"blocks must name one for each of the {labels.size} participants. Got {of_block.size}")
    _, codes = np.unique(of_block, return_inverse=True)
    return labels, [np.flatnonzero(codes == code) for code in range(int(codes.max()) + 1)]


def _multinomial(sizes: NDArray[np.intp]) -> int:
    totals = np.cumsum(sizes)
    return prod(comb(int(total), int(size)) for total, size in zip(totals, sizes, strict=True))


def _arrangements(labels: NDArray[Any]) -> Iterator[list[Any]]:
    """Walk through the distinct orders of a few labels in dictionary order (Knuth, TAOCP 7.2.1.2, algorithm L)."""
    kinds, codes = np.unique(labels, return_inverse=True)
    order = sorted(codes.tolist())
    while True:
        yield [kinds[code] for code in order]
        at = next((i for i in range(len(order) - 2, -1, -1) if order[i] < order[i + 1]), None)
        if at is None:
            return
        other = next(i for i in range(len(order) - 1, at, -1) if order[at] < order[i])
        order[at], order[other] = order[other], order[at]
        order[at + 1 :] = reversed(order[at + 1 :])
