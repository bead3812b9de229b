"""From coefficients to statements: linear functions with intervals and p-values, and Wald F tests.

For a row l, estimate l'beta, variance l'Vl, t on the residual degrees of freedom; for r rows L,
F = (L beta)'(L V L')^-1 (L beta) / r. Source: Searle, Linear Models, Wiley 1971, sections 3.5-3.6.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from equipoise.statistics.confidence import require_confidence
from equipoise.statistics.distributions import Floats, f_upper_p, t_quantile, t_two_sided_p

TEST_COLUMNS = ("estimate", "se", "df", "t", "p", "lower", "upper")


@dataclass(frozen=True)
class FTest:
    """A joint test that linear functions are all zero."""

    f: float
    df: int
    df_residual: float
    p: float


def estimate_linear_functions(
    rows: Floats, beta: Floats, vcov: Floats, df: float | Floats, level: float
) -> pl.DataFrame:
    """Estimate `rows` (k x p) of coefficients, `df` for all or for each: a frame of k rows, `TEST_COLUMNS`."""
    require_confidence(level)
    estimate = rows @ beta
    se = np.sqrt(np.einsum("ij,jk,ik->i", rows, vcov, rows))
    t = estimate / se
    half = t_quantile((1.0 + level) / 2.0, df) * se
    return pl.DataFrame(
        {
            "estimate": estimate,
            "se": se,
            "df": np.broadcast_to(np.asarray(df, dtype=float), estimate.shape),
            "t": t,
            "p": t_two_sided_p(t, df),
            "lower": estimate - half,
            "upper": estimate + half,
        }
    )


def f_test(rows: Floats, beta: Floats, vcov: Floats, df_residual: float) -> FTest:
    """Test that all `rows` (r x p, independent) of coefficients are zero."""
    value = rows @ beta
    df = rows.shape[0]
    f = float(value @ np.linalg.solve(rows @ vcov @ rows.T, value)) / df
    return FTest(f, df, df_residual, f_upper_p(f, df, df_residual))
