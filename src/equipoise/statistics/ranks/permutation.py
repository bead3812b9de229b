"""Exact permutation distributions of sums of whole scores, by dynamic programming.

Rank sum: walk through the N scores; after i of them the state is (how many were taken, their sum), and the
next one is taken with probability (m - taken) / (N - i). Signed rank: each score is taken with probability
1/2. Both are the shift algorithm of Streitberg and Roehmel (Statistical Software Newsletter 1986;12:10-7) in
probabilities, so nothing overflows and small tails keep their digits. Checked against R's `pwilcox`,
`psignrank` and coin's exact distribution with ties.
"""

import numpy as np
from numpy.typing import NDArray

from equipoise.errors import EstimationFailed
from equipoise.statistics.distributions import Floats

_MOST_STEPS = 5 * 10**9  # some ten seconds


def sum_distribution(scores: NDArray[np.int64], taken: int) -> Floats:
    """Find the probability of each sum of `taken` of the `scores` (whole, from 0), all choices equally likely.

    Returns an array indexed by the sum. Raises `EstimationFailed` where it would take minutes.
    """
    n = scores.size
    ordered = np.sort(scores)
    largest = int(ordered[n - taken :].sum())
    if n * (taken + 1) * (largest + 1) > _MOST_STEPS:
        raise EstimationFailed(
            f"an exact rank sum distribution takes too long for so many values; use asymptotic. Got {n} values"
        )
    table = np.zeros((taken + 2, largest + 1))
    table[0, 0] = 1.0
    for seen, score in enumerate(ordered.tolist()):
        # only these states can have come about and can still end with `taken`
        fewest, most = max(0, taken - (n - seen)), min(taken, seen)
        reach = int(ordered[seen - most : seen].sum()) + 1
        end = min(reach, largest + 1 - score)
        chance = ((taken - np.arange(fewest, most + 1)) / (n - seen))[:, None]
        states = table[fewest : most + 1, :reach]
        moved = states[:, :end] * chance
        states *= 1.0 - chance
        table[fewest + 1 : most + 2, score : score + end] += moved
    return np.asarray(table[taken], dtype=float)


def signed_distribution(scores: NDArray[np.int64]) -> Floats:
    """Find the probability of each sum of the `scores` (whole, above 0) that a fair coin takes.

    Returns an array indexed by the sum. Raises `EstimationFailed` where it would take minutes.
    """
    largest = int(scores.sum())
    if scores.size * (largest + 1) > _MOST_STEPS:
        raise EstimationFailed(
            f"an exact signed rank distribution takes too long for so many values; use asymptotic. "
            f"Got {scores.size} values"
        )
    table = np.zeros(largest + 1)
    table[0] = 1.0
    for score in scores.tolist():
        moved = 0.5 * table[: largest + 1 - score]
        table *= 0.5
        table[score:] += moved
    return table


def lower_quantile(distribution: Floats, probability: float) -> int:
    """Find the smallest value whose lower tail reaches `probability`, rounding of the tail forgiven."""
    return int(np.searchsorted(np.cumsum(distribution), probability * (1.0 - 64.0 * np.finfo(float).eps)))
