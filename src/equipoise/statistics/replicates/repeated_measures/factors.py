"""Factors and solutions of many systems of equations, one of which may be singular without harm to the others."""

from collections.abc import Callable

import numpy as np

from equipoise.statistics.distributions import Floats


def cholesky(matrices: Floats) -> Floats:
    """Find lower L with L L' = A for matrices (... x k x k); not a number where A is not positive definite."""
    return _each(np.linalg.cholesky, matrices)


def inverse_factor(matrices: Floats) -> Floats:
    """Find L^-1, lower, with L L' = A for matrices (... x k x k); not a number where A is not positive definite."""
    return np.asarray(np.linalg.inv(cholesky(matrices)))


def solve(matrices: Floats, right: Floats) -> Floats:
    """Solve A x = b for matrices (T x k x k) and right sides (T x k x m); not a number where A is singular."""
    try:
        return np.asarray(np.linalg.solve(matrices, right))
    except np.linalg.LinAlgError:
        return _each(np.linalg.inv, matrices) @ right


def _each(method: Callable[[Floats], Floats], matrices: Floats) -> Floats:
    try:
        return method(matrices)
    except np.linalg.LinAlgError:
        size = matrices.shape[-1]
        found = np.full(matrices.shape, np.nan)
        for one, matrix in zip(found.reshape(-1, size, size), matrices.reshape(-1, size, size), strict=True):
            try:
                one[:] = method(matrix)
            except np.linalg.LinAlgError:
                continue
        return found
