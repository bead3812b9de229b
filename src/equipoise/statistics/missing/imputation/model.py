"""The imputation model: an MMRM of the outcome, fitted once and refitted with participants left out or repeated.

Refits take the sums by pattern anew with the participants' counts and start at the full fit, all together
(`refit`); one that does not settle there has Newton's method of its own.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl
from scipy.linalg import solve_triangular

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import Codes
from equipoise.statistics.missing.imputation.impute import Parameters
from equipoise.statistics.missing.imputation.outcomes import Outcomes
from equipoise.statistics.missing.imputation.refit import refit_all
from equipoise.statistics.repeated_measures.layout import Places, build_layout
from equipoise.statistics.repeated_measures.maximise import Maximum, maximise
from equipoise.statistics.repeated_measures.structures import Structure, build_structure, require_structure
from equipoise.statistics.repeated_measures.sums import PatternSums, Response, sum_by_pattern


@dataclass(frozen=True, eq=False)
class ImputationModel:
    """A fitted imputation model; `used` are the places of the participants it learns from."""

    sums: PatternSums
    structure: Structure
    reml: bool
    used: Codes
    participants: int
    group: Codes
    maximum: Maximum

    @cached_property
    def parameters(self) -> Parameters:
        """The estimates, as one draw."""
        point = self.maximum.point
        return self._scale(point.gamma[None], np.array([[one.sigma for one in point.covariances]]))

    def refit(self, counts: Floats) -> Parameters:
        """Fit again with each participant taken so many times (B x N), a draw for each row.

        Raises `EstimationFailed` where a fit has no maximum.
        """
        weights = counts[:, self.used]
        refits = refit_all(self.maximum, weights, reml=self.reml)
        gamma, sigma = refits.gamma, refits.sigma
        for at in np.flatnonzero(~refits.settled):
            fit = maximise(
                self.sums.reweighted(weights[at]), self.structure, reml=self.reml, start=self.maximum.point.theta
            )
            gamma[at] = fit.point.gamma
            sigma[at] = [one.sigma for one in fit.point.covariances]
        return self._scale(gamma, sigma)

    def _scale(self, gamma: Floats, sigma: Floats) -> Parameters:
        sums = self.sums
        beta = sums.offset + sums.scale * solve_triangular(sums.root, gamma.T).T
        return Parameters(beta, sums.scale**2 * sigma, self.group)


def fit_imputation_model(
    outcomes: Outcomes, *, covariance: str = "us", by_arm: bool = False, reml: bool = True
) -> ImputationModel:
    """Fit the MMRM of `outcomes` with a covariance structure, shared by the arms unless `by_arm`.

    Raises `DataError` for an unknown structure, or `sp_exp` with visits that are not numbers; `EstimationFailed`
    where the data cannot give the model.
    """
    visits = len(outcomes.visits)
    distance = None
    if outcomes.visit_type.is_numeric():
        times = pl.Series(outcomes.visits).cast(pl.Float64).to_numpy()
        distance = np.abs(times[:, None] - times[None, :])
    structure = build_structure(require_structure(covariance), visits, distance)
    modelled = outcomes.modelled
    used = np.flatnonzero(modelled.any(axis=1))
    if used.size < 2:
        raise DataError(f"an imputation model needs observed outcomes of several participants. Got {used.size}")
    seen = modelled[used]
    rows = np.flatnonzero(modelled.ravel())
    design = replace(
        outcomes.design,
        frame=outcomes.design.frame[rows],
        response=outcomes.design.response[rows],
        values={name: values[rows] for name, values in outcomes.design.values.items()},
    )
    participant, visit = np.nonzero(seen)
    places = Places(participant, visit, used.size, visits)
    group = np.arange(len(outcomes.arms)) if by_arm else np.zeros(len(outcomes.arms), dtype=np.intp)
    response = Response(
        y=np.where(seen, outcomes.values[used], 0.0),
        seen=seen,
        group=group[outcomes.arm[used]],
        schedule=np.zeros(used.size, dtype=np.intp),
    )
    sums = sum_by_pattern(build_layout(design, places), response)
    return ImputationModel(
        sums=sums,
        structure=structure,
        reml=reml,
        used=used,
        participants=outcomes.arm.size,
        group=group,
        maximum=maximise(sums, structure, reml=reml),
    )
