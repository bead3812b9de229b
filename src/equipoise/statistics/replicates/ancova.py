"""Analysis of covariance of many trials at once: least squares of each, and contrasts of its coefficients.

y = X beta + e in every trial; c'beta with variance sigma^2 c'(X'X)^-1 c on n - p degrees of freedom, as `ancova`
gives them. Cholesky's factor R of the cross products of [X y], their columns scaled to length 1, holds it all: for
R'z = c the estimate is z'u with u the column of R under y, the variance z'z r^2 / df with r its last number. A
trial whose pivots show that the cross products lose digits goes through Householder's QR instead, one by one.
Checked against `ancova`, replicate by replicate, and R's `lm`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from equipoise.errors import DataError
from equipoise.statistics.arrays import read_floats
from equipoise.statistics.confidence import require_confidence
from equipoise.statistics.distributions import Floats, f_upper_p, t_quantile
from equipoise.statistics.replicates.systems import cholesky, solve_transposed
from equipoise.statistics.replicates.tails import t_outside
from equipoise.statistics.replicates.trials import Booleans, blocks, read_participants, read_trials

# the square of what a column adds to those before it, as a share of its own; below, cross products lose digits
ROUGH = 1e-4
# the limits of `solve_least_squares`: a column that adds nothing to those before it, residuals that are rounding
DEPENDENT = 1e-7
EXACT_FIT = 1e-13


@dataclass(frozen=True, eq=False)
class AncovaReplicates:
    """Contrasts of coefficients in each of T trials.

    `estimate`, `se`, `df`, `t`, `p` (two-sided): T x contrasts; `covariance` of the estimates: T x contrasts x
    contrasts; `sigma`: residual SD; `n`: participants used. A trial that is not `estimable` has NaN in all but n.
    """

    estimate: Floats
    se: Floats
    df: Floats
    t: Floats
    p: Floats
    covariance: Floats
    sigma: Floats
    n: Floats
    estimable: Booleans

    def limits(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """Give lower and upper limits (T x contrasts) at `level`."""
        require_confidence(level)
        half = t_quantile(np.full(self.df.shape, (1.0 + level) / 2.0), self.df) * self.se
        return self.estimate - half, self.estimate + half

    def joint_test(self) -> tuple[Floats, Floats]:
        """Test that all contrasts, which must be independent, are 0: F and its p, one a trial.

        For the contrasts of all arms with one it is the type III test of the arms in a model without interactions.
        """
        upper, _ = cholesky(np.moveaxis(self.covariance, 0, -1))
        root = solve_transposed(upper, self.estimate.T[:, None, :])
        f = (root**2).sum(axis=(0, 1)) / self.estimate.shape[1]
        return f, f_upper_p(f, self.estimate.shape[1], self.df[:, 0])


def replicate_ancova(
    outcome: ArrayLike, covariates: ArrayLike, contrasts: ArrayLike, participants: ArrayLike | None = None
) -> AncovaReplicates:
    """Fit `outcome` (T x n, NaN where missing) by least squares to `covariates` (T x n x q, or n x q for all).

    `covariates` are all columns of the model: intercept, indicators of arms and levels, numbers. `contrasts` are
    m rows of q weights of the coefficients (m x q), or each trial's own (T x m x q). `participants`: who is in the
    analysis (T x n or n, True or False); whoever lacks the outcome or a covariate is not. A column that is 0 for
    all participants of a trial, such as the indicator of a site that lost everybody, leaves its model, as a level
    that does not occur. A trial is not `estimable` where columns depend on each other (a missing reference level
    makes them so), a contrast weighs a column that left, nothing is left to estimate the variance, or the fit is
    exact. Raises `DataError` for shapes that do not go together and infinite numbers.
    """
    y = read_trials(outcome, "outcomes")
    x = _read_covariates(covariates, y.shape)
    weights = _read_contrasts(contrasts, y.shape[0], x.shape[-1])
    kept = read_participants(participants, y.shape) & ~np.isnan(y)
    parts = [
        _fit(y[part], x[part], weights[part], kept[part]) for part in blocks(y.shape[0], x[0].size, fewest=256)
    ]
    estimate, covariance, sigma, df, n = (np.concatenate(column) for column in zip(*parts, strict=True))
    se = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
    spread = np.repeat(df[:, None], estimate.shape[1], axis=1)
    t = estimate / se
    return AncovaReplicates(
        estimate, se, spread, t, t_outside(t, spread), covariance, sigma, n, np.isfinite(sigma)
    )


def _fit(y: Floats, x: Floats, contrasts: Floats, kept: Booleans) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Estimates, their covariances, residual SDs, degrees of freedom and numbers of a block of trials."""
    if not kept.all():
        y, x = np.where(kept, y, 0.0), np.where(kept[:, :, None], x, 0.0)
    products = _cross_products(y, x)
    if (gaps := ~np.isfinite(products).all(axis=(0, 1))).any():
        if np.isinf(x[gaps]).any():
            raise DataError("covariates must be finite, or NaN where missing. Got infinity")
        complete = kept[gaps] & ~np.isnan(x[gaps]).any(axis=2)
        y, x, kept = y.copy(), x.copy(), kept.copy()
        kept[gaps] = complete
        y[gaps], x[gaps] = np.where(complete, y[gaps], 0.0), np.where(complete[:, :, None], x[gaps], 0.0)
        products[:, :, gaps] = _cross_products(y[gaps], x[gaps])
    q = x.shape[2]
    length = np.sqrt(np.diagonal(products).T)
    absent = length[:q] == 0.0
    scale = np.where(length == 0.0, 1.0, length)
    products /= scale[:, None] * scale[None, :]
    products[np.arange(q), np.arange(q)] = 1.0
    upper, pivots = cholesky(products)
    n = kept.sum(axis=1).astype(float)
    df = n - (~absent).sum(axis=0)
    dependent = df <= 0
    for trial in np.flatnonzero(~(pivots.min(axis=0) > ROUGH) & ~dependent).tolist():
        columns = np.append(np.flatnonzero(~absent[:, trial]), q)
        table = np.column_stack([x[trial], y[trial]])[np.ix_(kept[trial], columns)] / scale[columns, trial]
        root = np.linalg.qr(table, mode="r")
        dependent[trial] = (np.abs(np.diag(root))[:-1] < DEPENDENT).any()
        upper[:, :, trial] = np.eye(q + 1)
        upper[:, :, trial][np.ix_(columns, columns)] = root
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        weights = np.moveaxis(contrasts, 0, -1).swapaxes(0, 1)
        rows = solve_transposed(upper[:q, :q], weights / scale[:q, None])
        estimate = (rows * upper[:q, None, q]).sum(axis=0) * scale[q]
        rest = np.abs(upper[q, q])
        sigma = rest * scale[q] / np.sqrt(df)
        unknown = (absent[:, None] & (weights != 0.0)).any(axis=(0, 1))
        lost = dependent | unknown | ~(rest > EXACT_FIT)
        sigma[lost], df[lost], estimate[:, lost] = np.nan, np.nan, np.nan
        covariance = (rows[:, :, None] * rows[:, None, :]).sum(axis=0) * sigma**2
    return estimate.T, np.moveaxis(covariance, -1, 0), sigma, df, n


