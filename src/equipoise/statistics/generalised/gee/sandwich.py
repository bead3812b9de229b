"""Covariances of the coefficients of estimating equations: model-based, robust, and robust in small samples.

M (sum of u_i u_i') M, M the inverse of sum D_i' V_i^-1 D_i and u_i the estimating function of cluster i:

- `robust`: as it is (Liang and Zeger, Biometrika 1986;73:13-22; geepack `san.se`, SAS empirical).
- `mancl-derouen`: residuals times (I - H_i)^-1, H_i the leverage of the cluster (Biometrics 2001;57:126-34).
- `kauermann-carroll`: residuals times (I - H_i)^-1/2 (JASA 2001;96:1387-96).
- `fay-graubard`: u_i divided by the root of 1 - min(0.75, diagonal of D_i' V_i^-1 D_i M) (Biometrics
  2001;57:1198-206).

Residuals are turned so that V_i = I; then H_i is symmetric and its powers come from eigenvalues. Checked
against geepack, clubSandwich and the formulas written out in R.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from equipoise.errors import EstimationFailed
from equipoise.statistics.distributions import Floats

GeeCovariance = Literal["robust", "model", "mancl-derouen", "kauermann-carroll", "fay-graubard"]
MOST_SHARE = 0.75


def sandwich_covariance(kind: GeeCovariance, whitened: Sequence[tuple[Floats, Floats]], bread: Floats) -> Floats:
    """Find the covariance (p x p) of a robust `kind`.

    `whitened` has for each pattern the columns (clusters x m x p) and residuals (clusters x m) with variance I;
    `bread` (p x p) is M. Raises `EstimationFailed` where a cluster has leverage 1.
    """
    meat = np.zeros_like(bread)
    for columns, residuals in whitened:
        adjusted = residuals
        if kind in ("mancl-derouen", "kauermann-carroll"):
            adjusted = _spread(columns, residuals, bread, -1.0 if kind == "mancl-derouen" else -0.5)
        score = np.einsum("gmp,gm->gp", columns, adjusted)
        if kind == "fay-graubard":
            share = np.einsum("gmp,gmq,qp->gp", columns, columns, bread, optimize=True)
            score = score / np.sqrt(1.0 - np.minimum(MOST_SHARE, share))
        meat += score.T @ score
    return np.asarray(bread @ meat @ bread, dtype=float)


def _spread(columns: Floats, residuals: Floats, bread: Floats, power: float) -> Floats:
    """Multiply residuals by a power of I - H, for each cluster."""
    leverage = np.einsum("gmp,pq,gkq->gmk", columns, bread, columns, optimize=True)
    values, vectors = np.linalg.eigh(np.eye(residuals.shape[1]) - leverage)
    if values.min() < 1e-10:
        raise EstimationFailed(
            "a small-sample sandwich divides by one minus the leverage of a cluster; use covariance robust or "
            f"drop a term. Got a cluster with leverage {1.0 - values.min():.6g}"
        )
    turned = np.einsum("gmk,gm->gk", vectors, residuals)
    return np.asarray(np.einsum("gmk,gk->gm", vectors, values**power * turned), dtype=float)
