"""The course of the CD4 pools: all participants at once, at the days wanted.

The pools start `LEAD_IN` days before day 0 in the proportions of their steady state, with the participant's own
total. Runge-Kutta of order 4 in steps of `STEP` lives of activated cells, which turn over fastest (stable up to
2.8), in quarters of it while they settle after the start and after an infusion; cubic Hermite interpolation
between the steps. Checked against `scipy.integrate.solve_ivp` and matrix exponentials.
"""

import numpy as np
from numpy.typing import ArrayLike

from equipoise.errors import DataError
from equipoise.simulation.cd4_pools.boost import Boost
from equipoise.simulation.cd4_pools.equations import Equations, Pools
from equipoise.simulation.cd4_pools.participants import PoolParticipants
from equipoise.simulation.cd4_pools.rates import PoolRates
from equipoise.statistics.arrays import read_floats
from equipoise.statistics.distributions import Floats

LEAD_IN = 84.0
# in lives of activated cells
STEP, SETTLED = 0.75, 10.0
# so many participants at a time stay in the cache
CHUNK = 8192


def solve_pools(
    participants: PoolParticipants, days: ArrayLike, boost: Boost | None = None, rates: PoolRates | None = None
) -> Pools:
    """Return the pools of `participants` on `days` (v of them, or participants x v), participants x v each.

    `days`: days since study day 1 (0 on that day, negative before). Raises `DataError` for days that are not
    finite or lie more than `LEAD_IN` days before day 0.
    """
    size = participants.thymic.size
    wanted = read_floats(days, "days")
    if wanted.ndim not in (1, 2) or (wanted.ndim == 2 and wanted.shape[0] != size):
        raise DataError(f"days must be a row, or a row for each of {size} participants. Got shape {wanted.shape}")
    if not np.isfinite(wanted).all() or wanted.min(initial=0.0) < -LEAD_IN:
        raise DataError(
            f"days must be finite and not before {-LEAD_IN:g}, when the clock of the pools starts. "
            f"Got {wanted.min():g} to {wanted.max():g}"
        )
    wanted = np.broadcast_to(wanted, (size, wanted.shape[-1]))
    known = rates or PoolRates()
    grid = _grid(float(wanted.max(initial=0.0)), known.activated_life, boost)
    found = np.empty((3, *wanted.shape))
    for first in range(0, size, CHUNK):
        part = slice(first, first + CHUNK)
        found[:, part] = _integrate(participants.take(part), wanted[part], grid, boost, known)
    return Pools(*found)


def _grid(last: float, life: float, boost: Boost | None) -> Floats:
    """Return the ends of the steps: up to `last` they are the same whatever `last` is, and none crosses a bend."""
    infusions = () if boost is None else boost.infusions
    bends = np.unique([-LEAD_IN, *(day for day in infusions if day > -LEAD_IN)])
    settled = bends + SETTLED * life
    far = max(last, settled[-1]) + 2.0 * STEP * life
    pieces = []
    for bend, calm, following in zip(bends, settled, [*bends[1:], far], strict=True):
        pieces.append(np.arange(bend, min(calm, following), STEP * life / 4.0))
        pieces.append(np.arange(calm, following, STEP * life))
    grid = np.concatenate(pieces)
    return grid[: max(int(np.searchsorted(grid, last)), 1) + 1]


def _integrate(
    participants: PoolParticipants, days: Floats, grid: Floats, boost: Boost | None, rates: PoolRates
) -> Floats:
    equations = Equations.of(participants, rates)
    state = equations.steady_state()
    state *= participants.start / state.sum(axis=0)
    shift = participants.shift - 1.0

    def change(at: Floats, factors: Floats) -> Floats:
        return equations.change(at, factors[0] * (1.0 + factors[1] * shift), factors[2], factors[3])

    flat = days.ravel()
    order = np.argsort(flat, kind="stable")
    reached = np.searchsorted(flat[order], grid[1:], side="right")
    ends = _multipliers(grid, boost, rates)
    middles = _multipliers((grid[:-1] + grid[1:]) / 2.0, boost, rates)
    found = np.empty((3, flat.size))
    slope = change(state, ends[0])
    done = 0
    for k, (step, middle) in enumerate(zip(np.diff(grid), middles, strict=True)):
        second = change(state + step / 2.0 * slope, middle)
        third = change(state + step / 2.0 * second, middle)
        fourth = change(state + step * third, ends[k + 1])
        moved = state + step / 6.0 * (slope + 2.0 * (second + third) + fourth)
        leaving, slope = slope, change(moved, ends[k + 1])
        places = order[done : reached[k]]
        if places.size:
            share = (flat[places] - grid[k]) / step
            who = places // days.shape[1]
            found[:, places] = _interpolate(
                share, state[:, who], moved[:, who], step * leaving[:, who], step * slope[:, who]
            )
        done, state = reached[k], moved
    return found.reshape(3, *days.shape)


def _multipliers(days: Floats, boost: Boost | None, rates: PoolRates) -> Floats:
    """Days x 4: factor on activation, what is left of its shift, factors on thymic output and death of memory."""
    factors = np.ones((days.size, 4))
    factors[:, 0] += rates.virus_share * np.expm1(-rates.virus_decay * days)
    factors[:, 1] = np.exp2(-(days + LEAD_IN) / rates.shift_half_life)
    if boost is not None:
        factors[:, 0] *= boost.multiplier("activation", days)
        factors[:, 2] *= boost.multiplier("thymic_output", days)
        factors[:, 3] *= boost.multiplier("memory_death", days)
    return factors


def _interpolate(share: Floats, before: Floats, after: Floats, leaving: Floats, arriving: Floats) -> Floats:
    """Cubic Hermite polynomial at a `share` of the step, from the values at its ends and the slopes there."""
    rest, gained = 1.0 - share, after - before
    bend = rest * (leaving - gained) + share * (gained - arriving)
    return before + share * gained + share * rest * bend
