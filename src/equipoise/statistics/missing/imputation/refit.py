"""Refits of an MMRM to many weightings of its participants at once.

Leaving one participant out moves the estimates little, so Newton's method with the second derivatives of the full
fit (the chord method; Ortega and Rheinboldt, Iterative Solution of Nonlinear Equations, 1970, 7.1) needs only
gradients: a few products of stacked matrices for all refits together, each error a small share of the one before.
Weightings that move them further, as bootstrap samples do, take Fisher's scoring: expected second derivatives at
their own parameters. The likelihood and its gradient are those of `repeated_measures.likelihood`, from the same
sums by pattern. A refit that does not settle is left to `maximise`, which all are checked against.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from equipoise.statistics.distributions import Floats
from equipoise.statistics.repeated_measures.maximise import Maximum
from equipoise.statistics.repeated_measures.sums import PatternSums

_CONVERGED = 1e-17  # expected change of -2 log-likelihood
_NEAR = 3.0  # expected change of the first step up to which the second derivatives of the full fit do
_MOST_STEPS = 60
_CELLS = 4_000_000  # of sums held at once


@dataclass(frozen=True, eq=False)
class Refits:
    """Refits to B weightings: `gamma` (B x p), `sigma` (B x groups x V x V) and which of them `settled` (B)."""

    gamma: Floats
    sigma: Floats
    settled: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class _Totals:
    """Sums by pattern for each of b weightings: n (b x G), Z'Z, Z'Y, Y'Y (b x G x ...)."""

    count: Floats
    zz: Floats
    zy: Floats
    yy: Floats

    def take(self, places: NDArray[np.intp]) -> "_Totals":
        return _Totals(self.count[places], self.zz[places], self.zy[places], self.yy[places])


