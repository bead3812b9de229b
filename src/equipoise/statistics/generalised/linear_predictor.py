"""An estimated linear predictor: least-squares means, their differences and Wald tests of terms.

The grid and its rows are those of the linear models (`linear/grid.py`): LSMEANS in SAS, `emmeans` in R, with the
offset at 0. Type III hypotheses as there. Infinite degrees of freedom give normal quantiles, and columns named z.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import polars as pl
from scipy import special

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.distributions import Floats, chi2_upper_p
from equipoise.statistics.frames import require_level
from equipoise.statistics.linear.design import Design
from equipoise.statistics.linear.estimated_means import EstimatedMeans
from equipoise.statistics.linear.grid import require_factor
from equipoise.statistics.linear.inference import estimate_linear_functions

SINGULAR = 1e-11  # smallest eigenvalue of a correlation that is none but for rounding
LEAST_VARIANCE = 1e-14  # of a sum whose terms are of size 1: less is rounding
# finds the limits of a linear function of the coefficients (p) at a level
FindLimits = Callable[[Floats, float], tuple[float, float]]


@dataclass(frozen=True, eq=False)
class LinearPredictor(EstimatedMeans):
    """`beta` (p) of the columns of a design, its covariance `vcov` (p x p), its `df`, and limits if not Wald's."""

    _design: Design = field(repr=False)
    beta: Floats
    vcov: Floats
    df: float = np.inf
    find_limits: FindLimits | None = None

    def coefficients(self, level: float) -> pl.DataFrame:
        """Table of the coefficients: term, estimate, se, z (or df and t), p, lower, upper."""
        table = self._estimate(np.eye(self.beta.size), level)
        return as_normal(table.insert_column(0, pl.Series("term", self._design.columns, dtype=pl.String)))

    def covariance(self) -> pl.DataFrame:
        """Table of the covariance of the coefficients: `term` and a column for each term."""
        columns = self._design.columns
        return pl.DataFrame({"term": columns, **{name: self.vcov[:, at] for at, name in enumerate(columns)}})

    def type_three(self) -> pl.DataFrame:
        """Wald test of each term by its type III hypothesis: term, df, chi2, p."""
        change, terms = self._design.effect_change()
        rows = {term: change[list(places)] for term, places in terms.items() if term != "Intercept"}
        return tabulate_chi2({term: (self.wald(row), row.shape[0]) for term, row in rows.items()})

    def require_levels(self, factor: str) -> tuple[object, ...]:
        """Levels of `factor`, the reference first; `DataError` for a name that is not a factor of the model."""
        require_factor(self._design, factor)
        return self._design.factors[factor]

    def wald(self, rows: Floats) -> float:
        """Wald chi-square of `rows` (r x p, independent) of coefficients."""
        value, spread = rows @ self.beta, rows @ self.vcov @ rows.T
        size = np.sqrt(np.abs(np.diagonal(spread)))
        if not (size > 0.0).all() or np.linalg.eigvalsh(spread / np.outer(size, size))[0] < SINGULAR:
            raise EstimationFailed(
                "a Wald test needs coefficients with a covariance of full rank, so more rows or clusters than "
                f"coefficients tested; use covariance model. Got {rows.shape[0]} coefficients"
            )
        return float(value @ np.linalg.solve(spread, value))

    def _estimate(self, rows: Floats, level: float) -> pl.DataFrame:
        variance = np.einsum("ij,jk,ik->i", rows, self.vcov, rows)
        if (variance <= LEAST_VARIANCE * np.einsum("ij,jk,ik->i", *map(np.abs, (rows, self.vcov, rows)))).any():
            raise EstimationFailed(
                "a standard error needs rows that vary about their fit; use covariance model or drop a term. "
                f"Got a variance of {variance.min():.3g}"
            )
        table = estimate_linear_functions(rows, self.beta, self.vcov, self.df, level)
        if self.find_limits is None:
            return table
        lower, upper = zip(*(self.find_limits(row, level) for row in rows), strict=True)
        return table.with_columns(lower=pl.Series(lower), upper=pl.Series(upper))


def tabulate_chi2(tests: dict[str, tuple[float, int]]) -> pl.DataFrame:
    """Table of chi-square tests, statistic and df by term: term, df, chi2, p."""
    rows = [(term, df, chi2, chi2_upper_p(chi2, df)) for term, (chi2, df) in tests.items()]
    schema = {"term": pl.String, "df": pl.Int64, "chi2": pl.Float64, "p": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def choose_pairs(design: Design, factor: str, versus: object, pairwise: bool) -> list[tuple[object, object]]:
    """Pair each level of `factor` with `versus` (default: the reference level), or with every earlier level."""
    require_factor(design, factor)
    levels = design.factors[factor]
    if pairwise and versus is not None:
        raise DataError(f"contrasts are pairwise or versus one level; choose one. Got versus={versus}")
    if pairwise:
        return [(later, earlier) for earlier, later in combinations(levels, 2)]
    reference = levels[0] if versus is None else require_level(levels, versus, factor)
    return [(one, reference) for one in levels if one != reference]


def as_normal(table: pl.DataFrame) -> pl.DataFrame:
    """Call t with infinite degrees of freedom z, and drop them."""
    if np.isfinite(table["df"].to_numpy()).any():
        return table
    return pl.DataFrame(
        [column.alias("z") if column.name == "t" else column for column in table if column.name != "df"]
    )


def exponentiate(table: pl.DataFrame, name: str) -> pl.DataFrame:
    """Add the exponential of the estimate as column `name`, and turn lower and upper into its limits."""
    with np.errstate(over="ignore"):
        return _carry_back(table, name, np.exp)


def inverse_logit(table: pl.DataFrame, name: str) -> pl.DataFrame:
    """Add the probability of the estimate, a log odds, as column `name`, and turn lower, upper into its limits."""
    return _carry_back(table, name, special.expit)


def _carry_back(table: pl.DataFrame, name: str, back: Callable[[Floats], Floats]) -> pl.DataFrame:
    turned = [
        pl.Series(new, back(table[old].to_numpy()))
        for new, old in ((name, "estimate"), ("lower", "lower"), ("upper", "upper"))
    ]
    return pl.DataFrame([*(column for column in table if column.name not in ("lower", "upper")), *turned])
