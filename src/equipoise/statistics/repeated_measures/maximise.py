"""The maximum of the likelihood: from moments by average information, then by Newton's method, to rounding.

A step of average information (Gilmour, Thompson and Cullis, Biometrics 1995;51:1440-50) needs no derivatives of
X'WX and goes uphill from anywhere; once near, steps with the exact second derivatives double the digits. A step is
halved until the likelihood does not fall. Converged means that the next step would change -2 log-likelihood by
less than 1e-18 (1e-13 where rounding hides it) and that the second derivatives are positive definite. The result
does not depend on the scale of the data and has the same bits on every run.
"""

from dataclasses import dataclass

import numpy as np

from equipoise.errors import EstimationFailed
from equipoise.statistics.distributions import Floats
from equipoise.statistics.repeated_measures.likelihood import Point, evaluate
from equipoise.statistics.repeated_measures.structures import Structure, simpler_than
from equipoise.statistics.repeated_measures.sums import PatternSums

_NEAR = 1e-5  # expected change of -2 log-likelihood below which exact steps begin
_CONVERGED = 1e-18
_AT_ROUNDING = 1e-13  # converged as well where steps make no progress any more
_MOST_STEPS = 200
_IDLE = 1e-10  # fall of -2 log-likelihood that is no progress
_MOST_IDLE = 5
_SINGULAR = 1e-9  # smallest eigenvalue of a correlation matrix that counts as estimated
_VANISHED = 1e-14  # smallest variance, relative to that of all residuals, that counts as estimated


@dataclass(frozen=True, eq=False)
class Maximum:
    """Where the likelihood is largest: the `point`, the covariance of theta (k x k), and the steps it took."""

    point: Point
    theta_covariance: Floats
    steps: int


def maximise(
    sums: PatternSums, structure: Structure, *, reml: bool = True, start: Floats | None = None
) -> Maximum:
    """Find the maximum of the (restricted) likelihood, from the moments or from theta `start`.

    Raises `EstimationFailed` where the covariance runs into a singular matrix or no maximum is found.
    """
    # on the way to a boundary parameters may overflow; such points are refused by `evaluate`
    with np.errstate(all="ignore"):
        return _climb(
            sums, structure, _start(sums, structure) if start is None else start, start is not None, reml
        )


def _climb(sums: PatternSums, structure: Structure, theta: Floats, near: bool, reml: bool) -> Maximum:
    point = evaluate(sums, structure, theta, reml=reml)
    if point is None:
        raise EstimationFailed(
            f"covariance {structure.name} has no positive definite start on these data; "
            f"{simpler_than(structure.name)}. Got a singular matrix"
        )
    idle = 0
    for step in range(1, _MOST_STEPS + 1):
        information = point.average_information
        if near:
            exact = point.observed_information
            near = _is_positive(exact)
            information = exact if near else information
        move, change = _newton(information, point.gradient)
        if near and (change < _CONVERGED or (change < _AT_ROUNDING and idle > 1)):
            _require_regular(point)
            covariance = np.linalg.inv(0.5 * point.observed_information).astype(float)
            return Maximum(point, covariance, step)
        before = point.deviance
        point, moved = _go(point, move, change)
        _require_variance(point)
        idle = idle + 1 if before - point.deviance < _IDLE else 0
        if idle == _MOST_IDLE:
            break
        near = change < _NEAR or not moved
    _require_regular(point)
    raise EstimationFailed(
        f"the likelihood of covariance {structure.name} has no maximum that could be found; "
        f"{simpler_than(structure.name)}. Got no convergence in {step} steps"
    )


def residual_moments(sums: PatternSums) -> tuple[Floats, Floats]:
    """Mean products of least-squares residuals by pairs of visits (V x V), and how many there were of each."""
    seen = sums.observed.astype(float)
    pairs = np.einsum("g,gv,gw->vw", sums.totals.count, seen, seen)
    return sums.totals.yy.sum(axis=0) / np.maximum(pairs, 1.0), pairs


def _start(sums: PatternSums, structure: Structure) -> Floats:
    moments, pairs = residual_moments(sums)
    # a visit with residuals of 0 has no moment to start from
    floor = 1e-6 * float(np.diag(moments).max())
    variances = np.maximum(np.diag(moments), floor)
    filled = np.where(pairs > 1.0, moments, 0.5 * np.sqrt(np.outer(variances, variances)))
    np.fill_diagonal(filled, variances)
    return np.tile(structure.start(filled), sums.groups)


def _newton(information: Floats, gradient: Floats) -> tuple[Floats, float]:
    """Find the step to where the gradient vanishes, and the fall of -2 log-likelihood that it promises."""
    ridge = 0.0
    scale = float(np.abs(np.diag(information)).max()) or 1.0
    while True:
        try:
            factor = np.linalg.cholesky(information + ridge * scale * np.eye(gradient.size))
        except np.linalg.LinAlgError:
            ridge = max(10.0 * ridge, 1e-10)
            continue
        half = np.linalg.solve(factor, gradient)
        return -np.linalg.solve(factor.T, half), 0.5 * float(half @ half)


def _go(point: Point, move: Floats, change: float) -> tuple[Point, bool]:
    """Go `move`, or a half, a quarter, ... of it; False where no part of it makes the likelihood larger."""
    slack = 1e-9 if change < _NEAR else 0.0
    share = 1.0
    for _ in range(40):
        found = evaluate(point.sums, point.structure, point.theta + share * move, reml=point.reml)
        if found is not None and found.deviance <= point.deviance + slack:
            return found, True
        share *= 0.5
    return point, False


def _require_variance(point: Point) -> None:
    smallest = min(float(np.diagonal(found.sigma, axis1=-2, axis2=-1).min()) for found in point.covariances)
    if smallest < _VANISHED:
        raise EstimationFailed(
            f"a variance of covariance {point.structure.name} runs to 0, as the terms of the model fit some visit "
            f"or group exactly; {simpler_than(point.structure.name)}. Got {smallest:.2g} of that of all residuals"
        )


def _require_regular(point: Point) -> None:
    for covariance in point.covariances:
        sd = np.sqrt(np.diagonal(covariance.sigma, axis1=-2, axis2=-1))
        if covariance.sigma.ndim > 2:
            continue
        smallest = float(np.linalg.eigvalsh(covariance.sigma / np.outer(sd, sd)).min())
        if smallest < _SINGULAR:
            raise EstimationFailed(
                f"covariance {point.structure.name} became singular: residuals of some visits follow from others; "
                f"{simpler_than(point.structure.name)}. Got a smallest eigenvalue of {smallest:.2g}"
            )


def _is_positive(matrix: Floats) -> bool:
    try:
        np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return False
    return True
