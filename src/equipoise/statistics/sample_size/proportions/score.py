"""Two proportions under a hypothesis: constrained estimates, and the variance they give to a difference or ratio.

The proportions expected under the alternative, weighted by the sizes of the arms, are moved to the nearest pair
(in likelihood) whose difference, ratio or odds ratio is the one tested: Farrington and Manning, Statistics in
Medicine 1990;9:1447-54. Closed forms: Miettinen and Nurminen, Statistics in Medicine 1985;4:213-26. A difference
of 0, or a ratio of 1, gives the pooled proportion.
"""

import numpy as np

from equipoise.statistics.distributions import Floats

Pair = tuple[Floats, Floats]


def constrained_difference(p1: Floats, p2: Floats, ratio: float, null: float) -> Pair:
    """Estimate both proportions given p1 - p2 = `null`; `ratio` is the size of arm 1 to arm 2."""
    if null == 0.0:
        pooled = (ratio * p1 + p2) / (ratio + 1.0)
        return pooled, pooled
    n = ratio + 1.0
    x1, x2 = ratio * p1, np.asarray(p2, dtype=float)
    x = x1 + x2
    second = (ratio + 2.0) * null - n - x
    first = (null - n - 2.0 * x2) * null + x
    constant = x2 * null * (1.0 - null)
    q = second**3 / (27.0 * n**3) - first * second / (6.0 * n**2) + constant / (2.0 * n)
    p = np.copysign(np.sqrt(np.maximum(second**2 / (9.0 * n**2) - first / (3.0 * n), 0.0)), q)
    cube = np.where(p == 0.0, 1.0, p**3)
    turn = np.where(p == 0.0, np.pi / 2.0, np.arccos(np.clip(q / cube, -1.0, 1.0)))
    control = 2.0 * p * np.cos((np.pi + turn) / 3.0) - second / (3.0 * n)
    control = np.clip(control, max(0.0, -null), min(1.0, 1.0 - null))
    return control + null, control


def constrained_ratio(p1: Floats, p2: Floats, ratio: float, null: float) -> Pair:
    """Estimate both proportions given p1 / p2 = `null`; `ratio` is the size of arm 1 to arm 2."""
    n = ratio + 1.0
    x1, x2 = ratio * p1, np.asarray(p2, dtype=float)
    linear = ratio * null + x1 + 1.0 + x2 * null
    root = np.sqrt(np.maximum(linear**2 - 4.0 * n * null * (x1 + x2), 0.0))
    control = 2.0 * (x1 + x2) / (linear + root)
    return np.minimum(null * control, 1.0), control


def constrained_odds(p1: Floats, p2: Floats, ratio: float, null: float) -> Pair:
    """Estimate both proportions given an odds ratio of `null`; `ratio` is the size of arm 1 to arm 2."""
    if null == 1.0:
        return constrained_difference(p1, p2, ratio, 0.0)
    x = ratio * p1 + p2
    linear = 1.0 + x + null * (ratio - x)
    root = np.sqrt(linear**2 + 4.0 * (null - 1.0) * x)
    control = 2.0 * x / (linear + root)
    return null * control / (1.0 + control * (null - 1.0)), control


def spread(p: Floats) -> Floats:
    """Variance p (1 - p) of one binary value."""
    return p * (1.0 - p)
