"""Maximum likelihood for a linear predictor: iteratively reweighted least squares with a checked end.

Each step solves X'WX d = X'W z, W = w (dmu/deta)^2 / V(mu) (Fisher scoring: Nelder and Wedderburn, JRSS A
1972;135:370-84), halved while the likelihood falls. The matrix is orthogonalised once, which finds columns that
repeat others, keeps the digits of badly scaled covariates and gives steps in units of the linear predictor. A
likelihood that is flat while the coefficients still move has no finite maximum: the columns are named. With the
penalty log det(X'WX) / 2 it has one (Firth, Biometrika 1993;80:27-38). Checked against R's `glm`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve, qr, solve_triangular

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.distributions import Floats
from equipoise.statistics.frames import show_levels
from equipoise.statistics.generalised.families import BINOMIAL, Family
from equipoise.statistics.linear.least_squares import require_independent_columns

MOST_STEPS = 500
MOST_HALVINGS = 40
FLAT = 1e-10  # the likelihood no longer rises by this share of itself
STILL_MOVING = 0.01  # a step of this size of the linear predictor in some row while the likelihood is flat
FARTHEST = 1e100  # squares and their products stay floats
MOST_REASONS = 4  # that a message gives
SETTLED = 1e-9  # the last step of the linear predictor in any row; the one before it was about its root


@dataclass(frozen=True, eq=False)
class Basis:
    """The matrix of a model (n x p) as orthogonal columns of mean square 1, and the way back to coefficients."""

    columns: Floats
    back: Floats  # p x p: coefficients = back @ coordinates
    names: tuple[str, ...]


def orthogonalise(matrix: Floats, names: Sequence[str]) -> Basis:
    """Orthogonalise `matrix` (n x p).

    `EstimationFailed` naming the columns that are combinations of others, `DataError` for one beyond all scales.
    """
    n, p = matrix.shape
    if n < p:
        raise EstimationFailed(f"a model needs as many rows as its {p} parameters; drop a term. Got {n} rows")
    largest = np.abs(matrix).max(axis=0)
    far = np.flatnonzero((largest > FARTHEST) | ((largest > 0.0) & (largest < 1.0 / FARTHEST)))
    if far.size:
        raise DataError(
            f"the columns of a model need sizes from {1.0 / FARTHEST:g} to {FARTHEST:g}; rescale {names[far[0]]}. "
            f"Got {largest[far[0]]:g}"
        )
    size = np.sqrt((matrix**2).sum(axis=0))
    require_independent_columns(matrix, size, names)
    orthogonal, upper = qr(matrix / size, mode="economic")
    root = np.sqrt(n)
    back = solve_triangular(upper, np.eye(p)) / size[:, None] * root
    return Basis(orthogonal * root, back, tuple(names))


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The log-likelihood (with its penalty) at a point, and its derivatives by the coordinates of the basis."""

    log_likelihood: float
    gradient: Floats
    information: Floats
    eta: Floats
    mean: Floats


@dataclass(frozen=True, eq=False)
class Likelihood:
    """The log-likelihood of `response` under `family`, `weights` (frequencies) and `offset`, all of length n."""

    basis: Basis
    response: Floats
    weights: Floats
    offset: Floats
    family: Family
    penalised: bool = False

    def evaluate(self, point: Floats) -> Evaluation:
        """Evaluate at `point` (p coordinates); the log-likelihood is -inf where it cannot be held in a float."""
        family, columns = self.family, self.basis.columns
        with np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore"):
            eta = columns @ point + self.offset
            mean = family.mean(eta)
            slope = family.slope(mean)
            ratio = self.score_ratio(mean)
            residual = ratio * (self.response - mean)
            information = (columns * (ratio * slope)[:, None]).T @ columns
            log_likelihood = float(self.weights @ family.log_likelihood(self.response, eta))
            if self.penalised and np.isfinite(log_likelihood):
                sign, determinant = np.linalg.slogdet(information)
                log_likelihood += 0.5 * determinant if sign > 0 else -np.inf
                if sign > 0:
                    leverage = np.einsum("ij,ji->i", columns, np.linalg.solve(information, columns.T))
                    residual = residual + ratio * slope * leverage * (0.5 - mean)
            gradient = columns.T @ residual
        value = log_likelihood if np.isfinite(log_likelihood) and np.isfinite(gradient).all() else -np.inf
        return Evaluation(value, gradient, information, eta, mean)

    def score_ratio(self, mean: Floats) -> Floats:
        """Divide the slope of the mean by its variance, times the weights: what residuals enter the score with."""
        with np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore"):
            ratio = self.weights * self.family.slope(mean) / self.family.variance(mean)
        # at the edge of the floats both vanish together, and their ratio is 1
        return np.where(np.isfinite(ratio), ratio, self.weights)


