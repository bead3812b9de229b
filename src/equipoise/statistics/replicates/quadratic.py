"""Chi-square statistics x' V^- x of many trials, V perhaps singular, and their degrees of freedom.

The rank of V is that of the tests it is for: arms that no event time or stratum can compare cost theirs. By
Cholesky's factor of all but the last row where that is safe, else by eigenvalues, one by one.
"""

import numpy as np

from equipoise.statistics.distributions import Floats
from equipoise.statistics.replicates.systems import cholesky, solve_transposed

# a pivot below this share of its variance is left to eigenvalues
SAFE = 1e-6
# eigenvalues below this share of the largest are nought
NOUGHT = 1e-10


def quadratic_forms(deviation: Floats, covariance: Floats) -> tuple[Floats, Floats]:
    """Find chi-square and degrees of freedom (T) of deviations (k x T) with their covariances (k x k x T).

    The deviations of a trial add up to 0. Not a number where nothing varies.
    """
    part = covariance[:-1, :-1]
    variance = np.diagonal(part).T
    upper, pivots = cholesky(part)
    with np.errstate(invalid="ignore"):
        chi2 = (solve_transposed(upper, deviation[:-1, None]) ** 2).sum(axis=(0, 1))
    df = np.full(chi2.shape, float(part.shape[0]))
    # also where the last arm alone is never at risk, its row being nought
    safe = (pivots > SAFE * np.maximum(variance, 1.0)).all(axis=0) & (covariance[-1, -1] > SAFE)
    for trial in np.flatnonzero(~safe).tolist():
        values, vectors = np.linalg.eigh(covariance[:, :, trial])
        free = values > NOUGHT * max(float(values[-1]), 0.0)
        along = (vectors.T @ deviation[:, trial])[free]
        chi2[trial] = (along**2 / values[free]).sum() if free.any() else np.nan
        df[trial] = free.sum() if free.any() else np.nan
    return chi2, df