def refit_all(full: Maximum, counts: Floats, *, reml: bool) -> Refits:
    """Refit from `full` with the participants of its sums taken `counts` (B x N) times."""
    sums = full.point.sums
    size = sums.participants.z.shape[1] + sums.observed.shape[1]
    step = max(1, _CELLS // (len(sums.observed) * size**2))
    parts = [_refit(full, counts[at : at + step], reml=reml) for at in range(0, len(counts), step)]
    return Refits(
        np.concatenate([part.gamma for part in parts]),
        np.concatenate([part.sigma for part in parts]),
        np.concatenate([part.settled for part in parts]),
    )


def _refit(full: Maximum, counts: Floats, *, reml: bool) -> Refits:
    sums, structure = full.point.sums, full.point.structure
    totals = _weigh(sums, counts)
    b, visits = len(counts), sums.observed.shape[1]
    theta = np.repeat(full.point.theta[None], b, axis=0)
    gamma = np.zeros((b, sums.basis.shape[1]))
    sigma = np.zeros((b, sums.groups, visits, visits))
    settled = np.zeros(b, dtype=bool)
    active, near = np.arange(b), np.ones(b, dtype=bool)
    for step in range(_MOST_STEPS):
        parts = theta[active].reshape(active.size, sums.groups, structure.size)
        covariances = [[structure.covariance(one) for one in row] for row in parts]
        sigma[active] = np.array([[one.sigma for one in row] for row in covariances])
        try:
            gamma[active], excess, inverse = _evaluate(sums, totals.take(active), sigma[active], reml=reml)
        except np.linalg.LinAlgError:
            break
        slopes = [[one.slopes.reshape(structure.size, -1) for one in row] for row in covariances]
        summed = [excess[:, sums.group == at].sum(axis=1).reshape(active.size, -1) for at in range(sums.groups)]
        gradient = np.array(
            [np.concatenate([one @ summed[g][i] for g, one in enumerate(row)]) for i, row in enumerate(slopes)]
        )
        move = 0.5 * gradient @ full.theta_covariance
        change = 0.5 * (move * gradient).sum(axis=1)
        if step == 0:
            near = change < _NEAR
        if (far := np.flatnonzero(~near[active])).size:
            kernels = _kernels(sums, inverse[far], totals.count[active[far]])
            move[far] = _score(kernels, [slopes[at] for at in far], gradient[far])
            change[far] = 0.5 * (move[far] * gradient[far]).sum(axis=1)
        settled[active] = change < _CONVERGED
        theta[active] -= move
        active = active[(change >= _CONVERGED) & (change < 1e4)]
        if not active.size:
            break
    return Refits(gamma, sigma, settled)


def _weigh(sums: PatternSums, counts: Floats) -> _Totals:
    at = sums.participants
    covariates = at.z.shape[1]
    joined = np.hstack([at.z, at.y])
    size = joined.shape[1]
    products = np.empty((len(counts), len(sums.observed), size * size))
    number = np.empty(products.shape[:2])
    for pattern in range(len(sums.observed)):
        members = np.flatnonzero(at.pattern == pattern)
        rows, weights = joined[members], counts[:, members]
        products[:, pattern] = weights @ (rows[:, :, None] * rows[:, None, :]).reshape(members.size, -1)
        number[:, pattern] = weights.sum(axis=1)
    table = products.reshape(*number.shape, size, size)
    return _Totals(
        number,
        table[:, :, :covariates, :covariates],
        table[:, :, :covariates, covariates:],
        table[:, :, covariates:, covariates:],
    )


def _kernels(sums: PatternSums, inverse: Floats, count: Floats) -> Floats:
    """Sum n W x W over the patterns of each group, laid out for pairs of derivatives: b x groups x V^2 x V^2."""
    b, patterns, visits, _ = inverse.shape
    found = np.empty((b, sums.groups, visits**2, visits**2))
    flat = inverse.reshape(b, patterns, -1)
    for group in range(sums.groups):
        where = sums.group == group
        part = flat[:, where]
        joined = part.transpose(0, 2, 1) @ (count[:, where, None] * part)
        turned = joined.reshape(b, visits, visits, visits, visits).transpose(0, 4, 1, 2, 3)
        found[:, group] = turned.reshape(b, visits**2, -1)
    return found


def _score(kernels: Floats, slopes: list[list[Floats]], gradient: Floats) -> Floats:
    """Solve for the steps of Fisher's scoring (b x k), group by group."""
    moves = []
    for at, row in enumerate(slopes):
        parts = gradient[at].reshape(len(row), -1)
        moves.append([np.linalg.solve(one @ kernels[at, g] @ one.T, parts[g]) for g, one in enumerate(row)])
    return np.array(moves, dtype=float).reshape(gradient.shape)


def _evaluate(sums: PatternSums, totals: _Totals, sigma: Floats, *, reml: bool) -> tuple[Floats, Floats, Floats]:
    """Estimate gamma (b x p); find what weighs dSigma in the gradient (b x G x V x V), and W (the same)."""
    at = sums.participants
    (b, patterns), (covariates, visits) = totals.count.shape, (at.z.shape[1], at.y.shape[1])
    basis = np.zeros((visits * covariates, sums.basis.shape[1]))
    basis[at.rows_v * covariates + at.rows_z] = sums.basis
    inverse = _invert(sums, sigma)

    flat = inverse.reshape(b, patterns, -1)
    zz = totals.zz.reshape(b, patterns, -1)
    cross = (flat.transpose(0, 2, 1) @ zz).reshape(b, visits, visits, covariates, covariates)
    rows = cross.transpose(0, 1, 3, 2, 4).reshape(b, visits * covariates, -1)
    sideways = inverse.transpose(0, 2, 1, 3).reshape(b, visits, -1)
    product = sideways @ totals.zy.transpose(0, 1, 3, 2).reshape(b, -1, covariates)
    information = basis.T @ rows @ basis
    np.linalg.cholesky(information)
    vcov = np.linalg.inv(information)
    gamma = (vcov @ (product.reshape(b, -1) @ basis)[..., None])[..., 0]

    by_visit = (gamma @ basis.T).reshape(b, 1, visits, covariates).transpose(0, 1, 3, 2)
    residual = totals.zy - totals.zz @ by_visit
    fitted = np.swapaxes(by_visit, -1, -2)
    known = totals.yy - fitted @ totals.zy - np.swapaxes(residual, -1, -2) @ by_visit
    if reml:
        spread = (basis @ vcov @ basis.T).reshape(b, visits, covariates, visits, covariates)
        spread = spread.transpose(0, 2, 4, 1, 3).reshape(b, covariates * covariates, -1)
        known = known + (zz @ spread).reshape(known.shape)
    excess = totals.count[:, :, None, None] * inverse - inverse @ known @ inverse
    return gamma, excess, inverse


def _invert(sums: PatternSums, sigma: Floats) -> Floats:
    seen = sums.observed.astype(float)
    both = seen[:, :, None] * seen[:, None, :]
    padded = sigma[:, sums.group] * both + (1.0 - seen)[:, :, None] * np.eye(seen.shape[1])
    np.linalg.cholesky(padded)
    return np.asarray(np.linalg.inv(padded) * both, dtype=float)
