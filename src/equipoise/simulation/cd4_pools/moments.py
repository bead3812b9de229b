"""Means and covariances of the true CD4 count over participants, without drawing any.

The equations are linear, so a participant's count is thymic output times a response H plus start times a response
G; H and G depend on activation, its shift, division and time. Given these three, output and start are independent
lognormal variables, with the moments of those; over the three, whose scores are truncated normal, Gauss-Legendre
quadrature. Checked against draws.
"""

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import ArrayLike

from equipoise.simulation.cd4_pools.boost import Boost
from equipoise.simulation.cd4_pools.draw import FARTHEST, LATENT, TRUNCATED, participants_of
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
        self.shift = scores[:, 2]
        self.weights = np.einsum("i,j,k->ijk", weights, weights, weights).ravel()
        self.weights /= self.weights.sum()
        nodes = participants_of(parameters, scores)

        def count(start: float) -> Floats:
            with_start = PoolParticipants(
                np.ones_like(nodes.thymic),
                nodes.activation,
                nodes.shift,
                nodes.division,
                np.full(len(scores), start),
            )
            return solve_pools(with_start, days, boost, parameters.rates).total

        # without start there would be no proportions to start in, so the responses come by difference
        one, two = count(1.0), count(2.0)
        self.to_thymic, self.to_start = 2.0 * one - two, two - one

    def moments(self, parameters: PoolParameters) -> tuple[Floats, Floats]:
        """Return mean (days) and covariance (days x days) of the count."""
        thymic_sd = parameters.rates.thymic_sd
        own_sd = parameters.start_sd * np.sqrt(1.0 - parameters.correlation**2)
        mean = np.empty((self.weights.size, 2))
        mean[:, 0] = parameters.thymic_median * np.exp(thymic_sd**2 / 2.0)
        shared = parameters.start_sd * parameters.correlation * self.shift
        mean[:, 1] = parameters.start_median * np.exp(shared + own_sd**2 / 2.0)
        second = np.exp(np.diag([thymic_sd**2, own_sd**2]))
        own = mean[:, :, None] * np.stack([self.to_thymic, self.to_start], axis=1)
        product = np.einsum("jiv,jkw,ik,j->vw", own, own, second, self.weights, optimize=True)
        average = np.einsum("jiv,j->v", own, self.weights)
        return average, product - np.outer(average, average)
