"""Sample size of a trial analysed by a mixed model for repeated measures, with dropout.

A participant of an arm with covariance S over the visits, of whom a share r_j is still seen at visit j (and at all
visits before), gives the information sum_j (r_j - r_j+1) S_j^-1 (S_j: the first j visits, padded with 0) on the
means; phi is the variance of the contrast of interest under its inverse. Var(difference) = phi1 / n1 + phi2 / n2.
Source: Lu, Luo and Chen, International Journal of Biostatistics 2008;4(1):9, formula (3). Baseline as a covariate:
S is that of the later visits given baseline. Checked against the tables of the paper as the tests of longpower
reproduce them, and a program in R.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats
from equipoise.statistics.sample_size.noncentral import normal_power, t_power
from equipoise.statistics.sample_size.result import (
    Direction,
    Question,
    SampleSize,
    require_one_of,
    require_positive,
    solve,
)

Method = Literal["normal", "student"]


def power_mmrm(
    difference: float | None = None,
    *,
    covariance: ArrayLike,
    retention: Sequence[float] | None = None,
    covariance_control: ArrayLike | None = None,
    retention_control: Sequence[float] | None = None,
    contrast: Sequence[float] | None = None,
    baseline: bool = False,
    n: float | tuple[float, float] | None = None,
    power: float | None = None,
    null: float = 0.0,
    ratio: float = 1.0,
    alpha: float = 0.05,
    sides: int = 2,
    strict: bool = False,
    direction: Direction = "above",
    method: Method = "normal",
) -> SampleSize:
    """Relate randomised participants, power and the difference of the arms in a `contrast` of the visit means.

    `covariance` (visits x visits) is that within an arm, `covariance_control` that in control if it differs; with
    `baseline` its first row is the baseline visit, adjusted for as a covariate. `retention`: share of the
    randomised seen at each visit after baseline, never rising (default: all), `retention_control` likewise.
    `contrast`: weights of the visits (default: the last one). `method`: `normal` as in the paper, or `student`,
    noncentral t with as many degrees of freedom as participants seen at the last visit less 2. Otherwise as
    `power_t_test`. Raises `DataError` for a matrix that is no covariance or shares out of range.
    """
    require_one_of("method", method, Method)
    require_one_of("direction", direction, Direction)
    require_positive("ratio", ratio)
    question = Question(n, power, difference, alpha, sides)
    treated = _read_covariance("covariance", covariance, baseline)
    visits = treated.shape[0]
    other = (
        treated
        if covariance_control is None
        else _read_covariance("covariance_control", covariance_control, baseline)
    )
    seen = _read_retention("retention", retention, visits)
    seen_control = (
        seen if retention_control is None else _read_retention("retention_control", retention_control, visits)
    )
    weights = np.eye(visits)[-1] if contrast is None else np.asarray(contrast, dtype=float)
    if other.shape != treated.shape or weights.shape != (visits,) or not weights.any():
        raise DataError(
            f"covariances and contrast must fit the {visits} visits. Got {other.shape}, {weights.shape}"
        )
    phi = tuple(contrast_variance(s, r, weights) for s, r in ((treated, seen), (other, seen_control)))
    both = strict and sides == 2

    def curve(sizes: tuple[float, ...], effect: float) -> float:
        ncp = abs(effect - null) / float(np.sqrt(phi[0] / sizes[0] + phi[1] / sizes[1]))
        if method == "normal":
            return normal_power(ncp, question.critical, both=both)
        last = sizes[0] * seen[-1] + sizes[1] * seen_control[-1]
        return t_power(ncp, last - 2.0, question.level, both=both)

    return solve(
        question,
        curve,
        method=f"repeated measures, {'normal approximation' if method == 'normal' else 'noncentral t'}",
        arms=("treatment", "control"),
        allocation=(ratio, 1.0),
        fewest=2.0 if method == "normal" else 3.0 / float(min(seen[-1], seen_control[-1])),
        null=null,
        farthest=np.inf if direction == "above" else -np.inf,
    )


def contrast_variance(covariance: Floats, retention: Floats, weights: Floats) -> float:
    """Variance, for one randomised participant, of the weighted sum of the estimated visit means of an arm."""
    visits = covariance.shape[0]
    information = np.zeros((visits, visits))
    leaving = retention - np.append(retention[1:], 0.0)
    for last, share in enumerate(leaving, start=1):
        information[:last, :last] += share * np.linalg.inv(covariance[:last, :last])
    return float(weights @ np.linalg.solve(information, weights))


def ar1_covariance(sd: float, correlation: float, visits: int) -> Floats:
    """Build the covariance sd^2 correlation^distance (0-1) of `visits` equally spaced visits."""
    _require_structure(sd, correlation, visits)
    distance = np.abs(np.subtract.outer(np.arange(visits), np.arange(visits)))
    powers: Floats = sd**2 * np.power(float(correlation), distance)
    return powers


def compound_symmetry(sd: float, correlation: float, visits: int) -> Floats:
    """Build the covariance of `visits` visits with one `correlation` and standard deviation `sd`."""
    _require_structure(sd, correlation, visits)
    same: Floats = sd**2 * (correlation + (1.0 - correlation) * np.eye(visits))
    return same


def _require_structure(sd: float, correlation: float, visits: int) -> None:
    require_positive("sd", sd)
    if not -1 <= correlation <= 1:
        raise DataError(f"correlation must lie between -1 and 1. Got {correlation:g}")
    if visits not in range(1, 1001):
        raise DataError(f"visits must be their number, from 1 to 1000. Got {visits:g}")


def _read_covariance(name: str, covariance: ArrayLike, baseline: bool) -> Floats:
    matrix = np.asarray(covariance, dtype=float)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.shape[0] <= int(baseline):
        raise DataError(f"{name} must be a square matrix with a row for each visit. Got shape {matrix.shape}")
    if not np.allclose(matrix, matrix.T, rtol=1e-8) or np.linalg.eigvalsh(matrix)[0] <= 0:
        raise DataError(
            f"{name} must be symmetric and positive definite. Got the smallest eigenvalue "
            f"{np.linalg.eigvalsh(matrix)[0]:.3g}"
        )
    if not baseline:
        return matrix
    given: Floats = matrix[1:, 1:] - np.outer(matrix[1:, 0], matrix[0, 1:]) / matrix[0, 0]
    return given


def _read_retention(name: str, retention: Sequence[float] | None, visits: int) -> Floats:
    shares = np.ones(visits) if retention is None else np.asarray(retention, dtype=float)
    if shares.shape != (visits,) or not (np.all(shares > 0) and shares[0] <= 1 and np.all(np.diff(shares) <= 0)):
        raise DataError(
            f"{name} must hold a share above 0 and at most 1 for each of the {visits} visits, never rising. "
            f"Got {shares.tolist()}"
        )
    return shares
