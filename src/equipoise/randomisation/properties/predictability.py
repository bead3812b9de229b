"""How well the next arm can be guessed.

Convergence strategy (Blackwell and Hodges, Annals of Mathematical Statistics 1957;28:449-460): guess the arm
that is behind, a tie at random. Here an arm is behind whose number divided by its share is smallest; among arms
that are tied the one with the largest share is guessed, which with equal shares is the original strategy. The
guesser sees the participant's own stratum. A guesser who knows the method guesses the arm of the largest exact
probability. An allocation is deterministic if one arm has probability 1. Given the past, the probability of a
correct guess is exact; only the pasts are drawn. Checked against Zhao et al., Pharmaceutical Statistics
2012;11:39-48.
"""

from dataclasses import dataclass

import numpy as np

from equipoise.randomisation.schemes import Scheme
from equipoise.randomisation.strata import Integers, combine_levels
from equipoise.statistics.distributions import Floats

_CERTAIN = 1.0 - 1e-12


@dataclass(frozen=True, eq=False)
class Predictability:
    """Shares of each of T trials' allocations, from 0 to 1.

    correct: guessed by the convergence strategy; best: guessed by one who knows the method; deterministic:
    certain before they were made.
    """

    correct: Floats
    best: Floats
    deterministic: Floats


def measure_predictability(scheme: Scheme, allocation: Integers, levels: Integers) -> Predictability:
    """Find how predictable the allocations of T trials were (T x n), drawn by `scheme` with factors `levels`."""
    chances = scheme.probabilities(allocation, levels)
    strata, count = combine_levels(levels)
    trials, n = strata.shape
    rows, shares = np.arange(trials), np.array(scheme.parts)
    counts = np.zeros((trials, count, scheme.arms))
    correct = np.zeros(trials)
    for entry in range(n):
        scaled = counts[rows, strata[:, entry]] / shares
        behind = scaled <= scaled.min(axis=1, keepdims=True) + 1e-9
        preferred = np.where(behind, shares, 0)
        guessed = preferred == preferred.max(axis=1, keepdims=True)
        correct += (guessed * chances[:, entry]).sum(axis=1) / guessed.sum(axis=1)
        counts[rows, strata[:, entry], allocation[:, entry]] += 1.0
    largest = chances.max(axis=2)
    return Predictability(correct / n, largest.mean(axis=1), (largest > _CERTAIN).mean(axis=1))
