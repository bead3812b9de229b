"""Bounds of a group sequential test on the scale of z.

Two ways to a bound. By a spending function: look by look the bound whose crossing costs what is spent there. By a
shape with one constant c, found so that the whole error is alpha: Wang and Tsiatis (1987), u_k = c t_k^(Delta -
1/2), where Delta = 0 is O'Brien and Fleming (1979) and Delta = 1/2 Pocock (1977); Haybittle (1971) and Peto et
al. (1976), a constant at the interim looks and what is left at the last. Checked against R rpact and gsDesign.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.distributions import Floats, normal_quantile
from equipoise.statistics.sequential.recursion import (
    Before,
    FirstLook,
    exit_probabilities,
    find_lower,
    find_upper,
    go_on,
)
from equipoise.statistics.sequential.spending import NAMED, SpendingFunction, spend_by, spent_per_look

BoundOf = Callable[[int, Before, float], float]
NO_BOUND = -np.inf


@dataclass(frozen=True)
class WangTsiatis:
    """Bounds c t^(delta - 1/2): delta 0 is O'Brien and Fleming, 1/2 Pocock."""

    delta: float

    def __post_init__(self) -> None:
        if not -1 <= self.delta <= 1:
            raise DataError(f"Delta of Wang and Tsiatis must lie between -1 and 1; try 0.25. Got {self.delta:g}")

    def at(self, constant: float, times: Sequence[float]) -> list[float]:
        """Give the bound at each of `times`."""
        return [constant * t ** (self.delta - 0.5) for t in times]


@dataclass(frozen=True)
class HaybittlePeto:
    """A fixed bound, usually 3, at every interim look, and at the last what alpha leaves."""

    z: float = 3.0

    def __post_init__(self) -> None:
        if not 0 < self.z < np.inf:
            raise DataError(f"the bound of Haybittle and Peto must be above 0; try 3. Got {self.z:g}")

    def at(self, constant: float, times: Sequence[float]) -> list[float]:
        """Give the bound at each of `times`, the last being `constant`."""
        return [self.z] * (len(times) - 1) + [constant]


Shape = WangTsiatis | HaybittlePeto
Rule = Shape | SpendingFunction
SHAPES: dict[str, Shape] = {
    "obrien-fleming": WangTsiatis(0.0),
    "pocock": WangTsiatis(0.5),
    "haybittle-peto": HaybittlePeto(),
}


@dataclass(frozen=True)
class Bounds:
    """Bounds (z) per look; no lower bound is minus infinity."""

    lower: tuple[float, ...]
    upper: tuple[float, ...]


def rule_of(rule: Rule | str | Sequence[float], times: Sequence[float]) -> Rule:
    """Turn a name, a shape, a spending function or the cumulative alpha per look into a rule; else `DataError`."""
    if isinstance(rule, str) and rule in SHAPES:
        return SHAPES[rule]
    if isinstance(rule, WangTsiatis | HaybittlePeto):
        return rule
    if isinstance(rule, str) and rule not in NAMED:
        raise DataError(
            f"bounds by name are one of {', '.join([*SHAPES, *NAMED])}; families with a parameter are objects, as "
            f"WangTsiatis(0.25) or HwangShihDeCani(-4). Got {rule}"
        )
    return spend_by(rule, times)


def no_lower(_look: int, _before: Before, _upper: float) -> float:
    """Have no lower bound."""
    return NO_BOUND


def mirrored(_look: int, _before: Before, upper: float) -> float:
    """Have the lower bound mirror the upper one, as in a symmetric two-sided test."""
    return -upper


def given(upper: Sequence[float]) -> BoundOf:
    """Have the upper bounds given."""
    return lambda look, _before, _upper: upper[look]


def fixed(bounds: Sequence[float]) -> BoundOf:
    """Have the lower bounds given, but none above the upper bound."""
    return lambda look, _before, upper: min(bounds[look], upper)


def spend_below(times: Sequence[float], per_look: Sequence[float], theta: float) -> BoundOf:
    """Have the lower bound below which a trial with drift `theta` falls with the probability of that look."""
    return lambda look, before, upper: min(find_lower(before, times[look], per_look[look], theta), upper)


