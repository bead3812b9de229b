"""The nonlinear parameters of a dose-response model by least squares: a grid over their range, then refined.

For given nonlinear parameters the others are linear and drop out (Golub and Pereyra, SIAM J Numer Anal
1973;10:413-32). Least squares over participants with covariates differs from generalised least squares over the
dose means only by a constant, so one search serves both and its cost does not depend on the number of
participants. With T = (I - u u') L^-1, S = L L' and u the direction of the whitened intercept, the criterion is
|T m|^2 - (T f . T m)^2 / |T f|^2. No start values, no random numbers. Checked against DoseFinding and R's `nls`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from equipoise.statistics.distributions import Floats
from equipoise.statistics.dose_finding.models.shapes import Bounds, Shape

Switches = NDArray[np.bool_]
Places = NDArray[np.int64]

_GRID = {1: 240, 2: 64}
_STARTS = 8
_ZOOMS = 60
_NEWTON = 60
_FLAT = 1e-20  # squared length of a curve, relative to the transform, below which it is constant


@dataclass(frozen=True, eq=False)
class Search:
    """A model within `bounds` (a pair for each nonlinear parameter), doses (k) and their transform (k x k)."""

    shape: Shape
    bounds: Bounds
    doses: Floats
    transform: Floats

    @classmethod
    def of(cls, shape: Shape, bounds: Bounds, doses: Floats, covariance: Floats, *, intercept: bool) -> "Search":
        """Whiten by `covariance` (k x k, up to a factor) and project the `intercept` out, where there is one."""
        lower = np.linalg.cholesky(covariance)
        transform = solve_triangular(lower, np.eye(doses.size), lower=True)
        if intercept:
            constant = transform.sum(axis=1)
            constant /= np.linalg.norm(constant)
            transform = transform - np.outer(constant, constant @ transform)
        return cls(shape, bounds, doses, transform)

    def best(self, means: Floats) -> Floats:
        """Find the nonlinear parameters for `means` (k), to the last digits that they determine."""
        if not self.bounds:
            return np.empty(0)
        target = self.transform @ means
        cells = self._grid()
        gain = self._gain(cells, target[None])[:, 0]
        starts = cells[_local_maxima(gain, len(self.bounds))]
        refined = self._zoom(starts, np.broadcast_to(target, (len(starts), target.size)))
        winner = refined[int(self._gain(refined, target[None])[:, 0].argmax())]
        return self._place(self._polish(winner, target))

    def many(self, means: Floats) -> Floats:
        """Find the nonlinear parameters for each row of `means` (rows x k), to some six digits."""
        if not self.bounds:
            return np.empty((len(means), 0))
        target = means @ self.transform.T
        cells = self._grid()
        gain = self._gain(cells, target)
        # one start in each half or quarter of the range: a ridge may have its top far from the best cell
        quarter = (cells >= 0.5) @ (2 ** np.arange(len(self.bounds)))
        best, highest = np.empty((len(means), len(self.bounds))), np.full(len(means), -1.0)
        for part in range(2 ** len(self.bounds)):
            inside = np.flatnonzero(quarter == part)
            refined = self._zoom(cells[inside[gain[inside].argmax(axis=0)]], target)
            reached = self._explained(self._curves(refined), target)
            better = reached > highest
            best[better], highest[better] = refined[better], reached[better]
        return self._place(best)

    def _place(self, x: Floats) -> Floats:
        """Map the unit interval to parameters: by their logarithm, or by squares where they may be 0 or less."""
        low, high = np.array(self.bounds).T
        positive = low > 0
        safe = np.where(positive, low, 1.0)
        logarithmic = safe * (np.where(positive, high, 1.0) / safe) ** x
        found = np.where(positive, logarithmic, low + (high - low) * x**2)
        return np.where(x == 0.0, low, np.where(x == 1.0, high, found))

    def _grid(self) -> Floats:
        axis = np.linspace(0.0, 1.0, _GRID[len(self.bounds)])
        return np.stack(np.meshgrid(*[axis] * len(self.bounds), indexing="ij"), axis=-1).reshape(
            -1, len(self.bounds)
        )

    def _curves(self, x: Floats) -> Floats:
        """Transform the curves of the rows (...) of `x`: ... x k."""
        doses = np.append(self.doses, 0.0)
        curves = self.shape.curves(doses, self._place(x))
        return np.asarray((curves[..., :-1] - curves[..., -1:]) @ self.transform.T)

    def _gain(self, x: Floats, targets: Floats) -> Floats:
        """Sum of squares explained by each row of `x` in each of `targets`: rows x targets."""
        curves = self._curves(x)
        length = (curves * curves).sum(axis=-1)
        flat = length <= _FLAT * float((self.transform**2).sum())
        return np.where(flat[:, None], 0.0, (curves @ targets.T) ** 2 / np.where(flat, 1.0, length)[:, None])

    @staticmethod
    def _explained(curves: Floats, targets: Floats) -> Floats:
        """Sum of squares that each curve (... x k) explains in its own target."""
        length = (curves * curves).sum(axis=-1)
        return np.asarray((curves * targets).sum(axis=-1) ** 2 / np.where(length > 0, length, np.inf))

    def _zoom(self, x: Floats, targets: Floats) -> Floats:
        """Move each row of `x` to its best neighbour, and look closer when it stays."""
        size = len(self.bounds)
        offset = np.linspace(-1.0, 1.0, 5)
        pattern = np.stack(np.meshgrid(*[offset] * size, indexing="ij"), axis=-1).reshape(-1, size)
        step = np.full(len(x), 1.0 / (_GRID[size] - 1))
        rows = np.arange(len(x))
        for _ in range(_ZOOMS):
            around = np.clip(x[:, None] + step[:, None, None] * pattern, 0.0, 1.0)
            winner = self._explained(self._curves(around), targets[:, None]).argmax(axis=1)
            x = around[rows, winner]
            inside = np.abs(pattern[winner]).max(axis=1) < 1.0
            step = np.where(inside, 0.6 * step, step)
        return x

    def _polish(self, x: Floats, target: Floats) -> Floats:
        """Newton's method on the slope; a parameter that is pushed against its bound stays there."""
        value, slope = self._criterion(x, target)
        for _ in range(_NEWTON):
            free = ~(((x <= 0.0) & (slope > 0.0)) | ((x >= 1.0) & (slope < 0.0)))
            if not free.any():
                break
            curvature = self._curvature(x, target, free)
            size = np.abs(slope[free]).max()
            if np.linalg.eigvalsh(curvature)[0] > 0.0:
                move = -np.linalg.solve(curvature, slope[free])
            else:
                move = -0.01 * slope[free] / (size if size > 0 else 1.0)
            for halving in range(40):
                trial = x.copy()
                trial[free] = np.clip(x[free] + move * 0.5**halving, 0.0, 1.0)
                new_value, new_slope = self._criterion(trial, target)
                if new_value <= value * (1.0 + 1e-15):
                    break
            else:
                break
            moved = float(np.abs(trial - x).max())
            x, value, slope = trial, new_value, new_slope
            if moved < 1e-14:
                break
        return x

    def _criterion(self, x: Floats, target: Floats) -> tuple[float, Floats]:
        """Evaluate the residual sum of squares and half its gradient in `x`."""
        curve = self._curves(x[None])[0]
        length = float(curve @ curve)
        if length == 0.0:
            return float(target @ target), np.zeros(x.size)
        slope = float(curve @ target) / length
        residual = target - slope * curve
        doses = np.append(self.doses, 0.0)
        bends = self.shape.derivatives(doses, self._place(x))
        bends = self.transform @ (bends[:-1] - bends[-1])
        return float(residual @ residual), -slope * (residual @ bends) * self._stretch(x)

    def _curvature(self, x: Floats, target: Floats, free: Switches) -> Floats:
        columns = []
        for place in np.flatnonzero(free):
            ahead, behind = x.copy(), x.copy()
            ahead[place], behind[place] = min(x[place] + 1e-5, 1.0), max(x[place] - 1e-5, 0.0)
            rise = self._criterion(ahead, target)[1] - self._criterion(behind, target)[1]
            columns.append(rise[free] / (ahead[place] - behind[place]))
        matrix = np.array(columns)
        return np.asarray((matrix + matrix.T) / 2.0)

    def _stretch(self, x: Floats) -> Floats:
        """Differentiate the parameters by `x`."""
        low, high = np.array(self.bounds).T
        positive = low > 0
        ratio = np.where(positive, high, 1.0) / np.where(positive, low, 1.0)
        return np.where(positive, self._place(x) * np.log(ratio), 2.0 * (high - low) * x)


def _local_maxima(gain: Floats, dimensions: int) -> Places:
    """Find the cells of the grid, the best first, that no neighbour exceeds."""
    size = _GRID[dimensions]
    table = gain.reshape((size,) * dimensions)
    padded = np.pad(table, 1, constant_values=-np.inf)
    highest = np.ones(table.shape, dtype=bool)
    for shift in np.ndindex((3,) * dimensions):
        neighbour = padded[tuple(slice(at, at + size) for at in shift)]
        highest &= table >= neighbour
    cells = np.flatnonzero(highest.ravel()).astype(np.int64)
    return cells[np.argsort(-gain[cells], kind="stable")][:_STARTS]
