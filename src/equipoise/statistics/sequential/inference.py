"""p-values, estimates and intervals that allow for the looks.

Repeated intervals and p-values (Jennison and Turnbull 1989) hold at every look, whether or not the trial stops.
After the end, outcomes are ordered stage-wise (Armitage 1957; Tsiatis, Rosner and Mehta 1984): an earlier
crossing of the upper bound is more extreme than a later one, at one look the larger z. p(theta), the probability
of an outcome at least as extreme, gives the final p at 0, the median-unbiased estimate at p(theta) = 1/2, and
exact limits. Checked against R rpact.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from equipoise.errors import DataError
from equipoise.statistics.confidence import require_confidence
from equipoise.statistics.sequential.boundaries import (
    NO_BOUND,
    BoundOf,
    HaybittlePeto,
    Rule,
    along,
    find_bounds,
    fixed,
    given,
    mirrored,
    no_lower,
)
from equipoise.statistics.sequential.design import GroupSequential
from equipoise.statistics.sequential.recursion import exit_probabilities
from equipoise.statistics.sequential.spending import UserSpending

LARGEST_LEVEL = 0.499999


@dataclass(frozen=True)
class RepeatedInterval:
    """The repeated confidence interval of a look: `estimate` plus and minus the bound times the standard error."""

    estimate: float
    lower: float
    upper: float


@dataclass(frozen=True)
class FinalAnalysis:
    """The analysis after the end by stage-wise ordering.

    `p` (one-sided, two-sided where the design is), `estimate` (median-unbiased), `lower` and `upper` limits of
    confidence `level`; `naive` is the estimate that ignores the looks.
    """

    look: int
    z: float
    p: float
    estimate: float
    lower: float
    upper: float
    level: float
    naive: float


def repeated_interval(design: GroupSequential, look: int, estimate: float, se: float) -> RepeatedInterval:
    """Find the repeated confidence interval at `look` (1 for the first), its level that of the whole design.

    `estimate` with standard error `se` on any scale where it is about normal. Where the information differs from
    the plan, `update_looks` first. Raises `DataError` for a look out of range.
    """
    _require_look(design, look, estimate, se)
    reach = design.upper[look - 1] * se
    return RepeatedInterval(estimate, estimate - reach, estimate + reach)


def repeated_p(design: GroupSequential, look: int, z: float) -> float:
    """Find the smallest alpha at which a design of these looks and this kind of bounds rejects by `z` then.

    0.5 (1 where two-sided) stands for that or more. Raises `DataError` for a look out of range, and at interim
    looks of Haybittle and Peto, whose bounds do not depend on alpha. At their last look it is the probability of
    crossing an interim bound, or `z` then: that alpha leaves this bound for the last look.
    """
    _require_look(design, look, z, 1.0)
    if isinstance(design.rule, HaybittlePeto) and look < design.looks:
        raise DataError(
            "a repeated p needs bounds that move with alpha, as Haybittle-Peto has at the last look only. "
            f"Got look {look}"
        )
    signed = abs(z) if design.sides == 2 else z
    side: BoundOf = mirrored if design.sides == 2 else no_lower
    if design.binding:
        side = fixed([*design.lower[:-1], NO_BOUND])

    if isinstance(design.rule, HaybittlePeto):
        bounds = given([*design.upper[:-1], signed])
        crossed = float(along(design.information_rates, bounds, side, 0.0)[1][0])
        return design.sides * min(crossed, 0.5)

    def excess(level: float) -> float:
        rule = _at_level(design.rule, level)
        return find_bounds(design.information_rates, rule, level, side).upper[look - 1] - signed

    smallest = 1e-15
    if excess(LARGEST_LEVEL) > 0:
        return 0.5 * design.sides
    if excess(smallest) < 0:
        return smallest * design.sides
    logarithm = optimize.brentq(lambda x: excess(np.exp(x)), np.log(smallest), np.log(LARGEST_LEVEL), xtol=1e-11)
    return float(design.sides * np.exp(logarithm))


def final_analysis(
    design: GroupSequential, look: int, estimate: float, se: float, *, level: float | None = None
) -> FinalAnalysis:
    """Analyse a trial that ended at `look` (1 for the first) by stage-wise ordering.

    `estimate` (of what is 0 under the hypothesis) with standard error `se` then; the information of earlier looks
    follows from the rates of the design: `update_looks` first where it was not as planned. `level`: of the
    interval, by default 1 - alpha (two-sided) or 1 - 2 alpha. Non-binding lower bounds are ignored. Raises
    `DataError` for a look out of range.
    """
    _require_look(design, look, estimate, se)
    confidence = 1.0 - 2.0 * design.level if level is None else level
    require_confidence(confidence)
    z = estimate / se
    rates = np.asarray(design.information_rates[:look])
    information = rates / rates[-1] * se**-2
    obey = design.binding or design.sides == 2
    lower = [*(design.lower[: look - 1] if obey else [NO_BOUND] * (look - 1)), z]
    upper = [*design.upper[: look - 1], z]
    below = obey and z <= design.lower[look - 1]

    def p_at(theta: float) -> float:
        less, more = exit_probabilities(list(information), lower, upper, theta)
        return 1.0 - float(less.sum()) if below else float(more.sum())

    one_sided = p_at(0.0)
    tail = 0.5 * (1.0 - confidence)
    limits = [_solve(lambda theta: p_at(theta) - p, estimate, se) for p in (tail, 0.5, 1.0 - tail)]  # noqa: B023
    return FinalAnalysis(
        look=look,
        z=z,
        p=one_sided if design.sides == 1 else 2.0 * min(one_sided, 1.0 - one_sided),
        estimate=limits[1],
        lower=limits[0],
        upper=limits[2],
        level=confidence,
        naive=estimate,
    )


def _solve(excess: Callable[[float], float], estimate: float, se: float) -> float:
    """Find the root of a function that rises with the effect."""
    reach = 3.0
    low, high = estimate - reach * se, estimate + reach * se
    while excess(low) > 0:
        low -= reach * se
    while excess(high) < 0:
        high += reach * se
    return float(optimize.brentq(excess, low, high, xtol=1e-12 * se, rtol=1e-13))


def _at_level(rule: Rule, level: float) -> Rule:
    """Keep the shape of spending that a user gave while alpha changes."""
    if not isinstance(rule, UserSpending):
        return rule
    factor = level / rule.cumulative[-1]
    return UserSpending((*(x * factor for x in rule.cumulative[:-1]), level), rule.times)


def _require_look(design: GroupSequential, look: int, estimate: float, se: float) -> None:
    if look not in range(1, design.looks + 1):
        raise DataError(f"look must be one of the design, from 1 to {design.looks}. Got {look}")
    if not np.isfinite(estimate):
        raise DataError(f"an estimate or z must be a finite number. Got {estimate:g}")
    if not 0 < se < np.inf:
        raise DataError(f"a standard error must be above 0 and finite. Got {se:g}")
