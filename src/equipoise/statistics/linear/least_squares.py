"""Least squares by Householder QR, with the sandwich covariances HC0 to HC3.

beta = (X'WX)^-1 X'Wy, sigma^2 = RSS / (n - p). Columns that depend on earlier ones are found as R's `lm` finds
them (relative tolerance 1e-7) and named. Robust covariance: White, Econometrica 1980;48:817-38 (HC0); MacKinnon
and White, J Econometrics 1985;29:305-25 (HC1, HC2, HC3). Checked against R's `lm` and `sandwich::vcovHC`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from scipy.linalg import qr, solve_triangular

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.distributions import Floats

CovarianceKind = Literal["model", "HC0", "HC1", "HC2", "HC3"]
_DEPENDENT = 1e-7  # R's tolerance for a column that adds nothing to those before it
_EXACT_FIT = 1e-13  # residuals this small against the response are rounding


@dataclass(frozen=True, eq=False)
class LeastSquares:
    """A solved least squares problem; `vcov` is of the kind asked for, `cross_inverse` is (X'WX)^-1."""

    beta: Floats
    vcov: Floats
    cross_inverse: Floats
    fitted: Floats
    df: int
    rss: float
    r_squared: float


def solve_least_squares(
    matrix: Floats,
    response: Floats,
    columns: Sequence[str],
    *,
    weights: Floats | None = None,
    covariance: CovarianceKind = "model",
) -> LeastSquares:
    """Fit `response` (n) to `matrix` (n x p, its `columns` named) by least squares.

    Raises `EstimationFailed` when p columns leave no residual degree of freedom, when a column is a combination
    of others (all are named), and when the fit is exact, which leaves no variance to estimate; `DataError` for an
    unknown kind of covariance.
    """
    if covariance not in get_args(CovarianceKind):
        known = ", ".join(get_args(CovarianceKind))
        raise DataError(f"the covariance of a linear model must be one of {known}. Got {covariance}")
    n, p = matrix.shape
    if n <= p:
        raise EstimationFailed(
            f"a linear model needs more observations than its {p} parameters; drop a term. Got {n} observations"
        )
    root = np.ones(n) if weights is None else np.sqrt(weights)
    weighted, target = matrix * root[:, None], response * root
    size = np.sqrt((weighted**2).sum(axis=0))
    require_independent_columns(weighted, size, columns)

    orthogonal, upper = qr(weighted / size, mode="economic")
    beta = solve_triangular(upper, orthogonal.T @ target) / size
    inverse = solve_triangular(upper, np.eye(p)) / size[:, None]
    cross_inverse = inverse @ inverse.T
    fitted = matrix @ beta
    residual = target - fitted * root
    rss = float(residual @ residual)
    if rss <= (_EXACT_FIT**2) * float(target @ target):
        raise EstimationFailed(
            "a linear model needs a response that varies about its fit; its standard errors would be rounding. "
            f"Got a residual sum of squares of {rss:.3g} in {n} observations"
        )
    df = n - p
    if covariance == "model":
        vcov = cross_inverse * (rss / df)
    else:
        leverage = (orthogonal**2).sum(axis=1)
        vcov = _sandwich(weighted, residual, leverage, cross_inverse, covariance)
    return LeastSquares(beta, vcov, cross_inverse, fitted, df, rss, _r_squared(matrix, target, root, rss))


def _sandwich(
    weighted: Floats, residual: Floats, leverage: Floats, cross_inverse: Floats, kind: CovarianceKind
) -> Floats:
    n, p = weighted.shape
    if kind in ("HC2", "HC3") and leverage.max() > 1.0 - 1e-10:
        raise EstimationFailed(
            f"{kind} divides by one minus the leverage; use HC1. Got observation {int(leverage.argmax()) + 1} of "
            "those used with leverage 1"
        )
    if kind == "HC2":
        factor = 1.0 / (1.0 - leverage)
    elif kind == "HC3":
        factor = 1.0 / (1.0 - leverage) ** 2
    else:
        factor = np.full(n, n / (n - p) if kind == "HC1" else 1.0)
    meat = (weighted * (factor * residual**2)[:, None]).T @ weighted
    return cross_inverse @ meat @ cross_inverse


def _r_squared(matrix: Floats, target: Floats, root: Floats, rss: float) -> float:
    """Share of the variation explained, about the mean where the columns span a constant, else about 0."""
    constant, *_ = np.linalg.lstsq(matrix, np.ones(matrix.shape[0]), rcond=None)
    spans = np.allclose(matrix @ constant, 1.0, atol=1e-8)
    centre = (root @ target) / (root @ root) if spans else 0.0
    total = float(((target - centre * root) ** 2).sum())
    return 1.0 - rss / total


def require_independent_columns(weighted: Floats, size: Floats, columns: Sequence[str]) -> None:
    """Refuse a matrix (n x p, its columns of length `size`) with columns that repeat others: all are named."""
    kept: list[int] = []
    dependent: list[str] = []
    remaining = list(range(weighted.shape[1]))
    while remaining:
        trial = kept + remaining
        if any(size[at] == 0.0 for at in remaining):
            empty = next(at for at in remaining if size[at] == 0.0)
            dependent.append(f"{columns[empty]} = 0")
            remaining.remove(empty)
            continue
        scaled = weighted[:, trial] / size[trial]
        diagonal = np.abs(np.diag(qr(scaled, mode="r")[0]))
        small = np.flatnonzero(diagonal < _DEPENDENT)
        if small.size == 0:
            break
        first = int(small[0])
        kept, rest = trial[:first], trial[first + 1 :]
        dependent.append(_as_combination(scaled, first, [columns[at] for at in trial]))
        remaining = rest
    if dependent:
        raise EstimationFailed(
            "the columns of a linear model must not be combinations of each other; drop a term or merge levels. "
            f"Got {'; '.join(dependent)}"
        )


def _as_combination(scaled: Floats, at: int, names: Sequence[str]) -> str:
    if at == 0:
        return f"{names[0]} = 0"
    share = np.linalg.lstsq(scaled[:, :at], scaled[:, at], rcond=None)[0]
    parts = [names[place] for place in np.flatnonzero(np.abs(share) > 1e-6).tolist()]
    return f"{names[at]} (from {', '.join(parts)})" if parts else f"{names[at]} = 0"
