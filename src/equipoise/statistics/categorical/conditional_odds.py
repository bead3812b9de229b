"""The odds ratio given all margins: Fisher's noncentral hypergeometric distribution, over one or more tables.

Given the margins the number s of responses in the arm has probability proportional to g(s) psi^s, with g(s) the
product of binomial coefficients, convolved over strata (Fisher 1935; Cornfield 1956; Gart 1970). The estimate
equates the mean to s, the exact limits put alpha/2 in each tail. Checked against R's `fisher.test` and
`mantelhaen.test(exact = TRUE)`, whose root finder stops at about 1e-4, and scipy's conditional odds ratio.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from equipoise.errors import EstimationFailed
from equipoise.statistics.distributions import Floats

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
