"""The multiple contrast test: any dose response at all, against several candidate shapes.

T_m = c_m'mu / sqrt(c_m'S c_m); p of a contrast is the probability that the largest of all T exceeds the one
observed (of |T| in a two-sided test), from the joint t or normal distribution, to about ten digits and without
random numbers. Sources: Bretz, Pinheiro and Branson, Biometrics 2005;61:738-48; Hothorn, Bretz and Westfall,
Biometrical J 2008;50:346-63; Pinheiro, Bornkamp, Glimm and Bretz, Statistics in Medicine 2014;33:1646-61. As
`MCTtest` of the R package DoseFinding. Checked against it, and against multcomp for contrasts of Williams type.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import polars as pl

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats
from equipoise.statistics.dose_finding.contrasts.optimal import (
    ContrastKind,
    Contrasts,
    correlate_contrasts,
    optimal_contrasts,
)
from equipoise.statistics.dose_finding.estimates import DoseEstimates
from equipoise.statistics.dose_finding.models.candidates import Candidates
from equipoise.statistics.multivariate import t_equicoordinate_quantile, t_maximum_p

Alternative = Literal["one-sided", "two-sided"]


@dataclass(frozen=True, eq=False)
class ContrastTest:
    """A multiple contrast test.

    `table`: contrast, estimate, se, t, p (adjusted), significant, in the order of the candidates. `p`: the
    smallest of them, that of the test of no dose response at all. `critical_value` belongs to `alpha`; `df` may be
    infinite. `correlation`: of the contrasts.
    """

    table: pl.DataFrame
    p: float
    critical_value: float
    alpha: float
    alternative: Alternative
    df: float
    contrasts: Contrasts
    correlation: Floats

    @property
    def significant(self) -> tuple[str, ...]:
        """Label the significant contrasts, the largest statistic first."""
        size = pl.col("t") if self.alternative == "one-sided" else pl.col("t").abs()
        return tuple(self.table.filter("significant").sort(size, descending=True, maintain_order=True)["contrast"])


def multiple_contrast_test(
    estimates: DoseEstimates,
    tested: Candidates | Contrasts,
    *,
    alternative: Alternative = "one-sided",
    alpha: float = 0.025,
    kind: ContrastKind = "unconstrained",
) -> ContrastTest:
    """Test for a dose response by the optimal contrasts of candidates, or by contrasts given.

    `estimates`: from `dose_means`, or any estimates with their covariance. `tested`: candidates, whose optimal
    contrasts for the covariance of the estimates are formed (`kind` as in `optimal_contrasts`), or contrasts.
    `alternative`: one-sided is in the direction of the candidates. `alpha` is the level of the whole test. Raises
    `DataError` for doses that differ or a level outside 0-0.5.
    """
    require_alternative(alternative, alpha)
    contrasts = _contrasts(estimates, tested, kind)
    matrix = contrasts.matrix
    value = matrix.T @ estimates.estimate
    se = np.sqrt(np.einsum("im,ij,jm->m", matrix, estimates.covariance, matrix))
    t = value / se
    correlation = correlate_contrasts(matrix, estimates.covariance)
    two_sided = alternative == "two-sided"
    p = t_maximum_p(t, correlation, estimates.df, two_sided=two_sided)
    table = pl.DataFrame(
        {
            "contrast": contrasts.labels,
            "estimate": value,
            "se": se,
            "t": t,
            "p": p,
            "significant": p <= alpha,
        }
    )
    critical = t_equicoordinate_quantile(1.0 - alpha, correlation, estimates.df, two_sided=two_sided)
    return ContrastTest(table, float(p.min()), critical, alpha, alternative, estimates.df, contrasts, correlation)


def require_alternative(alternative: str, alpha: float) -> None:
    """Refuse (`DataError`) an alternative that is not known and a level outside 0-0.5."""
    if alternative not in get_args(Alternative):
        raise DataError(f"an alternative must be one-sided or two-sided. Got {alternative}")
    if not 0 < alpha <= 0.5:
        raise DataError(f"the level of a test must be above 0 and at most 0.5; try 0.025. Got {alpha:g}")


def _contrasts(estimates: DoseEstimates, tested: Candidates | Contrasts, kind: ContrastKind) -> Contrasts:
    adjusted = estimates.placebo_adjusted
    if isinstance(tested, Candidates):
        return optimal_contrasts(
            tested,
            covariance=estimates.covariance,
            doses=estimates.doses.tolist(),
            kind=kind,
            placebo_adjusted=adjusted,
        )
    if tested.placebo_adjusted != adjusted or not np.array_equal(tested.doses, estimates.doses):
        shown = ", ".join(f"{dose:g}" for dose in estimates.doses)
        raise DataError(f"contrasts and estimates must be at the same doses, placebo-adjusted or not. Got {shown}")
    return tested
