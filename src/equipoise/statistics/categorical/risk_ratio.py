"""The ratio of two proportions, with or without strata.

Wald on the log scale: var log = 1/x1 - 1/n1 + 1/x0 - 1/n0 (Katz 1978). Miettinen and Nurminen (1985), and
score, without their factor N / (N - 1): see `score_limits`. With strata: Mantel-Haenszel's ratio
sum(x1 n0 / N) / sum(x0 n1 / N) with the variance of Greenland and Robins (1985). Checked against R
(`gsDesign::ciBinomial`, sums written out).
"""

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np

from equipoise.errors import EstimationFailed
from equipoise.statistics.categorical.score_limits import critical_score, log_limits, ratio_score
from equipoise.statistics.categorical.tables import (
    Comparison,
    Counts,
    Estimate,
    assemble,
    choose_method,
    on_log_scale,
    pair_arms,
    read_events,
)
from equipoise.statistics.confidence import critical_value

Method = Literal["wald", "miettinen-nurminen", "score", "mantel-haenszel"]


def risk_ratio(
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
    """Estimate the proportion in each arm divided by that in `versus` (the first arm unless given).

    Arguments as in `risk_difference`. `method` is wald unless given; with several strata only mantel-haenszel.
    Raises `DataError` for bad columns, counts or options; `EstimationFailed` where nobody responds, or where wald
    or mantel-haenszel meets an arm without response.
    """
    z = critical_value(level)
    table = read_events(data, response, by, strata=strata, count=count)
    chosen = choose_method(table, method, strata, plain=get_args(Method))
    pairs = pair_arms(table, versus)
    found = []
    for arm, control in pairs:
        x1, x0 = table.counts[:, arm, 0], table.counts[:, control, 0]
        n1, n0 = table.counts[:, arm].sum(axis=1), table.counts[:, control].sum(axis=1)
        n = np.maximum(n1 + n0, 1.0)
        above, below = float((x1 * n0 / n).sum()), float((x0 * n1 / n).sum())
        if above == 0 and below == 0:
            raise EstimationFailed(
                "a risk ratio needs a response in one of the two arms, in a stratum of both. Got none"
            )
        if chosen in {"miettinen-nurminen", "score"}:
            four = (float(x1[0]), float(n1[0]), float(x0[0]), float(n0[0]))
            lower, upper = log_limits(ratio_score, four, critical_score(level, four, chosen))
            ratio = float(np.inf) if below == 0 else above / below
            found.append(Estimate(ratio, None, float(np.exp(lower)), float(np.exp(upper))))
            continue
        if above == 0 or below == 0:
            raise EstimationFailed(
                f"a {chosen} interval of a risk ratio needs responses in both arms; use miettinen-nurminen without"
                f" strata. Got {int(x1.sum())} and {int(x0.sum())}"
            )
        # for one stratum this is Katz's variance
        spread = ((n1 * n0 * (x1 + x0) - x1 * x0 * n) / n**2).sum()
        found.append(on_log_scale(float(np.log(above / below)), float(np.sqrt(spread / (above * below))), z))
    return assemble(table, pairs, found, measure="risk ratio", method=chosen, level=level)
