"""A fitted generalised linear model: coefficients, covariances, tests and least-squares means.

Covariances: `model`, the inverse information; `HC0` to `HC3`, the sandwich of the working residuals with the
factors 1, n / (n - p), 1 / (1 - h), 1 / (1 - h)^2 (White, Econometrica 1982;50:1-25; MacKinnon and White, J
Econometrics 1985;29:305-25), as R's `sandwich::vcovHC`. Wald tests are on the normal distribution. Likelihood
ratio tests refit without a term. Checked against R's `glm`, `sandwich`, `emmeans`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

import numpy as np
import polars as pl

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.distributions import Floats
from equipoise.statistics.generalised.likelihood import Likelihood, Maximum
from equipoise.statistics.generalised.linear_predictor import LinearPredictor, as_normal, tabulate_chi2
from equipoise.statistics.generalised.model import ModelData
from equipoise.statistics.generalised.profile import profile_limits
from equipoise.statistics.linear.grid import Margins

CovarianceKind = Literal["model", "HC0", "HC1", "HC2", "HC3"]
TermTest = Literal["wald", "likelihood ratio"]
Limits = Literal["wald", "profile"]
# the highest log-likelihood where some rows (r x p) of coefficients are 0
Restrict = Callable[[Floats], float]


@dataclass(frozen=True, eq=False)
class GeneralisedFit:
    """A fitted generalised linear model.

    `coefficients`: term, estimate, se, z, p, lower, upper, on the scale of the linear predictor. `covariance`: of
    the coefficients, a column `term` and one for each term. `log_likelihood` is the full one, with its constants;
    `aic` and `bic` (log n, n the rows used) count every estimated parameter. `pearson_chi2` and `deviance` over
    `df_residual` measure over-dispersion; `scale` is the dispersion that covariances were multiplied by (1 unless
    asked for). `residuals`: row (place in the data given, from 0), observed, fitted, pearson, deviance. `dropped`
    rows had a missing value; `level` is that of the intervals.
    """

    formula: str
    observations: int
    dropped: int
    df_residual: int
    covariance_kind: CovarianceKind
    coefficients: pl.DataFrame
    covariance: pl.DataFrame
    log_likelihood: float
    aic: float
    bic: float
    deviance: float
    pearson_chi2: float
    scale: float
    residuals: pl.DataFrame
    steps: int
    level: float
    _model: ModelData = field(repr=False)
    _likelihood: Likelihood = field(repr=False)
    _best: Maximum = field(repr=False)
    _predictor: LinearPredictor = field(repr=False)
    _restrict: Restrict = field(repr=False)

    def means(
        self,
        factor: str,
        *,
        by: str | Sequence[str] | None = None,
        at: Mapping[str, object] | None = None,
        margins: Margins = "equal",
        level: float = 0.95,
    ) -> pl.DataFrame:
        """Estimate least-squares means of the linear predictor, offset 0, at each level of `factor`.

        Columns: those of `by`, `factor`, estimate, se, lower, upper. Covariates stand at their mean or as `at`
        sets them; other factors are averaged with `equal` or `observed` margins.
        """
        return as_normal(self._predictor.means(factor, by=by, at=at, margins=margins, level=level))

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
        limits: Limits = "wald",
    ) -> pl.DataFrame:
        """Estimate differences of the linear predictor's means between levels of `factor`.

        Each level minus `versus` (default: the reference level), or with `pairwise` minus every earlier one.
        Columns: those of `by`, `factor`, versus, estimate, se, z, p, lower, upper; not adjusted for multiplicity.
        `limits`: `wald`, or `profile` for those of the profile likelihood.
        """
        predictor = self._with_limits(limits)
        return as_normal(
            predictor.contrasts(
                factor, versus=versus, pairwise=pairwise, by=by, at=at, margins=margins, level=level
            )
        )

    def profile_limits(self, *, level: float = 0.95) -> pl.DataFrame:
        """Find the profile-likelihood limits of each coefficient: term, estimate, lower, upper.

        Of the model's likelihood, also where the covariance is robust; divided by `scale` where that is not 1; at
        the estimated dispersion of a negative binomial model, as `confint` of R's `glm.nb`.
        Raises `EstimationFailed` where a limit is not reached.
        """
        return self._with_limits("profile").coefficients(level).select("term", "estimate", "lower", "upper")

    def type_three(self, *, test: TermTest = "wald") -> pl.DataFrame:
        """Test each term by its type III hypothesis: term, df, chi2, p.

        Factors are coded by deviations from the mean of their levels. `wald` (SAS LOGISTIC; GENMOD `TYPE3 WALD`)
        or `likelihood ratio` (GENMOD `TYPE3`, R `drop1(test = "LRT")` without interactions), which refits the
        model.
        """
        if test not in get_args(TermTest):
            raise DataError(f"test must be one of {', '.join(get_args(TermTest))}. Got {test}")
        if test == "wald":
            return self._predictor.type_three()
        change, terms = self._model.design.effect_change()
        return tabulate_chi2(
            {
                term: (self._likelihood_ratio(change[list(places)]), len(places))
                for term, places in terms.items()
                if term != "Intercept"
            }
        )

    def global_tests(self) -> pl.DataFrame:
        """Test that all coefficients but the intercept are 0: test (likelihood ratio, wald), df, chi2, p.

        SAS LOGISTIC: testing global null hypothesis. `EstimationFailed` for a model without an intercept or terms.
        """
        terms = self._model.design.terms
        if "Intercept" not in terms or len(terms) < 2:
            raise EstimationFailed(f"a test of all terms needs an intercept and a term. Got {self.formula}")
        own = [place for term, places in terms.items() if term != "Intercept" for place in places]
        rows = np.eye(self._predictor.beta.size)[own]
        tests = {
            "likelihood ratio": (self._likelihood_ratio(rows), len(own)),
            "wald": (self._predictor.wald(rows), len(own)),
        }
        return tabulate_chi2(tests).rename({"term": "test"})

    def _likelihood_ratio(self, rows: Floats) -> float:
        return max(0.0, 2.0 * (self._best.log_likelihood - self._restrict(rows)) / self.scale)

    def _with_limits(self, limits: Limits) -> LinearPredictor:
        if limits not in get_args(Limits):
            raise DataError(f"limits must be one of {', '.join(get_args(Limits))}. Got {limits}")
        if limits == "wald":
            return self._predictor

        def find(row: Floats, level: float) -> tuple[float, float]:
            return profile_limits(self._likelihood, self._best, row, level=level, scale=self.scale)

        return replace(self._predictor, find_limits=find)


def estimate_covariance(
    likelihood: Likelihood, best: Maximum, kind: CovarianceKind, *, scale: float = 1.0
) -> Floats:
    """Estimate the covariance (p x p) of the coefficients; `EstimationFailed` for HC2, HC3 at leverage 1."""
    if kind not in get_args(CovarianceKind):
        raise DataError(f"the covariance must be one of {', '.join(get_args(CovarianceKind))}. Got {kind}")
    back = likelihood.basis.back
    bread = np.linalg.inv(best.evaluation.information)
    if kind == "model":
        return np.asarray(scale * back @ bread @ back.T, dtype=float)
    columns = likelihood.basis.columns
    n, p = columns.shape
    residual, working = working_residuals(likelihood, best)
    leverage = working * np.einsum("ij,jk,ik->i", columns, bread, columns)
    if kind in ("HC2", "HC3") and leverage.max() > 1.0 - 1e-10:
        raise EstimationFailed(
            f"{kind} divides by one minus the leverage; use HC1. Got row {int(leverage.argmax()) + 1} of those "
            "used with leverage 1"
        )
    power = {"HC0": 0, "HC1": 0, "HC2": 1, "HC3": 2}[kind]
    factor = (n / (n - p) if kind == "HC1" else 1.0) / (1.0 - leverage) ** power
    meat = (columns * (factor * residual**2)[:, None]).T @ columns
    return np.asarray(back @ bread @ meat @ bread @ back.T, dtype=float)


def working_residuals(likelihood: Likelihood, best: Maximum) -> tuple[Floats, Floats]:
    """Find each row's derivative of the log-likelihood by its linear predictor, and its working weight."""
    mean = best.evaluation.mean
    slope = likelihood.family.slope(mean)
    ratio = likelihood.score_ratio(mean)
    return ratio * (likelihood.response - mean), ratio * slope


