"""Cox's proportional hazards regression: hazard(t | x) = hazard_0(t) exp(x' b), strata with their own hazard_0.

Coefficients maximise the partial likelihood (Cox 1972, 1975) by Newton's method with step halving, from 0, on
covariates of mean 0 and SD 1. Ties by Efron (the default, as in R), Breslow (SAS's default) or the exact discrete
model. Robust variances add up score residuals over clusters (Lin and Wei 1989). A coefficient without a finite
estimate is refused, not reported with a huge SE. Checked against R survival 3.5 (`coxph`) and published trials.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl
from narwhals.typing import IntoFrame
from scipy import linalg

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.confidence import critical_value
from equipoise.statistics.distributions import Floats, chi2_upper_p, normal_two_sided_p
from equipoise.statistics.factors import Codes, code_factor
from equipoise.statistics.frames import require_numbers
from equipoise.statistics.survival.covariates import build_covariates, covariate_columns
from equipoise.statistics.survival.exact_ties import ExactLikelihood
from equipoise.statistics.survival.observations import read_observations, require_events
from equipoise.statistics.survival.partial_likelihood import Evaluation, PartialLikelihood, Ties
from equipoise.statistics.survival.risk_sets import sort_risk_sets

MOST_STEPS = 60
MOST_HALVINGS = 30
# the likelihood no longer rises by this share of itself
FLAT = 1e-10
# a step of this many SDs of log hazard ratio when the likelihood is flat: there is no finite maximum
STILL_MOVING = 0.01
# the share of a column's information that the columns before it leave
COLLINEAR = 1e-9


@dataclass(frozen=True, eq=False)
class Cox:
    """A fitted Cox regression.

    `coefficients`: `term` (a covariate, or a level of a factor as in `ARM[T.High]`), `estimate` (log hazard
    ratio), `se`, `z`, `p`, `hazard_ratio`, and `lower`, `upper` of it. `tests`: `test` (likelihood ratio, wald,
    score: all coefficients are 0), `chi2`, `df`, `p`. `covariance` (coefficients x coefficients) is the robust
    one where one was asked for; `model_covariance` is the inverse information. `dropped` rows had a missing value.
    """

    coefficients: pl.DataFrame
    tests: pl.DataFrame
    log_likelihood: float
    log_likelihood_null: float
    covariance: Floats
    model_covariance: Floats
    n: int
    events: int
    dropped: int
    ties: Ties
    level: float
    steps: int
    terms: Mapping[str, tuple[int, ...]]

    @property
    def term_tests(self) -> pl.DataFrame:
        """Wald test of each term of the model (SAS: joint or type 3 tests): `term`, `chi2`, `df`, `p`."""
        estimate = self.coefficients["estimate"].to_numpy()
        rows = []
        for term, places in self.terms.items():
            at = list(places)
            chi2 = _quadratic(estimate[at], self.covariance[np.ix_(at, at)])
            rows.append((term, chi2, len(at), chi2_upper_p(chi2, len(at))))
        return pl.DataFrame(rows, schema=["term", "chi2", "df", "p"], orient="row")


class _Likelihood(Protocol):
    def evaluate(self, coefficients: Floats) -> Evaluation: ...


def cox(
    model: str | Sequence[str],
    data: IntoFrame,
    *,
    time: str,
    event: str,
    entry: str | None = None,
    ties: Ties = "efron",
    strata: str | Sequence[str] | None = None,
    reference: Mapping[str, object] | None = None,
    robust: bool = False,
    cluster: str | None = None,
    level: float = 0.95,
) -> Cox:
    """Fit a Cox regression of the hazard of `event` on `model`: a formula such as `ARM + AGE`, or column names.

    `time` is the column of times from entry on (one unit), `event` holds 1 or True where the event was seen.
    `entry` is the column of times at which observation began (delayed entry, or pieces of a participant's time
    with covariates that change): a row is at risk from after `entry` to `time`. `strata` are columns whose
    combinations have their own baseline hazard; `reference` maps a factor to the level compared with;
    `cluster` is a column whose rows belong together, `robust` takes every row by itself. Rows with a missing
    value in a column used are dropped and counted.

    Raises `DataError` for bad columns, levels or options; `EstimationFailed` where there is no event, a column
    does not vary or repeats others, or the likelihood rises without end: the sentence names the term.
    """
    if ties not in {"efron", "breslow", "exact"}:
        raise DataError(f"ties must be efron, breslow or exact. Got {ties}")
    if ties == "exact" and (robust or cluster):
        raise DataError("robust variances go with ties efron or breslow; choose one of them. Got exact")
    z = critical_value(level)
    used = [*covariate_columns(model, time), *([entry] if entry else []), *([cluster] if cluster else [])]
    observed = read_observations(data, time, event, strata=strata, also=used)
    require_events(observed.event, event)
    start = require_numbers(observed.frame, entry) if entry else None
    if start is not None and (late := start >= observed.time).any():
        row = int(np.flatnonzero(late)[0])
        raise DataError(
            f"entry in column {entry} must come before {time} in every row. "
            f"Got {start[row]:g} and {observed.time[row]:g} in one of {int(late.sum())} rows"
        )
    covariates = build_covariates(model, observed.frame, response=time, reference=reference)
    names = covariates.names
    centre = covariates.matrix.mean(axis=1, keepdims=True)
    scale = covariates.matrix.std(axis=1)
    if (still := np.flatnonzero(scale <= 1e-14 * np.abs(centre[:, 0]))).size:
        raise EstimationFailed(f"{names[still[0]]} must vary between rows; leave it out. Got one value only")
    standard = (covariates.matrix - centre) / scale[:, None]
    risk = sort_risk_sets(standard, observed.time, observed.event, observed.stratum, start)
    likelihood = ExactLikelihood(risk) if ties == "exact" else PartialLikelihood(risk, ties)
    null, best, solution, steps = _maximise(likelihood, names)

    estimate = solution / scale
    spread = np.outer(scale, scale)
    model_covariance = linalg.inv(best.information) / spread
    covariance = model_covariance
    if (robust or cluster) and isinstance(likelihood, PartialLikelihood):
        groups = code_factor(observed.frame[cluster]).codes[risk.rows] if cluster else np.arange(risk.rows.size)
        residuals = likelihood.score_residuals(solution) * scale
        covariance = model_covariance @ _cross_product(residuals, groups) @ model_covariance
    return Cox(
        coefficients=_tabulate_coefficients(names, estimate, np.sqrt(np.diagonal(covariance)), z),
        tests=_tabulate_tests(null, best, estimate, covariance),
        log_likelihood=best.log_likelihood,
        log_likelihood_null=null.log_likelihood,
        covariance=covariance,
        model_covariance=model_covariance,
        n=observed.time.size,
        events=int(observed.event.sum()),
        dropped=observed.dropped,
        ties=ties,
        level=level,
        steps=steps,
        terms=covariates.terms,
    )


def _maximise(likelihood: _Likelihood, names: Sequence[str]) -> tuple[Evaluation, Evaluation, Floats, int]:
    """Climb from 0: the evaluation there, the one at the maximum, the coefficients and the number of steps."""
    solution = np.zeros(len(names))
    null = now = likelihood.evaluate(solution)
    if not np.isfinite(now.log_likelihood):
        raise EstimationFailed(
            "the exact likelihood of this many tied events cannot be held in a float; use ties efron. "
            f"Got {now.log_likelihood}"
        )
    _require_independent(now.information, names)
    for count in range(1, MOST_STEPS + 1):
        step = _newton_step(now, names)
        trial = likelihood.evaluate(solution + step)
        for _ in range(MOST_HALVINGS):
            if trial.log_likelihood >= now.log_likelihood - FLAT * abs(now.log_likelihood):
                break
            step = step / 2.0
            trial = likelihood.evaluate(solution + step)
        rise = trial.log_likelihood - now.log_likelihood
        solution, now = solution + step, trial
        size = np.abs(step)
        if abs(rise) <= FLAT * (abs(now.log_likelihood) + 1.0):
            if size.max() > STILL_MOVING:
                break
            if size.max() < 1e-7:
                return null, now, solution, count
    moving = [name for name, part in zip(names, size, strict=True) if part > STILL_MOVING]
    raise _endless(", ".join(moving) or "the model", now)


def _newton_step(now: Evaluation, names: Sequence[str]) -> Floats:
    try:
        return np.asarray(linalg.solve(now.information, now.gradient, assume_a="pos"), dtype=float)
    except (linalg.LinAlgError, ValueError):
        raise _endless(names[int(np.argmin(np.diagonal(now.information)))], now) from None


def _endless(terms: str, now: Evaluation) -> EstimationFailed:
    return EstimationFailed(
        f"the likelihood rises without end in {terms}: no finite hazard ratio fits, as where a level has no "
        f"event; merge levels or leave it out. Got log-likelihood {now.log_likelihood:g} and rising"
    )


def _require_independent(information: Floats, names: Sequence[str]) -> None:
    """Refuse columns that do not vary among those at risk, or that the columns before them determine."""
    left = information.copy()
    for place, name in enumerate(names):
        own = information[place, place]
        if own <= COLLINEAR * max(1.0, float(np.diagonal(information).max())):
            raise EstimationFailed(
                f"{name} must vary among those at risk at an event time; leave it out or change the strata. "
                "Got one value"
            )
        if left[place, place] <= COLLINEAR * own:
            others = ", ".join(names[:place])
            raise EstimationFailed(
                f"columns must not repeat one another; leave out {name}, which {others} determine. "
                "Got a singular model"
            )
        left -= np.outer(left[:, place], left[place]) / left[place, place]


def _cross_product(residuals: Floats, groups: Codes) -> Floats:
    order = np.argsort(groups, kind="stable")
    edges = np.flatnonzero(np.append(True, np.diff(groups[order]) != 0))
    totals = np.add.reduceat(residuals[order], edges, axis=0)
    return np.asarray(totals.T @ totals, dtype=float)


def _tabulate_coefficients(names: Sequence[str], estimate: Floats, se: Floats, z: float) -> pl.DataFrame:
    with np.errstate(over="ignore"):
        ratio, lower, upper = np.exp(estimate), np.exp(estimate - z * se), np.exp(estimate + z * se)
    return pl.DataFrame(
        {
            "term": list(names),
            "estimate": estimate,
            "se": se,
            "z": estimate / se,
            "p": normal_two_sided_p(estimate / se),
            "hazard_ratio": ratio,
            "lower": lower,
            "upper": upper,
        }
    )


def _tabulate_tests(null: Evaluation, best: Evaluation, estimate: Floats, covariance: Floats) -> pl.DataFrame:
    ratio = 2.0 * (best.log_likelihood - null.log_likelihood)
    wald = _quadratic(estimate, covariance)
    score = _quadratic(null.gradient, null.information)
    chi2 = np.array([ratio, wald, score])
    return pl.DataFrame(
        {
            "test": ["likelihood ratio", "wald", "score"],
            "chi2": chi2,
            "df": [estimate.size] * 3,
            "p": chi2_upper_p(chi2, estimate.size),
        }
    )


def _quadratic(vector: Floats, matrix: Floats) -> float:
    return float(vector @ np.linalg.solve(matrix, vector))
