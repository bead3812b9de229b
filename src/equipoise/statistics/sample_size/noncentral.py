"""Power of t statistics: the noncentral t distribution, and averages over an estimated standard deviation.

T = (Z + ncp) / S, Z standard normal, S^2 an independent chi-square over its degrees of freedom. Tails come from
`scipy.special.nctdtr`, which agrees with R's `pt(ncp =)` to 2e-11 and with quadrature to 1e-12; R itself
approximates above ncp = 37.6. What depends on S in another way is averaged over its density by composite
Gauss-Legendre quadrature (Owen, Biometrika 1965;52:437-46).
"""

from functools import lru_cache
from math import inf, isfinite
from typing import cast

import numpy as np
from scipy import special

from equipoise.statistics.distributions import Floats, Number, normal_upper_p, t_quantile

PANELS = 24
NODES_A_PANEL = 16


def noncentral_t_upper(t: Number, df: float, ncp: float) -> Number:
    """Probability that noncentral t with `df` (may be infinite) exceeds `t`; a small tail keeps its digits."""
    value = np.asarray(t, dtype=float)
    if not isfinite(df):
        upper = special.ndtr(ncp - value)
    elif ncp < 0:
        upper = _lower(-value, df, -ncp)
    else:
        upper = 1.0 - _lower(value, df, ncp)
    return cast("Number", float(upper) if np.ndim(upper) == 0 else upper)


def t_power(ncp: float, df: float, level: float, *, both: bool = False) -> float:
    """Power of a t test at one-sided `level`; `both` adds the chance to reject on the wrong side."""
    critical = -t_quantile(level, df)
    power = noncentral_t_upper(critical, df, ncp)
    return power + noncentral_t_upper(critical, df, -ncp) if both else power


def normal_power(ncp: float, critical: float, *, both: bool = False) -> float:
    """Power of a normal statistic with mean `ncp` and variance 1; `both` adds the wrong side."""
    power = normal_upper_p(critical - ncp)
    return power + normal_upper_p(critical + ncp) if both else power


def chi_average_nodes(df: float, upper: float = inf) -> tuple[Floats, Floats]:
    """Values of S below `upper` and weights that sum to P(S < upper), for averages of smooth functions of S."""
    if not isfinite(df):
        return np.ones(1), np.ones(1)
    half = df / 2.0
    low = float(np.sqrt(special.gammaincinv(half, 1e-17) / half))
    high = min(upper, float(np.sqrt(special.gammainccinv(half, 1e-17) / half)))
    if high <= low:
        return np.ones(1), np.zeros(1)
    points, weights = _unit_rule()
    s = low + (high - low) * points
    log_density = (df - 1.0) * np.log(s) - half * (s * s - 1.0)
    density = weights * np.exp(log_density - log_density.max())
    share = float(special.gammainc(half, half * upper * upper)) if isfinite(upper) else 1.0
    return s, density * (share / density.sum())


@lru_cache(maxsize=1)
def _unit_rule() -> tuple[Floats, Floats]:
    points, weights = np.polynomial.legendre.leggauss(NODES_A_PANEL)
    starts = np.arange(PANELS) / PANELS
    placed = (starts[:, None] + (points + 1.0) / (2.0 * PANELS)).ravel()
    return placed, np.tile(weights / (2.0 * PANELS), PANELS)


def _lower(t: Floats, df: float, ncp: float) -> Floats:
    lower = special.nctdtr(df, ncp, np.clip(t, -1e150, 1e150))
    # the far lower tail, below 1e-20, is answered by "not a number"
    return np.where(np.isnan(lower) & (t < 0), 0.0, lower)