def summarise_fit(
    model: ModelData,
    likelihood: Likelihood,
    best: Maximum,
    vcov: Floats,
    *,
    kind: CovarianceKind,
    level: float,
    parameters: int,
    log_likelihood: float,
    scale: float = 1.0,
) -> dict[str, object]:
    """Gather the fields of every `GeneralisedFit` but `_restrict`; AIC and BIC count `parameters`."""
    design, family, y = model.design, likelihood.family, likelihood.response
    mean = best.evaluation.mean
    n, p = design.matrix.shape
    predictor = LinearPredictor(design, best.beta, vcov)
    variance = family.variance(mean) / likelihood.weights
    pearson = np.divide(y - mean, np.sqrt(variance), out=np.zeros(n), where=variance > 0.0)
    deviance = likelihood.weights * family.deviance(y, mean)
    residuals = {
        "observed": y,
        "fitted": mean,
        "pearson": pearson,
        "deviance": np.sign(y - mean) * np.sqrt(np.maximum(deviance, 0.0)),
    }
    return {
        "formula": design.formula.text,
        "observations": n,
        "dropped": model.dropped,
        "df_residual": n - p,
        "covariance_kind": kind,
        "coefficients": predictor.coefficients(level),
        "covariance": predictor.covariance(),
        "log_likelihood": log_likelihood,
        "aic": 2.0 * parameters - 2.0 * log_likelihood,
        "bic": float(np.log(n)) * parameters - 2.0 * log_likelihood,
        "deviance": float(deviance.sum()),
        "pearson_chi2": float(pearson @ pearson),
        "scale": scale,
        "residuals": pl.DataFrame([model.rows, *(pl.Series(key, value) for key, value in residuals.items())]),
        "steps": best.steps,
        "level": level,
        "_model": model,
        "_likelihood": likelihood,
        "_best": best,
        "_predictor": predictor,
    }
