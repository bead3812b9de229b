"""Drawing participants and their true CD4 counts: independent standard normal scores become latent factors.

Thymic output, usual activation, its shift and further division are lognormal and independent, the last three
truncated at 2.5 SD, since beyond it the equations leave the range of the turnovers that were observed. The start
is a power of the steady state that output, usual activation and division hold, times a lognormal factor.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from equipoise.errors import DataError
from equipoise.simulation.cd4_pools.boost import Boost
from equipoise.simulation.cd4_pools.equations import steady_state
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
    rates = parameters.rates
    thymic, activation, shift, division, own = truncated.T
    without_start = PoolParticipants(
        thymic=parameters.thymic_median * np.exp(rates.thymic_sd * thymic),
        activation=np.exp(rates.activation_sd * activation),
        shift=np.exp(parameters.shift_sd * shift),
        division=rates.least_division + rates.further_division * np.exp(rates.further_division_sd * division),
        start=own,
    )
    held = steady_state(without_start, rates).total / median_steady_state(parameters)
    start = parameters.start_median * held**parameters.start_follows * np.exp(parameters.start_sd * own)
    return PoolParticipants(
        without_start.thymic, without_start.activation, without_start.shift, without_start.division, start
    )


def median_steady_state(parameters: PoolParameters) -> float:
    """Return the total count that the rates of the median participant hold, cells/uL."""
    one = np.ones(1)
    rates = parameters.rates
    median = PoolParticipants(
        parameters.thymic_median * one, one, one, (rates.least_division + rates.further_division) * one, one
    )
    return float(steady_state(median, rates).total[0])
