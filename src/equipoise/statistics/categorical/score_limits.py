"""Score intervals of Miettinen and Nurminen (Statistics in Medicine 1985;4:213-26) for two proportions.

For a value of the difference, ratio or odds ratio the two proportions are estimated under it (closed forms), the
score statistic takes its variance there, widened by N / (N - 1), and the interval holds the values not rejected.
The limits solve z(value) = +-critical. Without the widening they are those of Mee (1984) for a
difference and Koopman (1984) for a ratio, here `score`. Checked against R: `gsDesign::ciBinomial` (without it)
and a program that finds the constrained estimates by root finding.
"""

from collections.abc import Callable

import numpy as np
from scipy import optimize

from equipoise.statistics.confidence import critical_value

# x1 of n1 in the arm, x0 of n0 in the arm it is compared with
FourCounts = tuple[float, float, float, float]
Score = Callable[[float, FourCounts], float]


def critical_score(level: float, counts: FourCounts, method: str) -> float:
    """Find the critical value at `level`; method `score` undoes the widening of the variance."""
    n = counts[1] + counts[3]
    return critical_value(level) * (1.0 if method == "miettinen-nurminen" else float(np.sqrt((n - 1.0) / n)))


def difference_score(difference: float, counts: FourCounts) -> float:
    """Score statistic of a risk difference (-1 to 1)."""
    x1, n1, x0, n0 = counts
    n, x = n1 + n0, x1 + x0
    second = (n1 + 2.0 * n0) * difference - n - x
    first = (n0 * difference - n - 2.0 * x0) * difference + x
    constant = x0 * difference * (1.0 - difference)
    q = second**3 / (27.0 * n**3) - first * second / (6.0 * n**2) + constant / (2.0 * n)
    p = np.copysign(np.sqrt(max(second**2 / (9.0 * n**2) - first / (3.0 * n), 0.0)), q)
    turn = np.arccos(np.clip(q / p**3, -1.0, 1.0)) if p != 0 else np.pi / 2.0
    p0 = 2.0 * p * np.cos((np.pi + turn) / 3.0) - second / (3.0 * n)
    p0 = min(max(p0, 0.0, -difference), 1.0, 1.0 - difference)
    p1 = p0 + difference
    return _ratio(x1 / n1 - x0 / n0 - difference, p1 * (1.0 - p1) / n1 + p0 * (1.0 - p0) / n0, n)


def ratio_score(log_ratio: float, counts: FourCounts) -> float:
    """Score statistic of a risk ratio, given by its logarithm."""
    x1, n1, x0, n0 = counts
    n, ratio = n1 + n0, float(np.exp(log_ratio))
    linear = n1 * ratio + x1 + n0 + x0 * ratio
    # the smaller root, in the form without cancellation
    p0 = 2.0 * (x1 + x0) / (linear + np.sqrt(max(linear**2 - 4.0 * n * ratio * (x1 + x0), 0.0)))
    p1 = min(ratio * p0, 1.0)
    return _ratio(x1 / n1 - ratio * x0 / n0, p1 * (1.0 - p1) / n1 + ratio**2 * p0 * (1.0 - p0) / n0, n)


def odds_score(log_odds: float, counts: FourCounts) -> float:
    """Score statistic of an odds ratio, given by its logarithm."""
    x1, n1, x0, n0 = counts
    n, x, odds = n1 + n0, x1 + x0, float(np.exp(log_odds))
    linear = n0 + x + odds * (n1 - x)
    root = np.sqrt(linear**2 + 4.0 * n0 * (odds - 1.0) * x)
    p0 = 2.0 * x / (linear + root) if linear > 0 else (root - linear) / (2.0 * n0 * (odds - 1.0))
    p1 = odds * p0 / (1.0 + p0 * (odds - 1.0))
    spread = 1.0 / (n1 * p1 * (1.0 - p1)) + 1.0 / (n0 * p0 * (1.0 - p0))
    return float((x1 - n1 * p1) * np.sqrt(spread * (n - 1.0) / n))


def difference_limits(counts: FourCounts, z: float) -> tuple[float, float]:
    """Limits of the risk difference at the critical value `z`."""
    x1, n1, x0, n0 = counts
    estimate = x1 / n1 - x0 / n0
    edge = 1.0 - 1e-13

    def solve(sign: float, end: float) -> float:
        def excess(value: float) -> float:
            return difference_score(value, counts) - sign * z

        if abs(estimate) >= edge and np.sign(end) == np.sign(estimate):
            return end
        inner = min(max(estimate, -edge), edge)
        outer = end * edge
        if excess(outer) * sign <= 0:
            return end
        return float(optimize.brentq(excess, min(inner, outer), max(inner, outer), xtol=1e-14, rtol=1e-14))

    return solve(1.0, -1.0), solve(-1.0, 1.0)


def log_limits(score: Score, counts: FourCounts, z: float) -> tuple[float, float]:
    """Limits on the log scale of a ratio whose statistic falls as it grows; infinite where a count is 0."""
    x1, n1, x0, n0 = counts
    start = float(np.log((x1 + 0.5) / (n1 + 0.5) / ((x0 + 0.5) / (n0 + 0.5))))

    def solve(sign: float) -> float:
        inner = start
        # start on the side of the estimate, then go outwards until the statistic passes the critical value
        reach = 1.0
        while (score(inner, counts) - sign * z) * sign > 0:
            inner += sign * reach
            reach *= 2.0
        outer, reach = inner, 1.0
        while (score(outer, counts) - sign * z) * sign <= 0:
            outer -= sign * reach
            reach *= 2.0

        def excess(value: float) -> float:
            return score(value, counts) - sign * z

        return float(optimize.brentq(excess, min(inner, outer), max(inner, outer), xtol=1e-14, rtol=1e-14))

    none_below = x1 == 0 or (score is odds_score and x0 == n0)
    none_above = x0 == 0 or (score is odds_score and x1 == n1)
    return -np.inf if none_below else solve(1.0), np.inf if none_above else solve(-1.0)


def _ratio(distance: float, variance: float, n: float) -> float:
    if variance <= 0:
        return float(np.copysign(np.inf, distance)) if distance else 0.0
    return float(distance / np.sqrt(variance * n / (n - 1.0)))
