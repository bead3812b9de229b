"""Many small systems of equations, one a trial, by Cholesky's factor R'R = A.

The trial is the last axis: each step is one operation on a number of every trial, so that nothing is called once
a trial, and no trial's numbers depend on those of another. Source: Golub and Van Loan, Matrix Computations, 4th
edition, section 4.2. Checked by `tests/statistics/replicates/test_systems_property.py`.
"""

import numpy as np

from equipoise.statistics.distributions import Floats


def cholesky(matrix: Floats) -> tuple[Floats, Floats]:
    """Factor symmetric matrices (p x p x T): upper R (p x p x T) and the pivots (p x T), squares of its diagonal.

    Where a pivot is not above 0, its root and all that follow are not a number.
    """
    left = matrix.copy()
    upper = np.zeros_like(matrix)
    for step in range(matrix.shape[0]):
        with np.errstate(invalid="ignore", divide="ignore"):
            row = left[step, step:] / np.sqrt(left[step, step])
        upper[step, step:] = row
        for below in range(1, row.shape[0]):
            left[step + below, step + below :] -= row[below] * row[below:]
    return upper, np.diagonal(left).T.copy()


def solve_transposed(upper: Floats, right: Floats) -> Floats:
    """Solve R'z = b for R (p x p x T) and b (p x k x T): z (p x k x T)."""
    solution = right.copy()
    for step in range(upper.shape[0]):
        solution[step] /= upper[step, step]
        for below in range(step + 1, upper.shape[0]):
            solution[below] -= upper[step, below] * solution[step]
    return solution


def solve(upper: Floats, right: Floats) -> Floats:
    """Solve R z = b for R (p x p x T) and b (p x k x T): z (p x k x T)."""
    solution = right.copy()
    for step in range(upper.shape[0] - 1, -1, -1):
        solution[step] /= upper[step, step]
        for above in range(step):
            solution[above] -= upper[above, step] * solution[step]
    return solution
