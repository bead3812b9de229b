"""Analysis of covariance: ordinary or weighted least squares from a formula, with least-squares means.

y = X beta + e, e ~ N(0, sigma^2 / w). The same fit as R's `lm`, SAS GLM and MIXED without random effects.
Inference on n - p residual degrees of freedom, also with a robust covariance. Checked against R's `lm`, `drop1`,
`emmeans`, `sandwich`, and the published analysis of the CDISC pilot study (residual df 220).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product

import numpy as np
import polars as pl
from narwhals.typing import IntoFrame

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats
from equipoise.statistics.frames import require_level, show_levels
from equipoise.statistics.linear.design import Design, build_design
from equipoise.statistics.linear.grid import Margins, mean_rows, require_factor
from equipoise.statistics.linear.inference import TEST_COLUMNS, estimate_linear_functions, f_test
from equipoise.statistics.linear.least_squares import CovarianceKind, LeastSquares, solve_least_squares


@dataclass(frozen=True, eq=False)
class LinearFit:
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

    def means(
        self,
        factor: str,
        *,
        by: str | Sequence[str] | None = None,
        at: Mapping[str, object] | None = None,
        margins: Margins = "equal",
        level: float = 0.95,
    ) -> pl.DataFrame:
        """Estimate the least-squares mean at each level of `factor` (in each combination of `by`).

        Columns: those of `by`, `factor`, estimate, se, df, lower, upper. Covariates stand at their mean, or where
        `at` sets them; other factors are averaged with `equal` or `observed` margins (see `grid`).
        """
        groups = _names(by)
        targets, rows = mean_rows(self._design, [*groups, factor], at=at, margins=margins)
        table = self._estimate(rows, level).drop("t", "p")
        return pl.concat([self._labels([*groups, factor], targets), table], how="horizontal")

    def contrasts(
        self,
        factor: str,
        *,
        versus: object = None,
        pairwise: bool = False,
        by: str | Sequence[str] | None = None,
        at: Mapping[str, object] | None = None,
        margins: Margins = "equal",
        level: float = 0.95,
    ) -> pl.DataFrame:
        """Estimate differences of least-squares means between levels of `factor` (in each combination of `by`).

        Each level minus `versus` (default: the reference level), or with `pairwise` each level minus every
        earlier one. Columns: those of `by`, `factor`, versus, estimate, se, df, t, p, lower, upper; p and interval
        are not adjusted for multiplicity. `DataError` for an unknown level or both `versus` and `pairwise`.
        """
        groups = _names(by)
        require_factor(self._design, factor)
        levels = self._design.factors[factor]
        if pairwise and versus is not None:
            raise DataError(f"contrasts are pairwise or versus one level; choose one. Got versus={versus}")
        if pairwise:
            pairs = [(later, earlier) for earlier, later in combinations(levels, 2)]
        else:
            reference = levels[0] if versus is None else require_level(levels, versus, factor)
            pairs = [(level_, reference) for level_ in levels if level_ != reference]
        targets, rows = mean_rows(self._design, [*groups, factor], at=at, margins=margins)
        place = dict(zip(targets, rows, strict=True))
        cells = list(dict.fromkeys(target[:-1] for target in targets))
        wanted = list(product(cells, pairs))
        difference = np.array([place[*cell, one] - place[*cell, other] for cell, (one, other) in wanted])
        labels = self._labels([*groups, factor], [(*cell, one) for cell, (one, _) in wanted])
        other_labels = self._labels([factor], [(other,) for _, (_, other) in wanted]).rename({factor: "versus"})
        return pl.concat([labels, other_labels, self._estimate(difference, level)], how="horizontal")

    def trend(
        self,
        factor: str,
        scores: Mapping[object, float],
        *,
        at: Mapping[str, object] | None = None,
        margins: Margins = "equal",
        level: float = 0.95,
    ) -> pl.DataFrame:
        """Estimate the linear trend of the least-squares means over the `scores` of the levels of `factor`.

        Two rows with one t and p: `quantity` contrast, the sum of (score - mean score) x mean, as a CONTRAST
        statement gives it; and slope, that sum over the sum of (score - mean score)^2, in units of the response
        per unit of score. Columns: quantity, estimate, se, df, t, p, lower, upper. `DataError` unless every level
        has a finite score and two scores differ.
        """
        require_factor(self._design, factor)
        levels = self._design.factors[factor]
        missing = [one for one in levels if one not in scores]
        if missing or len(scores) != len(levels):
            raise DataError(
                f"a trend over {factor} needs one score for each of {show_levels(levels)}. "
                f"Got {show_levels(list(scores))}"
            )
        score = np.array([scores[one] for one in levels], dtype=float)
        centred = score - score.mean()
        square = float(centred @ centred)
        if not np.isfinite(square) or square == 0.0:
            raise DataError(f"the scores of a trend must be finite and differ. Got {show_levels(score.tolist())}")
        _, rows = mean_rows(self._design, [factor], at=at, margins=margins)
        contrast = centred @ rows
        table = self._estimate(np.array([contrast, contrast / square]), level)
        return table.insert_column(0, pl.Series("quantity", ["contrast", "slope"]))

    def type_three(self) -> pl.DataFrame:
        """Test each term by its type III hypothesis: term, df, sum_sq, f, p.

        Factors are coded by deviations from the mean of their levels, so a main effect is tested averaged equally
        over the factors it interacts with and with covariates at 0: SAS type III where every cell has data, and
        `drop1` in R for a model without interactions. `sum_sq` is null with a robust covariance. A last row
        `Residual` has df and sum_sq.
        """
        coded, terms = self._design.effect_coded()
        change: Floats = np.linalg.lstsq(coded, self._design.matrix, rcond=None)[0].astype(float)
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

    def _labels(self, names: Sequence[str], cells: Sequence[tuple[object, ...]]) -> pl.DataFrame:
        frame = self._design.frame
        return pl.DataFrame(
            [
                pl.Series(name, [cell[at] for cell in cells], dtype=frame[name].dtype)
                for at, name in enumerate(names)
            ]
        )


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


def _names(by: str | Sequence[str] | None) -> list[str]:
    if by is None:
        return []
    return [by] if isinstance(by, str) else list(by)
