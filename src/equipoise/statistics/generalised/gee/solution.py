"""Solving estimating equations: scoring steps of the coefficients, in turn with moments of scale and correlation.

sum D_i' V_i^-1 (y_i - mu_i) = 0, V_i = phi A_i^1/2 R A_i^1/2 / w. Each pattern of visits has its rows turned so
that V_i = phi I, and all its clusters enter one product. Sources: Liang and Zeger, Biometrika 1986;73:13-22; QIC:
Pan, Biometrics 2001;57:120-5.
"""

from dataclasses import dataclass

import numpy as np

from equipoise.errors import EstimationFailed
from equipoise.statistics.distributions import Floats
from equipoise.statistics.generalised.families import GAUSSIAN, POISSON
from equipoise.statistics.generalised.gee.clusters import Clusters
from equipoise.statistics.generalised.gee.working_correlation import (
    Correlation,
    Moments,
    estimate_correlation,
    estimate_scale,
    factor_inverse,
)
from equipoise.statistics.generalised.likelihood import Likelihood

MOST_STEPS = 500
SETTLED = 1e-10
EXACT_FIT = 1e-13  # residuals of this share of the responses are rounding


@dataclass(frozen=True, eq=False)
class Solution:
    """Where the equations hold: coordinates, means, columns and residuals with variance I, and M."""

    point: Floats
    mean: Floats
    correlation: Floats
    scale: float
    whitened: list[tuple[Floats, Floats]]
    bread: Floats
    steps: int


def solve_equations(
    likelihood: Likelihood, clusters: Clusters, kind: Correlation, moments: Moments, start: Floats
) -> Solution:
    """Solve from `start` (p coordinates): residuals, scale and correlation, then the coefficients, by turns.

    Raises `EstimationFailed` where the steps do not settle or a correlation cannot be estimated.
    """
    point, previous = start, np.eye(clusters.visits)
    p = start.size
    family, columns = likelihood.family, likelihood.basis.columns
    for count in range(1, MOST_STEPS + 1):
        with np.errstate(over="ignore"):
            mean = family.mean(columns @ point + likelihood.offset)
        slope = family.slope(mean)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            root = np.sqrt(likelihood.weights / family.variance(mean))
            residuals = (likelihood.response - mean) * root
        if not np.isfinite(residuals).all():
            break
        scale = estimate_scale(residuals, likelihood.weights, p, moments)
        if float(residuals @ residuals) <= EXACT_FIT**2 * float(np.sum((likelihood.response * root) ** 2)):
            raise EstimationFailed("estimating equations need outcomes that vary about their fit. Got no residual")
        correlation = estimate_correlation(kind, residuals, likelihood.weights, clusters, scale, p, moments)
        scaled = columns * (slope * root)[:, None]
        whitened = []
        for pattern in clusters.patterns:
            factor = factor_inverse(correlation, pattern.positions)
            whitened.append((factor @ scaled[pattern.rows], residuals[pattern.rows] @ factor.T))
        information = sum((_cross(one, one) for one, _ in whitened), np.zeros((p, p)))
        gradient = sum((np.einsum("gmp,gm->p", one, rest) for one, rest in whitened), np.zeros(p))
        step = np.linalg.solve(information, gradient)
        change = max(float(np.abs(columns @ step).max()), float(np.abs(correlation - previous).max()))
        size = 1.0 + float(np.abs(columns @ point).max())
        if change < SETTLED * size:
            bread = np.asarray(np.linalg.inv(information), dtype=float)
            return Solution(point, mean, correlation, scale, whitened, bread, count)
        point, previous = point + step, correlation
    raise EstimationFailed(
        f"estimating equations with correlation {kind} did not settle in {count} steps; use exchangeable or "
        f"independence. Got a last step of {change:.3g}"
    )


def _cross(one: Floats, two: Floats) -> Floats:
    flat, other = one.reshape(-1, one.shape[2]), two.reshape(-1, two.shape[2])
    return np.asarray(flat.T @ other, dtype=float)


def quasi_information_criteria(likelihood: Likelihood, solution: Solution, robust: Floats) -> tuple[float, float]:
    """Find QIC, -2 quasi-likelihood + 2 trace(information under independence x robust), and QICu, + 2p."""
    found = likelihood.evaluate(solution.point)
    y, weights = likelihood.response, likelihood.weights
    eta, mean = found.eta, solution.mean
    # the quasi-likelihood has no constants: y log(mu) - mu of a count
    quasi = y * eta - mean if likelihood.family is POISSON else likelihood.family.log_likelihood(y, eta)
    # dispersion 1 for counts and binary outcomes, as SAS has it
    scale = solution.scale if likelihood.family is GAUSSIAN else 1.0
    fit = -2.0 * float(weights @ quasi) / scale
    penalty = 2.0 * float(np.trace(found.information @ robust)) / scale
    return fit + penalty, fit + 2.0 * solution.point.size
