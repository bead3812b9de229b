"""The odds ratio of two arms, with or without strata.

Wald on the log scale: var log = sum of 1 / cell (Woolf 1955). Miettinen and Nurminen (1985), and score, without
their factor N / (N - 1): see `score_limits`. With strata: Mantel and Haenszel's (1959) ratio with the variance of
Robins, Breslow and Greenland (1986).

Exact, with or without strata: given all margins the number s of responses in the arm has probability proportional
to g(s) psi^s (Fisher's noncentral hypergeometric distribution), with g(s) the product of binomial coefficients,
convolved over strata (Cornfield 1956; Gart 1970). The estimate equates the mean to s, the exact limits put alpha/2
in each tail. Checked against R (`fisher.test` and `mantelhaen.test`, whose exact odds ratios stop at about 1e-4; a
program with tighter roots; `gsDesign::ciBinomial`) and scipy.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from scipy import optimize, special

from equipoise.errors import EstimationFailed
from equipoise.statistics.categorical.score_limits import critical_score, log_limits, odds_score
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
    chosen = choose_method(table, method, strata, plain=get_args(Method), stratified=("mantel-haenszel", "exact"))
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
    """Find the log of the common odds ratio and its SE, from with and without by stratum; Woolf's for one.

    Raises `EstimationFailed` where either product of opposite cells is 0 in every stratum.
    """
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


# R's rule for tables as probable as the one seen
EQUALLY_PROBABLE = 1.0 + 1e-7


@dataclass(frozen=True, eq=False)
class ConditionalOdds:
    """The distribution of responses in the arm: `log_weight` of each value of `support`, and the value seen."""

    support: Floats
    log_weight: Floats
    seen: float

    def probabilities(self, log_odds: float = 0.0) -> Floats:
        """Probability of each value of the support under an odds ratio."""
        tilted = self.log_weight + log_odds * (self.support - self.seen)
        weight = np.exp(tilted - tilted.max())
        return np.asarray(weight / weight.sum())

    def two_sided_p(self) -> float:
        """Sum the probabilities, under an odds ratio of 1, of values no more probable than the one seen."""
        p = self.probabilities()
        own = p[int(self.seen - self.support[0])]
        return float(min(p[p <= own * EQUALLY_PROBABLE].sum(), 1.0))

    def estimate(self) -> float:
        """Find the conditional maximum likelihood estimate of the odds ratio; 0 or infinite at the ends."""
        if self.seen == self.support[0]:
            return 0.0
        if self.seen == self.support[-1]:
            return float(np.inf)
        return float(np.exp(_root(lambda value: float(self.probabilities(value) @ self.support) - self.seen)))

    def limits(self, level: float) -> tuple[float, float]:
        """Find the exact limits of the odds ratio; 0 and infinite at the ends of the support."""
        tail = 0.5 - level / 2.0
        at_least, at_most = self.support >= self.seen, self.support <= self.seen
        lower, upper = 0.0, float(np.inf)
        if self.seen > self.support[0]:
            lower = float(np.exp(_root(lambda value: float(self.probabilities(value)[at_least].sum()) - tail)))
        if self.seen < self.support[-1]:
            upper = float(np.exp(_root(lambda value: tail - float(self.probabilities(value)[at_most].sum()))))
        return lower, upper


def condition_on_margins(x1: Floats, n1: Floats, x0: Floats, n0: Floats) -> ConditionalOdds:
    """Build the distribution for x1 of n1 against x0 of n0 in each stratum (arrays of one length).

    Raises `EstimationFailed` where the margins leave a single table.
    """
    support, weight = np.zeros(1), np.zeros(1)
    for first, size, second, other in zip(x1, n1, x0, n0, strict=True):
        total = first + second
        own = np.arange(max(0.0, total - other), min(total, size) + 1.0)
        log_own = _log_choose(size, own) + _log_choose(other, total - own)
        if own.size == 1:
            support = support + own
        elif support.size == 1:
            support, weight = support + own, log_own
        else:
            product = np.convolve(np.exp(weight - weight.max()), np.exp(log_own - log_own.max()))
            with np.errstate(divide="ignore"):
                weight = np.log(product)
            support = support[0] + own[0] + np.arange(product.size)
    if support.size == 1:
        raise EstimationFailed(
            "the margins must leave room for more than one table: two arms, with and without. Got one table"
        )
    return ConditionalOdds(support, weight, float(x1.sum()))


def _log_choose(n: float, k: Floats) -> Floats:
    return np.asarray(special.gammaln(n + 1.0) - special.gammaln(k + 1.0) - special.gammaln(n - k + 1.0))


def _root(rising: Callable[[float], float]) -> float:
    low, high = -1.0, 1.0
    while rising(low) > 0:
        low *= 2.0
    while rising(high) < 0:
        high *= 2.0
    return float(optimize.brentq(rising, low, high, xtol=1e-14, rtol=1e-14))
