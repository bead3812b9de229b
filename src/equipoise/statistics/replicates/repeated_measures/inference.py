"""Contrasts of coefficients in many trials: estimates, covariances, degrees of freedom.

A contrast l of all coefficients has the variance l C l'. In the coordinates of `likelihood` the columns of a visit
are orthonormal once its row of R is applied, so that with lambda_v = l R^-1, whitened, and h = sum_v alpha_v o
(B'Z_v lambda_v)

    l C l' = sum_v lambda_v' lambda_v + (l_c - h)' F^-1 (l_c - h)

Its derivatives g are d(l C l') = -sum_i x_i' dW x_i with the fitted profile x_i = X_i C l' of every participant.
With A the covariance of the parameters from the observed information, Satterthwaite's degrees of freedom are
2 (l C l')^2 / g'A g, and Kenward and Roger's first-order covariance is

    l C l' + 2 sum_j q_j' P q_j,    q_ij = D_j W x_i,    sum_j D_j D_j' = Cov(Sigma),   P = W - W X C X' W

with D_j the changes of Sigma by the columns of a root of A. Neither depends on what the parameters are: second
derivatives of Sigma in its own entries, which the first order leaves out, are 0. Source: Satterthwaite, Biometrics
1946;2:110-14; Kenward and Roger, Biometrics 1997;53:983-97. Checked against `mmrm`, replicate by replicate.
"""

from dataclasses import dataclass

import numpy as np

from equipoise.statistics.distributions import Floats
from equipoise.statistics.replicates.repeated_measures.factors import inverse_factor, solve
from equipoise.statistics.replicates.repeated_measures.likelihood import Points
from equipoise.statistics.replicates.repeated_measures.sums import Gaps, add_by_visit, at_gaps
from equipoise.statistics.replicates.repeated_measures.trials import Trials


@dataclass(frozen=True, eq=False)
class Contrasts:
    """m contrasts in T trials: `estimate` (T x m), `covariance` (T x m x m); `profile` x (T x m x n x V)."""

    trials: Trials
    gaps: Gaps
    points: Points
    estimate: Floats
    covariance: Floats
    profile: Floats

    def satterthwaite(self) -> Floats:
        """Find the degrees of freedom (T x m)."""
        rho = self.points.rho
        rows, columns = np.tril_indices(rho.shape[1])
        slopes = -2.0 * (self._white.transpose(0, 1, 3, 2) @ self.profile)[:, :, rows, columns]
        solved = solve(self.points.factor, slopes.transpose(0, 2, 1))
        spread = (slopes * solved.transpose(0, 2, 1)).sum(axis=2)
        return np.asarray(np.diagonal(self.covariance, axis1=1, axis2=2) ** 2 / spread)

    def kenward_roger(self) -> Floats:
        """Adjust the covariance (T x m x m)."""
        points = self.points
        sums, rho = points.sums, points.rho
        number, count, participants, visits = self.profile.shape
        leaning = self._white @ rho[:, None]
        wide = leaning.transpose(0, 2, 1, 3).reshape(number, participants, count * visits)

        root = np.sqrt(2.0) * inverse_factor(points.information)
        rows, columns = np.tril_indices(visits)
        change = np.zeros((*root.shape[:2], visits, visits))
        change[:, :, rows, columns] = root
        inverse = np.linalg.inv(rho)
        half = inverse[:, None] @ change @ (inverse @ inverse.transpose(0, 2, 1))[:, None]
        # rho_v D_j for every visit v: T x v x j x V
        turned = np.ascontiguousarray((rho[:, None] @ (half + half.transpose(0, 1, 3, 2))).transpose(0, 2, 1, 3))

        size, width = sums.unused.shape[1], count * visits
        common = size - sums.places
        raw = add_by_visit(
            self.trials.present, np.concatenate([wide, self.trials.common, self.trials.each], axis=2)
        )
        own = sums.whitening.transpose(0, 1, 3, 2) @ raw[:, :, width + common :, :width]
        among = raw[:, :, :width, :width] - own.transpose(0, 1, 3, 2) @ own
        among = among.reshape(number, visits, count, visits, count, visits).transpose(0, 2, 4, 1, 3, 5)
        squares = (turned.transpose(0, 1, 3, 2) @ turned).reshape(number, -1, 1)
        total = (among.reshape(number, count * count, -1) @ squares).reshape(number, count, count)

        mixed = np.empty((number, visits, size, width))
        mixed[:, :, :common] = raw[:, :, width : width + common, :width]
        here = sums.here[:, common:].transpose(0, 2, 1)[..., None]
        np.multiply(at_gaps(self.gaps, wide)[:, None], here, out=mixed[:, :, common:])
        mixed -= sums.columns_each.transpose(0, 2, 1, 3) @ own
        mixed *= points.alpha[..., None]
        apart = mixed.reshape(number, visits, size, count, visits).transpose(0, 3, 1, 4, 2)
        apart = np.ascontiguousarray(apart).reshape(number, count, visits * visits, size)
        through = turned.transpose(0, 2, 1, 3).reshape(number, 1, -1, visits * visits) @ apart
        flat = through.reshape(number, count, -1)
        turned_back = (through @ points.inverse[:, None]).reshape(flat.shape)
        return np.asarray(self.covariance + 2.0 * (total - flat @ turned_back.transpose(0, 2, 1)))

    @property
    def _white(self) -> Floats:
        return (self.profile @ self.points.rho.transpose(0, 2, 1)[:, None]) * self.trials.present[:, None]


