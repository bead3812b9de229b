"""All allocations of a trial with their exact probabilities, and random ones: what a re-randomisation test needs.

A re-randomisation test draws the arms anew by the method that the trial used, for the same participants in the
same order (Rosenberger and Lachin, Randomization in Clinical Trials, 2nd ed., Wiley 2016, chapter 6; ICH E9
5.7). `redraw_of` gives what `equipoise.statistics.permutation_test` draws with; for small trials
`enumerate_sequences` gives every allocation and its probability, so that p is exact.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.errors import DataError
from equipoise.randomisation.schemes import Scheme
from equipoise.randomisation.strata import Integers, require_factors
from equipoise.statistics.distributions import Floats
from equipoise.statistics.permutation.allocations import Redraw


def redraw_of(scheme: Scheme, factors: ArrayLike, arms: Sequence[object] | None = None) -> Redraw:
    """Make a `redraw(rng, size)` that allocates the same participants anew by `scheme`.

    `factors` (n x k) holds each participant's level of each factor in the order of entry; k may be 0. The rows
    hold `arms` (a label for each arm of the scheme), by default their positions. `DataError` for factors and
    labels that do not fit.
    """
    levels = _one_trial(factors)
    labels = np.arange(scheme.arms) if arms is None else np.array(list(arms))
    if len(labels) != scheme.arms:
        raise DataError(f"arms need a label for each of the scheme's {scheme.arms}. Got {len(labels)}")

    def redraw(rng: np.random.Generator, size: int) -> NDArray[Any]:
        return np.asarray(labels[scheme.draw(rng, np.broadcast_to(levels, (size, *levels.shape[1:])))])

    return redraw


def enumerate_sequences(scheme: Scheme, factors: ArrayLike, *, most: int = 200_000) -> tuple[Integers, Floats]:
    """List every allocation that `scheme` can give to n participants, a row each, with their probabilities.

    `factors` as in `redraw_of`. The rows are in lexicographic order of the positions of arms. `DataError` for
    more than `most` allocations: draw some instead.
    """
    levels = _one_trial(factors)
    sequences, chances = np.zeros((1, 0), dtype=np.int64), np.ones(1)
    for entry in range(levels.shape[1]):
        so_far = np.broadcast_to(levels[:, : entry + 1], (len(sequences), entry + 1, levels.shape[2]))
        following = scheme.probabilities(sequences, so_far)[:, -1]
        row, arm = np.nonzero(following)
        if row.size > most:
            raise DataError(f"all allocations can be listed up to {most}; draw random ones. Got more")
        sequences = np.column_stack([sequences[row], arm])
        chances = chances[row] * following[row, arm]
    return sequences, chances


def _one_trial(factors: ArrayLike) -> Integers:
    levels = np.asarray(factors)
    if levels.ndim != 2:
        raise DataError(
            "factors of one trial must be participants x factors (no factor: shape (n, 0)). "
            f"Got shape {levels.shape}"
        )
    return require_factors(levels[None])
