"""Cholesky's factors of many matrices, one of which may not be positive definite without harm to the others.

LAPACK is called matrix by matrix: as quick as numpy for all at once, and it tells which one failed. Small ones go
through each step of the inverse together.
"""

import numpy as np
from scipy.linalg.lapack import dpotrf, dpotrs, dtrtri

from equipoise.statistics.distributions import Floats
from equipoise.statistics.replicates import systems

_SMALL = 12


def cholesky(matrices: Floats) -> Floats:
    """Find lower L with L L' = A for matrices (... x k x k); not a number where A is not positive definite."""
    size = matrices.shape[-1]
    found = np.empty(matrices.shape)
    for matrix, factor in zip(matrices.reshape(-1, size, size), found.reshape(-1, size, size), strict=True):
        factor[:], failed = dpotrf(matrix.T, lower=1, clean=1)
        if failed:
            factor[:] = np.nan
    return found


def inverse_factor(matrices: Floats) -> Floats:
    """Find lower L^-1 with L L' = A for matrices (... x k x k); not a number where A is not positive definite."""
    size = matrices.shape[-1]
    if size <= _SMALL:
        upper, _ = systems.cholesky(np.moveaxis(matrices.reshape(-1, size, size), 0, -1).copy())
        with np.errstate(invalid="ignore", divide="ignore"):
            small = systems.solve_transposed(upper, np.repeat(np.eye(size)[:, :, None], upper.shape[2], axis=2))
        return np.ascontiguousarray(np.moveaxis(small, -1, 0)).reshape(matrices.shape)
    found = np.empty(matrices.shape)
    for matrix, inverse in zip(matrices.reshape(-1, size, size), found.reshape(-1, size, size), strict=True):
        factor, failed = dpotrf(matrix.T, lower=1, clean=1)
        inverse[:] = np.nan if failed else dtrtri(factor, lower=1, overwrite_c=1)[0]
    return found


def solve(factors: Floats, right: Floats) -> Floats:
    """Solve L L' x = b for factors (T x k x k) and right sides (T x k x m)."""
    found = np.empty(right.shape)
    for factor, values, solution in zip(factors, right, found, strict=True):
        solution[:] = dpotrs(factor.T, values, lower=0)[0]
    return found