def find_bounds(
    times: Sequence[float],
    rule: Rule,
    level: float,
    lower_of: BoundOf,
    *,
    theta: float = 0.0,
    spending_times: Sequence[float] | None = None,
) -> Bounds:
    """Find the upper bounds with type I error `level` of the upper side, and the lower bounds beside them.

    `times`: information rates, increasing; `lower_of` gives the lower bound of a look from what is known before
    it and the upper bound there, and stops the trial, so that it lowers the upper bounds; `theta`: drift that
    `lower_of` works under; `spending_times`: where the spending function is read, the information rates unless
    given. Where the lower bounds leave too few trials, an upper bound is minus infinity: see `require_spent`.
    """
    return find_bounds_and_crossings(times, rule, level, lower_of, theta=theta, spending_times=spending_times)[0]


def find_bounds_and_crossings(
    times: Sequence[float],
    rule: Rule,
    level: float,
    lower_of: BoundOf,
    *,
    theta: float,
    spending_times: Sequence[float] | None = None,
) -> tuple[Bounds, Floats]:
    """Find the bounds, and the probability of crossing the upper ones without drift and with drift `theta`."""
    if isinstance(rule, WangTsiatis | HaybittlePeto):
        shape = rule

        def excess(constant: float) -> float:
            return float(along(times, given(shape.at(constant, times)), lower_of, theta)[1][0]) - level

        return along(times, given(shape.at(_constant(excess, shape, times, level), times)), lower_of, theta)
    per_look = spent_per_look(rule, spending_times or times, level)
    spend: BoundOf = lambda look, before, _upper: find_upper(before, times[look], per_look[look])  # noqa: E731
    return along(times, spend, lower_of, theta)


def require_spent(times: Sequence[float], bounds: Bounds, level: float) -> None:
    """Refuse bounds below which so many trials stop that `level` is not reached: `EstimationFailed`."""
    spent = float(exit_probabilities(times, bounds.lower, bounds.upper, 0.0)[1].sum())
    if not abs(spent - level) < 1e-6 * level:
        raise EstimationFailed(
            f"the lower bounds must leave enough trials to spend {level:g} on the upper side; lower them or make "
            f"them non-binding. Got {spent:g}"
        )


def along(times: Sequence[float], upper_of: BoundOf, lower_of: BoundOf, theta: float) -> tuple[Bounds, Floats]:
    """Go from look to look; give the bounds and the probabilities of crossing the upper ones at 0 and `theta`."""
    before: Before = FirstLook()
    lower: list[float] = []
    upper: list[float] = []
    drifts = np.array([0.0, theta])
    crossed = np.zeros(2)
    reach = (min(theta, 0.0), max(theta, 0.0))
    for look, time in enumerate(times):
        upper.append(upper_of(look, before, np.inf))
        lower.append(lower_of(look, before, upper[-1]))
        crossed = crossed + before.above(time, upper[-1], drifts)
        if look < len(times) - 1:
            before = go_on(before, time, lower[-1], upper[-1], following=times[look + 1], theta=reach)
    return Bounds(tuple(lower), tuple(upper)), crossed


def _constant(excess: Callable[[float], float], shape: Shape, times: Sequence[float], level: float) -> float:
    """Find the constant of a shape by bracketing: Bonferroni's bound is wide enough at every look."""
    wide = normal_quantile(1.0 - level / len(times)) + 1.0
    if isinstance(shape, WangTsiatis):
        end = wide / min(1.0, *shape.at(1.0, times))
    else:
        end = 12.0
        if excess(end) > 0:
            raise DataError(
                f"the interim bounds of Haybittle and Peto must spend less than {level:g}; take a higher one. "
                f"Got {shape.z:g}"
            )
    start = 1e-3
    if excess(start) < 0:
        raise EstimationFailed(
            f"the lower bounds must leave enough trials to spend {level:g} on the upper side; lower them or make "
            "them non-binding. Got no constant above 0"
        )
    return float(optimize.brentq(excess, start, end, xtol=1e-11, rtol=1e-13))
