"""The empirical (sandwich) covariance of the coefficients, which holds where the structure of Sigma is wrong.

    C { sum_i X_i' W A_i r_i r_i' A_i' W X_i } C

with A_i = I (CR0; SAS EMPIRICAL, mmrm "Empirical"), I sqrt(N / (N - 1)) (CR1), (I - H_i)^(-1/2) on the whitened
scale (CR2; mmrm "Empirical-Bias-Reduced"), (I - H_i)^-1 (CR3; mmrm "Empirical-Jackknife"), H_i = X_i C X_i' W.
Degrees of freedom of a row: those of the quadratic form under the working covariance, 2 / sum of squares over the
square of the sum, which needs sums over participants only, since (I - H) Sigma (I - H)' = Sigma - X C X'.
Source: Liang and Zeger, Biometrika 1986;73:13-22; Bell and McCaffrey, Survey Methodology 2002;28:169-81;
Pustejovsky and Tipton, J Bus Econ Stat 2018;36:672-83. Checked against mmrm.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from equipoise.errors import EstimationFailed
from equipoise.statistics.distributions import Floats
from equipoise.statistics.linear.inference import FTest
from equipoise.statistics.repeated_measures.inference.degrees_of_freedom import f_by_directions
from equipoise.statistics.repeated_measures.likelihood import Point, pattern_covariances
from equipoise.statistics.repeated_measures.sums import by_covariate

Variance = Literal["model", "CR0", "CR1", "CR2", "CR3"]
_FULL_LEVERAGE = 1e-8


@dataclass(frozen=True, eq=False)
class Sandwich:
    """The empirical covariance `vcov` (p x p) of the design's coefficients."""

    vcov: Floats
    point: Point
    whitening: Floats  # N x V x V, F^-1 with Sigma = F F', 0 where not seen
    adjustment: Floats | None  # N x V x V
    back: Floats

    def degrees_of_freedom(self, rows: Floats) -> Floats:
        """Match the moments of each row's estimated variance under the working covariance."""
        point = self.point
        root = np.linalg.cholesky(point.vcov).astype(float)
        found = np.empty(len(rows))
        for place, row in enumerate(rows @ self.back @ point.vcov):
            leaning = _times(self.whitening, _values(point, row))
            if self.adjustment is not None:
                leaning = _times(self.adjustment, leaning)
            lengths = (leaning**2).sum(axis=1)
            scores = _scores(point, self.whitening, leaning, root)
            overlap = (scores**2).sum(axis=1)
            total = float((lengths - overlap).sum())
            squares = float((lengths**2 - 2.0 * lengths * overlap).sum()) + float(((scores.T @ scores) ** 2).sum())
            found[place] = total**2 / squares if squares > 0.0 else 0.0
        return found

    def joint_test(self, rows: Floats, beta: Floats) -> FTest:
        """Test rows by F, its degrees of freedom joined from those of independent directions."""
        return f_by_directions(rows, beta, self)


def sandwich(point: Point, back: Floats, kind: Variance) -> Sandwich:
    """Compute the covariance `kind`, CR0 to CR3; `back` (p x p) gives the design's coefficients.

    Raises `EstimationFailed` for one participant, and for CR2 and CR3 where leaving a participant out leaves a
    coefficient without data.
    """
    sums = point.sums
    pattern = sums.participants.pattern
    if len(pattern) < 2:
        raise EstimationFailed("an empirical variance needs two participants; take variance model. Got 1")
    seen = sums.observed.astype(float)
    sigma = pattern_covariances(point.covariances, sums.group)
    padded = sigma * seen[:, :, None] * seen[:, None, :] + (1.0 - seen)[:, :, None] * np.eye(seen.shape[1])
    whitening = (np.linalg.inv(np.linalg.cholesky(padded)) * seen[:, :, None] * seen[:, None, :])[pattern]

    residual = np.where(sums.observed[pattern], sums.participants.y - _values(point, point.gamma), 0.0)
    white = _times(whitening, residual)
    adjustment = None
    if kind in ("CR2", "CR3"):
        adjustment = _adjustment(point, whitening, power=-0.5 if kind == "CR2" else -1.0)
        white = _times(adjustment, white)
    scores = _scores(point, whitening, white, np.eye(point.gamma.size))
    meat = scores.T @ scores
    if kind == "CR1":
        meat *= len(pattern) / (len(pattern) - 1.0)
    turned = back @ point.vcov
    return Sandwich(turned @ meat @ turned.T, point, whitening, adjustment, back)


def _values(point: Point, gamma: Floats) -> Floats:
    """X gamma for every participant and visit (N x V)."""
    return point.sums.participants.z @ by_covariate(point.sums, point.sums.basis @ gamma)


def _times(matrices: Floats, values: Floats) -> Floats:
    """Multiply a matrix and a vector of each participant."""
    product: Floats = (matrices @ values[:, :, None])[:, :, 0]
    return product


def _scores(point: Point, whitening: Floats, white: Floats, turn: Floats) -> Floats:
    """X_i' F_i^-T times whitened values (N x V), coefficients turned (p x p): N x p."""
    at = point.sums.participants
    back = (white[:, None, :] @ whitening)[:, 0, :]
    scores: Floats = (at.z[:, at.rows_z] * back[:, at.rows_v]) @ (point.sums.basis @ turn)
    return scores


def _adjustment(point: Point, whitening: Floats, *, power: float) -> Floats:
    """Raise I - H_i of the whitened scale to a power (N x V x V)."""
    sums = point.sums
    at = sums.participants
    rows = sums.basis @ point.vcov @ sums.basis.T
    visits = sums.observed.shape[1]
    hat = np.empty((len(at.pattern), visits, visits))
    for v, w, first, second, _ in sums.blocks:
        left = at.z[:, at.rows_z[first]] @ rows[np.ix_(first, second)]
        hat[:, v, w] = hat[:, w, v] = (left * at.z[:, at.rows_z[second]]).sum(axis=1)
    values, vectors = np.linalg.eigh(np.eye(visits) - whitening @ hat @ whitening.transpose(0, 2, 1))
    if values.min() < _FULL_LEVERAGE:
        raise EstimationFailed(
            "CR2 and CR3 need coefficients that no participant alone determines; use CR0 or CR1, or drop a term. "
            f"Got a smallest eigenvalue of 1 - leverage of {values.min():.2g}"
        )
    raised: Floats = (vectors * values[:, None, :] ** power) @ vectors.transpose(0, 2, 1)
    return raised
