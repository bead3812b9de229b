"""Cox's partial likelihood with ties by the exact discrete model: a conditional logistic likelihood.

A moment with d deaths contributes exp(sum of x' b over the deaths) / e_d, where e_d is the elementary symmetric
polynomial of degree d in the weights exp(x' b) of those at risk (Cox 1972, section 6; Gail, Lubin and Rubinstein
1981). Adding one row at a time, e_j grows by w e_(j-1), so the polynomials of all nested risk sets are running
sums: one pass for each degree up to the most deaths tied, with derivatives alongside.
Checked against R survival 3.5 (`coxph(ties = "exact")`). SAS calls it TIES=DISCRETE.
"""

from collections.abc import Iterator

import numpy as np

from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import Codes
from equipoise.statistics.survival.partial_likelihood import Evaluation
from equipoise.statistics.survival.risk_sets import RiskSets


class ExactLikelihood:
    """The exact likelihood of one set of sorted rows, to be evaluated at any coefficients."""

    def __init__(self, risk: RiskSets) -> None:
        self.risk = risk
        self._scans = list(_list_scans(risk))
        self._sum_of_deaths = risk.x[:, risk.deaths].sum(axis=1)

    def evaluate(self, coefficients: Floats) -> Evaluation:
        """Evaluate at `coefficients`; the value is infinite or not a number where weights under- or overflow."""
        risk = self.risk
        eta = coefficients @ risk.x
        eta -= eta.max()
        value = float(eta[risk.deaths].sum())
        gradient = self._sum_of_deaths.copy()
        information = np.zeros((risk.x.shape[0], risk.x.shape[0]))
        with np.errstate(all="ignore"):
            for rows, ends, degrees in self._scans:
                for degree, log_scale, terms in _polynomials(np.exp(eta[rows]), risk.x[:, rows], degrees.max()):
                    at = ends[degrees == degree]
                    polynomial, slope, bend = (term[..., at] for term in terms)
                    mean = slope / polynomial
                    value -= float(np.log(polynomial).sum() + at.size * log_scale)
                    gradient -= mean.sum(axis=1)
                    information += (bend / polynomial).sum(axis=2) - mean @ mean.T
        return Evaluation(value, gradient, information)


def _list_scans(risk: RiskSets) -> Iterator[tuple[Codes, Codes, Codes]]:
    """Rows from the last to leave backwards, the last row of each risk set among them, and its deaths."""
    if risk.enters is None:
        for start in np.unique(risk.begin):
            end = risk.end[start]
            low = risk.first[start]
            high = risk.first[end] if end < risk.first.size else risk.rows.size
            yield np.arange(low, high)[::-1], high - 1 - risk.first[start:end], risk.tied[start:end]
        return
    # with late entries risk sets are not nested: one scan a moment
    for moment in range(risk.first.size):
        inside = (risk.leaves >= moment) & (risk.enters < moment) & (risk.begin[risk.leaves] == risk.begin[moment])
        rows = np.flatnonzero(inside)
        yield rows, np.array([rows.size - 1]), risk.tied[[moment]]


def _polynomials(
    weight: Floats, x: Floats, highest: int
) -> Iterator[tuple[int, float, tuple[Floats, Floats, Floats]]]:
    """Polynomials of each degree over all leading rows, with first and second derivatives, and a log scale."""
    p, n = x.shape
    value, slope, bend = np.ones(n), np.zeros((p, n)), np.zeros((p, p, n))
    log_scale = 0.0
    for degree in range(1, highest + 1):
        # what was there before the row itself is added
        before, slope_before, bend_before = (
            _delay(value, float(degree == 1)),
            _delay(slope, 0.0),
            _delay(bend, 0.0),
        )
        cross = x[:, None, :] * slope_before[None, :, :]
        bend = np.cumsum(
            weight * (x[:, None, :] * x[None, :, :] * before + cross + cross.transpose(1, 0, 2) + bend_before),
            axis=2,
        )
        slope = np.cumsum(weight * (x * before + slope_before), axis=1)
        value = np.cumsum(weight * before)
        size = value[-1]
        value, slope, bend = value / size, slope / size, bend / size
        log_scale += float(np.log(size))
        yield degree, log_scale, (value, slope, bend)


def _delay(values: Floats, first: float) -> Floats:
    delayed = np.empty_like(values)
    delayed[..., 1:] = values[..., :-1]
    delayed[..., 0] = first
    return delayed