@dataclass(frozen=True, eq=False)
class Maximum:
    """Where a likelihood is highest: `point` in the basis, `beta` as coefficients of the columns."""

    point: Floats
    beta: Floats
    evaluation: Evaluation
    steps: int

    @property
    def log_likelihood(self) -> float:
        """Log-likelihood at the maximum."""
        return self.evaluation.log_likelihood


def climb(
    likelihood: Likelihood,
    *,
    start: Floats | None = None,
    directions: Floats | None = None,
    blame: Mapping[str, str] | None = None,
) -> Maximum:
    """Find the maximum from `start` (p coordinates), moving only along `directions` (p x q) where given.

    `blame` maps a column to a sentence on why it may have no finite coefficient. Raises `EstimationFailed` where
    the likelihood has no finite maximum, naming the columns, or the steps do not settle.
    """
    basis = likelihood.basis
    point = _start(likelihood) if start is None else start
    now = likelihood.evaluate(point)
    if not np.isfinite(now.log_likelihood):
        point = np.zeros(point.size)
        now = likelihood.evaluate(point)
    step = np.zeros(point.size)
    for count in range(1, MOST_STEPS + 1):
        step = _step(now, directions)
        trial = likelihood.evaluate(point + step)
        slack = 1e-13 * (abs(now.log_likelihood) + 1.0)
        for _ in range(MOST_HALVINGS):
            if trial.log_likelihood >= now.log_likelihood - slack:
                break
            step = step / 2.0
            trial = likelihood.evaluate(point + step)
        else:
            break
        rise = trial.log_likelihood - now.log_likelihood
        point, now = point + step, trial
        size = float(np.abs(basis.columns @ step).max())
        if size < SETTLED:
            return Maximum(point, basis.back @ point, now, count)
        flat = abs(rise) <= FLAT * (abs(now.log_likelihood) + 1.0)
        if flat and size > STILL_MOVING and not likelihood.penalised:
            break
    raise _endless(likelihood, step, now, blame or {})


def climb_restricted(likelihood: Likelihood, best: Maximum, rows: Floats) -> Maximum:
    """Find the maximum where `rows` (r x p) of the coefficients are 0, starting near `best`."""
    directions = null_space(rows @ likelihood.basis.back)
    return climb(likelihood, start=directions @ (directions.T @ best.point), directions=directions)


def null_space(rows: Floats) -> Floats:
    """Find orthonormal directions (p x (p - r)) that leave `rows` (r x p, independent) unchanged."""
    complete = np.linalg.qr(rows.T, mode="complete")[0]
    return np.asarray(complete[:, rows.shape[0] :], dtype=float)


def _start(likelihood: Likelihood) -> Floats:
    """Least squares of the starting linear predictor on the orthogonal columns."""
    columns = likelihood.basis.columns
    target = likelihood.family.start(likelihood.response) - likelihood.offset
    return np.asarray(columns.T @ target / columns.shape[0], dtype=float)


def _step(now: Evaluation, directions: Floats | None) -> Floats:
    gradient, information = now.gradient, now.information
    if directions is not None:
        gradient, information = directions.T @ gradient, directions.T @ information @ directions
    try:
        step = np.asarray(cho_solve(cho_factor(information), gradient), dtype=float)
    except (np.linalg.LinAlgError, ValueError):
        step = np.asarray(np.linalg.lstsq(information, gradient, rcond=None)[0], dtype=float)
    return step if directions is None else directions @ step


def _endless(likelihood: Likelihood, step: Floats, now: Evaluation, blame: Mapping[str, str]) -> EstimationFailed:
    basis = likelihood.basis
    change = np.abs(basis.back @ step)
    # the intercept moves with the level that others are compared with; it has no range and is named last
    moved = change * np.ptp(basis.columns @ np.linalg.inv(basis.back), axis=0)
    moving = [name for name, size in zip(basis.names, moved, strict=True) if size > STILL_MOVING / 2.0]
    reasons = [blame[name] for name in moving if name in blame] or list(blame.values())
    why = f": {'; '.join(list(dict.fromkeys(reasons))[:MOST_REASONS])}" if reasons else ""
    named = show_levels(moving or basis.names, MOST_REASONS)
    penalty = ", or use penalised='firth' in logistic" if likelihood.family is BINOMIAL else ""
    return EstimationFailed(
        f"no finite coefficient fits {named}{why}; merge levels or leave it out{penalty}. Got a log-likelihood of "
        f"{now.log_likelihood:.6g} that is still rising"
    )
