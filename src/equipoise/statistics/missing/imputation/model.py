"""The imputation model: an MMRM of the outcome, fitted once and refitted with participants left out or repeated.

A refit takes the sums by pattern anew with the participants' counts and starts at the full fit, so that one or two
Newton steps end it.
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
        return self._stack([self.maximum])

    def refit(self, counts: Floats) -> Parameters:
        """Fit again with each participant taken so many times (B x N), a draw for each row.

        Raises `EstimationFailed` where a fit has no maximum.
        """
        fits = []
        for row in counts[:, self.used]:
            if (row == 1.0).all():
                fits.append(self.maximum)
                continue
            theta = self.maximum.point.theta
            fits.append(maximise(self.sums.reweighted(row), self.structure, reml=self.reml, start=theta))
        return self._stack(fits)

    def _stack(self, fits: list[Maximum]) -> Parameters:
        sums = self.sums
        gamma = np.array([fit.point.gamma for fit in fits])
        beta = sums.offset + sums.scale * solve_triangular(sums.root, gamma.T).T
        sigma = np.array([[one.sigma for one in fit.point.covariances] for fit in fits])
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
