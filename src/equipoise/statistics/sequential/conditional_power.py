"""Conditional and predictive power at an interim look.

Given Z_k = z at information I_k, the later scores less the present one start anew: S_j - S_k is normal with mean
theta (I_j - I_k) and independent increments. Conditional power is the probability that a later bound is crossed,
under an assumed drift or under the current trend z / sqrt(t_k) (Jennison and Turnbull 2000); without drift
it is the conditional type I error. Predictive power averages it over the distribution of the drift given the data
(Spiegelhalter, Freedman and Blackburn 1986). Checked against R rpact.
"""

from dataclasses import dataclass

import numpy as np

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats
from equipoise.statistics.sequential.design import GroupSequential
from equipoise.statistics.sequential.recursion import exit_probabilities, panels


@dataclass(frozen=True)
class ConditionalPower:
    """Probability of crossing a later upper bound at `drift`: `power` in all, `cumulative` look by look."""

    drift: float
    power: float
    cumulative: tuple[float, ...]


def conditional_power(
    design: GroupSequential, look: int, z: float, *, drift: float | None = None, obey_lower: bool = True
) -> ConditionalPower:
    """Find the power at later looks given `z` at an interim `look` (1 for the first).

    `drift`: effect times the root of the maximum information, as `design.drift`; the current trend unless given.
    `obey_lower`: later lower bounds stop the trial. Raises `DataError` for a look that is not an interim one.
    """
    rate = _require_interim(design, look, z)
    assumed = z / float(np.sqrt(rate)) if drift is None else float(drift)
    above = _later(design, look, z, np.array([assumed]), obey_lower=obey_lower)[:, 0]
    cumulative = tuple(float(x) for x in np.cumsum(above))
    return ConditionalPower(assumed, cumulative[-1], cumulative)


def conditional_error(design: GroupSequential, look: int, z: float) -> float:
    """Find the conditional type I error of the rest of the trial given `z` at an interim `look`.

    By Mueller and Schaefer (2001) the rest may be replaced by any test at this one-sided level, whatever was seen.
    Later lower bounds count only if they bind; of a two-sided design it is the upper side. Raises `DataError` for
    a look that is not an interim one.
    """
    return conditional_power(design, look, z, drift=0.0, obey_lower=design.binding or design.sides == 2).power


def predictive_power(
    design: GroupSequential,
    look: int,
    z: float,
    *,
    prior_mean: float = 0.0,
    prior_sd: float = np.inf,
    obey_lower: bool = True,
) -> float:
    """Find the probability of crossing a later bound given `z`, the drift being uncertain.

    The prior of the drift is normal with `prior_mean` and `prior_sd`, on the scale of `design.drift`; an infinite
    standard deviation lets the data speak alone. Raises `DataError` for a look that is not an interim one.
    """
    rate = _require_interim(design, look, z)
    if not prior_sd > 0:
        raise DataError(f"the prior standard deviation must be above 0, or infinite. Got {prior_sd:g}")
    precision = rate + prior_sd**-2
    mean = (z * np.sqrt(rate) + prior_mean * prior_sd**-2) / precision
    sd = precision**-0.5
    # The power rises from 0 to 1 within some units of 1 / sqrt(1 - t), the posterior within some of its sd
    drift, weight = panels(mean - 8.5 * sd, mean + 8.5 * sd, 3.0 * min(sd, (1.0 - rate) ** -0.5))
    density = np.exp(-0.5 * ((drift - mean) / sd) ** 2) / (sd * np.sqrt(2.0 * np.pi))
    power = _later(design, look, z, drift, obey_lower=obey_lower).sum(axis=0)
    return float(power @ (weight * density))


def _later(design: GroupSequential, look: int, z: float, drift: Floats, *, obey_lower: bool) -> Floats:
    """Find the probability of crossing the upper bound at each later look (looks, drifts)."""
    rates = np.asarray(design.information_rates)
    score = z * np.sqrt(rates[look - 1])
    later = rates[look:] - rates[look - 1]
    upper, lower = (
        (np.asarray(bound[look:]) * np.sqrt(rates[look:]) - score) / np.sqrt(later)
        for bound in (design.upper, design.lower)
    )
    if not obey_lower:
        lower = np.full(later.size, -np.inf)
    return exit_probabilities(list(later), list(lower), list(upper), drift)[1]


def _require_interim(design: GroupSequential, look: int, z: float) -> float:
    if look not in range(1, design.looks):
        raise DataError(f"look must be an interim one, from 1 to {design.looks - 1}. Got {look}")
    if not np.isfinite(z):
        raise DataError(f"z must be a finite number. Got {z:g}")
    return design.information_rates[look - 1]
