"""The difference of two proportions, with or without strata.

Wald: p1 - p0 -+ z root(p1 q1 / n1 + p0 q0 / n0). Newcombe (1998, method 10): from the Wilson limits l, u of each
proportion, d - root((p1 - l1)^2 + (u0 - p0)^2) and likewise above. Miettinen and Nurminen (1985), and score,
without their factor N / (N - 1): see `score_limits`. With strata: Mantel-Haenszel weights n1 n0 / N (Greenland
and Robins 1985) and the variance of Sato (1989). Checked against R (`prop.test`, `gsDesign::ciBinomial`, sums
written out).
"""

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np

from equipoise.errors import EstimationFailed
from equipoise.statistics.categorical.proportion import proportion_limits
from equipoise.statistics.categorical.score_limits import critical_score, difference_limits
from equipoise.statistics.categorical.tables import (
    Comparison,
    Counts,
    Estimate,
    assemble,
    choose_method,
    pair_arms,
    read_events,
)
from equipoise.statistics.confidence import critical_value
from equipoise.statistics.distributions import Floats

Method = Literal["wald", "newcombe", "miettinen-nurminen", "score", "mantel-haenszel"]


def risk_difference(
    data: Counts,
    response: str | None = None,
    by: str | None = None,
    *,
    versus: object = None,
    strata: str | Sequence[str] | None = None,
    count: str | None = None,
    method: Method | None = None,
    level: float = 0.95,
) -> Comparison:
    """Estimate the proportion in each arm minus that in `versus` (the first arm unless given), -1 to 1.

    `data`: a frame with a 0/1 column `response`, arms in `by`, and `strata`; or counts, (strata x) arms x (with,
    without). `method` is wald unless given; with several strata only mantel-haenszel, which is then the default.
    Raises `DataError` for bad columns, counts or options; `EstimationFailed` where no stratum has both arms.
    """
    z = critical_value(level)
    table = read_events(data, response, by, strata=strata, count=count)
    chosen = choose_method(table, method, strata, plain=get_args(Method))
    pairs = pair_arms(table, versus)
    found = []
    for arm, control in pairs:
        x1, x0 = table.counts[:, arm, 0], table.counts[:, control, 0]
        n1, n0 = table.counts[:, arm].sum(axis=1), table.counts[:, control].sum(axis=1)
        if chosen == "mantel-haenszel":
            found.append(_mantel_haenszel(x1, n1, x0, n0, z))
        else:
            found.append(_one_table((x1[0], n1[0], x0[0], n0[0]), chosen, level))
    return assemble(table, pairs, found, measure="risk difference", method=chosen, level=level)


def _one_table(counts: tuple[float, float, float, float], method: str, level: float) -> Estimate:
    x1, n1, x0, n0 = counts
    p1, p0 = x1 / n1, x0 / n0
    difference = p1 - p0
    z = critical_value(level)
    if method == "wald":
        se = float(np.sqrt(p1 * (1.0 - p1) / n1 + p0 * (1.0 - p0) / n0))
        return Estimate(difference, se, max(difference - z * se, -1.0), min(difference + z * se, 1.0))
    if method in {"miettinen-nurminen", "score"}:
        return Estimate(difference, None, *difference_limits(counts, critical_score(level, counts, method)))
    lower, upper = proportion_limits(np.array([x1, x0]), np.array([n1, n0]), "wilson", level)
    below, above = np.hypot(p1 - lower[0], upper[1] - p0), np.hypot(upper[0] - p1, p0 - lower[1])
    return Estimate(difference, None, float(difference - below), float(difference + above))


def _mantel_haenszel(x1: Floats, n1: Floats, x0: Floats, n0: Floats, z: float) -> Estimate:
    both = (n1 > 0) & (n0 > 0)
    if not both.any():
        raise EstimationFailed(
            "a stratified difference needs a stratum with both arms; use fewer strata. Got none"
        )
    x1, n1, x0, n0 = x1[both], n1[both], x0[both], n0[both]
    n = n1 + n0
    weight = n1 * n0 / n
    difference = float(weight @ (x1 / n1 - x0 / n0) / weight.sum())
    first = (n1**2 * x0 - n0**2 * x1 + n1 * n0 * (n0 - n1) / 2.0) / n**2
    second = (x1 * (n0 - x0) + x0 * (n1 - x1)) / (2.0 * n)
    variance = (difference * first.sum() + second.sum()) / weight.sum() ** 2
    se = float(np.sqrt(max(variance, 0.0)))
    return Estimate(difference, se, max(difference - z * se, -1.0), min(difference + z * se, 1.0))
