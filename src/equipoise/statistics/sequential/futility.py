"""Lower bounds: futility by z, by conditional power or by spending beta, and harm by spending a lower alpha.

Binding futility lowers the efficacy bounds, because a trial below it must stop; non-binding futility leaves them
as they are and only costs power. Spending beta (Pampallona, Tsiatis and Kim 2001): under the drift of the
alternative the lower bound of each look is crossed with the beta spent there; the drift is found such that the
beta of all looks is the one asked for. Harm: the lower bounds are crossed without drift with the probability
spent there (gsDesign test.type 5 and 6); with beta they are test.type 3 and 4.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.distributions import Floats, normal_quantile
from equipoise.statistics.sequential.boundaries import (
    NO_BOUND,
    BoundOf,
    Bounds,
    Rule,
    along,
    find_bounds,
    find_bounds_and_crossings,
    fixed,
    given,
    mirrored,
    no_lower,
    require_spent,
    spend_below,
)
from equipoise.statistics.sequential.recursion import crossings, walk
from equipoise.statistics.sequential.spending import SpendingFunction, spend_by, spent_per_look

# A drift of so many times that of the fixed design, 16 times its information, is searched for at most
WIDEST = 4.0


@dataclass(frozen=True)
class FutilityZ:
    """Stop for futility at or below these z, one per interim look."""

    z: tuple[float, ...]

    def __post_init__(self) -> None:
        for one in self.z:
            if not one < np.inf:
                raise DataError(f"a futility bound must be a z below infinity. Got {one:g}")


@dataclass(frozen=True)
class FutilityConditionalPower:
    """Stop where the power at the last look, given the data and their own trend, is at or below these (0-1)."""

    power: tuple[float, ...]

    def __post_init__(self) -> None:
        for one in self.power:
            if not 0 <= one < 1:
                raise DataError(f"the conditional power of futility must lie from 0 to below 1. Got {one:g}")


@dataclass(frozen=True)
class BetaSpending:
    """Stop where beta is spent by `rule`: a spending function, its name, or cumulative numbers per look."""

    rule: SpendingFunction | str | Sequence[float]


@dataclass(frozen=True)
class HarmSpending:
    """Stop for harm: without drift `alpha` in all is spent on the lower side by `rule`."""

    rule: SpendingFunction | str | Sequence[float]
    alpha: float

    def __post_init__(self) -> None:
        if not 0 < self.alpha < 1:
            raise DataError(f"the alpha of harm must lie between 0 and 1; try 0.1. Got {self.alpha:g}")


LowerRule = FutilityZ | FutilityConditionalPower | BetaSpending | HarmSpending


@dataclass(frozen=True)
class Solution:
    """Bounds, and the drift (theta times the root of the maximum information) that has the power asked for."""

    bounds: Bounds
    drift: float


def lower_rule(rule: LowerRule | Sequence[float], times: Sequence[float]) -> LowerRule:
    """Read a rule for the lower bounds; numbers alone are z per interim look. `DataError` for too many or few."""
    if isinstance(rule, str) or not isinstance(rule, LowerRule | Iterable):
        raise DataError(
            f"futility must be a z for each of the {len(times) - 1} interim looks, or a rule such as "
            f"BetaSpending. Got {rule}"
        )
    chosen = rule if isinstance(rule, LowerRule) else FutilityZ(tuple(float(z) for z in rule))
    if isinstance(chosen, BetaSpending):
        return BetaSpending(spend_by(chosen.rule, times))
    if isinstance(chosen, HarmSpending):
        return HarmSpending(spend_by(chosen.rule, times), chosen.alpha)
    numbers = chosen.z if isinstance(chosen, FutilityZ) else chosen.power
    if len(numbers) != len(times) - 1:
        raise DataError(
            f"futility needs a number for each of the {len(times) - 1} interim looks. Got {len(numbers)}"
        )
    return chosen


def solve(
    times: Sequence[float],
    rule: Rule,
    level: float,
    lower: LowerRule | None,
    *,
    symmetric: bool = False,
    binding: bool = False,
    power: float,
) -> Solution:
    """Find the bounds and the drift of a design.

    `times`: information rates; `level`: alpha of the upper side; `lower`: read by `lower_rule`; `symmetric`: the
    lower bounds mirror the upper ones; `power` of the upper side at the drift that comes back. Raises
    `EstimationFailed` where bounds or drift do not exist.
    """
    plain = find_bounds(times, rule, level, mirrored if symmetric else no_lower)
    if lower is None:
        return Solution(plain, drift_with_power(times, plain, level, power))

    def with_lower(lower_of: BoundOf, theta: float = 0.0) -> tuple[Bounds, Floats]:
        if binding:
            return find_bounds_and_crossings(times, rule, level, lower_of, theta=theta)
        return along(times, given(plain.upper), lower_of, theta)

    if isinstance(lower, BetaSpending):
        # The last look is left open: what is not above the upper bound there is accepted
        beta = [*spent_per_look(spend_by(lower.rule, times), times, 1.0 - power)[:-1], 0.0]

        def under(theta: float) -> tuple[Bounds, Floats]:
            return with_lower(spend_below(times, beta, theta), theta)

        drift = _bracketed(lambda theta: float(under(theta)[1][1]), level, power)
        return _checked(Solution(under(drift)[0], drift), times, level, binding=binding)
    if isinstance(lower, HarmSpending):
        harm = spent_per_look(spend_by(lower.rule, times), times, lower.alpha)
        bounds = with_lower(spend_below(times, list(harm), 0.0))[0]
    elif isinstance(lower, FutilityZ):
        bounds = with_lower(fixed([*lower.z, NO_BOUND]))[0]
    else:
        bounds = _by_conditional_power(times, lower.power, plain, with_lower)
    return _checked(Solution(bounds, drift_with_power(times, bounds, level, power)), times, level, binding=binding)


def drift_with_power(times: Sequence[float], bounds: Bounds, level: float, power: float) -> float:
    """Find the drift at which the upper bounds are crossed with probability `power`; else `EstimationFailed`."""
    steps = walk(times, bounds.lower, bounds.upper, (0.0, WIDEST * _fixed_drift(level, power)))
    return _bracketed(
        lambda theta: float(crossings(steps, times, bounds.upper, np.array([theta])).sum()), level, power
    )


def z_of_conditional_power(power: float, time: float, last: float) -> float:
    """Find the z at information rate `time` whose own trend reaches `last` at the end with probability `power`."""
    if power == 0:
        return NO_BOUND
    return float(np.sqrt(time) * (last + np.sqrt(1.0 - time) * normal_quantile(power)))


def _by_conditional_power(
    times: Sequence[float],
    power: Sequence[float],
    plain: Bounds,
    with_lower: Callable[[BoundOf], tuple[Bounds, Floats]],
) -> Bounds:
    """Let bounds and the last critical value agree, as binding bounds change it."""
    bounds = plain
    for _ in range(100):
        last = bounds.upper[-1]
        lower = [z_of_conditional_power(p, t, last) for p, t in zip(power, times, strict=False)]
        bounds = with_lower(fixed([*lower, NO_BOUND]))[0]
        if abs(bounds.upper[-1] - last) < 1e-12:
            return bounds
    raise EstimationFailed(
        "binding futility by conditional power has no bounds that agree with the last critical value; lower the "
        f"conditional power. Got {', '.join(f'{p:g}' for p in power)}"
    )


def _checked(solution: Solution, times: Sequence[float], level: float, *, binding: bool) -> Solution:
    if binding:
        require_spent(times, solution.bounds, level)
    return solution


def _fixed_drift(level: float, power: float) -> float:
    return normal_quantile(1.0 - level) + normal_quantile(power)


def _bracketed(power_at: Callable[[float], float], level: float, power: float) -> float:
    """Find the drift: at least that of the fixed design, which is the most powerful (Neyman and Pearson)."""
    smallest = _fixed_drift(level, power)
    start, end = 0.999 * smallest, 1.1 * smallest
    while power_at(end) < power:
        start, end = end, 1.5 * end
        if end > WIDEST * smallest:
            raise EstimationFailed(
                f"the bounds must allow the power with less than {WIDEST**2:g} times the information of the fixed "
                f"design; lower the lower bounds. Got power {power:g}"
            )
    return float(optimize.brentq(lambda theta: power_at(theta) - power, start, end, xtol=1e-11, rtol=1e-13))
