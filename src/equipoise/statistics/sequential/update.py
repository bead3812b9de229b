"""Looks that came at other information than planned.

A spending function needs no fixed looks (Lan and DeMets 1983): each look spends what the function gives at the
information observed. The last look spends all that is left, whether it came with less information than planned
(under-running) or with more (over-running); the joint distribution always uses the information observed.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from equipoise.errors import DataError
from equipoise.statistics.sequential.boundaries import (
    NO_BOUND,
    BoundOf,
    Bounds,
    HaybittlePeto,
    WangTsiatis,
    along,
    find_bounds,
    fixed,
    given,
    mirrored,
    no_lower,
    require_spent,
    spend_below,
)
from equipoise.statistics.sequential.design import GroupSequential, alpha_spent
from equipoise.statistics.sequential.futility import (
    BetaSpending,
    FutilityConditionalPower,
    HarmSpending,
    z_of_conditional_power,
)
from equipoise.statistics.sequential.recursion import NEAREST, exit_probabilities, require_information
from equipoise.statistics.sequential.spending import SpendingFunction, spend_by, spent_per_look


def update_looks(
    design: GroupSequential,
    information_rates: Sequence[float],
    *,
    last: bool = False,
    spending_times: Sequence[float] | None = None,
) -> GroupSequential:
    """Give the design that holds after looks at the information observed.

    `information_rates`: observed information of each look so far over the planned maximum, increasing. A look
    takes the place of the planned look of its number; unless the latest is the `last`, those planned after it
    follow, the final one at least. `spending_times`: where the spending functions
    are read at the observed looks, the observed rates unless given (calendar time, say). `drift` stays that of
    the plan; `power` is what the new looks have there. Only for bounds by a spending function. Raises `DataError`
    for other bounds and for rates that do not increase.
    """
    if isinstance(design.rule, WangTsiatis | HaybittlePeto):
        raise DataError(
            "looks at other information need a spending function; plan with lan-demets-obrien-fleming or "
            f"lan-demets-pocock. Got {design.rule}"
        )
    observed = [float(t) for t in information_rates]
    read = observed if spending_times is None else [float(t) for t in spending_times]
    require_information(observed)
    if not observed or len(read) != len(observed):
        raise DataError(
            f"spending times must be as many as the looks, from 1. Got {len(read)} for {len(observed)}"
        )
    beyond = observed[-1] * (1.0 + NEAREST)
    if not last and beyond >= 1:
        raise DataError(f"a look with all the information planned must be the last; say so. Got {observed[-1]:g}")
    planned = design.information_rates[len(observed) :] or design.information_rates[-1:]
    to_come = [] if last else [t for t in planned if t > beyond]
    times, read = observed + to_come, read + to_come
    if not all(a <= b for a, b in pairwise([0.0, *read])):
        raise DataError(
            f"spending times must not decrease, from 0 or more. Got {', '.join(f'{t:g}' for t in read)}"
        )
    bounds = _bounds(design, design.rule, times, read)
    return replace(
        design,
        information_rates=tuple(times),
        upper=bounds.upper,
        lower=bounds.lower,
        power=float(exit_probabilities(times, bounds.lower, bounds.upper, design.drift)[1].sum()),
        alpha_spent=alpha_spent(times, bounds, design.sides, obey=design.binding),
    )


def _bounds(design: GroupSequential, rule: SpendingFunction, times: list[float], read: list[float]) -> Bounds:
    side = mirrored if design.sides == 2 else no_lower
    plain = find_bounds(times, rule, design.level, side, spending_times=read)
    lower_of = _lower(design, times, read, plain.upper[-1])
    if lower_of is None:
        return plain
    if not design.binding:
        return along(times, given(plain.upper), lower_of, design.drift)[0]
    bounds = find_bounds(times, rule, design.level, lower_of, theta=design.drift, spending_times=read)
    require_spent(times, bounds, design.level)
    return bounds


def _lower(design: GroupSequential, times: list[float], read: list[float], last: float) -> BoundOf | None:
    """Carry the rule of the lower bounds over to the new looks."""
    lower = design.lower_rule
    if lower is None:
        return None
    planned = design.information_rates
    if isinstance(lower, BetaSpending):
        beta = spent_per_look(spend_by(lower.rule, planned), read, design.planned_beta)
        return spend_below(times, [*beta[:-1], 0.0], design.drift)
    if isinstance(lower, HarmSpending):
        return spend_below(times, list(spent_per_look(spend_by(lower.rule, planned), read, lower.alpha)), 0.0)
    if isinstance(lower, FutilityConditionalPower):
        z = [z_of_conditional_power(p, t / times[-1], last) for p, t in zip(lower.power, times, strict=False)]
    else:
        z = list(lower.z)
    kept = z[: len(times) - 1]
    return fixed([*kept, *[NO_BOUND] * (len(times) - len(kept))])
