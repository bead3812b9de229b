"""Group sequential trials by the thousand: where z leaves the bounds, from data or from score increments alone.

The score at information I is normal with mean theta I and variance I, and its increments are independent; so with
shares t_k of the maximum, Z_k sqrt(t_k) = sum_{i <= k} sqrt(t_i - t_{i-1}) N_i + drift t_k, without a participant
(Jennison and Turnbull 2000, chapter 3). Checked against the probabilities that `exits` of the design integrates,
and R rpact's simulation.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from equipoise.errors import DataError
from equipoise.statistics.arrays import read_floats
from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import Codes
from equipoise.statistics.replicates.trials import Booleans
from equipoise.statistics.sequential import GroupSequential

AT_ONCE = 4_096


@dataclass(frozen=True, eq=False)
class SequentialReplicates:
    """How T group sequential trials ended.

    `stage`: the look (1 for the first) at which each stopped, the last one where no bound was crossed before;
    `rejected`: the upper bound was crossed there; `below`: the lower bound was, for futility, harm or, two-sided,
    in the other direction; `information`: share of the maximum spent.
    """

    stage: Codes
    rejected: Booleans
    below: Booleans
    information: Floats


def apply_bounds(z: ArrayLike, design: GroupSequential) -> SequentialReplicates:
    """Follow `z` (T x looks of the design) of each trial to the first look that is not between the bounds.

    A look with NaN, as of a trial that could not be analysed then, is passed. Lower bounds are obeyed, also where
    the design does not bind. Raises `DataError` for another shape.
    """
    value = read_floats(z, "z")
    if value.ndim != 2 or value.shape[1] != design.looks:
        raise DataError(f"z must be an array of trials x {design.looks} looks. Got the shape {value.shape}")
    return _follow(value.T, design)


def draw_group_sequential(
    design: GroupSequential, drift: float, trials: int, rng: np.random.Generator
) -> SequentialReplicates:
    """Draw `trials` trials with `drift` (mean of z at the maximum information) and follow each to its end.

    Raises `DataError` for a number of trials below 1, or a drift that is not finite.
    """
    if trials < 1 or not np.isfinite(drift):
        raise DataError(f"there must be 1 or more trials and a finite drift. Got {trials} and {drift}")
    rates = np.asarray(design.information_rates)
    step, root = np.sqrt(np.diff(rates, prepend=0.0)), np.sqrt(rates)
    parts = []
    for start in range(0, trials, AT_ONCE):
        # a row a look; each block of trials takes its numbers in turn
        score = rng.standard_normal((design.looks, min(AT_ONCE, trials - start)))
        score *= step[:, None]
        np.cumsum(score, axis=0, out=score)
        score /= root[:, None]
        score += (drift * root)[:, None]
        parts.append(_follow(score, design))
    return SequentialReplicates(
        np.concatenate([part.stage for part in parts]),
        np.concatenate([part.rejected for part in parts]),
        np.concatenate([part.below for part in parts]),
        np.concatenate([part.information for part in parts]),
    )


def _follow(z: Floats, design: GroupSequential) -> SequentialReplicates:
    """Follow z, looks x T."""
    above = z >= np.asarray(design.upper)[:, None]
    below = z <= np.asarray(design.lower)[:, None]
    left = above | below
    left[-1] = True
    look = left.argmax(axis=0)
    trial = np.arange(look.size)
    return SequentialReplicates(
        look + 1, above[look, trial], below[look, trial], np.take(np.asarray(design.information_rates), look)
    )
