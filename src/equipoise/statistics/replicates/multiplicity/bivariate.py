"""The larger of two correlated t statistics, in each of many trials: its upper tail and its quantile.

With phi = arccos(rho) / 2 and nu degrees of freedom, P(max T >= c) = P(T >= c) + (1 / pi) times the integral over
s from 0 to phi of (1 + c^2 / (nu cos^2 s))^(-nu/2); P(max |T| >= c) is P(|T| >= c) plus (2 / pi) times the same
integral less that with sin in place of cos. It is the derivative of the bivariate t distribution by its
correlation (Plackett 1954; Dunnett and Sobel 1954), integrated from 1 down to rho. The integral with sin becomes,
by x = c cot s, that of c / (c^2 + x^2) times a smooth function; next to c = 0 the arctangents are taken out of it.
Error below 1e-10. Checked against `multivariate.t_maximum_p`.
"""

import numpy as np
from numpy.polynomial import legendre
from scipy import special

from equipoise.statistics.distributions import Floats, t_quantile
from equipoise.statistics.replicates.tails import t_outside

STEPS = 5
# below, the arctangents are taken out
NEAR = 1.0
FEW, MANY = ((0.5 * (x + 1.0), 0.5 * w) for x, w in (legendre.leggauss(20), legendre.leggauss(40)))


def larger_exceeds(critical: Floats, correlation: Floats, df: Floats, *, two_sided: bool) -> Floats:
    """Find the probability that the larger of two t statistics is at least `critical`; of |t| if `two_sided`.

    Arrays of one length; `df` may be infinite, `critical` is 0 or above where two-sided.
    """
    angle = 0.5 * np.arccos(np.clip(np.abs(correlation) if two_sided else correlation, -1.0, 1.0))
    single = t_outside(critical, df)
    if not two_sided:
        single = np.where(critical > 0, 0.5 * single, 1.0 - 0.5 * single)
    c2 = critical * critical
    nodes, weights = FEW
    kernel = np.exp(_log_kernel(c2[:, None] / np.cos(angle[:, None] * nodes) ** 2, df))
    # a sum of each row by itself: a matrix product would round by the rows beside it
    by_cos = angle * (kernel * weights).sum(axis=1)
    if not two_sided:
        return np.asarray(np.minimum(single + by_cos / np.pi, 1.0))
    return np.asarray(np.minimum(single + 2.0 / np.pi * (by_cos - _by_sin(critical, angle, df)), 1.0))


def larger_quantile(level: float, correlation: Floats, df: Floats) -> Floats:
    """Find c with P(max |T| <= c) = `level` (0.5 to 1) for each correlation.

    Newton's method on the log of the tail; its derivative is the density of one statistic at +-c, times the
    probability that the other is smaller.
    """
    alpha = 1.0 - level
    rho = np.abs(correlation)
    critical = -t_quantile(np.full(df.shape, alpha / 4.0), df)
    spread = np.sqrt(1.0 - rho**2)
    limit = np.isinf(df)
    freedom = np.where(limit, 1.0, df)
    at_nought = np.exp(_log_density_at_nought(df))
    # the tail is so near a line in log-log that a fixed number of steps is enough for all
    for _ in range(STEPS):
        tail = larger_exceeds(critical, rho, df, two_sided=True)
        kernel = np.exp(_log_kernel((critical**2)[:, None], df)[:, 0])
        density = at_nought * np.where(limit, kernel, kernel / np.sqrt(1.0 + critical**2 / freedom))
        scale = spread * np.where(limit, 1.0, np.sqrt((freedom + critical**2) / (freedom + 1.0)))
        with np.errstate(divide="ignore", invalid="ignore"):
            inside = 1.0 - 0.5 * sum(
                t_outside(np.where(scale > 0, critical * (1.0 + sign * rho) / scale, np.inf), df + 1.0)
                for sign in (1.0, -1.0)
            )
        slope = 4.0 * density * inside
        critical = critical + (np.log(tail) - np.log(alpha)) * tail / slope
    return critical


def _by_sin(critical: Floats, angle: Floats, df: Floats) -> Floats:
    c = np.maximum(critical, 1e-100)[:, None]
    c2 = c * c
    nodes, weights = MANY
    start = c[:, 0] / np.tan(np.maximum(angle, 1e-100))
    cot = 1.0 / np.tan(np.arctan2(1.0, start)[:, None] * nodes)
    y = np.maximum(c2 + cot * cot, 1e-300)
    near = c[:, 0] < NEAR
    kernel = _log_kernel(y, df)
    smooth = np.where(near[:, None], np.expm1(kernel) / y + 1.0 / (1.0 + y), np.exp(kernel) / y)
    rest = c[:, 0] * np.arctan2(1.0, start) * (smooth * (1.0 + cot * cot) * weights).sum(axis=1)
    root = np.sqrt(1.0 + c2[:, 0])
    return np.asarray(np.where(near, angle - c[:, 0] / root * np.arctan2(root, start), 0.0) + rest)


def _log_kernel(square: Floats, df: Floats) -> Floats:
    """Log of (1 + square / nu)^(-nu/2) for squares T x k."""
    limit = np.isinf(df)
    freedom = np.where(limit, 1.0, df)[:, None]
    return np.where(limit[:, None], -0.5 * square, -0.5 * freedom * np.log1p(square / freedom))


def _log_density_at_nought(df: Floats) -> Floats:
    limit = np.isinf(df)
    nu = np.where(limit, 1.0, df)
    student = special.gammaln(0.5 * (nu + 1.0)) - special.gammaln(0.5 * nu) - 0.5 * np.log(nu * np.pi)
    return np.asarray(np.where(limit, -0.5 * np.log(2.0 * np.pi), student))
