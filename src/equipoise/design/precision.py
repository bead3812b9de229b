"""Variance and degrees of freedom of a difference of means, expected before a value is seen.

A model with a mean for each arm and visit and one covariance S between visits. A participant seen at the visits of
pattern k brings the information W_k, the inverse of the part of S seen, padded with 0 (Lu, Luo and Chen,
International Journal of Biostatistics 2008;4(1):9). With n_i participants of arm i and shares p_ik of the patterns

    information  I_i = n_i sum_k p_ik W_k,     variance of the means  I_i^-1,     V = (I_i^-1 + I_0^-1)_tt.

Arms may differ in their true covariance R_i; then the variance is the sandwich I^-1 (n sum p W R_i W) I^-1 while
the model believes V. Terms of the second order in 1 / n: counts of the patterns are multinomial; S is estimated,
by which the variance grows by Lambda (Kenward and Roger, Biometrics 1997;53:983-97); what the model reports grows
as much by their method and falls as much by others. Degrees of freedom by Satterthwaite, 2 V^2 / (g' J^-1 g), g
the gradient of V and J the expected information on S. At one visit all of it is the residual mean square of least
squares. Checked against that, `power_mmrm` and simulated fits.
"""

from dataclasses import dataclass

import numpy as np

from ..statistics.distributions import Floats


@dataclass(frozen=True)
class Precision:
    """Variances of the arms' means at a visit in a trial of N participants, a arms: first / N + second / N^2.

    true_first, true_second: variance over trials. model_first, model_second: what the model reports on average.
    df_rate: degrees of freedom of the difference of each arm from the first, a participant of the trial, before
    those that the fixed effects take; a - 1 numbers. common: variance of a coefficient that all visits share, over
    that of one for this visit alone.
    """

    true_first: Floats
    true_second: Floats
    model_first: Floats
    model_second: Floats
    df_rate: Floats
    common: float


def expected_precision(
    allocation: Floats,
    covariance: Floats,
    patterns: Floats,
    shares: Floats,
    at: int,
    *,
    separate: bool = False,
    corrected: bool = True,
) -> Precision:
    """Find the precision of the means at visit `at`, per participant of the trial.

    allocation: share of the participants in each arm, the control first, a. covariance: of the outcome in each arm
    given the covariates, a x v x v. patterns: p x v, 1 where seen. shares: a x p. separate: a covariance estimated
    for each arm, else one for all. corrected: the model's variances are corrected as by Kenward and Roger.
    """
    arms, visits = covariance.shape[:2]
    pooled = np.einsum("a,aij->ij", allocation, covariance) / allocation.sum()
    basis = _symmetric_basis(visits)
    pieces = []
    for arm in range(arms):
        working = covariance[arm] if separate else pooled
        pieces.append(_Arm(allocation[arm] * shares[arm], allocation[arm], covariance[arm], working, patterns, at))
    informations = [piece.on_covariance(basis) for piece in pieces]
    if not separate:
        informations = [sum(informations, np.zeros_like(informations[0]))] * arms
    inverses = [np.linalg.inv(one) for one in informations]
    gained = np.array(
        [piece.growth(basis @ inverse @ basis.T) for piece, inverse in zip(pieces, inverses, strict=True)]
    )
    counts = np.array([piece.from_counts for piece in pieces])
    slopes = [piece.gradient(basis) for piece in pieces]
    first = np.array([piece.variance for piece in pieces])
    rates = []
    for arm in range(1, arms):
        if separate:
            spread = sum(slopes[one] @ inverses[one] @ slopes[one] for one in (0, arm))
        else:
            slope = slopes[0] + slopes[arm]
            spread = slope @ inverses[0] @ slope
        rates.append(2.0 * (first[0] + first[arm]) ** 2 / spread)
    return Precision(
        true_first=np.array([piece.sandwich for piece in pieces]),
        true_second=counts + gained,
        model_first=first,
        model_second=counts + (gained if corrected else -gained),
        df_rate=np.array(rates),
        common=_common(sum((piece.information for piece in pieces), np.zeros((visits, visits))), at),
    )


class _Arm:
    """What the participants of one arm bring, for a trial of one participant."""

    def __init__(
        self, weights: Floats, size: float, true: Floats, working: Floats, patterns: Floats, at: int
    ) -> None:
        self.weights = weights
        self.inverse = np.stack([_padded_inverse(working, pattern) for pattern in patterns])
        self.information = np.einsum("k,kij->ij", weights, self.inverse)
        self.covariance = np.linalg.inv(self.information)
        self.column = self.covariance[at]
        self.variance = float(self.column[at])
        self.seen = self.inverse @ self.column
        self.sandwich = float(np.einsum("k,ki,ij,kj->", weights, self.seen, true, self.seen))
        middle = np.einsum("k,kij,jl,klm->im", weights, self.inverse, self.covariance, self.inverse)
        middle -= self.information @ self.covariance @ self.information / size
        self.from_counts = float(self.column @ middle @ self.column)

    def on_covariance(self, basis: Floats) -> Floats:
        """Find the expected information on the elements of the covariance."""
        size = self.column.size**2
        kronecker = np.einsum("k,kij,klm->iljm", self.weights, self.inverse, self.inverse).reshape(size, size)
        information: Floats = 0.5 * basis.T @ kronecker @ basis
        return information

    def gradient(self, basis: Floats) -> Floats:
        """How the variance moves with the elements of the covariance."""
        slope: Floats = np.einsum("k,ki,kj->ij", self.weights, self.seen, self.seen).ravel() @ basis
        return slope

    def growth(self, spread: Floats) -> float:
        """Growth of the variance by the estimation of the covariance, whose own covariance is `spread`."""
        visits = self.column.size
        tensor = spread.reshape(visits, visits, visits, visits)
        own = np.einsum(
            "k,ki,ijlm,kjl,km->", self.weights, self.seen, tensor, self.inverse, self.seen, optimize=True
        )
        moved = np.einsum("k,kmi,kj->mij", self.weights, self.inverse, self.seen).reshape(visits, -1)
        return float(own - np.einsum("mi,ij,nj,mn->", moved, spread, moved, self.covariance, optimize=True))


def _common(information: Floats, at: int) -> float:
    return float(1.0 / information.sum() / np.linalg.inv(information)[at, at])


def _padded_inverse(covariance: Floats, pattern: Floats) -> Floats:
    inverse = np.zeros_like(covariance)
    seen = np.flatnonzero(pattern)
    inverse[np.ix_(seen, seen)] = np.linalg.inv(covariance[np.ix_(seen, seen)])
    return inverse


def _symmetric_basis(visits: int) -> Floats:
    """Columns: symmetric matrices, flattened, one for each element on and below the diagonal."""
    rows, columns = np.tril_indices(visits)
    basis = np.zeros((visits, visits, rows.size))
    basis[rows, columns, np.arange(rows.size)] = 1.0
    basis[columns, rows, np.arange(rows.size)] = 1.0
    return basis.reshape(visits * visits, -1)
