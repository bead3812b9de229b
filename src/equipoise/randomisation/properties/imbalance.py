"""Imbalance over time: the largest difference of the numbers in the arms, each divided by the arm's share.

With two equal arms it is the absolute difference of the numbers; with shares r_k (in lowest terms) it is max N_k
/ r_k - min N_k / r_k. Source: Rosenberger and Lachin, Randomization in Clinical Trials, 2nd ed., Wiley 2016,
chapter 3; the range as in Pocock and Simon, Biometrics 1975;31:103-115.
"""

import numpy as np

from equipoise.randomisation.schemes import Scheme
from equipoise.randomisation.strata import Integers, combine_levels
from equipoise.statistics.distributions import Floats


def measure_imbalance(scheme: Scheme, allocation: Integers) -> Floats:
    """Find the imbalance of each trial after each entry, T x n, of an allocation drawn by `scheme` (T x n)."""
    low = np.full(allocation.shape, np.inf)
    high = np.zeros(allocation.shape)
    for arm, share in enumerate(scheme.parts):
        scaled = np.cumsum(allocation == arm, axis=1) / share
        np.minimum(low, scaled, out=low)
        np.maximum(high, scaled, out=high)
    return np.asarray(high - low)


def measure_stratum_imbalance(scheme: Scheme, allocation: Integers, levels: Integers) -> Floats:
    """Find the largest imbalance of any stratum of each trial after each entry, T x n.

    `levels` (T x n x k) holds the factors; a stratum is a combination of their levels.
    """
    strata, count = combine_levels(levels)
    trials, n = strata.shape
    rows, shares = np.arange(trials), np.array(scheme.parts)
    counts = np.zeros((trials, count, scheme.arms))
    current, worst = np.zeros((trials, count)), np.empty((trials, n))
    for entry in range(n):
        stratum = strata[:, entry]
        counts[rows, stratum, allocation[:, entry]] += 1.0
        scaled = counts[rows, stratum] / shares
        current[rows, stratum] = scaled.max(axis=1) - scaled.min(axis=1)
        worst[:, entry] = current.max(axis=1)
    return worst
