"""Means and covariances of the true CD4 count over participants, without drawing any.

The equations are linear, so a participant's count is thymic output times a response H plus start times a response
G; H and G depend on activation, its shift, division and time. Given these three, output and start are bivariate
lognormal, with the moments of that distribution; over the three, whose scores are truncated normal, Gauss-Legendre
quadrature. Checked against draws.
"""

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import ArrayLike

from equipoise.simulation.cd4_pools.boost import Boost
from equipoise.simulation.cd4_pools.draw import FARTHEST, LATENT, TRUNCATED, median_steady_state, participants_of
from equipoise.simulation.cd4_pools.equations import steady_state
from equipoise.simulation.cd4_pools.participants import PoolParameters, PoolParticipants
from equipoise.simulation.cd4_pools.solve import solve_pools
from equipoise.statistics.distributions import Floats

NODES = 9


def pool_moments(parameters: PoolParameters, days: ArrayLike, boost: Boost | None = None) -> tuple[Floats, Floats]:
    """Return mean (v) and covariance (v x v) of true CD4 counts on v `days`, cells/uL."""
    return Responses(parameters, days, boost).moments(parameters)


class Responses:
    """The counts that a unit of thymic output and a unit of start lead to, at the nodes of the quadrature.

    They depend on the rates and on `shift_sd` of the parameters alone: one object serves all that share these.
    """

    def __init__(self, parameters: PoolParameters, days: ArrayLike, boost: Boost | None = None) -> None:
        points, weights = leggauss(NODES)
        points *= FARTHEST
        weights *= np.exp(-(points**2) / 2.0)
        scores = np.zeros((NODES**3, LATENT))
        scores[:, TRUNCATED] = np.stack(np.meshgrid(points, points, points, indexing="ij"), axis=-1).reshape(-1, 3)
        self.weights = np.einsum("i,j,k->ijk", weights, weights, weights).ravel()
        self.weights /= self.weights.sum()
        nodes = participants_of(parameters, scores)
        rates = parameters.rates
        self.held = np.log(steady_state(nodes, rates).total / median_steady_state(parameters))

        def count(start: float) -> Floats:
            with_start = PoolParticipants(
                np.ones_like(nodes.thymic),
                nodes.activation,
                nodes.shift,
                nodes.division,
                np.full(len(scores), start),
            )
            return solve_pools(with_start, days, boost, rates).total

        # without start there would be no proportions to start in, so the responses come by difference
        one, two = count(1.0), count(2.0)
        self.to_thymic, self.to_start = 2.0 * one - two, two - one

    def moments(self, parameters: PoolParameters) -> tuple[Floats, Floats]:
        """Return mean (days) and covariance (days x days) of the count."""
        thymic_sd, follows = parameters.rates.thymic_sd, parameters.start_follows
        shared = follows * thymic_sd**2
        spread = np.array([[thymic_sd**2, shared], [shared, follows * shared + parameters.start_sd**2]])
        mean = np.empty((self.weights.size, 2))
        mean[:, 0] = parameters.thymic_median * np.exp(spread[0, 0] / 2.0)
        mean[:, 1] = parameters.start_median * np.exp(follows * self.held + spread[1, 1] / 2.0)
        responses = np.stack([self.to_thymic, self.to_start], axis=1)
        own = mean[:, :, None] * responses
        within = np.einsum("jiv,jkw,ik,j->vw", own, own, np.exp(spread), self.weights, optimize=True)
        average = np.einsum("jiv,j->v", own, self.weights)
        return average, within - np.outer(average, average)
