"""Analysis of covariance: ordinary or weighted least squares from a formula, with least-squares means.

y = X beta + e, e ~ N(0, sigma^2 / w). The same fit as R's `lm`, SAS GLM and MIXED without random effects.
Inference on n - p residual degrees of freedom, also with a robust covariance. Checked against R's `lm`, `drop1`,
`emmeans`, `sandwich`, and the published analysis of the CDISC pilot study (residual df 220).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from narwhals.typing import IntoFrame

from equipoise.statistics.distributions import Floats
from equipoise.statistics.linear.design import Design, build_design
from equipoise.statistics.linear.estimated_means import EstimatedMeans
from equipoise.statistics.linear.inference import TEST_COLUMNS, estimate_linear_functions, f_test
from equipoise.statistics.linear.least_squares import CovarianceKind, LeastSquares, solve_least_squares


@dataclass(frozen=True, eq=False)
class LinearFit(EstimatedMeans):
    """A fitted linear model.

    `coefficients`: term, estimate, se, df, t, p, lower, upper. `covariance`: of the coefficients, a column
    `term` and one for each term. `residuals`: row (place in the data given, from 0), observed, fitted, residual.
    `sigma` is the residual SD; `observations` were used, `dropped` rows had a missing value.
    """

    formula: str
    observations: int
    dropped: int
    df_residual: int
    sigma: float
    r_squared: float
    covariance_kind: CovarianceKind
    coefficients: pl.DataFrame
    covariance: pl.DataFrame
    residuals: pl.DataFrame
    _design: Design = field(repr=False)
    _solved: LeastSquares = field(repr=False)

    def type_three(self) -> pl.DataFrame:
        """Test each term by its type III hypothesis: term, df, sum_sq, f, p.

        Factors are coded by deviations from the mean of their levels, so a main effect is tested averaged equally
        over the factors it interacts with and with covariates at 0: SAS type III where every cell has data, and
        `drop1` in R for a model without interactions. `sum_sq` is null with a robust covariance. A last row
        `Residual` has df and sum_sq.
        """
        change, terms = self._design.effect_change()
        solved = self._solved
        table: list[tuple[str, int, float | None, float | None, float | None]] = []
        for term, places in terms.items():
            if term == "Intercept":
                continue
            test = f_test(change[list(places)], solved.beta, solved.vcov, solved.df)
            sum_sq = test.f * test.df * self.sigma**2 if self.covariance_kind == "model" else None
            table.append((term, test.df, sum_sq, test.f, test.p))
        table.append(("Residual", solved.df, solved.rss, None, None))
        schema = {"term": pl.String, "df": pl.Int64, "sum_sq": pl.Float64, "f": pl.Float64, "p": pl.Float64}
        return pl.DataFrame(table, schema=schema, orient="row")

    def _estimate(self, rows: Floats, level: float) -> pl.DataFrame:
        return estimate_linear_functions(rows, self._solved.beta, self._solved.vcov, self._solved.df, level)


def ancova(
    formula: str,
    data: IntoFrame,
    *,
    reference: Mapping[str, object] | None = None,
    weights: str | None = None,
    covariance: CovarianceKind = "model",
    level: float = 0.95,
) -> LinearFit:
    """Fit a linear model such as `CHG ~ BASE + SITEGR1 + ARM`.

    `data`: any data frame that narwhals knows; rows with a missing value in a column of the formula are dropped
    and counted. `reference`: the reference level by factor, e.g. `{"ARM": "Placebo"}`. `weights`: a column of
    weights above 0 (inverse variances). `covariance`: `model`, or robust `HC0` to `HC3`. `level`: of the intervals
    in `coefficients`. Raises `DataError` for wrong input and `EstimationFailed` where the data cannot give the
    model: dependent columns (named), a factor with one level, too few observations, no residual variation.
    """
    design = build_design(formula, data, reference=reference, weights=weights)
    solved = solve_least_squares(
        design.matrix, design.response, design.columns, weights=design.weights, covariance=covariance
    )
    size = len(design.columns)
    table = estimate_linear_functions(np.eye(size), solved.beta, solved.vcov, solved.df, level)
    covariances = {name: solved.vcov[:, place] for place, name in enumerate(design.columns)}
    residuals = {
        "row": design.frame["_row"].cast(pl.Int64),
        "observed": design.response,
        "fitted": solved.fitted,
        "residual": design.response - solved.fitted,
    }
    terms = pl.Series("term", design.columns)
    return LinearFit(
        formula=formula,
        observations=design.response.size,
        dropped=design.dropped,
        df_residual=solved.df,
        sigma=float(np.sqrt(solved.rss / solved.df)),
        r_squared=solved.r_squared,
        covariance_kind=covariance,
        coefficients=table.select(terms, *TEST_COLUMNS),
        covariance=pl.DataFrame({"term": terms, **covariances}),
        residuals=pl.DataFrame(residuals),
        _design=design,
        _solved=solved,
    )
