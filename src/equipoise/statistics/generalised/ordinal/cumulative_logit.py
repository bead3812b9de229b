"""The likelihood of the cumulative logit model, with common or with separate coefficients of the columns.

logit P(Y <= j) = theta_j - x' b_j for j = 1 .. J - 1. By the linear predictors the derivatives of an observation
in category j concern the two cut points beside it only, so that observed and expected information are sums of
tridiagonal blocks. Source: McCullagh, JRSS B 1980;42:109-42; Peterson and Harrell, Applied Statistics
1990;39:205-17 (separate coefficients). Checked against `ordinal::clm` and sums written out in R.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import Codes


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Log-likelihood and derivatives by the J - 1 thresholds and p coefficients (or (J - 1) p separate ones)."""

    log_likelihood: float
    gradient: Floats
    observed: Floats
    expected: Floats


@dataclass(frozen=True, eq=False)
class CumulativeLogit:
    """Categories 0 .. J - 1 of n rows (`codes`), `weights` (frequencies), columns without a constant (n x p)."""

    columns: Floats
    codes: Codes
    weights: Floats
    categories: int

    def evaluate(self, thresholds: Floats, coefficients: Floats, *, separate: bool = False) -> Evaluation:
        """Evaluate at `thresholds` (J - 1) and common `coefficients` (p).

        With `separate` the derivatives are those by each threshold's own coefficients, at the common ones. The
        log-likelihood is -inf where a probability is not above 0.
        """
        n, cuts = self.codes.size, self.categories - 1
        eta = thresholds[None, :] - (self.columns @ coefficients)[:, None]
        below, above = expit(eta), expit(-eta)
        density = below * above
        # differences of the smaller tails keep the digits of rare categories
        padded_below = np.concatenate([np.zeros((n, 1)), below, np.ones((n, 1))], axis=1)
        padded_above = np.concatenate([np.ones((n, 1)), above, np.zeros((n, 1))], axis=1)
        lower_tail = padded_below[:, 1:] <= 0.5
        probability = np.where(lower_tail, np.diff(padded_below, axis=1), -np.diff(padded_above, axis=1))
        own = probability[np.arange(n), self.codes]
        if not (own > 0).all() or not (np.diff(thresholds) > 0).all():
            empty = np.zeros((0, 0))
            return Evaluation(-np.inf, np.zeros(0), empty, empty)
        log_likelihood = float(self.weights @ np.log(own))

        # sign of cut j in the probability of the observed category: +1 above it, -1 below it, else 0
        places = np.arange(cuts)[None, :]
        sign = (places == self.codes[:, None]).astype(float) - (places == self.codes[:, None] - 1)
        score = sign * density / own[:, None]
        curvature = sign * density * (above - below) / own[:, None]
        observed = np.einsum("ij,ik->ijk", score, score)
        observed[:, np.arange(cuts), np.arange(cuts)] -= curvature
        with np.errstate(divide="ignore", invalid="ignore"):
            inverse = np.where(probability > 0, 1.0 / probability, 0.0)
        expected = np.zeros_like(observed)
        diagonal = np.arange(cuts)
        expected[:, diagonal, diagonal] = density**2 * (inverse[:, :-1] + inverse[:, 1:])
        side = -density[:, :-1] * density[:, 1:] * inverse[:, 1:-1]
        expected[:, diagonal[:-1], diagonal[1:]] = expected[:, diagonal[1:], diagonal[:-1]] = side

        fold = self._fold_separate if separate else self._fold_common
        weighted = self.weights[:, None]
        return Evaluation(
            log_likelihood,
            self._gradient(score * weighted, separate=separate),
            fold(observed * weighted[:, :, None]),
            fold(expected * weighted[:, :, None]),
        )

    def probabilities(self, thresholds: Floats, linear: Floats) -> Floats:
        """Probabilities of the categories (k x J) at `thresholds` and linear predictors x' b (k)."""
        below = expit(thresholds[None, :] - linear[:, None])
        return np.diff(below, axis=1, prepend=0.0, append=1.0)

    def _gradient(self, score: Floats, *, separate: bool) -> Floats:
        by_column = score.T @ self.columns
        slopes = by_column.ravel() if separate else by_column.sum(axis=0)
        return np.concatenate([score.sum(axis=0), -slopes])

    def _fold_common(self, blocks: Floats) -> Floats:
        cross = blocks.sum(axis=2).T @ self.columns
        total = (self.columns * blocks.sum(axis=(1, 2))[:, None]).T @ self.columns
        return np.block([[blocks.sum(axis=0), -cross], [-cross.T, total]])

    def _fold_separate(self, blocks: Floats) -> Floats:
        cuts, p = blocks.shape[1], self.columns.shape[1]
        cross = np.einsum("ijk,ia->jka", blocks, self.columns).reshape(cuts, cuts * p)
        total = np.einsum("ijk,ia,ib->jakb", blocks, self.columns, self.columns, optimize=True)
        return np.block([[blocks.sum(axis=0), -cross], [-cross.T, total.reshape(cuts * p, cuts * p)]])
