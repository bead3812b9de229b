"""The response at each dose: estimates with their covariance, from an analysis of covariance or any other model.

Everything after this step (contrast test, fit, averaging) needs only these: the two stages of generalised MCP-Mod,
Pinheiro, Bornkamp, Glimm and Bretz, Statistics in Medicine 2014;33:1646-61. `dose_means` gives least-squares
means, covariates at their mean; contrasts between doses do not depend on that choice. Checked against R's `lm`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from narwhals.typing import IntoFrame

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.arrays import read_floats
from equipoise.statistics.confidence import require_confidence
from equipoise.statistics.distributions import Floats, t_quantile
from equipoise.statistics.frames import require_columns, require_numbers, to_polars
from equipoise.statistics.linear.design import Design, build_design
from equipoise.statistics.linear.grid import mean_rows
from equipoise.statistics.linear.least_squares import solve_least_squares


@dataclass(frozen=True, eq=False)
class DoseEstimates:
    """Estimates at `doses` (k) with their `covariance` (k x k) and residual degrees of freedom (infinite: normal).

    `placebo_adjusted`: they are differences from placebo, at the doses above 0. Doses are sorted when it is made.
    Raises `DataError` for doses, estimates and covariance that do not go together.
    """

    doses: Floats
    estimate: Floats
    covariance: Floats
    df: float = float("inf")
    placebo_adjusted: bool = False

    def __post_init__(self) -> None:
        doses, estimate = read_floats(self.doses, "doses"), read_floats(self.estimate, "estimates")
        covariance, k = read_floats(self.covariance, "a covariance"), doses.size
        if doses.shape != (k,) or estimate.shape != (k,) or covariance.shape != (k, k):
            raise DataError(
                "k doses need k estimates and a covariance of k x k. "
                f"Got {doses.shape}, {estimate.shape}, {covariance.shape}"
            )
        if not all(np.isfinite(part).all() for part in (doses, estimate, covariance)):
            raise DataError("doses, estimates and covariance must be finite. Got NaN or infinity")
        least = 1 if self.placebo_adjusted else 2
        above = doses > 0 if self.placebo_adjusted else doses >= 0
        if k < least or len(set(doses.tolist())) < k or not above.all():
            wanted = "1 dose above 0 or more" if self.placebo_adjusted else "2 doses from 0 on or more"
            raise DataError(f"estimates need {wanted}, none twice. Got {', '.join(f'{d:g}' for d in doses)}")
        if not self.df > 0:
            raise DataError(f"degrees of freedom must be above 0. Got {self.df:g}")
        require_covariance(covariance, "the covariance of the dose estimates")
        order = np.argsort(doses)
        object.__setattr__(self, "doses", doses[order])
        object.__setattr__(self, "estimate", estimate[order])
        object.__setattr__(self, "covariance", covariance[np.ix_(order, order)])

    def table(self, level: float = 0.95) -> pl.DataFrame:
        """Tabulate dose, estimate, se, lower, upper (interval at `level`, on the t or normal distribution)."""
        require_confidence(level)
        se = np.sqrt(np.diag(self.covariance))
        half = t_quantile((1.0 + level) / 2.0, self.df) * se
        columns = (self.doses, self.estimate, se, self.estimate - half, self.estimate + half)
        return pl.DataFrame(dict(zip(("dose", "estimate", "se", "lower", "upper"), columns, strict=True)))


@dataclass(frozen=True, eq=False)
class DoseDesign:
    """Individual data of a dose-finding trial: `dose` and `response` (n), and columns of covariates (n x q).

    `centre` is the row of covariates at which means stand: covariates at their mean, factors averaged equally.
    """

    doses: Floats
    dose: Floats
    response: Floats
    covariates: Floats
    names: tuple[str, ...]
    centre: Floats
    dropped: int


def dose_means(formula: str, data: IntoFrame, *, dose: str) -> DoseEstimates:
    """Estimate the mean response at each dose by analysis of covariance, one common variance.

    `formula`: response and covariates, `CHG ~ BASE + STRATUM`, or `CHG ~ 1`; `dose`: the column of doses, numbers
    from 0 on, not part of the formula. Rows with a missing value are dropped. Raises `DataError` for wrong input,
    `EstimationFailed` where the data cannot give the means.
    """
    return estimate_dose_means(read_dose_design(formula, data, dose=dose))


def estimate_dose_means(design: DoseDesign) -> DoseEstimates:
    """Estimate the least-squares means of the doses from a design."""
    groups = (design.dose[:, None] == design.doses[None, :]).astype(float)
    k = design.doses.size
    names = [*(f"dose {dose:g}" for dose in design.doses), *design.names]
    # about their centre the covariates hardly depend on the doses, and the first k coefficients are the means
    matrix = np.hstack([groups, design.covariates - design.centre])
    solved = solve_least_squares(matrix, design.response, names)
    return DoseEstimates(design.doses, solved.beta[:k], solved.vcov[:k, :k], float(solved.df))


def read_dose_design(formula: str, data: IntoFrame, *, dose: str) -> DoseDesign:
    """Read doses, response and covariates, as `dose_means` describes them."""
    frame = to_polars(data)
    require_columns(frame, [dose])
    given = frame.height
    frame = frame.filter(pl.col(dose).is_not_null())
    design = build_design(formula, frame)
    if dose in (*design.formula.columns, *design.formula.response_columns):
        raise DataError(f"the dose is no covariate; take it out of the formula. Got {dose} in {formula}")
    if "Intercept" not in design.terms:
        raise DataError(f"a dose-response model has its intercept in e0; do not remove it. Got {formula}")
    rows = design.frame["_row"].to_numpy()
    values = require_numbers(frame, dose)[rows]
    doses = np.unique(values)
    if doses[0] < 0:
        raise DataError(f"doses in column {dose} must not be below 0. Got {doses[0]:g}")
    if doses.size < 2:
        raise EstimationFailed(f"a dose response needs two doses in column {dose}. Got {doses[0]:g} in all rows")
    intercept = design.terms["Intercept"][0]
    covariates = np.delete(design.matrix, intercept, axis=1)
    names = tuple(name for place, name in enumerate(design.columns) if place != intercept)
    dropped = given - design.frame.height
    return DoseDesign(doses, values, design.response, covariates, names, _centre(design, intercept), dropped)


def require_covariance(matrix: Floats, what: str) -> None:
    """Refuse (`DataError`) a matrix that is not symmetric and positive definite."""
    scale = np.sqrt(np.abs(np.diag(matrix)))
    if not (np.diag(matrix) > 0).all() or np.abs(matrix - matrix.T).max() > 1e-8 * float(scale.max()) ** 2:
        raise DataError(f"{what} must be symmetric with variances above 0. Got {np.diag(matrix).min():g} for one")
    smallest = float(np.linalg.eigvalsh(matrix / np.outer(scale, scale))[0])
    if smallest < 1e-12:
        raise DataError(
            f"{what} must be positive definite; merge doses. Got a smallest eigenvalue of {smallest:.2g}"
        )


def from_weights(weights: float | Sequence[float], doses: int) -> Floats:
    """Turn weights (group sizes up to a factor; a number: equal ones) into diag(1 / weights)."""
    values = read_floats(weights, "weights")
    if values.ndim == 0:
        values = np.full(doses, values)
    if values.shape != (doses,) or not (np.isfinite(values) & (values > 0)).all():
        raise DataError(f"{doses} doses need as many weights above 0. Got {np.round(values, 6).tolist()}")
    return np.diag(1.0 / values)


def _centre(design: Design, intercept: int) -> Floats:
    if not design.formula.columns:
        return np.zeros(0)
    return np.delete(mean_rows(design, ())[1][0], intercept)
