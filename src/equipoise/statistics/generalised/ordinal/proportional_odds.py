"""The proportional odds model of an ordered outcome: logit P(Y <= j) = theta_j - x' b, by maximum likelihood.

A positive coefficient means higher categories: exp(b) is the odds ratio of being above any cut point (the sign of
R's `MASS::polr` and `ordinal::clm`; SAS LOGISTIC models theta_j + x' b, so its coefficients have the other sign).
Newton's method from the proportions. Standard errors from the observed information, as polr and clm, or from the
expected one, as SAS LOGISTIC with Fisher scoring. Source: McCullagh, JRSS B 1980;42:109-42. The score test of
proportional odds is that of SAS LOGISTIC (Peterson and Harrell, Applied Statistics 1990;39:205-17), the Wald test
that of Brant, Biometrics 1990;46:1171-8. Checked against clm, polr and sums written out in R.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal, get_args

import numpy as np
import polars as pl
from narwhals.typing import IntoFrame
from scipy.special import logit

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.distributions import Floats
from equipoise.statistics.frames import factor_levels, require_numeric, show_levels
from equipoise.statistics.generalised.likelihood import FLAT, STILL_MOVING, orthogonalise
from equipoise.statistics.generalised.linear_predictor import (
    LinearPredictor,
    as_normal,
    exponentiate,
    tabulate_chi2,
)
from equipoise.statistics.generalised.model import ModelData, read_model
from equipoise.statistics.generalised.ordinal.cumulative_logit import CumulativeLogit, Evaluation
from equipoise.statistics.generalised.ordinal.parallel_odds import brant_statistics, score_statistic
from equipoise.statistics.linear.grid import Margins
from equipoise.statistics.linear.inference import estimate_linear_functions

Information = Literal["observed", "expected"]
MOST_STEPS = 200
MOST_HALVINGS = 40


@dataclass(frozen=True, eq=False)
class ProportionalOddsFit:
    """A fitted proportional odds model.

    `categories`: the levels of the outcome, lowest first. `thresholds`: cut (such as `1|2`), estimate, se.
    `coefficients`: term, estimate, se, z, p, lower, upper. `covariance`: of thresholds and coefficients, a column
    `term` and one for each. `tests`: all coefficients are 0, test (likelihood ratio, wald), df, chi2, p. `dropped`
    rows had a missing value.
    """

    formula: str
    categories: tuple[object, ...]
    observations: int
    dropped: int
    thresholds: pl.DataFrame
    coefficients: pl.DataFrame
    covariance: pl.DataFrame
    log_likelihood: float
    aic: float
    bic: float
    tests: pl.DataFrame
    information: Information
    level: float
    steps: int
    _model: ModelData = field(repr=False)
    _likelihood: CumulativeLogit = field(repr=False)
    _thresholds: Floats = field(repr=False)
    _predictor: LinearPredictor = field(repr=False)

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
        """Estimate log common odds ratios between levels of `factor`, each versus another level.

        Columns: those of `by`, `factor`, versus, estimate, se, z, p, lower, upper.
        """
        return as_normal(
            self._predictor.contrasts(
                factor, versus=versus, pairwise=pairwise, by=by, at=at, margins=margins, level=level
            )
        )

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
    ) -> pl.DataFrame:
        """Estimate common odds ratios of a higher category between levels of `factor`.

        Columns: those of `by`, `factor`, versus, estimate (log odds ratio), se, z, p, odds_ratio, lower, upper.
        """
        table = self.contrasts(
            factor, versus=versus, pairwise=pairwise, by=by, at=at, margins=margins, level=level
        )
        return exponentiate(table, "odds_ratio")

    def type_three(self) -> pl.DataFrame:
        """Wald test of each term by its type III hypothesis: term, df, chi2, p."""
        return self._predictor.type_three()

    def standardised_probabilities(self, factor: str) -> pl.DataFrame:
        """Estimate the probability of each category if every participant were at each level of `factor`.

        Columns: `factor`, category, probability: averages over the participants (g-computation).
        """
        design, model = self._model.design, self._model
        settings = {name: design.frame[name].to_list() for name in design.formula.columns}
        share = model.weights / model.weights.sum()
        levels = self._predictor.require_levels(factor)
        tables = []
        for one in levels:
            rows = design.rows_at({**settings, factor: [one] * design.frame.height})
            probabilities = self._likelihood.probabilities(self._thresholds, rows @ self._predictor.beta)
            tables.append(share @ probabilities)
        count = len(self.categories)
        return pl.DataFrame(
            [
                pl.Series(factor, [one for one in levels for _ in range(count)], dtype=design.frame[factor].dtype),
                pl.Series("category", list(self.categories) * len(levels)),
                pl.Series("probability", np.concatenate(tables)),
            ]
        )

    def score_test(self, *, information: Information = "observed") -> pl.DataFrame:
        """Test that the odds are proportional: the score test of separate coefficients for each cut point.

        Columns: term (`all`), df, chi2, p. Where combinations of levels and categories without data leave the
        information singular, its inverse is a generalised one.
        """
        _require_information(information)
        found = self._likelihood.evaluate(self._thresholds, self._predictor.beta[1:], separate=True)
        chi2 = score_statistic(found.gradient, found.observed if information == "observed" else found.expected)
        return tabulate_chi2({"all": (chi2, (len(self.categories) - 2) * self._likelihood.columns.shape[1])})

    def brant_test(self) -> pl.DataFrame:
        """Test that the odds are proportional by Wald tests between the logistic models of the cut points.

        Columns: term (`all`, then each column of the model), df, chi2, p. `EstimationFailed` where one of the
        logistic models has no finite maximum.
        """
        model = self._model
        basis = orthogonalise(model.design.matrix, model.design.columns)
        return tabulate_chi2(brant_statistics(basis, self._likelihood.codes, model.weights))


def proportional_odds(
    formula: str,
    data: IntoFrame,
    *,
    reference: Mapping[str, object] | None = None,
    weights: str | None = None,
    information: Information = "observed",
    level: float = 0.95,
) -> ProportionalOddsFit:
    """Fit a proportional odds model such as `GRADE ~ STRATUM + ARM` to an ordered outcome.

    The outcome is a column of numbers or an `Enum`, in their order (text in alphabetical order); levels that do
    not occur are left out. `reference`: the reference level by factor; `weights`: a column of frequencies;
    `information`: `observed` (R) or `expected` (SAS LOGISTIC) gives the standard errors. Raises `DataError` for
    wrong input and `EstimationFailed` for fewer than three categories, dependent columns and coefficients without
    a finite value.
    """
    _require_information(information)
    found: list[tuple[object, ...]] = []

    def recode(column: pl.Series) -> pl.Series:
        if column.dtype.is_float():
            require_numeric(column.to_frame(), column.name)
        levels = factor_levels(column)
        place = {one: at for at, one in enumerate(levels)}
        found.append(tuple(levels))
        return pl.Series(column.name, [None if cell is None else place[cell] for cell in column], dtype=pl.Int64)

    model = read_model(formula, data, reference=reference, weights=weights, recode=recode)
    if not found:
        raise DataError(f"the outcome must be a column, not an expression. Got {formula}")
    present, codes = np.unique(model.response.astype(np.intp), return_inverse=True)
    categories = tuple(found[0][place] for place in present)
    if len(categories) < 3:
        raise EstimationFailed(
            f"an ordered outcome needs three categories; use logistic for two. Got {show_levels(categories)}"
        )
    columns = model.design.columns
    if columns[0] != "Intercept":
        raise DataError(f"a proportional odds model has its thresholds; drop 0 or -1. Got {formula}")
    if len(columns) == 1:
        raise DataError(f"a proportional odds model needs a term besides the thresholds. Got {formula}")
    orthogonalise(model.design.matrix, columns)
    plain = model.design.matrix[:, 1:]
    centre, size = plain.mean(axis=0), plain.std(axis=0)
    likelihood = CumulativeLogit((plain - centre) / size, codes, model.weights, len(categories))
    thresholds, slopes, best, null, steps = _maximise(likelihood, columns[1:])

    # back from standardised columns: b = b* / size, theta = theta* + centre' b
    cuts = len(categories) - 1
    beta = slopes / size
    change = np.block(
        [[np.eye(cuts), np.tile(centre / size, (cuts, 1))], [np.zeros((beta.size, cuts)), np.diag(1 / size)]]
    )
    inverse = np.linalg.inv(best.observed if information == "observed" else best.expected)
    vcov = change @ inverse @ change.T
    thresholds = thresholds + centre @ beta
    padded = np.zeros((beta.size + 1, beta.size + 1))
    padded[1:, 1:] = vcov[cuts:, cuts:]
    predictor = LinearPredictor(model.design, np.concatenate([[0.0], beta]), padded)
    names = [f"{lower}|{upper}" for lower, upper in pairwise(categories)]
    terms = [*names, *columns[1:]]
    parameters, n = len(terms), codes.size
    slope_rows = np.eye(beta.size + 1)[1:]
    ratio = 2.0 * (best.log_likelihood - null)
    tests = {"likelihood ratio": (ratio, beta.size), "wald": (predictor.wald(slope_rows), beta.size)}
    slope_table = estimate_linear_functions(slope_rows, predictor.beta, predictor.vcov, np.inf, level)
    return ProportionalOddsFit(
        formula=formula,
        categories=categories,
        observations=n,
        dropped=model.dropped,
        thresholds=pl.DataFrame({"cut": names, "estimate": thresholds, "se": np.sqrt(np.diagonal(vcov)[:cuts])}),
        coefficients=as_normal(slope_table.insert_column(0, pl.Series("term", columns[1:]))),
        covariance=pl.DataFrame({"term": terms, **{name: vcov[:, at] for at, name in enumerate(terms)}}),
        log_likelihood=best.log_likelihood,
        aic=2.0 * parameters - 2.0 * best.log_likelihood,
        bic=float(np.log(n)) * parameters - 2.0 * best.log_likelihood,
        tests=tabulate_chi2(tests).rename({"term": "test"}),
        information=information,
        level=level,
        steps=steps,
        _model=model,
        _likelihood=CumulativeLogit(plain, codes, model.weights, len(categories)),
        _thresholds=thresholds,
        _predictor=predictor,
    )


def _require_information(information: str) -> None:
    if information not in get_args(Information):
        raise DataError(f"information must be one of {', '.join(get_args(Information))}. Got {information}")


def _maximise(likelihood: CumulativeLogit, names: Sequence[str]) -> tuple[Floats, Floats, Evaluation, float, int]:
    """Climb from the proportions: thresholds, coefficients, evaluation there, null log-likelihood, steps."""
    cuts = likelihood.categories - 1
    share = np.bincount(likelihood.codes, weights=likelihood.weights) / likelihood.weights.sum()
    point = np.concatenate([logit(np.cumsum(share)[:-1]), np.zeros(len(names))])
    now = likelihood.evaluate(point[:cuts], point[cuts:])
    null = now.log_likelihood
    moving = np.zeros(len(names))
    for count in range(1, MOST_STEPS + 1):
        step = _newton_step(now)
        trial = likelihood.evaluate(point[:cuts] + step[:cuts], point[cuts:] + step[cuts:])
        slack = 1e-13 * (abs(now.log_likelihood) + 1.0)
        for _ in range(MOST_HALVINGS):
            if trial.log_likelihood >= now.log_likelihood - slack:
                break
            step = step / 2.0
            trial = likelihood.evaluate(point[:cuts] + step[:cuts], point[cuts:] + step[cuts:])
        rise = trial.log_likelihood - now.log_likelihood
        point, now = point + step, trial
        moving = np.abs(step[cuts:]) * np.ptp(likelihood.columns, axis=0)
        if np.abs(step).max() < 1e-10:
            return point[:cuts], point[cuts:], now, null, count
        if abs(rise) <= FLAT * (abs(now.log_likelihood) + 1.0) and moving.max() > STILL_MOVING:
            break
    named = ", ".join(name for name, size in zip(names, moving, strict=True) if size > STILL_MOVING / 2.0)
    raise EstimationFailed(
        f"no finite coefficient fits {named or ', '.join(names)}: its rows lie all in the lowest or highest "
        f"category; merge levels or leave it out. Got a log-likelihood still rising at {now.log_likelihood:.6g}"
    )


def _newton_step(now: Evaluation) -> Floats:
    """Step by the observed information, or by the expected one where the observed is not positive definite."""
    for information in (now.observed, now.expected):
        try:
            lower = np.linalg.cholesky(information)
        except np.linalg.LinAlgError:
            continue
        return np.asarray(np.linalg.solve(lower.T, np.linalg.solve(lower, now.gradient)), dtype=float)
    return np.asarray(np.linalg.lstsq(now.expected, now.gradient, rcond=None)[0], dtype=float)
