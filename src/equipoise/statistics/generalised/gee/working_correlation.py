"""Working correlations and their moment estimators, from Pearson residuals e = (y - mu) / sqrt(V(mu) / w).

- exchangeable: one alpha, from all pairs within clusters.
- ar1: alpha^d at visits d apart, from pairs at adjacent visits.
- unstructured: a correlation for each pair of visits, from the clusters seen at both.

`moments="sas"` divides by the number of pairs minus the number p of coefficients, and phi by N - p (Liang and
Zeger, Biometrika 1986;73:13-22; SAS GENMOD). `moments="geepack"` divides by the number of pairs and
by N, and finds the ar1 alpha by least squares over all pairs of visits (Halekoh, Hojsgaard and Yan, J Statistical
Software 2006;15(2)); with weights a row counts w, and a pair the product of its weights. Checked against geepack,
statsmodels, and sums written out in R.
"""

from typing import Literal

import numpy as np
from scipy.optimize import brentq

from equipoise.errors import EstimationFailed
from equipoise.statistics.distributions import Floats
from equipoise.statistics.generalised.gee.clusters import Clusters, Rows

Correlation = Literal["independence", "exchangeable", "ar1", "unstructured"]
Moments = Literal["sas", "geepack"]


def estimate_scale(residuals: Floats, weights: Floats, parameters: int, moments: Moments) -> float:
    """Estimate phi from Pearson residuals; `EstimationFailed` where no degree of freedom is left."""
    if moments == "geepack":
        return float(residuals @ residuals) / float(weights.sum())
    count = residuals.size - parameters
    if count <= 0:
        raise EstimationFailed(
            f"the scale needs more rows than the {parameters} coefficients; drop a term. Got {residuals.size} rows"
        )
    return float(residuals @ residuals) / count


def estimate_correlation(
    kind: Correlation,
    residuals: Floats,
    weights: Floats,
    clusters: Clusters,
    scale: float,
    parameters: int,
    moments: Moments,
) -> Floats:
    """Estimate the working correlation (visits x visits) of standardised `residuals` (n, Pearson).

    Raises `EstimationFailed` where too few pairs are seen or the result is no correlation matrix.
    """
    visits = clusters.visits
    if kind == "independence" or visits == 1:
        return np.eye(visits)
    if moments == "sas":
        taken, counted = parameters, np.ones(residuals.size)
    else:
        taken, counted, residuals = 0, weights, residuals * np.sqrt(weights)
    if kind == "exchangeable":
        alpha = _exchangeable(residuals, counted, clusters, scale, taken)
        return np.where(np.eye(visits, dtype=bool), 1.0, alpha)
    products, pairs = _cross_products(residuals, counted, clusters)
    products = products / scale
    if kind == "ar1":
        alpha = _ar1_least_squares(products, pairs) if moments == "geepack" else _ar1(products, pairs, taken)
        distance = np.abs(np.subtract.outer(np.arange(visits), np.arange(visits)))
        return np.asarray(np.power(alpha, distance), dtype=float)
    off = ~np.eye(visits, dtype=bool)
    if (pairs[off] <= taken).any():
        raise EstimationFailed(
            "an unstructured correlation needs more clusters seen at each two visits than coefficients "
            f"({taken}); use exchangeable or ar1. Got {int(pairs[off].min())} at two of the visits"
        )
    return np.where(off, products / np.where(off, pairs - taken, 1.0), 1.0)


def factor_inverse(correlation: Floats, positions: Rows) -> Floats:
    """Find W (m x m) with W'W the inverse of the correlation at `positions`, for sums over visits.

    Raises `EstimationFailed` where the matrix is not positive definite.
    """
    block = correlation[np.ix_(positions, positions)]
    try:
        return np.linalg.inv(np.linalg.cholesky(block))
    except np.linalg.LinAlgError:
        raise EstimationFailed(
            "the working correlation is not positive definite; use a simpler one, such as exchangeable or "
            f"independence. Got a smallest eigenvalue of {np.linalg.eigvalsh(block)[0]:.3g}"
        ) from None


def _exchangeable(residuals: Floats, counted: Floats, clusters: Clusters, scale: float, taken: int) -> float:
    size = np.bincount(clusters.cluster, weights=counted, minlength=clusters.count)
    total = np.bincount(clusters.cluster, weights=residuals, minlength=clusters.count)
    pairs = (float(size @ size) - float(counted @ counted)) / 2.0 - taken
    if pairs <= 0:
        raise EstimationFailed(
            f"an exchangeable correlation needs more pairs within clusters than the {taken} coefficients; use "
            f"independence. Got {pairs + taken:g} pairs"
        )
    return (float(total @ total) - float(residuals @ residuals)) / 2.0 / scale / pairs


def _cross_products(residuals: Floats, counted: Floats, clusters: Clusters) -> tuple[Floats, Floats]:
    """Sum products of residuals, and of what their rows count, over clusters, for each two visits."""
    wide = np.zeros((clusters.count, clusters.visits))
    seen = np.zeros_like(wide)
    wide[clusters.cluster, clusters.visit] = residuals
    seen[clusters.cluster, clusters.visit] = counted
    return wide.T @ wide, seen.T @ seen


def _ar1(products: Floats, pairs: Floats, taken: int) -> float:
    count = float(np.diagonal(pairs, 1).sum()) - taken
    if count <= 0:
        raise EstimationFailed(
            f"an ar1 correlation needs more pairs of adjacent visits than the {taken} coefficients; use "
            f"exchangeable or independence. Got {count + taken:g} pairs"
        )
    return float(np.diagonal(products, 1).sum()) / count


def _ar1_least_squares(products: Floats, pairs: Floats) -> float:
    lags = np.arange(1, products.shape[0])
    total = np.array([np.trace(products, lag) for lag in lags])
    count = np.array([np.trace(pairs, lag) for lag in lags])

    def slope(alpha: float) -> float:
        return float(((total - count * alpha**lags) * lags * alpha ** (lags - 1)).sum())

    if slope(-1.0) <= 0.0 or slope(1.0) >= 0.0:
        raise EstimationFailed(
            "an ar1 correlation must lie between -1 and 1; use exchangeable or unstructured. "
            f"Got slopes of {slope(-1.0):.3g} and {slope(1.0):.3g} at the ends"
        )
    return float(brentq(slope, -1.0, 1.0, xtol=1e-15))
