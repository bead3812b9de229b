"""Logistic regression by maximum likelihood or Firth's penalised likelihood, with standardised risks.

log odds = offset + x' b. The same fit as SAS LOGISTIC and R's `glm(family = binomial)`. A likelihood without a
finite maximum (separation) is refused and the column named; `penalised="firth"` adds log det(X'WX) / 2 to the
log-likelihood, which always has one (Firth, Biometrika 1993;80:27-38; Heinze and Schemper, Statistics in Medicine
2002;21:2409-19), with standard errors from the inverse of X'WX, as SAS `FIRTH` does. Checked against R's `glm`,
`MASS::confint`, `sandwich`, `emmeans` and a penalised likelihood maximised in R.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl
from narwhals.typing import IntoFrame

from equipoise.errors import DataError
from equipoise.statistics.frames import factor_levels, require_level
from equipoise.statistics.generalised.families import BINOMIAL
from equipoise.statistics.generalised.fit import (
    CovarianceKind,
    GeneralisedFit,
    Limits,
    estimate_covariance,
    summarise_fit,
)
from equipoise.statistics.generalised.likelihood import Likelihood, climb, climb_restricted, orthogonalise
from equipoise.statistics.generalised.linear_predictor import exponentiate, inverse_logit
from equipoise.statistics.generalised.model import explain_endless, read_model, require_binary
from equipoise.statistics.generalised.standardised import (
    Variance,
    estimate_standardised_means,
    tabulate_standardised_effects,
    tabulate_standardised_means,
)
from equipoise.statistics.linear.grid import Margins

Penalty = Literal["firth"]


@dataclass(frozen=True, eq=False)
class LogisticFit(GeneralisedFit):
    """A fitted logistic regression.

    `events` of `observations` (weighted, where there are weights). With `penalised`, likelihood ratios and
    profile limits are those of the penalised likelihood, `penalised_log_likelihood`; `log_likelihood` and AIC
    have no penalty.
    """

    events: float
    penalised: Penalty | None
    penalised_log_likelihood: float | None

    def probabilities(
        self,
        factor: str,
        *,
        by: str | Sequence[str] | None = None,
        at: Mapping[str, object] | None = None,
        margins: Margins = "equal",
        level: float = 0.95,
    ) -> pl.DataFrame:
        """Estimate the probability at the least-squares mean of each level of `factor`.

        Columns: those of `by`, `factor`, estimate (log odds), se (of it), probability, lower, upper. SAS: LSMEANS
        / ILINK; R: emmeans(type = "response"). For risks averaged over participants see `standardised_risks`.
        """
        table = self.means(factor, by=by, at=at, margins=margins, level=level)
        return inverse_logit(table, "probability")

    def odds_ratios(
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
        """Estimate odds ratios between levels of `factor`, each over `versus` (default: the reference level).

        Columns: those of `by`, `factor`, versus, estimate (log odds ratio), se, z, p, odds_ratio, lower, upper.
        `limits`: `wald` or `profile`.
        """
        table = self.contrasts(
            factor, versus=versus, pairwise=pairwise, by=by, at=at, margins=margins, level=level, limits=limits
        )
        return exponentiate(table, "odds_ratio")

    def standardised_risks(
        self,
        factor: str,
        *,
        variance: Variance = "ye",
        strata: str | Sequence[str] | None = None,
        level: float = 0.95,
    ) -> pl.DataFrame:
        """Estimate the risk if every participant were at each level of `factor`: `factor`, risk, se, lower, upper.

        `variance`: `ye` with the `strata` of the randomisation, `ye residual`, `ge`, `sandwich` (see
        `standardised`). `strata` are columns of the data; a model that leaves them out is allowed.
        """
        found = estimate_standardised_means(self, factor, variance=variance, strata=strata)
        return tabulate_standardised_means(found, factor, self._model.design.frame[factor], "risk", level)

    def standardised_effects(
        self,
        factor: str,
        *,
        versus: object = None,
        pairwise: bool = False,
        variance: Variance = "ye",
        strata: str | Sequence[str] | None = None,
        level: float = 0.95,
    ) -> pl.DataFrame:
        """Estimate risk differences, risk ratios and marginal odds ratios from the standardised risks.

        Columns: `factor`, versus, measure (risk_difference, risk_ratio, odds_ratio), estimate, se, z, p, lower,
        upper; se and z of a ratio are those of its log.
        """
        found = estimate_standardised_means(self, factor, variance=variance, strata=strata)
        measures = ("risk_difference", "risk_ratio", "odds_ratio")
        return tabulate_standardised_effects(
            self, found, factor, measures, versus=versus, pairwise=pairwise, level=level
        )


def logistic(
    formula: str,
    data: IntoFrame,
    *,
    event: object = None,
    offset: str | None = None,
    reference: Mapping[str, object] | None = None,
    weights: str | None = None,
    covariance: CovarianceKind = "model",
    penalised: Penalty | None = None,
    level: float = 0.95,
) -> LogisticFit:
    """Fit a logistic regression such as `RESPONSE ~ BASE + STRATUM + ARM` of the probability of a 1.

    `event`: the level of the response that counts, where it is not held as 0 and 1. `offset`: a column on the log
    odds scale. `reference`: the reference level by factor. `weights`: a column of frequencies. `covariance`:
    `model`, or robust `HC0` to `HC3`. `penalised="firth"` for few events or separation. Rows with a missing value
    are dropped and counted. Raises `DataError` for wrong input and `EstimationFailed` for dependent columns and
    for separation, naming the column.
    """
    if penalised not in (None, "firth"):
        raise DataError(f"penalised must be firth or left out. Got {penalised}")
    if penalised and covariance != "model":
        raise DataError(f"a penalised fit has covariance model only. Got {covariance}")

    def recode(column: pl.Series) -> pl.Series:
        if event is None:
            return column
        found = require_level(factor_levels(column), event, column.name)
        return pl.Series(column.name, [None if cell is None else float(cell == found) for cell in column])

    model = read_model(formula, data, reference=reference, weights=weights, offset=offset, recode=recode)
    require_binary(model)
    blame = explain_endless(model, binary=True)

    basis = orthogonalise(model.design.matrix, model.design.columns)
    likelihood = Likelihood(basis, model.response, model.weights, model.offset, BINOMIAL, penalised is not None)
    best = climb(likelihood, blame=blame)
    plain = float(model.weights @ BINOMIAL.log_likelihood(model.response, best.evaluation.eta))
    fields: dict[str, Any] = summarise_fit(
        model,
        likelihood,
        best,
        estimate_covariance(likelihood, best, covariance),
        kind=covariance,
        level=level,
        parameters=len(model.design.columns),
        log_likelihood=plain,
    )
    return LogisticFit(
        **fields,
        _restrict=lambda rows: climb_restricted(likelihood, best, rows).log_likelihood,
        events=float(model.weights @ model.response),
        penalised=penalised,
        # the basis has another determinant than the matrix
        penalised_log_likelihood=best.log_likelihood - float(np.linalg.slogdet(basis.back)[1])
        if penalised
        else None,
    )
