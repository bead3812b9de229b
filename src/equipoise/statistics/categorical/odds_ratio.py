"""The odds ratio of two arms, with or without strata.

Wald on the log scale: var log = sum of 1 / cell (Woolf 1955). Exact: `conditional_odds`, the estimate of Fisher's
test in R. Miettinen and Nurminen (1985), and score without their factor
N / (N - 1): `score_limits`. With strata: Mantel and Haenszel's (1959) ratio with the
variance of Robins, Breslow and Greenland (1986), or exact over all strata. Checked against R (`fisher.test`,
`mantelhaen.test`, `gsDesign::ciBinomial`).
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.categorical.comparison import Comparison, Estimate, assemble, on_log_scale
from equipoise.statistics.categorical.conditional_odds import condition_on_margins
from equipoise.statistics.categorical.score_limits import critical_score, log_limits, odds_score
from equipoise.statistics.categorical.tables import Counts, pair_arms, read_events
from equipoise.statistics.confidence import critical_value
from equipoise.statistics.distributions import Floats

Method = Literal["wald", "exact", "miettinen-nurminen", "score", "mantel-haenszel"]


def odds_ratio(
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
    """Estimate the odds of the response in each arm divided by those in `versus` (the first arm unless given).

    Arguments as in `risk_difference`. `method` is wald unless given; with several strata mantel-haenszel (the
    default there) or exact. Raises `DataError` for bad columns, counts or options; `EstimationFailed` where a cell
    of 0 leaves wald or mantel-haenszel without an estimate, or a margin of 0 leaves any method without one.
    """
    z = critical_value(level)
    table = read_events(data, response, by, strata=strata, count=count)
    stratified = table.counts.shape[0] > 1 or strata is not None
    chosen = method or ("mantel-haenszel" if stratified else "wald")
    plain = ("wald", "exact", "miettinen-nurminen", "score", "mantel-haenszel")
    allowed = ("mantel-haenszel", "exact") if stratified else plain
    if chosen not in allowed:
        raise DataError(
            f"method must be {', '.join(allowed)} {'with' if stratified else 'without'} strata. Got {chosen}"
        )
    pairs = pair_arms(table, versus)
    found = []
    for arm, control in pairs:
        x1, x0 = table.counts[:, arm, 0], table.counts[:, control, 0]
        y1, y0 = table.counts[:, arm, 1], table.counts[:, control, 1]
        conditional = condition_on_margins(x1, x1 + y1, x0, x0 + y0)
        if chosen == "exact":
            found.append(Estimate(conditional.estimate(), None, *conditional.limits(level)))
        elif chosen in {"miettinen-nurminen", "score"}:
            four = (float(x1[0]), float(x1[0] + y1[0]), float(x0[0]), float(x0[0] + y0[0]))
            lower, upper = log_limits(odds_score, four, critical_score(level, four, chosen))
            below = float(y1[0] * x0[0])
            ratio = float(np.inf) if below == 0 else float(x1[0] * y0[0]) / below
            found.append(Estimate(ratio, None, float(np.exp(lower)), float(np.exp(upper))))
        else:
            found.append(on_log_scale(*mantel_haenszel_log_odds(x1, y1, x0, y0), z))
    return assemble(table, pairs, found, measure="odds ratio", method=chosen, level=level)


def mantel_haenszel_log_odds(x1: Floats, y1: Floats, x0: Floats, y0: Floats) -> tuple[float, float]:
    """Find the log of the common odds ratio and its SE, from with and without by stratum; Woolf's for one."""
    n = np.maximum(x1 + y1 + x0 + y0, 1.0)
    above, below = x1 * y0 / n, y1 * x0 / n
    r, s = float(above.sum()), float(below.sum())
    if r == 0 or s == 0:
        raise EstimationFailed(
            "an odds ratio on the log scale needs responses and none in both arms; use method exact. "
            f"Got {int(x1.sum())} with and {int(y1.sum())} without, against {int(x0.sum())} and {int(y0.sum())}"
        )
    p, q = (x1 + y0) / n, (y1 + x0) / n
    variance = (p @ above) / (2 * r * r) + (p @ below + q @ above) / (2 * r * s) + (q @ below) / (2 * s * s)
    return float(np.log(r / s)), float(np.sqrt(variance))
