"""The next participant's arm, where there is no list: minimisation as participants come.

The draw is kept with everything it came from, so that it can be checked afterwards: the imbalance that each arm
would have led to, the probabilities, and the uniform number.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from equipoise.randomisation.schemes import Minimisation
from equipoise.randomisation.schemes.scheme import pick
from equipoise.statistics.distributions import Floats


@dataclass(frozen=True, eq=False)
class NextAllocation:
    """The arm drawn (position); by arm the imbalance it would lead to and its probability; the uniform number."""

    arm: int
    imbalance: Floats
    probabilities: Floats
    uniform: float


def draw_next(scheme: Minimisation, counts: ArrayLike, rng: np.random.Generator) -> NextAllocation:
    """Draw the arm of the next participant.

    `counts` (factors x arms): the numbers in the arms among those who share the participant's level of each
    factor. `DataError` for counts of another shape.
    """
    chances = scheme.chances(counts)
    uniform = rng.random()
    arm = int(pick(np.array([uniform]), chances[:, None])[0])
    return NextAllocation(arm, scheme.imbalance(counts), chances, uniform)


def count_sharing(allocation: ArrayLike, factors: ArrayLike, participant: ArrayLike, arms: int) -> Floats:
    """Count, by factor and arm, those so far who share the level of the participant: factors x arms.

    `allocation` (n) and `factors` (n x k) are of those so far, `participant` (k) holds the levels of the next.
    """
    given, levels, own = np.asarray(allocation), np.asarray(factors), np.asarray(participant)
    shares = levels == own
    return np.stack([shares[given == arm].sum(axis=0) for arm in range(arms)], axis=1).astype(float)
