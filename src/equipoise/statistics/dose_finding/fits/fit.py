"""Fits of dose-response models: to participants with covariates, or to estimates with a covariance.

To participants: least squares, f(d; theta) + z'gamma, covariance s^2 (J'J)^-1 with J the gradient and s^2 = RSS /
(n - p); AIC = n log(2 pi RSS / n) + n + 2 (p + 1), AICc, BIC. To estimates: generalised least squares
(m - f)'S^-1(m - f), covariance (J'S^-1 J)^-1, gAIC = the minimum + 2 p. At a bound of a nonlinear parameter the
covariance is still that of an inner solution, as in DoseFinding, and the fit says which parameter it is.

Sources: Seber and Wild, Nonlinear Regression, Wiley 2003, chapter 5; Pinheiro, Bornkamp, Glimm and Bretz,
Statistics in Medicine 2014;33:1646-61. As `fitMod` of the R package DoseFinding. Checked against it, and against
R's `nls`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from narwhals.typing import IntoFrame
from scipy.linalg import qr, solve_triangular

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.arrays import read_floats
from equipoise.statistics.confidence import require_confidence
from equipoise.statistics.distributions import Floats, t_quantile
from equipoise.statistics.dose_finding.estimates import (
    DoseDesign,
    DoseEstimates,
    estimate_dose_means,
    read_dose_design,
)
from equipoise.statistics.dose_finding.fits.curve import Curve
from equipoise.statistics.dose_finding.fits.search import Search
from equipoise.statistics.dose_finding.models.candidates import Direction
from equipoise.statistics.dose_finding.models.shapes import Bounds, Shape, find_shape
from equipoise.statistics.linear.least_squares import solve_least_squares

Bound = Sequence[float] | Sequence[Sequence[float]]
_SINGULAR = 1e-10


@dataclass(frozen=True, eq=False)
class DoseResponseFit:
    """A fitted dose-response model.

    `coefficients`: term, estimate, se (null where the data do not determine the parameters). `covariance`: of the
    coefficients, a column `term` and one for each term; None where `se` is null. `rss`: residual (generalised) sum
    of squares; `df`: residual degrees of freedom; `observations`: participants, or estimates. `aic`, `aicc`, `bic`
    of a fit to participants, `gaic` of one to estimates, the others None. `at_bound`: nonlinear parameters at a
    bound.
    """

    model: str
    coefficients: pl.DataFrame
    covariance: pl.DataFrame | None
    rss: float
    df: float
    observations: int
    dropped: int
    aic: float | None
    aicc: float | None
    bic: float | None
    gaic: float | None
    at_bound: tuple[str, ...]
    bounds: Mapping[str, tuple[float, float]]
    curve: Curve = field(repr=False)
    _solution: "_Solution" = field(repr=False)

    @property
    def criterion(self) -> float:
        """The criterion by which models are compared: AIC of a fit to participants, gAIC of one to estimates."""
        return self.aic if self.aic is not None else float(self.gaic or 0.0)

    @property
    def parameters(self) -> dict[str, float]:
        """All coefficients by name."""
        return dict(zip(self.coefficients["term"], self.coefficients["estimate"], strict=True))

    def means(self, doses: Sequence[float] | Floats, *, level: float = 0.95) -> pl.DataFrame:
        """Predict the mean response at `doses`, covariates at their mean and factors averaged equally.

        Columns dose, estimate, se, lower, upper. A fit to differences from placebo gives those.
        """
        return self._tabulate(doses, level, with_placebo=self._solution.intercept)

    def effects(self, doses: Sequence[float] | Floats, *, level: float = 0.95) -> pl.DataFrame:
        """Predict the effect over dose 0 at `doses`: columns dose, estimate, se, lower, upper."""
        return self._tabulate(doses, level, with_placebo=False)

    def target_dose(self, delta: float, direction: Direction = "increasing") -> float | None:
        """Find the smallest dose with an effect of `delta` over dose 0 in the `direction`, if there is one."""
        return self.curve.target_dose(delta, direction)

    def effective_dose(self, share: float, direction: Direction | None = None) -> float | None:
        """Find the smallest dose with `share` (0-1) of the largest effect in the range of the doses."""
        return self.curve.effective_dose(share, direction)

    def _tabulate(self, doses: Sequence[float] | Floats, level: float, *, with_placebo: bool) -> pl.DataFrame:
        require_confidence(level)
        at = read_floats(doses, "doses")
        highest = self.curve.shape.domain
        if at.ndim != 1 or not ((at >= 0) & (at <= highest)).all():
            raise DataError(f"{self.model} is predicted at doses from 0 to {highest:g}. Got {at.tolist()}")
        value = self.curve.effects(at) + (self._solution.placebo if with_placebo else 0.0)
        table = pl.DataFrame({"dose": at, "estimate": value})
        if self._solution.vcov is None:
            nothing = pl.lit(None, dtype=pl.Float64)
            return table.with_columns(se=nothing, lower=nothing, upper=nothing)
        change = self.curve.gradient(at) - self.curve.gradient(np.zeros(1))
        first = int(self._solution.intercept)
        rows = np.hstack([np.full((at.size, first), float(with_placebo)), change])
        vcov = self._solution.vcov[: rows.shape[1], : rows.shape[1]]
        se = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", rows, vcov, rows), 0.0))
        half = t_quantile((1.0 + level) / 2.0, self.df) * se
        return table.with_columns(se=pl.Series(se), lower=pl.Series(value - half), upper=pl.Series(value + half))


@dataclass(frozen=True, eq=False)
class _Solution:
    """A fit in its own coordinates: mean at dose 0 and mean covariates, slopes, nonlinear, covariates.

    `vcov` is the inverse of J'J there (x s^2 for participants), None where it is singular.
    """

    intercept: bool
    placebo: float
    linear: Floats
    rss: float
    vcov: Floats | None


def fit_dose_response(
    formula: str,
    data: IntoFrame,
    *,
    dose: str,
    model: str,
    bounds: Bound | None = None,
    scal: float | None = None,
    off: float | None = None,
) -> DoseResponseFit:
    """Fit `model` to participants by least squares.

    `formula`: response and additive covariates, `CHG ~ BASE` or `CHG ~ 1`. `dose`: the column of doses. `bounds`
    of the nonlinear parameters: a pair, or one for each; by default those of DoseFinding: ed50 0.001 to 1.5, delta
    of exponential 0.1 to 2, of logistic 0.01 to 0.5 times the highest dose, h 0.5 to 10, delta1 and delta2 0.05 to
    4. `scal`, `off`: as in `candidate_models`. Raises `DataError` for wrong input, `EstimationFailed` where the
    data cannot give the model.
    """
    design = read_dose_design(formula, data, dose=dose)
    shape = find_shape(model, float(design.doses[-1]), scal=scal, off=off)
    return fit_to_design(design, estimate_dose_means(design), shape, bounds)


def fit_dose_estimates(
    estimates: DoseEstimates,
    *,
    model: str,
    bounds: Bound | None = None,
    scal: float | None = None,
    off: float | None = None,
) -> DoseResponseFit:
    """Fit `model` to estimates at doses by generalised least squares (generalised MCP-Mod).

    Estimates that are differences from placebo are fitted by f(d) - f(0), without e0. Other arguments and errors
    as in `fit_dose_response`; intervals use the degrees of freedom of the estimates.
    """
    shape = find_shape(model, float(estimates.doses[-1]), scal=scal, off=off)
    return fit_to_estimates(estimates, shape, bounds)


def fit_to_design(
    design: DoseDesign,
    means: DoseEstimates,
    shape: Shape,
    bounds: Bound | None = None,
) -> DoseResponseFit:
    """Fit a shape to a design, given the `means` of its doses."""
    limits = require_bounds(shape, bounds)
    require_doses_for(shape, means)
    nonlinear = Search.of(shape, limits, means.doses, means.covariance, intercept=True).best(means.estimate)
    centred = design.covariates - design.centre
    columns = shape.columns(design.dose, nonlinear) - shape.columns(np.zeros(1), nonlinear)
    basis = np.hstack([np.ones((design.dose.size, 1)), columns, centred])
    solved = solve_least_squares(basis, design.response, [*shape.linear, *design.names])
    m = columns.shape[1]
    curve = Curve(shape, solved.beta[1 : 1 + m], nonlinear)
    change = curve.gradient(design.dose) - curve.gradient(np.zeros(1))
    rows = np.hstack([basis[:, :1], change, centred])
    n, p = rows.shape
    if n <= p:
        raise EstimationFailed(f"{shape.name} needs more participants than its {p} parameters. Got {n}")
    inverse = _inverse(rows)
    vcov = None if inverse is None else inverse * (solved.rss / (n - p))
    solution = _Solution(True, float(solved.beta[0]), solved.beta, solved.rss, vcov)
    deviance = n * (np.log(2.0 * np.pi * solved.rss / n) + 1.0)
    k = p + 1
    aic = float(deviance + 2 * k)
    return DoseResponseFit(
        aic=aic,
        aicc=aic + 2.0 * k * (k + 1) / (n - k - 1) if n > k + 1 else None,
        bic=float(deviance + k * np.log(n)),
        gaic=None,
        df=float(n - p),
        observations=n,
        dropped=design.dropped,
        **_describe(curve, solution, limits, design.names, design.centre),
    )


def fit_to_estimates(estimates: DoseEstimates, shape: Shape, bounds: Bound | None = None) -> DoseResponseFit:
    """Fit a shape to estimates."""
    limits = require_bounds(shape, bounds)
    intercept = not estimates.placebo_adjusted
    require_doses_for(shape, estimates)
    search = Search.of(shape, limits, estimates.doses, estimates.covariance, intercept=intercept)
    nonlinear = search.best(estimates.estimate)
    lower = np.linalg.cholesky(estimates.covariance)
    columns = shape.columns(estimates.doses, nonlinear) - shape.columns(np.zeros(1), nonlinear)
    ones = np.ones((estimates.doses.size, int(intercept)))
    basis = solve_triangular(lower, np.hstack([ones, columns]), lower=True)
    target = solve_triangular(lower, estimates.estimate, lower=True)
    if _inverse(basis) is None:
        raise EstimationFailed(
            f"the doses must determine the slopes of {shape.name}; fit a model with fewer parameters. "
            f"Got doses {', '.join(f'{dose:g}' for dose in estimates.doses)}"
        )
    linear = np.linalg.lstsq(basis, target, rcond=None)[0]
    residual = target - basis @ linear
    rss = float(residual @ residual)
    curve = Curve(shape, linear[int(intercept) :], nonlinear)
    change = curve.gradient(estimates.doses) - curve.gradient(np.zeros(1))
    rows = np.hstack([ones, change])
    vcov = _inverse(solve_triangular(lower, rows, lower=True))
    solution = _Solution(intercept, float(linear[0]) if intercept else 0.0, linear, rss, vcov)
    return DoseResponseFit(
        aic=None,
        aicc=None,
        bic=None,
        gaic=rss + 2.0 * rows.shape[1],
        df=estimates.df,
        observations=estimates.doses.size,
        dropped=0,
        **_describe(curve, solution, limits, (), np.zeros(0)),
    )


def require_bounds(shape: Shape, bounds: Bound | None) -> Bounds:
    """Read the bounds of the nonlinear parameters of a shape; `DataError` unless they are pairs in order."""
    if bounds is None:
        return shape.bounds
    pairs = np.atleast_2d(read_floats(bounds, "bounds"))
    wanted = len(shape.nonlinear)
    if pairs.shape != (wanted, 2):
        names = " and ".join(shape.nonlinear) or "no parameter"
        raise DataError(f"{shape.name} has bounds for {names}, a pair each. Got {pairs.tolist()}")
    for name, (low, high) in zip(shape.nonlinear, pairs.tolist(), strict=True):
        free = shape.name == "logistic" and name == "ed50"
        from_nought = shape.name == "emax"
        if not (np.isfinite([low, high]).all() and low < high and (free or low > 0 or (from_nought and low == 0))):
            raise DataError(
                f"the bounds of {name} of {shape.name} must be above 0 and in order. Got {low:g}, {high:g}"
            )
    if shape.name == "exponential":
        shape.require_guess([float(pairs[0, 0])], "the lower bound of exponential")
    return tuple((float(low), float(high)) for low, high in pairs)


def require_doses_for(shape: Shape, estimates: DoseEstimates) -> int:
    """Count the parameters of a shape; `EstimationFailed` where there are fewer doses."""
    wanted = len(shape.parameters) - int(estimates.placebo_adjusted)
    if estimates.doses.size < wanted:
        raise EstimationFailed(
            f"{shape.name} needs as many doses as its {wanted} parameters; fit a simpler model. "
            f"Got {estimates.doses.size}"
        )
    return wanted


def _describe(
    curve: Curve, solution: _Solution, limits: Bounds, covariates: Sequence[str], centre: Floats
) -> dict[str, Any]:
    """Turn a solution into the coefficients of the model: e0 is the curve at covariates 0 less what f0(0) adds."""
    shape, m = curve.shape, curve.slopes.size
    first = int(solution.intercept)
    names = [*shape.parameters[1 - first :], *covariates]
    values = np.concatenate([solution.linear[: first + m], curve.nonlinear, solution.linear[first + m :]])
    change = np.eye(values.size)
    if solution.intercept:
        at_zero = curve.gradient(np.zeros(1))[0]
        values[0] -= at_zero[:m] @ curve.slopes + centre @ solution.linear[1 + m :]
        change[0, 1:] = -np.concatenate([at_zero, centre])
    terms = pl.Series("term", names)
    covariance, se = None, pl.Series("se", [None] * len(names), dtype=pl.Float64)
    if solution.vcov is not None:
        vcov = change @ solution.vcov @ change.T
        covariance = pl.DataFrame({"term": terms, **{name: vcov[:, at] for at, name in enumerate(names)}})
        se = pl.Series("se", np.sqrt(np.diag(vcov)))
    return {
        "model": shape.name,
        "coefficients": pl.DataFrame([terms, pl.Series("estimate", values), se]),
        "covariance": covariance,
        "rss": solution.rss,
        "at_bound": tuple(
            name
            for name, value, pair in zip(shape.nonlinear, curve.nonlinear, limits, strict=True)
            if float(value) in pair
        ),
        "bounds": dict(zip(shape.nonlinear, limits, strict=True)),
        "curve": curve,
        "_solution": solution,
    }


def _inverse(rows: Floats) -> Floats | None:
    """Invert rows'rows by QR; None where it is singular."""
    size = np.sqrt((rows * rows).sum(axis=0))
    if rows.shape[0] < rows.shape[1] or not size.all():
        return None
    upper = qr(rows / size, mode="r")[0][: rows.shape[1]]
    if np.abs(np.diag(upper)).min() < _SINGULAR:
        return None
    root = solve_triangular(upper, np.eye(size.size)) / size[:, None]
    return np.asarray(root @ root.T)