def _cross_products(y: Floats, x: Floats) -> Floats:
    """Cross products of the columns of x and, last, y: (q + 1) x (q + 1) x T."""
    trials, _, q = x.shape
    products = np.empty((q + 1, q + 1, trials))
    # what is not finite is looked at afterwards
    with np.errstate(invalid="ignore"):
        products[:q, :q] = np.moveaxis(x.transpose(0, 2, 1) @ x, 0, -1)
        products[:q, q] = products[q, :q] = (y[:, None, :] @ x)[:, 0].T
    products[q, q] = np.einsum("tn,tn->t", y, y)
    return products


def _read_covariates(covariates: ArrayLike, shape: tuple[int, int]) -> Floats:
    known = isinstance(covariates, np.ndarray) and covariates.dtype == np.float64
    read = np.asarray(covariates) if known else read_floats(covariates, "covariates")
    if read.ndim not in (2, 3) or read.shape[:-1] not in (shape, shape[1:]) or not read.shape[-1]:
        raise DataError(
            f"covariates must be {shape[0]} trials x {shape[1]} participants x columns, or the last two where all "
            f"trials share them. Got the shape {read.shape}"
        )
    return np.broadcast_to(read, (*shape, read.shape[-1]))


def _read_contrasts(contrasts: ArrayLike, trials: int, columns: int) -> Floats:
    read = read_floats(contrasts, "contrasts")
    if read.ndim not in (2, 3) or read.shape[-1] != columns or (read.ndim == 3 and read.shape[0] != trials):
        raise DataError(
            f"contrasts must be rows of {columns} weights, one of each column of the model, for all trials or for "
            f"each of {trials}. Got the shape {read.shape}"
        )
    if not np.isfinite(read).all():
        raise DataError("the weights of a contrast must be finite. Got one that is not")
    return np.broadcast_to(read, (trials, *read.shape[-2:]))
