"""Poisson regression of counts, with rates and rate ratios of arms.

log E[Y] = offset + x' b, Var Y = phi E[Y], phi 1 by default. The same fit as SAS GENMOD `DIST=POISSON` and R's
`glm(family = poisson)`; with `scale="pearson"` standard errors are multiplied by the root of Pearson's chi-square
over its df (GENMOD `SCALE=PEARSON`, `quasipoisson` in R, whose t tests are normal tests here). Source: McCullagh
and Nelder, Generalized Linear Models, 2nd ed. 1989, chapter 6. Checked against R's `glm`, `emmeans`, `sandwich`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import polars as pl
from narwhals.typing import IntoFrame

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.distributions import Floats
from equipoise.statistics.generalised.families import POISSON
from equipoise.statistics.generalised.fit import (
    CovarianceKind,
    GeneralisedFit,
    Limits,
    estimate_covariance,
    summarise_fit,
)
from equipoise.statistics.generalised.likelihood import Likelihood, climb, climb_restricted, orthogonalise
from equipoise.statistics.generalised.linear_predictor import exponentiate
from equipoise.statistics.generalised.model import explain_endless, read_model, require_counts
from equipoise.statistics.generalised.standardised import (
    Variance,
    estimate_standardised_means,
    tabulate_standardised_effects,
    tabulate_standardised_means,
)
from equipoise.statistics.linear.grid import Margins

Scale = Literal["none", "pearson", "deviance"]
LEAST_SCALE = 1e-20


@dataclass(frozen=True, eq=False)
class CountFit(GeneralisedFit):
    """A fitted regression of counts; `log_likelihood` is that of the distribution, whatever the `scale`."""

    def rates(
        self,
        factor: str,
        *,
        by: str | Sequence[str] | None = None,
        at: Mapping[str, object] | None = None,
        margins: Margins = "equal",
        exposure: float = 1.0,
        level: float = 0.95,
    ) -> pl.DataFrame:
        """Estimate the rate at each level of `factor`: the exponential of the least-squares mean.

        Columns: those of `by`, `factor`, estimate (log rate), se (of it), rate, lower, upper; events for each
        `exposure` units (of the exposure column, or of the exponential of the offset). SAS: LSMEANS / EXP; R:
        emmeans(type = "response", offset = log(exposure)).
        """
        if not (np.isfinite(exposure) and exposure > 0):
            raise DataError(f"exposure must be a number above 0, in units of the exposure column. Got {exposure}")
        table = self.means(factor, by=by, at=at, margins=margins, level=level)
        return exponentiate(table.with_columns(pl.col("estimate", "lower", "upper") + np.log(exposure)), "rate")

    def ratios(
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
        """Estimate rate ratios between levels of `factor`, each over `versus` (default: the reference level).

        Columns: those of `by`, `factor`, versus, estimate (log ratio), se, z, p, rate_ratio, lower, upper.
        """
        table = self.contrasts(
            factor, versus=versus, pairwise=pairwise, by=by, at=at, margins=margins, level=level, limits=limits
        )
        return exponentiate(table, "rate_ratio")

    def standardised_rates(
        self,
        factor: str,
        *,
        variance: Variance = "sandwich",
        strata: str | Sequence[str] | None = None,
        level: float = 0.95,
    ) -> pl.DataFrame:
        """Estimate the rate for one unit of exposure if every participant were at each level of `factor`.

        Columns: `factor`, rate, se, lower, upper. `variance`: `sandwich`, `ge`, or without an offset `ye`, `ye
        residual` with the `strata` of the randomisation (see `standardised`).
        """
        found = estimate_standardised_means(self, factor, variance=variance, strata=strata)
        return tabulate_standardised_means(found, factor, self._model.design.frame[factor], "rate", level)

    def standardised_effects(
        self,
        factor: str,
        *,
        versus: object = None,
        pairwise: bool = False,
        variance: Variance = "sandwich",
        strata: str | Sequence[str] | None = None,
        level: float = 0.95,
    ) -> pl.DataFrame:
        """Estimate differences and ratios of the standardised rates.

        Columns: `factor`, versus, measure (rate_difference, rate_ratio), estimate, se, z, p, lower, upper; se and
        z of a ratio are those of its log.
        """
        found = estimate_standardised_means(self, factor, variance=variance, strata=strata)
        measures = ("rate_difference", "rate_ratio")
        return tabulate_standardised_effects(
            self, found, factor, measures, versus=versus, pairwise=pairwise, level=level
        )


def poisson(
    formula: str,
    data: IntoFrame,
    *,
    offset: str | None = None,
    exposure: str | None = None,
    reference: Mapping[str, object] | None = None,
    weights: str | None = None,
    covariance: CovarianceKind = "model",
    scale: Scale = "none",
    level: float = 0.95,
) -> CountFit:
    """Fit a Poisson regression such as `EVENTS ~ STRATUM + ARM`.

    `offset`: a column on the log scale; or `exposure`: a column of times at risk, above 0. `reference`: the
    reference level by factor. `weights`: a column of frequencies. `covariance`: `model`, or robust `HC0` to
    `HC3`. `scale`: multiply the model's covariance by Pearson's chi-square or the deviance over its df. Rows with
    a missing value are dropped and counted. Raises `DataError` for wrong input and `EstimationFailed` where the
    data cannot give the model: dependent columns, a level without an event (named), too few rows.
    """
    if scale not in get_args(Scale):
        raise DataError(f"scale must be one of {', '.join(get_args(Scale))}. Got {scale}")
    if scale != "none" and covariance != "model":
        raise DataError(f"a scale goes with covariance model, robust ones need none. Got {covariance}")
    model = read_model(formula, data, reference=reference, weights=weights, offset=offset, exposure=exposure)
    require_counts(model)
    blame = explain_endless(model, binary=False)

    basis = orthogonalise(model.design.matrix, model.design.columns)
    likelihood = Likelihood(basis, model.response, model.weights, model.offset, POISSON)
    best = climb(likelihood, blame=blame)
    factor = _scale(likelihood, best.evaluation.mean, scale)
    fields: dict[str, Any] = summarise_fit(
        model,
        likelihood,
        best,
        estimate_covariance(likelihood, best, covariance, scale=factor),
        kind=covariance,
        level=level,
        parameters=len(model.design.columns),
        log_likelihood=best.log_likelihood,
        scale=factor,
    )
    return CountFit(**fields, _restrict=lambda rows: climb_restricted(likelihood, best, rows).log_likelihood)


def _scale(likelihood: Likelihood, mean: Floats, kind: Scale) -> float:
    if kind == "none":
        return 1.0
    n, p = likelihood.basis.columns.shape
    if n <= p:
        raise EstimationFailed(f"a scale needs more rows than the {p} parameters; use none. Got {n} rows")
    y, family = likelihood.response, likelihood.family
    square = (y - mean) ** 2 / family.variance(mean) if kind == "pearson" else family.deviance(y, mean)
    scale = float(likelihood.weights @ square / (n - p))
    if scale <= LEAST_SCALE:
        raise EstimationFailed(f"a scale needs counts that vary about their fit; use none. Got {scale:.3g}")
    return scale
