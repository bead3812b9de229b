"""What is known of a correlation matrix before integrating: its one-factor loadings, or its root.

`read_correlation` refuses a matrix that is no correlation matrix; a singular one is welcome, also rounded to five
digits, which makes eigenvalues of nought slightly negative.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats
from equipoise.statistics.multivariate.faces import few_faces, polytope_outside
from equipoise.statistics.multivariate.lattice import lattice_outside
from equipoise.statistics.multivariate.one_factor import find_loadings, one_factor_outside

NO_VARIANCE = 1e-10
ROUNDING = 1e-8
NEGATIVE = 1e-5


@dataclass(frozen=True, eq=False)
class Correlation:
    """A correlation matrix of `size` variables: `loadings` where one factor gives it, else the rows `directions`.

    X = directions Z with Z independent standard normal variables, as many as the matrix has rank.
    """

    size: int
    loadings: Floats | None
    directions: Floats

    def outside(self, lower: Floats, upper: Floats) -> Floats:
        """Probability that X leaves `lower` to `upper` (batch x size), one for each row of the batch."""
        if self.loadings is not None:
            return one_factor_outside(lower, upper, self.loadings)
        if not self.few_faces(lower, upper):
            return lattice_outside(self.directions, lower, upper)
        directions, offsets = self.constraints(lower, upper)
        return polytope_outside(directions, offsets) if offsets.shape[1] else np.zeros(offsets.shape[0])

    def few_faces(self, lower: Floats, upper: Floats) -> bool:
        """Tell whether such rectangles have few enough faces to be integrated over them."""
        above, below = np.isfinite(upper).any(axis=0), np.isfinite(lower).any(axis=0)
        return few_faces(int(above.sum() + below.sum()), int((above & below).sum()), self.directions.shape[1])

    def constraints(self, lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
        """Write the rectangles as {z: directions z <= offsets}; limits infinite in all rows are left out."""
        above, below = np.isfinite(upper).any(axis=0), np.isfinite(lower).any(axis=0)
        directions = np.concatenate([self.directions[above], -self.directions[below]])
        offsets = np.concatenate([upper[:, above], -lower[:, below]], axis=1)
        return directions, offsets


def read_correlation(correlation: ArrayLike) -> Correlation:
    """Read a k x k correlation matrix; `DataError` unless it is one: finite, symmetric, positive, diagonal 1."""
    matrix = np.atleast_2d(np.asarray(correlation, dtype=float))
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.size:
        raise DataError(f"a correlation matrix must be square. Got shape {matrix.shape}")
    if not np.isfinite(matrix).all():
        raise DataError("a correlation matrix must hold finite numbers. Got NaN or infinity")
    if np.abs(matrix - matrix.T).max() > ROUNDING or np.abs(np.diag(matrix) - 1.0).max() > ROUNDING:
        raise DataError("a correlation matrix must be symmetric with 1 on its diagonal. Got another matrix")
    matrix = 0.5 * (matrix + matrix.T)
    np.fill_diagonal(matrix, 1.0)
    values, vectors = np.linalg.eigh(matrix)
    if values[0] < -NEGATIVE:
        raise DataError(f"a correlation matrix must have no negative eigenvalue. Got {values[0]:.6g}")
    kept = values > NO_VARIANCE
    root = vectors[:, kept] * np.sqrt(values[kept])
    root /= np.sqrt((root * root).sum(axis=1, keepdims=True))
    return Correlation(matrix.shape[0], find_loadings(matrix), root)
