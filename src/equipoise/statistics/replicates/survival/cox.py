"""Hazard ratios of arms in many trials at once: Cox regression on the arm, with strata and Efron's ties.

With arms as the only covariates a risk set is its numbers by arm: with hazard ratios r_k against the control, each
death has the denominator sum r_k m_k, where m_k = n_k - (l / d) d_k for the l-th (from 0) of d deaths at a time,
Efron (1977): as if tied deaths came one by one, each leaving its share behind. Newton's method with step halving,
from 0, in all trials together; each stops by itself. As `cox`, whose rules for estimates that do not exist hold
here too: no arm without an event has one. Checked against `cox`, replicate by replicate, and R (`coxph`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from equipoise.statistics.confidence import critical_value
from equipoise.statistics.distributions import Floats, normal_two_sided_p
from equipoise.statistics.factors import Codes
from equipoise.statistics.replicates.survival.moments import Moments, find_moments, read_times
from equipoise.statistics.replicates.systems import cholesky, solve, solve_transposed
from equipoise.statistics.replicates.trials import Booleans

MOST_STEPS = 80
# a step this small is the last one
LAST = 1e-9
# the likelihood no longer rises by this share of itself
FLAT = 1e-10
# no finite log hazard ratio of a trial is as large
ENDLESS = 20.0
# the share of an arm's information that the arms before it leave
COLLINEAR = 1e-9


@dataclass(frozen=True, eq=False)
class CoxReplicates:
    """Log hazard ratios of each arm but the control against the control, in T trials.

    `estimate`, `se`, `z`, `p`: T x (arms - 1), in the order of the arms; `covariance` of a trial's estimates. NaN
    where a trial is not `estimable` (T).
    """

    estimate: Floats
    se: Floats
    z: Floats
    p: Floats
    covariance: Floats
    estimable: Booleans

    @property
    def hazard_ratio(self) -> Floats:
        """Hazard ratios, T x (arms - 1)."""
        return np.exp(self.estimate)

    def limits(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """Give lower and upper limits of the log hazard ratios (T x (arms - 1)) at `level`."""
        half = critical_value(level) * self.se
        return self.estimate - half, self.estimate + half


@dataclass(frozen=True, eq=False)
class _Deaths:
    """The deaths of the trials that still climb.

    `at_risk` by arm (arms x deaths, control first) less what tied deaths before have left; `start`: first death of
    each of `trials`, `size`: their number; `seen`: deaths in the other arms (rest x trials).
    """

    at_risk: Floats
    start: Codes
    size: Codes
    seen: Floats
    trials: Codes

    def keep(self, climbing: Booleans) -> "_Deaths":
        """Leave out the trials that are done."""
        deaths = np.repeat(climbing, self.size)
        size = self.size[climbing]
        return _Deaths(
            self.at_risk[:, deaths], np.cumsum(size) - size, size, self.seen[:, climbing], self.trials[climbing]
        )

    def evaluate(self, beta: Floats) -> tuple[Floats, Floats, Floats]:
        """Log-likelihood (trials), gradient (rest x trials) and information (rest x rest x trials) at `beta`."""
        ratio = np.repeat(np.exp(beta), self.size, axis=1)
        weighted = self.at_risk[1:] * ratio
        below = self.at_risk[0] + weighted.sum(axis=0)
        share = weighted / below
        value = (self.seen * beta).sum(axis=0) - np.add.reduceat(np.log(below), self.start)
        expected = np.add.reduceat(share, self.start, axis=1)
        rest = beta.shape[0]
        information = np.empty((rest, rest, beta.shape[1]))
        for row in range(rest):
            for column in range(row + 1):
                product = share[row] * ((row == column) - share[column])
                information[row, column] = information[column, row] = np.add.reduceat(product, self.start)
        return value, self.seen - expected, information


def replicate_cox(
    time: ArrayLike,
    event: ArrayLike,
    arm: ArrayLike,
    *,
    arms: int,
    control: int = 0,
    strata: ArrayLike | None = None,
    participants: ArrayLike | None = None,
) -> CoxReplicates:
    """Estimate in each trial the log hazard ratio of each arm against the `control`.

    Arguments as in `replicate_log_rank`, `DataError` likewise. A trial is not `estimable` where an arm has no
    event, or the likelihood rises without end for another reason.
    """
    given = read_times(time, event, arm, arms=arms, control=control, strata=strata, participants=participants)
    order = [control, *(one for one in range(arms) if one != control)]
    parts = [_fit(find_moments(given.select(part)), order) for part in given.blocks()]
    estimate, covariance = (np.concatenate(column) for column in zip(*parts, strict=True))
    se = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
    z = estimate / se
    return CoxReplicates(estimate, se, z, normal_two_sided_p(z), covariance, np.isfinite(se).all(axis=1))


def _fit(moments: Moments, order: list[int]) -> tuple[Floats, Floats]:
    """Climb in all trials: estimates (T x rest) and their covariances (T x rest x rest)."""
    rest = len(order) - 1
    estimate = np.full((rest, moments.trials), np.nan)
    covariance = np.full((rest, rest, moments.trials), np.nan)
    seen = moments.total(moments.events)[order]
    deaths = _list_deaths(moments, order, seen).keep(np.asarray((seen > 0).all(axis=0)))
    base = np.zeros((rest, deaths.trials.size))
    step, reached = base.copy(), np.full(deaths.trials.size, -np.inf)
    for _ in range(MOST_STEPS):
        if not deaths.trials.size:
            break
        with np.errstate(all="ignore"):
            value, gradient, information = deaths.evaluate(base + step)
            upper, pivots = cholesky(information)
            newton = solve(upper, solve_transposed(upper, gradient[:, None]))[:, 0]
            own = np.diagonal(information).T
            fell = ~(value >= reached - FLAT * np.abs(reached)) & np.isfinite(reached)
            singular = ~(pivots > COLLINEAR * own).all(axis=0) & ~fell
        base = np.where(fell, base, base + step)
        step = np.where(fell, step / 2.0, newton)
        reached = np.where(fell, reached, value)
        done = (np.abs(step).max(axis=0) < LAST) & ~fell & ~singular
        if done.any():
            at = deaths.trials[done]
            estimate[:, at] = (base + step)[:, done]
            root = solve_transposed(upper[:, :, done], np.repeat(np.eye(rest)[:, :, None], at.size, axis=2))
            covariance[:, :, at] = (root[:, :, None] * root[:, None, :]).sum(axis=0)
        climbing = ~done & ~singular & (np.abs(base).max(axis=0) < ENDLESS)
        if not climbing.all():
            deaths = deaths.keep(climbing)
            base, step, reached = base[:, climbing], step[:, climbing], reached[climbing]
    return estimate.T, np.moveaxis(covariance, -1, 0)


def _list_deaths(moments: Moments, order: list[int], seen: Floats) -> _Deaths:
    at_risk, trial = moments.at_risk[order], moments.trial
    d = moments.events.sum(axis=0)
    if (d > 1).any():
        tied = d.astype(np.int64)
        moment = np.repeat(np.arange(d.size), tied)
        before = np.arange(moment.size) - np.repeat(np.cumsum(tied) - tied, tied)
        at_risk = at_risk[:, moment] - before / d[moment] * moments.events[order][:, moment]
        trial = trial[moment]
    size = np.bincount(trial, minlength=moments.trials)
    return _Deaths(at_risk, np.cumsum(size) - size, size, seen[1:], np.arange(moments.trials))
