"""The dispersion k of the negative binomial (variance mu + k mu^2): score and information, for a log link.

Written so that they keep their digits as k goes to 0, where they are those of the Poisson: the gamma functions of
the likelihood become sums over j < y of log(1 + jk), and what they are compared with a series in k mu. Source:
Lawless, Canadian J Statistics 1987;15:209-25, formulas 2.3 to 2.6. Checked by differences of the log-likelihood.
"""

import numpy as np
from numpy.polynomial.polynomial import polyder, polyval

from equipoise.statistics.distributions import Floats

_SMALL = 0.03  # below it log(1 + u) - u / (1 + u) is summed as a series
_TERMS = np.arange(2, 16)
_SERIES = (-1.0) ** _TERMS * (_TERMS - 1.0) / _TERMS


def sum_over_counts(y: Floats, k: float, order: int) -> Floats:
    """Sum over j < y of log(1 + jk) (`order` 0), or of (j / (1 + jk))^order, for each of the counts `y` (n)."""
    j = np.arange(max(y.max(), 1.0))
    terms = np.log1p(j * k) if order == 0 else (j / (1.0 + j * k)) ** order
    return np.concatenate([[0.0], np.cumsum(terms)])[y.astype(np.intp)]


def dispersion_score(y: Floats, mean: Floats, k: float) -> Floats:
    """Differentiate the log-likelihood of each count by k."""
    u = k * mean
    return sum_over_counts(y, k, 1) + mean**2 * _remainder(u)[0] - y * mean / (1.0 + u)


def dispersion_information(y: Floats, mean: Floats, k: float) -> Floats:
    """Differentiate the log-likelihood of each count twice by k, with the sign changed."""
    u = k * mean
    return sum_over_counts(y, k, 2) - mean**3 * _remainder(u)[1] - y * mean**2 / (1.0 + u) ** 2


def cross_information(y: Floats, mean: Floats, k: float) -> Floats:
    """Differentiate the log-likelihood of each count by linear predictor and k, with the sign changed."""
    return mean * (y - mean) / (1.0 + k * mean) ** 2


def observed_weights(y: Floats, mean: Floats, k: float) -> Floats:
    """Differentiate the log-likelihood of each count twice by the linear predictor, with the sign changed."""
    return mean * (1.0 + k * y) / (1.0 + k * mean) ** 2


def _remainder(u: Floats) -> tuple[Floats, Floats]:
    """Find (log(1 + u) - u / (1 + u)) / u^2 and its derivative by u."""
    near = u < _SMALL
    large = np.where(near, 1.0, u)
    value = (np.log1p(large) - large / (1.0 + large)) / large**2
    slope = ((1.0 + large) ** -2 - 2.0 * value) / large
    value[near] = polyval(u[near], _SERIES)
    slope[near] = polyval(u[near], polyder(_SERIES))
    return value, slope
