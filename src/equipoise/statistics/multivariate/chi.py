"""Averages over the estimated standard deviation: S = sqrt(chi-square / df), the denominator of Student's t.

With x = log S the density is proportional to exp(df (x - (exp(2x) - 1) / 2)); it and what is averaged are smooth
and fall off on both sides, so the trapezoid rule in x converges beyond any power of its step (Trefethen and
Weideman, SIAM Review 2014;56:385-458).
"""

import numpy as np

from equipoise.statistics.distributions import Floats

DEPTH = 46.0


def chi_nodes(df: float) -> tuple[Floats, Floats]:
    """Find values of S and weights (summing to 1) that average over it; one node at 1 for infinite `df`."""
    if np.isinf(df):
        return np.ones(1), np.ones(1)
    step = min(0.7 / np.sqrt(2.0 * df), 0.13)
    left, right = DEPTH / df + 0.5, np.sqrt(DEPTH / df)
    x = np.arange(-np.ceil(left / step), np.ceil(right / step) + 1.0) * step
    exponent = df * (x - 0.5 * np.expm1(2.0 * x))
    kept = exponent > -DEPTH
    weight = np.exp(exponent[kept])
    return np.exp(x[kept]), weight / weight.sum()
