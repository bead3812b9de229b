"""The likelihood of a covariance matrix, full or restricted, with its exact derivatives.

With W = Sigma^-1 on the visits seen, C = (X'WX)^-1, r = y - X beta and P = W - W X C X' W,

    -2 l = sum log|Sigma| + log|X'WX| + r'Wr + constants             (REML; ML leaves log|X'WX| out)
    d/dk = tr(P D_k) - y'P D_k P y,          D_k = dSigma/dtheta_k
    d2/dkdl = -tr(P D_k P D_l) + 2 y'P D_k P D_l P y + tr(P D_kl) - y'P D_kl P y

and the expected second derivatives are tr(P D_k P D_l). All are sums over patterns: with R_g = sum r r' and
T_g = sum X C X' of a pattern, E_k = X'W D_k W X and f_k = X'W D_k W r, traces are of products of V x V matrices.
Source: Harville, JASA 1977;72:320-38; Jennrich and Schluchter, Biometrics 1986;42:805-20; Gilmour, Thompson and
Cullis, Biometrics 1995;51:1440-50 (average information). Checked by numerical derivatives, and against mmrm and
SAS by `tests/statistics/repeated_measures`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy.linalg import cho_solve, solve_triangular

from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import Codes
from equipoise.statistics.repeated_measures.structures import Covariance, Structure
from equipoise.statistics.repeated_measures.sums import (
    PatternSums,
    by_covariate,
    cross_products,
    response_products,
)

_CHUNK = 4_000_000  # numbers held at once for the derivatives of patterns


@dataclass(frozen=True, eq=False)
class Point:
    """The likelihood at one theta (the groups' parameters joined), in the orthogonal basis of the sums.

    `deviance` is -2 log-likelihood; `gamma` (p) the coefficients, `vcov` (p x p) their covariance C; `inverse`
    (G x V x V) is W, 0 where a visit was not seen; `outer` (G x V x V) is R_g, `spread` T_g.
    """

    sums: PatternSums
    structure: Structure
    theta: Floats
    reml: bool
    covariances: Sequence[Covariance]
    inverse: Floats
    gamma: Floats
    vcov: Floats
    deviance: float
    outer: Floats
    _residual_products: Floats = field(repr=False)

    @cached_property
    def spread(self) -> Floats:
        """Sum X C X' over the participants of each pattern."""
        rows = self.sums.basis @ self.vcov @ self.sums.basis.T
        patterns, visits = self.sums.observed.shape
        found = np.zeros((patterns, visits, visits))
        for v, w, first, second, block in self.sums.blocks:
            value = block.reshape(patterns, -1) @ rows[np.ix_(first, second)].ravel()
            found[:, v, w] = value
            found[:, w, v] = value
        return found

    @cached_property
    def gradient(self) -> Floats:
        """First derivatives of -2 log-likelihood (k)."""
        return np.concatenate([self._slopes_against(group, self._excess) for group in self._groups])

    @cached_property
    def average_information(self) -> Floats:
        """Approximate second derivatives of -2 log-likelihood by y'P D_k P D_l P y (k x k)."""
        total = self._traces(self.inverse @ self.outer @ self.inverse)
        return total - self._responses @ self.vcov @ self._responses.T

    @cached_property
    def expected_information(self) -> Floats:
        """Expected second derivatives of -2 log-likelihood (k x k): tr(P D_k P D_l)."""
        return self._traces(self._expected_middle) + (self._squares if self.reml else 0.0)

    @cached_property
    def observed_information(self) -> Floats:
        """Second derivatives of -2 log-likelihood (k x k)."""
        bend = np.zeros((self.theta.size, self.theta.size))
        size = self.structure.size
        for group in self._groups:
            at = slice(group * size, (group + 1) * size)
            bend[at, at] = self.structure.curvature(self.theta[at], self._sum_group(group, self._excess))
        return 2.0 * self.average_information - self.expected_information + bend

    @cached_property
    def slopes(self) -> Floats:
        """The derivatives -E_k of X'WX (k x p x p)."""
        basis = self.sums.basis
        total = np.zeros((self.theta.size, basis.shape[0], basis.shape[0]))
        for at, middle in self._middles():
            total[at] += cross_products(self.sums, middle)
        projected: Floats = basis.T @ total @ basis
        return -projected

    def contracted(self, weights: Floats) -> Floats:
        """Sum X'W D_k W D_l W X over a matrix of `weights` (k x k): p x p, the first part of Kenward-Roger."""
        size = self.structure.size
        middle: Floats = np.zeros_like(self.inverse)
        for group in self._groups:
            at = slice(group * size, (group + 1) * size)
            where = self.sums.group == group
            slopes, inverse = self.covariances[group].slopes, self.inverse[where]
            joined = np.tensordot(weights[at, at], slopes, axes=1)
            if slopes.ndim == 3:
                pairs = np.einsum("kab,kcd->bcad", slopes, joined, optimize=True)
                visits = inverse.shape[1]
                flat = inverse.reshape(len(inverse), -1) @ pairs.reshape(visits * visits, -1)
                middle[where] = flat.reshape(inverse.shape)
            else:
                middle[where] = np.einsum(
                    "kgab,gbc,kgcd->gad", slopes[:, where], inverse, joined[:, where], optimize=True
                )
        return self.cross(self.inverse @ middle @ self.inverse)

    def curved(self, weights: Floats) -> Floats:
        """Sum X'W D_kl W X over `weights` (k x k), in mmrm's parameters: the second order of Kenward-Roger."""
        size = self.structure.size
        middle: Floats = np.zeros_like(self.inverse)
        for group in self._groups:
            at = slice(group * size, (group + 1) * size)
            where = self.sums.group == group
            bend = self.structure.mean_curvature(self.theta[at], weights[at, at])
            middle[where] = bend if bend.ndim == 2 else bend[where]
        return self.cross(self.inverse @ middle @ self.inverse)

    def cross(self, middle: Floats) -> Floats:
        """Sum X' `middle` X over participants, for a symmetric matrix of each pattern (G x V x V): p x p."""
        rows = cross_products(self.sums, middle[:, :, None, :])[0]
        projected: Floats = self.sums.basis.T @ rows @ self.sums.basis
        return projected

    @property
    def _groups(self) -> range:
        return range(self.sums.groups)

    @cached_property
    def _excess(self) -> Floats:
        """Weigh D_k for the first derivatives: n W - W (R + T) W of each pattern."""
        known = self.outer + self.spread if self.reml else self.outer
        return self.sums.totals.count[:, None, None] * self.inverse - self.inverse @ known @ self.inverse

    @cached_property
    def _expected_middle(self) -> Floats:
        expected = self.sums.totals.count[:, None, None] * self.inverse
        if not self.reml:
            return expected
        return expected - 2.0 * (self.inverse @ self.spread @ self.inverse)

    @cached_property
    def _responses(self) -> Floats:
        """f_k for every k: k x p."""
        total = np.zeros((self.theta.size, self.sums.basis.shape[0]))
        if self.covariances[0].slopes.ndim > 3:
            for at, middle in self._middles():
                total[at] += response_products(self.sums, middle, self._residual_products)
            return total @ self.sums.basis
        # where patterns share D_k, X'W e_a e_b' W r is summed over patterns before D_k comes in
        size, visits = self.structure.size, self.inverse.shape[1]
        rows_z, rows_v = self.sums.participants.rows_z, self.sums.participants.rows_v
        for group in self._groups:
            inverse = self.inverse[self.sums.group == group]
            product = self._residual_products[self.sums.group == group] @ inverse
            slopes = self.covariances[group].slopes.reshape(size, -1)
            for visit in range(visits):
                rows = np.flatnonzero(rows_v == visit)
                chosen = product[:, rows_z[rows]].transpose(0, 2, 1).reshape(len(product), -1)
                summed = (inverse[:, visit].T @ chosen).reshape(visits * visits, rows.size)
                total[group * size : (group + 1) * size, rows] += slopes @ summed
        return total @ self.sums.basis

    @cached_property
    def _squares(self) -> Floats:
        """tr(C E_k C E_l) for all k and l."""
        # by C E_k and not by a root of C, which may be indefinite by rounding near a boundary
        turned = self.vcov @ self.slopes
        size = self.theta.size
        total: Floats = turned.reshape(size, -1) @ turned.transpose(0, 2, 1).reshape(size, -1).T
        return 0.5 * (total + total.T)

    def _traces(self, middle: Floats) -> Floats:
        """Sum tr(D_k W D_l M) over patterns for a symmetric M (G x V x V): k x k, blocks of groups."""
        size = self.structure.size
        total = np.zeros((self.theta.size, self.theta.size))
        for group in self._groups:
            at = slice(group * size, (group + 1) * size)
            where = self.sums.group == group
            slopes, inverse, found = self.covariances[group].slopes, self.inverse[where], middle[where]
            if slopes.ndim == 3:
                visits = inverse.shape[1]
                flat = (len(inverse), visits * visits)
                kernel = (inverse.reshape(flat).T @ found.reshape(flat)).reshape((visits,) * 4)
                half = slopes.reshape(size, -1) @ kernel.transpose(3, 0, 1, 2).reshape(visits * visits, -1)
                total[at, at] = half @ slopes.reshape(size, -1).T
            else:
                total[at, at] = np.einsum(
                    "kgab,gbc,lgcd,gda->kl", slopes[:, where], inverse, slopes[:, where], found, optimize=True
                )
        return 0.5 * (total + total.T)

    def _middles(self) -> Iterator[tuple[slice, Floats]]:
        """Give W D_k W as (G x V x k x V), group by group, 0 for the patterns of other groups."""
        size, visits = self.structure.size, self.inverse.shape[1]
        patterns = len(self.inverse)
        step = max(1, _CHUNK // max(1, patterns * visits * visits))
        for group in self._groups:
            where = self.sums.group == group
            inverse = self.inverse * where[:, None, None]
            slopes = self.covariances[group].slopes
            for start in range(0, size, step):
                part = slopes[start : start + step]
                at = slice(group * size + start, group * size + start + len(part))
                if part.ndim == 3:
                    left = inverse.reshape(-1, visits) @ part.transpose(1, 0, 2).reshape(visits, -1)
                else:
                    left = inverse @ part.transpose(1, 2, 0, 3).reshape(patterns, visits, -1)
                shaped = left.reshape(patterns, visits * len(part), visits)
                yield at, (shaped @ inverse).reshape(patterns, visits, len(part), visits)

    def _slopes_against(self, group: int, weights: Floats) -> Floats:
        slopes = self.covariances[group].slopes
        against: Floats = slopes.reshape(len(slopes), -1) @ self._sum_group(group, weights).ravel()
        return against

    def _sum_group(self, group: int, weights: Floats) -> Floats:
        """Sum weights of patterns where they share a matrix; keep those of the group where each has its own."""
        where = self.sums.group == group
        if self.covariances[group].sigma.ndim == 2:
            summed: Floats = weights[where].sum(axis=0)
            return summed
        masked: Floats = weights * where[:, None, None]
        return masked


def evaluate(sums: PatternSums, structure: Structure, theta: Floats, *, reml: bool) -> Point | None:
    """Evaluate the likelihood at `theta` (k for each group); None unless the matrix is definite and finite."""
    size = structure.size
    covariances = [structure.covariance(theta[g * size : (g + 1) * size]) for g in range(sums.groups)]
    inverse, log_determinants = _invert(sums, covariances)
    if inverse is None:
        return None
    totals = sums.totals
    cross = sums.basis.T @ cross_products(sums, inverse[:, :, None, :])[0] @ sums.basis
    product = sums.basis.T @ response_products(sums, inverse[:, :, None, :])[0]
    if not (np.isfinite(cross).all() and np.isfinite(product).all()):
        return None
    try:
        factor = np.linalg.cholesky(cross)
    except np.linalg.LinAlgError:
        return None
    gamma = cho_solve((factor, True), product)
    root = solve_triangular(factor, np.eye(gamma.size), lower=True)

    by_visit = by_covariate(sums, sums.basis @ gamma)
    residual_products = totals.zy - totals.zz @ by_visit
    outer = totals.yy - by_visit.T @ totals.zy - residual_products.transpose(0, 2, 1) @ by_visit
    observations = sums.observations
    constant = observations * (np.log(2.0 * np.pi) + 2.0 * np.log(sums.scale)) - sums.log_weights
    deviance = constant + float(totals.count @ log_determinants) + float((inverse * outer).sum())
    if reml:
        parameters = gamma.size
        deviance -= parameters * (np.log(2.0 * np.pi) + 2.0 * np.log(sums.scale))
        deviance += 2.0 * float(np.log(np.diag(factor)).sum() + np.log(np.diag(sums.root)).sum())
    if not np.isfinite(deviance):
        return None
    return Point(
        sums=sums,
        structure=structure,
        theta=theta,
        reml=reml,
        covariances=covariances,
        inverse=inverse,
        gamma=gamma,
        vcov=root.T @ root,
        deviance=deviance,
        outer=outer,
        _residual_products=residual_products,
    )


def _invert(sums: PatternSums, covariances: Sequence[Covariance]) -> tuple[Floats | None, Floats]:
    seen = sums.observed.astype(float)
    sigma = pattern_covariances(covariances, sums.group)
    visits = seen.shape[1]
    if not np.isfinite(sigma).all():
        return None, seen
    padded = sigma * seen[:, :, None] * seen[:, None, :] + (1.0 - seen)[:, :, None] * np.eye(visits)
    try:
        factors = np.linalg.cholesky(padded)
    except np.linalg.LinAlgError:
        return None, seen
    roots = np.linalg.inv(factors)
    inverse = roots.transpose(0, 2, 1) @ roots
    inverse *= seen[:, :, None] * seen[:, None, :]
    return inverse, 2.0 * np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1)


def pattern_covariances(covariances: Sequence[Covariance], group: Codes) -> Floats:
    """Give the covariance matrix of every pattern (G x V x V), of all its visits."""
    if covariances[0].sigma.ndim == 2:
        stacked: Floats = np.stack([covariance.sigma for covariance in covariances])[group]
        return stacked
    per_pattern = np.stack([covariance.sigma for covariance in covariances])
    chosen: Floats = per_pattern[group, np.arange(group.size)]
    return chosen
