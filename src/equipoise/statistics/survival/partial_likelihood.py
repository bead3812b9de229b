"""Cox's partial likelihood with ties by Efron or by Breslow: value, gradient, information, score residuals.

With weights w_i = exp(x_i' b), S the sum of w over those at risk at a moment and D over its d deaths, Breslow
(1974) takes phi = S for each death, Efron (1977) phi_l = S - (l / d) D for l = 0, ..., d - 1:
log L = sum of x' b over deaths - sum log phi, gradient = sum of x over deaths - sum xbar_l, where xbar_l is the
mean of x under the weights of phi_l. The information is X' diag(w a) X - sum xbar_l xbar_l', with a_i the
hazard that row i has lived through: nothing of the size rows x covariates^2 is formed.
Score residuals follow Therneau and Grambsch (2000, section 4.6). Checked against R survival 3.5 (`coxph`).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from equipoise.statistics.distributions import Floats
from equipoise.statistics.survival.risk_sets import RiskSets

Ties = Literal["efron", "breslow", "exact"]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A log-likelihood with its gradient (covariates) and information (covariates x covariates)."""

    log_likelihood: float
    gradient: Floats
    information: Floats


@dataclass(frozen=True, eq=False)
class _Moments:
    """What the likelihood and the residuals share.

    `total` is the weighted sum of x over the risk set of each moment, `tied` that over its deaths (Efron only).
    Over the deaths of a moment, with f = l / d: `inverse` holds the sums of 1 / phi and f / phi, `square` those
    of 1 / phi^2, f / phi^2 and f^2 / phi^2. Sums over xbar_l need no more, so nothing has a row for each death.
    """

    eta: Floats
    weight: Floats
    weighted_x: Floats
    total: Floats
    tied: Floats | None
    log_phi: float
    inverse: tuple[Floats, ...]
    square: tuple[Floats, ...]

    def combine(self, sums: tuple[Floats, ...]) -> Floats:
        """Sum over the deaths of each moment of (total - f tied) times the power of phi in `sums`."""
        plain = self.total * sums[0]
        return plain if self.tied is None else plain - self.tied * sums[1]


class PartialLikelihood:
    """The likelihood of one set of sorted rows, to be evaluated at any coefficients."""

    def __init__(self, risk: RiskSets, ties: Ties) -> None:
        self.risk = risk
        # one denominator a moment is enough where no deaths tie, and always for Breslow
        self._split = ties == "efron" and bool((risk.tied > 1).any())
        self._leads = np.append(0, np.cumsum(risk.tied))[:-1]
        self._share = (np.arange(risk.deaths.size) - self._leads[risk.deaths_at]) / risk.tied[risk.deaths_at]
        self._sum_of_deaths = risk.x[:, risk.deaths].sum(axis=1)

    def evaluate(self, coefficients: Floats) -> Evaluation:
        """Evaluate at `coefficients`; the value is minus infinity or not a number where weights overflow."""
        with np.errstate(all="ignore"):
            now = self._moments(coefficients)
            value = float(now.eta[self.risk.deaths].sum()) - now.log_phi
            gradient = self._sum_of_deaths - now.combine(now.inverse).sum(axis=1)
            information = (now.weighted_x * self._lived(now.inverse)) @ self.risk.x.T
            information -= (now.total * now.square[0]) @ now.total.T
            if now.tied is not None:
                cross = (now.total * now.square[1]) @ now.tied.T
                information += cross + cross.T - (now.tied * now.square[2]) @ now.tied.T
        return Evaluation(value, gradient, information)

    def score_residuals(self, coefficients: Floats) -> Floats:
        """Give each kept row's part of the gradient (rows x covariates); they add up to it."""
        risk = self.risk
        now = self._moments(coefficients)
        passed = tuple(now.combine(now.square[place:]) for place in range(len(now.square) - 1)) or (
            now.combine(now.square),
        )
        residual = now.weight * (self._lived(passed) - risk.x * self._lived(now.inverse))
        mean_at_death = now.combine(now.inverse) / risk.tied
        residual[:, risk.deaths] += risk.x[:, risk.deaths] - mean_at_death[:, risk.deaths_at]
        return residual.T

    def _moments(self, coefficients: Floats) -> _Moments:
        risk = self.risk
        eta = coefficients @ risk.x
        eta -= eta.max()
        weight = np.exp(eta)
        weighted_x = risk.x * weight
        sum_of_weights, total = risk.sum_at_risk(weight), risk.sum_at_risk(weighted_x)
        if not self._split:
            count = risk.tied
            inverse = count / sum_of_weights
            log_phi = float(count @ np.log(sum_of_weights))
            return _Moments(eta, weight, weighted_x, total, None, log_phi, (inverse,), (inverse / sum_of_weights,))
        dying = np.add.reduceat(weight[risk.deaths], self._leads)
        tied = np.add.reduceat(np.take(weighted_x, risk.deaths, axis=1), self._leads, axis=1)
        phi = sum_of_weights[risk.deaths_at] - self._share * dying[risk.deaths_at]
        one, share = 1.0 / phi, self._share / phi
        first, second = (
            tuple(np.add.reduceat(part, self._leads) for part in parts)
            for parts in ((one, share), (one * one, one * share, share * share))
        )
        return _Moments(eta, weight, weighted_x, total, tied, float(np.log(phi).sum()), first, second)

    def _lived(self, sums: tuple[Floats, ...]) -> Floats:
        """Sum over the moments a row lived through; under Efron a death is spared its share of its own moment."""
        lived = self.risk.sum_over_time(sums[0])
        if len(sums) > 1:
            lived[..., self.risk.deaths] -= sums[1][..., self.risk.deaths_at]
        return lived
