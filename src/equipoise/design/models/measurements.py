"""Means compared: analysis of covariance, mixed model for repeated measures, t test, rank-sum test.

The covariance that counts is that of the outcome given baseline, with one slope for all arms. Sources: `precision`
for the models; Welch's t test with Satterthwaite's degrees of freedom of the true variances; the rank-sum test by
P(arm > control) of two normal distributions and Noether's variance (JASA 1987;82:645-7). An effect is the
difference of the means at the visit asked for, the last where the estimand asks for several.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from scipy import special

from ...errors import ProtocolError
from ...protocol import Protocol
from ...protocol.model import Ancova, Mmrm, RankSum, TTest
from ...statistics.distributions import Floats
from ..comparisons import Comparisons
from ..moments import MeasurementMoments
from ..precision import Precision, expected_precision
from .compared import Compared, Covariates, compare_arms, names_of, read_covariates


@dataclass(frozen=True, eq=False)
class LinearModel:
    """Differences of adjusted means of each arm from the control."""

    method: str
    arms: tuple[str, ...]
    effects: Floats
    sign: float
    sd: float
    allocation: Floats
    precision: Precision
    covariates: Covariates
    lost: float
    separate: bool
    measure: str = "difference in means"

    @property
    def smallest(self) -> float:
        """Participants below which there is no degree of freedom."""
        return (self._fixed_effects + 3.0) / float(self.precision.df_rate.min())

    @property
    def _fixed_effects(self) -> float:
        arms = 2 if self.separate else self.allocation.size
        return arms + self.covariates.number(self.precision.common)

    def at(self, participants: float) -> Comparisons:
        """Return the statistics in a trial of so many participants."""
        known, n = self.precision, participants
        left = known.df_rate * n
        df = np.maximum(left - self._fixed_effects, 1e-3)
        seen = n * (1.0 - self.lost)
        extra = self.covariates.imbalance(n, 1.0 - self.lost, known.common)
        growth = 1.0 + extra / np.maximum(seen - self._fixed_effects - 1.0, 1.0)
        true = (known.true_first / n + known.true_second / n**2) * growth
        model = (known.model_first / n + known.model_second / n**2) * growth
        variance, reported = true[0] + true[1:], model[0] + model[1:]
        return Comparisons(
            ncp=self.sign * self.effects / np.sqrt(variance),
            df=df,
            stretch=np.sqrt(variance / reported),
            loadings=np.sqrt(true[0] / variance),
            believed=np.sqrt(model[0] / reported),
        )

    def with_effects(self, effects: Floats) -> Self:
        """Return the same with other effects, one an arm."""
        return replace(self, effects=effects)


@dataclass(frozen=True, eq=False)
class PairModel:
    """Each arm compared with the control by a test of these two arms alone; values not adjusted for baseline."""

    method: str
    arms: tuple[str, ...]
    effects: Floats
    sign: float
    sd: float
    allocation: Floats
    seen: Floats
    variances: Floats
    test: str
    measure: str = "difference in means"

    @property
    def smallest(self) -> float:
        """Participants below which there is no degree of freedom."""
        return 3.0 / float(self.seen.min())

    def at(self, participants: float) -> Comparisons:
        """Return the statistics in a trial of so many participants."""
        n = participants * self.seen
        true = self.variances / n
        variance = true[0] + true[1:]
        shift = self.sign * self.effects
        loadings = np.sqrt(true[0] / variance)
        if self.test == "rank-sum":
            spread = np.sqrt((n[0] + n[1:]) / (12.0 * n[0] * n[1:]))
            ahead = special.ndtr(shift / np.sqrt(self.variances[0] + self.variances[1:])) - 0.5
            none = np.full(shift.size, np.inf)
            return Comparisons(ahead / spread, none, np.ones(shift.size), loadings, loadings)
        if self.test == "equal":
            df = n[0] + n[1:] - 2.0
            pooled = ((n[0] - 1.0) * self.variances[0] + (n[1:] - 1.0) * self.variances[1:]) / df
            reported = pooled * (1.0 / n[0] + 1.0 / n[1:])
        else:
            reported = variance
            df = variance**2 / (true[0] ** 2 / (n[0] - 1.0) + true[1:] ** 2 / (n[1:] - 1.0))
        return Comparisons(shift / np.sqrt(variance), df, np.sqrt(variance / reported), loadings, loadings)

    def with_effects(self, effects: Floats) -> Self:
        """Return the same with other effects, one an arm."""
        return replace(self, effects=effects)


def plan_mmrm(protocol: Protocol, spec: Mmrm, moments: MeasurementMoments) -> LinearModel:
    """Plan a mixed model for repeated measures; ProtocolError where the arms have one effect for all visits."""
    if not any({"arm", "visit"} <= set(names_of(term)) for term in spec.terms):
        raise ProtocolError(
            "the design plans an mmrm whose terms hold arm * visit, an effect of its own at each visit"
        )
    at = _visit(protocol, spec, moments)
    corrected = spec.df.startswith("kenward-roger")
    separate = spec.covariance_by == "arm"
    return _linear(protocol, spec, moments, at, separate=separate, corrected=corrected)


def plan_ancova(protocol: Protocol, spec: Ancova, moments: MeasurementMoments) -> LinearModel:
    """Plan an analysis of covariance at the visit of the estimand, of those seen then."""
    at = _visit(protocol, spec, moments)
    return _linear(protocol, spec, _at_one_visit(moments, at), 0, separate=False, corrected=True)


def plan_t_test(protocol: Protocol, spec: TTest, moments: MeasurementMoments) -> PairModel:
    """Plan a t test of each arm against the control."""
    name = "Student's t test" if spec.variances == "equal" else "Welch's t test"
    return _pairs(protocol, spec, moments, spec.variances, name)


def plan_rank_sum(protocol: Protocol, spec: RankSum, moments: MeasurementMoments) -> PairModel:
    """Plan a rank-sum test of each arm against the control; strata are taken to explain nothing."""
    return _pairs(protocol, spec, moments, "rank-sum", "rank-sum test")


def _linear(
    protocol: Protocol,
    spec: Ancova | Mmrm,
    moments: MeasurementMoments,
    at: int,
    *,
    separate: bool,
    corrected: bool,
) -> LinearModel:
    compared = compare_arms(protocol, protocol.estimands[spec.estimand], moments.arms)
    places, covariates = list(compared.places), read_covariates(protocol, spec.terms)
    given = residual_covariance(compared, moments.covariance[places], covariates.slope)
    _require_spread(given[:, at, at])
    shares = moments.shares[places]
    precision = expected_precision(
        compared.allocation, given, moments.patterns, shares, at, separate=separate, corrected=corrected
    )
    means = moments.means[places, at]
    seen = compared.allocation @ (shares @ moments.patterns[:, at]) / compared.allocation.sum()
    pooled = compared.allocation @ given[:, at, at] / compared.allocation.sum()
    return LinearModel(
        method=spec.method,
        arms=compared.active,
        effects=means[1:] - means[0],
        sign=compared.sign,
        sd=float(np.sqrt(pooled)),
        allocation=compared.allocation,
        precision=precision,
        covariates=covariates,
        lost=1.0 - float(seen),
        separate=separate,
    )


def _pairs(
    protocol: Protocol, spec: TTest | RankSum, moments: MeasurementMoments, test: str, name: str
) -> PairModel:
    compared = compare_arms(protocol, protocol.estimands[spec.estimand], moments.arms)
    places, at = list(compared.places), _visit(protocol, spec, moments)
    variances = moments.covariance[places, at + 1, at + 1]
    _require_spread(variances)
    means = moments.means[places, at]
    return PairModel(
        method=name,
        arms=compared.active,
        effects=means[1:] - means[0],
        sign=compared.sign,
        sd=float(np.sqrt(compared.allocation @ variances / compared.allocation.sum())),
        allocation=compared.allocation,
        seen=compared.allocation * (moments.shares[places] @ moments.patterns[:, at]),
        variances=variances,
        test=test,
    )


def residual_covariance(compared: Compared, covariance: Floats, slope: str) -> Floats:
    """Find the covariance of the outcome in each arm about its regression on baseline, one slope for all arms.

    covariance: of baseline and outcome, baseline first, a x (v + 1) x (v + 1). slope: `none`, `one` in all, or one
    at `each visit`.
    """
    outcome, shared, spread = covariance[:, 1:, 1:], covariance[:, 1:, 0], covariance[:, 0, 0]
    weights = compared.allocation
    if slope == "none":
        return outcome
    slopes = weights @ shared / (weights @ spread)
    given = _about(outcome, shared, spread, slopes)
    if slope == "each visit" or slopes.size == 1:
        return given
    precision = np.linalg.inv(np.einsum("a,aij->ij", weights, given) / weights.sum())
    common = float(precision.sum(axis=0) @ slopes / precision.sum())
    return _about(outcome, shared, spread, np.full(slopes.size, common))


def _about(outcome: Floats, shared: Floats, spread: Floats, slopes: Floats) -> Floats:
    crossed = shared[:, :, None] * slopes[None, None, :]
    left: Floats = outcome - crossed - crossed.transpose(0, 2, 1)
    left += spread[:, None, None] * np.outer(slopes, slopes)
    return left


def _visit(protocol: Protocol, spec: Ancova | Mmrm | TTest | RankSum, moments: MeasurementMoments) -> int:
    asked = protocol.estimands[spec.estimand].variable.at[-1]
    return moments.visits.index(asked)


def _at_one_visit(moments: MeasurementMoments, at: int) -> MeasurementMoments:
    kept = [0, at + 1]
    return MeasurementMoments(
        moments.arms,
        (moments.visits[at],),
        moments.baseline_mean,
        moments.means[:, [at]],
        moments.covariance[:, kept][:, :, kept],
        moments.patterns[:, [at]],
        moments.shares,
    )


def _require_spread(variances: Floats) -> None:
    if not (np.isfinite(variances).all() and (variances > 0).all()):
        raise ProtocolError(
            "the outcome of the planned analysis must vary in every arm, or no size can be found. "
            f"Got variances {', '.join(f'{value:g}' for value in variances)}"
        )
