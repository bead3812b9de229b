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

# of activation, its shift, division
NODES = (8, 9, 7)


def pool_moments(parameters: PoolParameters, days: ArrayLike, boost: Boost | None = None) -> tuple[Floats, Floats]:
    """Return mean (v) and covariance (v x v) of true CD4 counts on v `days`, cells/uL."""
    return Responses(parameters, days, boost).moments(parameters)


class Responses:
    """The counts that a unit of thymic output and a unit of start lead to, at the nodes of the quadrature.

    They depend on the rates and on `shift_sd` of the parameters alone: one object serves all that share these.
    """

    def __init__(self, parameters: PoolParameters, days: ArrayLike, boost: Boost | None = None) -> None:
        axes = [leggauss(count) for count in NODES]
        scores = np.zeros((int(np.prod(NODES)), LATENT))
        points = np.meshgrid(*(FARTHEST * points for points, _ in axes), indexing="ij")
        scores[:, TRUNCATED] = np.stack(points, axis=-1).reshape(-1, len(NODES))
        weights = np.prod(np.meshgrid(*(weights for _, weights in axes), indexing="ij"), axis=0).ravel()
        weights *= np.exp(-(scores**2).sum(axis=1) / 2.0)
        self.weights, self.shift = weights / weights.sum(), scores[:, 2]
        nodes = participants_of(parameters, scores)
        # without start there would be no proportions to start in, so the responses come by difference
        twice = PoolParticipants(
            np.ones(2 * weights.size),
            np.tile(nodes.activation, 2),
            np.tile(nodes.shift, 2),
            np.tile(nodes.division, 2),
            np.repeat([1.0, 2.0], weights.size),
        )
        one, two = np.split(solve_pools(twice, days, boost, parameters.rates).total, 2)
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