def contrast(trials: Trials, gaps: Gaps, points: Points, each: Floats, common: Floats) -> Contrasts:
    """Estimate contrasts with weights `each` (T x m x a x V) and `common` (T x m x c) of the columns as given."""
    sums, rho = points.sums, points.rho
    size, width = points.gamma.shape[1], common.shape[2]
    own = np.linalg.solve(trials.root.transpose(0, 2, 1)[:, None], each)
    rest = np.zeros((*common.shape[:2], size))
    rest[:, :, :width] = (common - own.sum(axis=3) @ trials.mixed) / trials.length[:, None, :]
    inverse = np.linalg.inv(rho)
    white = (own @ inverse[:, None]).transpose(0, 3, 1, 2) @ sums.whitening
    alpha = points.alpha
    through = ((white @ sums.columns_each.transpose(0, 2, 3, 1)) * alpha[:, :, None, :]).sum(axis=1)
    left = rest - through
    remaining = left @ points.inverse
    covariance = (white @ white.transpose(0, 1, 3, 2)).sum(axis=1) + remaining @ left.transpose(0, 2, 1)

    fit = sums.responses_each.transpose(0, 1, 3, 2) @ rho[..., None]
    fit -= sums.columns_each.transpose(0, 2, 3, 1) @ (alpha * points.gamma[:, None, :])[..., None]
    estimate = (white @ fit)[..., 0].sum(axis=1) + (rest @ points.gamma[..., None])[..., 0]
    estimate += (own * trials.centre[:, None]).sum(axis=(2, 3))

    turned = white - (alpha[:, :, None, :] * remaining[:, None]) @ sums.columns_each.transpose(0, 2, 1, 3)
    turned = (turned @ sums.whitening.transpose(0, 1, 3, 2)).transpose(0, 2, 3, 1)
    profile = trials.each[:, None] @ (turned @ inverse.transpose(0, 2, 1)[:, None])
    profile += trials.common[:, None] @ remaining[:, :, :width, None]
    trial, place = np.nonzero(gaps.used)
    who, when = gaps.participant[trial, place], gaps.visit[trial, place]
    profile[trial, :, who, when] += remaining[trial, :, width + place]
    return Contrasts(trials, gaps, points, estimate, covariance, profile)
