"""The analysis of completed data: an analysis of covariance at each visit, for all completed data sets at once.

The design is the same for every imputation and visit, so one QR factorisation serves them all; leaving out a
participant changes the coefficients by -(X'X)^-1 x_i e_i / (1 - h_i) (Cook and Weisberg, Residuals and Influence
in Regression, Chapman and Hall 1982, 2.2.2). Least-squares means weigh the levels of factors equally and hold
covariates at their mean over all participants. Checked against `ancova`, visit by visit.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import Codes
from equipoise.statistics.frames import require_level
from equipoise.statistics.linear.design import build_design
from equipoise.statistics.linear.formula import parse_formula
from equipoise.statistics.linear.grid import mean_rows
from equipoise.statistics.linear.least_squares import solve_least_squares
from equipoise.statistics.missing.imputation.outcomes import Outcomes


@dataclass(frozen=True, eq=False)
class VisitAncova:
    """An analysis of covariance of N participants, ready for any outcome.

    `orthogonal` (N x q) and `solver` (q x N) are Q and (X'X)^-1 X'. `targets` (k x q) are the linear functions
    asked for: the arms' means, then the differences `contrasts` (pairs of places in `arms`).
    """

    arms: tuple[object, ...]
    contrasts: tuple[tuple[int, int], ...]
    matrix: Floats
    orthogonal: Floats
    solver: Floats
    targets: Floats

    @property
    def df(self) -> int:
        """Residual degrees of freedom."""
        return int(self.matrix.shape[0] - self.matrix.shape[1])

    def estimate(self, outcomes: Floats) -> Floats:
        """Estimate the targets from outcomes (... x N x V): ... x V x k."""
        return np.asarray(np.swapaxes(outcomes, -1, -2) @ self.solver.T @ self.targets.T)

    def variance(self, outcomes: Floats) -> Floats:
        """Estimate the variances of the targets (... x V x k)."""
        return np.asarray(self.mean_square(outcomes)[..., None] * self.scale)

    @property
    def scale(self) -> Floats:
        """What the residual mean square is multiplied with for the variance of each target (k)."""
        return np.asarray(((self.targets @ self.solver) ** 2).sum(axis=1))

    def mean_square(self, outcomes: Floats) -> Floats:
        """Estimate the residual mean square (... x V)."""
        residual = self.residual(outcomes)
        return np.asarray((residual**2).sum(axis=-2) / self.df)

    def residual(self, outcomes: Floats) -> Floats:
        """Find what the design leaves of outcomes (... x N x V)."""
        return outcomes - self.orthogonal @ (self.orthogonal.T @ outcomes)

    def estimate_without(self, outcomes: Floats, left_out: NDArray[np.intp]) -> Floats:
        """Estimate the targets from outcomes (J x N x V), the j-th without participant `left_out[j]`."""
        leverage = (self.orthogonal**2).sum(axis=1)
        if leverage.max() > 1.0 - 1e-10:
            raise EstimationFailed(
                "the analysis must be estimable without any one participant; merge levels of its factors. "
                f"Got participant number {int(leverage.argmax()) + 1} alone in one"
            )
        every = np.arange(left_out.size)
        own = self.orthogonal[left_out][:, None, :]
        predicted = (own @ (self.orthogonal.T @ outcomes))[:, 0]
        error = (outcomes[every, left_out] - predicted) / (1.0 - leverage[left_out])[:, None]
        pull = self.solver[:, left_out].T @ self.targets.T
        return np.asarray(self.estimate(outcomes) - error[:, :, None] * pull[:, None, :])

    def estimate_weighted(self, outcomes: Floats, weights: Floats) -> Floats:
        """Estimate the targets from outcomes (B x N x V) with weights of participants (B x N): B x V x k.

        Raises `EstimationFailed` where the weights leave too few participants for the design.
        """
        weighted = weights[:, :, None] * self.matrix
        cross = np.swapaxes(weighted, -1, -2) @ self.matrix
        if (np.linalg.matrix_rank(cross, hermitian=True) < cross.shape[-1]).any():
            raise EstimationFailed(
                "the analysis must be estimable in every bootstrap sample; merge levels of its factors or take "
                "the jackknife. Got a sample that lacks a level"
            )
        coefficients = np.linalg.solve(cross, np.swapaxes(weighted, -1, -2) @ outcomes)
        return np.asarray(np.swapaxes(coefficients, -1, -2) @ self.targets.T)

    def target(self, arm: object, versus: object, name: str) -> int:
        """Find the place of the difference `arm` minus `versus` among the targets; `DataError` if it is none."""
        pair = tuple(self.arms.index(require_level(self.arms, one, name)) for one in (arm, versus))
        if pair not in self.contrasts:
            known = ", ".join(f"{self.arms[one]} minus {self.arms[other]}" for one, other in self.contrasts)
            raise DataError(f"the comparison must be one of those analysed: {known}. Got {arm} minus {versus}")
        return len(self.arms) + self.contrasts.index(pair)


def prepare_ancova(formula: str, outcomes: Outcomes, versus: object) -> VisitAncova:
    """Read the analysis `formula`, such as `CHG ~ BASE + STRATUM + ARM`, on the participants of `outcomes`.

    Each arm is compared with `versus`. Raises `DataError` for another outcome than the imputed one, a model
    without the arm or with the visit, and missing covariates; `EstimationFailed` for dependent columns.
    """
    model = parse_formula(formula)
    if model.response != outcomes.response:
        raise DataError(f"the analysis must be of the imputed outcome {outcomes.response}. Got {formula}")
    if outcomes.arm_name not in model.columns or outcomes.visit in model.columns:
        raise DataError(
            f"the analysis is made at each visit: it must hold {outcomes.arm_name}, not {outcomes.visit}. "
            f"Got {formula}"
        )
    people = outcomes.people.with_columns(pl.lit(0.0).alias(outcomes.response))
    gone = [name for name in model.columns if people[name].null_count()]
    if gone:
        who = people.filter(pl.col(gone[0]).is_null())[outcomes.subject][0]
        raise DataError(f"covariate {gone[0]} of the analysis must be known for everyone. Got none for {who}")
    design = build_design(formula, people)
    seen = outcomes.observed
    solve_least_squares(
        design.matrix,
        np.where(seen, outcomes.values, 0.0).sum(axis=1) / np.maximum(seen.sum(axis=1), 1),
        design.columns,
    )
    labels, rows = mean_rows(design, [outcomes.arm_name])
    arms = tuple(label[0] for label in labels)
    other = arms.index(require_level(arms, versus, outcomes.arm_name))
    pairs = tuple((one, other) for one in range(len(arms)) if one != other)
    differences = np.array([rows[one] - rows[base] for one, base in pairs]).reshape(-1, rows.shape[1])
    orthogonal, upper = np.linalg.qr(design.matrix)
    solver = np.linalg.solve(upper, orthogonal.T)
    return VisitAncova(arms, pairs, design.matrix, orthogonal, solver, np.vstack([rows, differences]))


def label_targets(ancova: VisitAncova, outcomes: Outcomes) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Label the means (visit, arm) and the contrasts (visit, arm, versus), visit by visit."""
    kind = outcomes.people[outcomes.arm_name].dtype
    means = [(visit, arm) for visit in outcomes.visits for arm in ancova.arms]
    pairs = [(visit, one, other) for visit in outcomes.visits for one, other in ancova.contrasts]
    return (
        pl.DataFrame(
            [
                pl.Series(outcomes.visit, [visit for visit, _ in means], dtype=outcomes.visit_type),
                pl.Series(outcomes.arm_name, [arm for _, arm in means], dtype=kind),
            ]
        ),
        pl.DataFrame(
            [
                pl.Series(outcomes.visit, [visit for visit, *_ in pairs], dtype=outcomes.visit_type),
                pl.Series(outcomes.arm_name, [ancova.arms[one] for _, one, _ in pairs], dtype=kind),
                pl.Series("versus", [ancova.arms[other] for *_, other in pairs], dtype=kind),
            ]
        ),
    )


def arms_of(outcomes: Outcomes, arm: object) -> Codes:
    """Find the places of the participants of an arm; `DataError` for an unknown one."""
    code = outcomes.arms.index(require_level(outcomes.arms, arm, outcomes.arm_name))
    return np.flatnonzero(outcomes.arm == code)
