"""Conditional mean imputation: no random numbers in the estimate, and a standard error from resampling.

Missing visits take their mean given the observed ones, under the strategies and the REML estimates of the MMRM,
and the single completed data set is analysed by ANCOVA at each visit. The standard error is the estimator's: by
jackknife, se^2 = (n - 1) / n sum (theta_i - mean)^2 over fits that leave one participant out, or by bootstrap
samples stratified by arm; the normal distribution gives interval and p. Source: Wolbers et al., Pharm Stat
2022;21:1246-57. Checked against R's rbmi 1.5.2 (`method_condmean`).
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import polars as pl
from narwhals.typing import IntoFrame

from equipoise.errors import DataError
from equipoise.statistics.confidence import require_confidence
from equipoise.statistics.distributions import Floats
from equipoise.statistics.frames import require_level
from equipoise.statistics.linear.formula import parse_formula
from equipoise.statistics.missing.analysis import VisitAncova, prepare_ancova
from equipoise.statistics.missing.deltas.delta import Delta, delta_values
from equipoise.statistics.missing.deltas.response import DeltaResponse, replicate_response
from equipoise.statistics.missing.estimates import tabulate_estimates
from equipoise.statistics.missing.imputation.impute import Parameters, impute_visits
from equipoise.statistics.missing.imputation.model import ImputationModel, fit_imputation_model
from equipoise.statistics.missing.imputation.outcomes import Outcomes, read_outcomes
from equipoise.statistics.missing.imputation.resample import draw_bootstrap_counts
from equipoise.statistics.missing.multiple_imputation import choose_versus
from equipoise.statistics.threads import on_one_thread

Resampling = Literal["jackknife", "bootstrap"]
_CELLS = 8_000_000  # of completed data held at once


@dataclass(frozen=True, eq=False)
class Replicates:
    """The resamples: `counts` (B x N) of participants, their `parameters` and the `factor` of the variance.

    The row i of a `jackknife` leaves participant i out.
    """

    counts: Floats
    parameters: Parameters
    jackknife: bool
    factor: float

    def analyse(self, ancova: VisitAncova, outcomes: Outcomes, added: Floats) -> Floats:
        """Estimate the targets of `ancova` in each completed resample, `added` (N x V) on top: B x V x k."""
        step = max(1, _CELLS // outcomes.values.size)
        found = []
        for at in range(0, len(self.counts), step):
            part = slice(at, at + step)
            drawn = Parameters(self.parameters.beta[part], self.parameters.covariance[part], self.parameters.group)
            found.append(self.estimate(ancova, impute_visits(outcomes, drawn) + added, part))
        return np.concatenate(found)

    def estimate(self, ancova: VisitAncova, completed: Floats, part: slice) -> Floats:
        """Estimate the targets from `completed` (b x N x V) of some resamples."""
        if self.jackknife:
            left_out = np.arange(len(self.counts))[part]
            return ancova.estimate_without(completed, left_out)
        return ancova.estimate_weighted(completed, self.counts[part])


@dataclass(frozen=True, eq=False)
class ConditionalMeanImputation:
    """The analysis of the data completed by conditional means.

    `contrasts`: visit, arm, versus, estimate, se, df (infinite), t, p, lower, upper. `means`: the same of the
    arms, without versus, t and p. `completed` (N x V): the outcomes, deltas added; `outcomes` names participants
    and visits. `resampling` with `resamples` gave the standard errors.
    """

    contrasts: pl.DataFrame
    means: pl.DataFrame
    resampling: Resampling
    resamples: int
    completed: Floats = field(repr=False)
    outcomes: Outcomes = field(repr=False)
    model: ImputationModel = field(repr=False)
    _ancova: VisitAncova = field(repr=False)
    _replicates: Replicates = field(repr=False)
    _estimates: Floats = field(repr=False)

    def completed_data(self) -> pl.DataFrame:
        """Give the completed data as a long frame: participant, visit, value, imputed."""
        outcomes = self.outcomes
        who = outcomes.people[outcomes.subject]
        at = pl.Series(outcomes.visit, outcomes.visits, dtype=outcomes.visit_type)
        cells = np.arange(self.completed.size)
        return pl.DataFrame(
            [
                who[cells // len(at)],
                at[cells % len(at)],
                pl.Series(outcomes.response, self.completed.ravel()),
                pl.Series("imputed", ~outcomes.observed.ravel()),
            ]
        )

    def respond(self, visit: object, arm: object, versus: object, moved: Floats) -> DeltaResponse:
        """Describe the comparison of two arms at a visit as a function of k deltas that add `moved` (N x k)."""
        at = self.outcomes.visits.index(require_level(self.outcomes.visits, visit, self.outcomes.visit))
        ancova, replicates = self._ancova, self._replicates
        target = ancova.target(arm, versus, self.outcomes.arm_name)
        count = len(replicates.counts)
        slopes = replicates.estimate(ancova, np.broadcast_to(moved, (count, *moved.shape)), slice(None))
        return replicate_response(
            float(ancova.estimate(self.completed)[at, target]),
            ancova.estimate(moved)[:, target],
            self._estimates[:, at, target],
            slopes[:, :, target],
            replicates.factor,
        )


@on_one_thread
def conditional_mean_imputation(
    formula: str,
    data: IntoFrame,
    *,
    subject: str,
    visit: str,
    arm: str,
    reference: object,
    analysis: str,
    strategy: str = "MAR",
    strategy_from: str | None = None,
    versus: object = None,
    covariance: str = "us",
    by_arm: bool = False,
    reml: bool = True,
    delta: Delta | None = None,
    resampling: Resampling = "jackknife",
    samples: int = 500,
    rng: np.random.Generator | None = None,
    level: float = 0.95,
) -> ConditionalMeanImputation:
    """Impute the outcome of `formula` by its conditional mean and analyse each visit by `analysis`.

    As `multiple_imputation`, with the same arguments; `reml`: restricted or full maximum likelihood. The standard
    errors come from the jackknife, or from `samples` bootstrap samples drawn with `rng`. Raises `DataError` for
    wrong input, `EstimationFailed` where the data, or a resample of them, cannot give the model.
    """
    require_confidence(level)
    if resampling not in ("jackknife", "bootstrap"):
        raise DataError(f"resampling must be jackknife or bootstrap. Got {resampling}")
    outcomes = read_outcomes(
        formula,
        data,
        subject=subject,
        visit=visit,
        arm=arm,
        reference=reference,
        strategy=strategy,
        strategy_from=strategy_from,
        keep=parse_formula(analysis).columns,
    )
    ancova = prepare_ancova(analysis, outcomes, choose_versus(reference, versus))
    model = fit_imputation_model(outcomes, covariance=covariance, by_arm=by_arm, reml=reml)
    added = np.zeros(outcomes.values.shape) if delta is None else delta_values(outcomes, delta)
    completed = impute_visits(outcomes, model.parameters)[0] + added
    replicates = _resample(model, outcomes, resampling, samples, rng)
    estimates = replicates.analyse(ancova, outcomes, added)
    spread = ((estimates - estimates.mean(axis=0)) ** 2).sum(axis=0)
    se = np.sqrt(replicates.factor * spread)
    estimate = ancova.estimate(completed)
    means, contrasts = tabulate_estimates(outcomes, ancova, estimate, se, np.full(estimate.shape, np.inf), level)
    return ConditionalMeanImputation(
        contrasts=contrasts,
        means=means,
        resampling=resampling,
        resamples=len(replicates.counts),
        completed=completed,
        outcomes=outcomes,
        model=model,
        _ancova=ancova,
        _replicates=replicates,
        _estimates=estimates,
    )


def _resample(
    model: ImputationModel,
    outcomes: Outcomes,
    resampling: Resampling,
    samples: int,
    rng: np.random.Generator | None,
) -> Replicates:
    n = outcomes.arm.size
    if resampling == "jackknife":
        counts = 1.0 - np.eye(n)
        return Replicates(counts, model.refit(counts), True, (n - 1.0) / n)
    if rng is None or samples < 2:
        raise DataError(f"a bootstrap needs rng and at least two samples. Got {samples} samples")
    counts = draw_bootstrap_counts(outcomes.arm, samples, rng)
    return Replicates(counts, model.refit(counts), False, 1.0 / (samples - 1.0))
