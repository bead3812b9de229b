"""How an estimate and its variance answer to deltas: exactly, from two analyses per imputation.

Adding D delta to completed outcomes (D: participants x deltas) moves the estimate of each imputation along a line
and its residual mean square along a parabola: with residuals r_m of the imputation and R of D, the mean square is
(r_m'r_m + 2 r_m'R delta + delta'R'R delta) / df. Under Rubin's rules the variance between imputations does not
move at all, as the same values are missing in each. Jackknife and bootstrap replicates move along lines too, so
their variance is a parabola. Nothing is recomputed for a further delta.
"""

from dataclasses import dataclass

import numpy as np

from equipoise.statistics.distributions import Floats, t_quantile, t_two_sided_p
from equipoise.statistics.missing.pooling import combine_moments


@dataclass(frozen=True, eq=False)
class DeltaResponse:
    """An estimate and its variance as functions of k deltas.

    Estimate: `estimate` + `slope` (k). Variance (within imputations where there are several): `variance` + 2
    `linear` (k) + `quadratic` (k x k). `between`: the variance between `imputations` (0 imputations: none, and the
    normal distribution is used); `df_complete`: of the analysis.
    """

    estimate: float
    slope: Floats
    variance: float
    linear: Floats
    quadratic: Floats
    between: float = 0.0
    imputations: int = 0
    df_complete: float = np.inf

    def at(self, deltas: Floats) -> tuple[Floats, Floats, Floats]:
        """Find estimate, standard error and degrees of freedom at `deltas` (... x k), each of shape (...)."""
        estimate = self.estimate + deltas @ self.slope
        bent = np.einsum("...i,ij,...j->...", deltas, self.quadratic, deltas)
        variance = self.variance + 2.0 * deltas @ self.linear + bent
        if not self.imputations:
            return estimate, np.sqrt(variance), np.full(estimate.shape, np.inf)
        parts = combine_moments(estimate, variance, np.asarray(self.between), self.imputations, self.df_complete)
        return estimate, np.sqrt(parts.total), parts.df

    def p(self, deltas: Floats) -> Floats:
        """Find the two-sided p that the estimate is 0 at `deltas` (... x k)."""
        estimate, se, df = self.at(deltas)
        return t_two_sided_p(estimate / se, df)

    def margin(self, deltas: Floats, alpha: float) -> Floats:
        """Find t less its critical value at `deltas`, both on the side of the estimate without deltas.

        Above 0 where the two-sided p is below `alpha` and the estimate has kept its sign.
        """
        estimate, se, df = self.at(deltas)
        side = 1.0 if self.estimate >= 0.0 else -1.0
        return side * estimate / se - t_quantile(np.full(df.shape, 1.0 - alpha / 2.0), df)


def pooled_response(
    estimates: Floats, residuals: Floats, slope: Floats, moved: Floats, scale: float, df: int
) -> DeltaResponse:
    """Describe an estimate pooled by Rubin's rules.

    `estimates` (M) and `residuals` (M x N) of the imputations, `slope` (k) of the estimate, `moved` (N x k) what
    the design leaves of D, `scale` the variance of the estimate over the mean square, `df` the residual ones.
    """
    return DeltaResponse(
        estimate=float(estimates.mean()),
        slope=slope,
        variance=float((residuals**2).sum(axis=1).mean()) / df * scale,
        linear=residuals.mean(axis=0) @ moved / df * scale,
        quadratic=moved.T @ moved / df * scale,
        between=float(estimates.var(ddof=1)),
        imputations=estimates.size,
        df_complete=float(df),
    )


def replicate_response(
    estimate: float, slope: Floats, estimates: Floats, slopes: Floats, factor: float
) -> DeltaResponse:
    """Describe an estimate whose variance is `factor` x the sum of squares of its replicates about their mean.

    `slope` (k) of the estimate; `estimates` (J) and `slopes` (J x k) of the replicates.
    """
    away = estimates - estimates.mean()
    turned = slopes - slopes.mean(axis=0)
    return DeltaResponse(
        estimate=estimate,
        slope=slope,
        variance=float(away @ away) * factor,
        linear=away @ turned * factor,
        quadratic=turned.T @ turned * factor,
    )
