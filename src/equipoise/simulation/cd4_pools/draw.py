"""Drawing participants and their true CD4 counts: independent standard normal scores become latent factors.

Thymic output, usual activation, its shift, further division and the start are lognormal; activation, shift and
division are truncated at 2.5 SD, since beyond it turnover leaves the range that was observed. Only start and shift
depend on each other.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from equipoise.errors import DataError
from equipoise.simulation.cd4_pools.boost import Boost
from equipoise.simulation.cd4_pools.participants import PoolParameters, PoolParticipants
from equipoise.simulation.cd4_pools.solve import solve_pools
from equipoise.statistics.distributions import Floats

LATENT = 5
"""Scores that make a participant: of thymic output, activation, shift, division, start."""
TRUNCATED = slice(1, 4)
FARTHEST = 2.5


def draw_pools(
    parameters: PoolParameters,
    rng: np.random.Generator,
    size: int,
    days: ArrayLike,
    boost: Boost | None = None,
) -> Floats:
    """Draw true CD4 counts (cells/uL) of `size` participants on `days`: size x v, without error of measurement.

    `days`: days since study day 1 (0 on that day, negative before), v of them or size x v. The same generator
    draws the same participants whatever `days` and `boost`. Raises `DataError` for days before the clock starts.
    """
    return solve_pools(draw_participants(parameters, rng, size), days, boost, parameters.rates).total


def draw_participants(parameters: PoolParameters, rng: np.random.Generator, size: int) -> PoolParticipants:
    """Draw `size` participants; a longer draw from the same generator begins with the same ones."""
    if size < 0:
        raise DataError(f"size must be at least 0. Got {size}")
    return participants_at(parameters, rng.standard_normal((size, LATENT)))


def participants_at(parameters: PoolParameters, scores: Floats) -> PoolParticipants:
    """Turn standard normal `scores` (participants x `LATENT`) into participants."""
    low, high = ndtr([-FARTHEST, FARTHEST])
    truncated = scores.copy()
    truncated[:, TRUNCATED] = ndtri(low + (high - low) * ndtr(scores[:, TRUNCATED]))
    return participants_of(parameters, truncated)


def participants_of(parameters: PoolParameters, truncated: Floats) -> PoolParticipants:
    """Turn scores that are truncated already (participants x `LATENT`) into participants."""
    rates, correlation = parameters.rates, parameters.correlation
    thymic, activation, shift, division, own = truncated.T
    start = correlation * shift + np.sqrt(1.0 - correlation**2) * own
    return PoolParticipants(
        thymic=parameters.thymic_median * np.exp(rates.thymic_sd * thymic),
        activation=np.exp(rates.activation_sd * activation),
        shift=np.exp(parameters.shift_sd * shift),
        division=rates.least_division + rates.further_division * np.exp(rates.further_division_sd * division),
        start=parameters.start_median * np.exp(parameters.start_sd * start),
    )
