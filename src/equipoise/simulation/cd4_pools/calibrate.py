"""Calibration of the pools to a level and a slope, and of a boost to a difference.

Five parameters (median thymic output, spread of the shifts of activation, median and spread of the start, and the
correlation of start and shift) are found by least squares from five moments of the true count: mean and SD on day
0, mean and SD of the change over a period, and no correlation between the two. The moments come without random
numbers (`moments`). What level and slope say beyond them is reported, not fitted.
"""

from dataclasses import replace
from functools import cache, lru_cache
from math import isfinite, log

import numpy as np
import polars as pl
from scipy.optimize import brentq, least_squares

from equipoise.errors import DataError, EstimationFailed
from equipoise.simulation.cd4_pools.boost import LARGEST_FACTOR, ONSET, WANING, Boost, Mechanism
from equipoise.simulation.cd4_pools.moments import Responses, pool_moments
from equipoise.simulation.cd4_pools.participants import PoolParameters
from equipoise.simulation.cd4_pools.rates import PoolRates
from equipoise.statistics.distributions import Floats

FITTED = ("level mean", "level sd", "slope mean", "slope sd", "correlation of level and slope")


def calibrate_pools(
    level_mean: float,
    level_sd: float,
    slope_mean: float,
    slope_sd: float,
    per_days: float,
    *,
    rates: PoolRates | None = None,
) -> PoolParameters:
    """Find the distribution of participants whose true counts have this level and slope.

    `level_mean`, `level_sd`: true count on day 0, cells/uL. `slope_mean`, `slope_sd`: its change from day 0 to day
    `per_days`, cells/uL. In the result, `agreement` has quantity, fitted, target and reached: the five moments,
    and what straight lines of independent level and slope have besides. Targets that cannot be met together are
    met as nearly as possible (residuals in units of the targets' SDs), and `agreement` says so. Raises `DataError`
    for values that no count can have. The last 32 calibrations are remembered.
    """
    given = {"level_mean": level_mean, "level_sd": level_sd, "slope_sd": slope_sd, "per_days": per_days}
    for name, value in given.items():
        if not (isfinite(value) and value > 0):
            raise DataError(f"{name} must be finite and above 0. Got {value:g}")
    if not (isfinite(slope_mean) and level_mean + slope_mean > 0):
        raise DataError(f"slope_mean must be finite and leave a mean count above 0. Got {slope_mean:g}")
    return _calibrate(level_mean, level_sd, slope_mean, slope_sd, per_days, rates or PoolRates())


@lru_cache(maxsize=32)
def _calibrate(
    level_mean: float, level_sd: float, slope_mean: float, slope_sd: float, per_days: float, known: PoolRates
) -> PoolParameters:
    targets = np.array([level_mean, level_sd, slope_mean, slope_sd, 0.0])
    scale = np.array([level_sd, level_sd, slope_sd, slope_sd, 1.0])
    days = [0.0, per_days, 2.0 * per_days]
    solved: dict[float, Responses] = {}

    def moments(parameters: PoolParameters) -> tuple[Floats, Floats]:
        key = parameters.shift_sd
        if key not in solved:
            solved[key] = Responses(parameters, days)
        return solved[key].moments(parameters)

    def residuals(free: Floats) -> Floats:
        return np.asarray((_fitted(*moments(_parameters(free, known))) - targets) / scale)

    # what a unit of output holds, far from the start, as a first guess of the output
    unit = PoolParameters(1.0, 0.0, 1e-9, 0.0, 0.0, known)
    held = float(Responses(unit, [10 * per_days]).moments(unit)[0][0])
    start = np.array([log(level_mean / held), 0.2, log(level_mean), level_sd / level_mean, 0.0])
    reach = np.array([4.0, 0.0, 4.0, 0.0, 0.0])
    lowest, highest = start - reach, start + reach
    lowest[[1, 3, 4]], highest[[1, 3, 4]] = (0.0, 0.0, -1.0), (0.6, 2.0, 1.0)
    found = _parameters(least_squares(residuals, start, bounds=(lowest, highest), max_nfev=100).x, known)
    return replace(found, agreement=_agreement(targets, *moments(found)))


def _parameters(free: Floats, rates: PoolRates) -> PoolParameters:
    thymic, shift_sd, start, start_sd, correlation = (float(value) for value in free)
    return PoolParameters(float(np.exp(thymic)), shift_sd, float(np.exp(start)), start_sd, correlation, rates)


def _fitted(mean: Floats, covariance: Floats) -> Floats:
    """Mean and SD of the count on the first day, mean and SD of the change to the second, their correlation."""
    level = covariance[0, 0]
    change = level + covariance[1, 1] - 2.0 * covariance[0, 1]
    both = covariance[0, 1] - level
    return np.array([mean[0], np.sqrt(level), mean[1] - mean[0], np.sqrt(change), both / np.sqrt(level * change)])


def _agreement(targets: Floats, mean: Floats, covariance: Floats) -> pl.DataFrame:
    level_sd, slope_sd = targets[1], targets[3]
    sds = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(sds, sds)
    straight = np.array([level_sd, np.hypot(level_sd, slope_sd), np.hypot(level_sd, 2.0 * slope_sd)])
    later = (level_sd**2 + 2.0 * slope_sd**2) / (straight[1] * straight[2])
    rows = [
        *zip(FITTED, [True] * 5, targets, _fitted(mean, covariance), strict=True),
        ("mean after two periods", False, targets[0] + 2.0 * targets[2], mean[2]),
        ("sd after one period", False, straight[1], sds[1]),
        ("sd after two periods", False, straight[2], sds[2]),
        ("correlation, day 0 and one period", False, straight[0] / straight[1], correlation[0, 1]),
        ("correlation, day 0 and two periods", False, straight[0] / straight[2], correlation[0, 2]),
        ("correlation, one and two periods", False, later, correlation[1, 2]),
    ]
    schema = {"quantity": pl.String, "fitted": pl.Boolean, "target": pl.Float64, "reached": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def boost_for(
    parameters: PoolParameters,
    difference: float,
    at_day: float,
    infusions: tuple[float, ...],
    *,
    mechanism: Mechanism = "thymic_output",
    onset: float = ONSET,
    waning: float = WANING,
) -> Boost:
    """Find the boost that changes the mean true count on `at_day` by `difference` cells/uL.

    `infusions`: days of the infusions; `onset`, `waning`: half-lives in days. Raises `EstimationFailed`, naming
    what is in reach, where no factor between 0 and 10 gives the difference.
    """
    if not isfinite(difference):
        raise DataError(f"a difference of counts must be finite. Got {difference:g}")

    def boosted(factor: float) -> Boost:
        return Boost(mechanism, float(factor), tuple(infusions), onset, waning)

    @cache
    def gained(factor: float) -> float:
        return float(pool_moments(parameters, [at_day], boosted(factor))[0][0] - without)

    without = float(pool_moments(parameters, [at_day])[0][0])
    least, most = sorted((gained(0.0), gained(LARGEST_FACTOR)))
    if not least <= difference <= most:
        raise EstimationFailed(
            f"on day {at_day:g} a factor on {mechanism} can change the mean count by {least:.3g} to {most:.3g} "
            f"cells/uL; infuse earlier or act on another mechanism. Got {difference:g}"
        )
    return boosted(brentq(lambda factor: gained(factor) - difference, 0.0, LARGEST_FACTOR, xtol=1e-8))
