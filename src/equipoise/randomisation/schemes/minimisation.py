"""Pocock and Simon's minimisation: balance in the levels of each factor, one factor at a time.

For each arm the numbers are taken as if the participant got it; within each level that the participant has, the
imbalance over arms is measured by the range or the variance of the numbers divided by the arm's share, and the
measures are added over the factors with their weights. The arm with the smallest sum is preferred, with
probability p. Sources: Taves, Clinical Pharmacology and Therapeutics 1974;15:443-453 (p = 1); Pocock and Simon,
Biometrics 1975;31:103-115; ties are broken at random.

Unequal ratios (Han, Enas and McEntegart, Statistics in Medicine 2009;28:3329-3344): `biased coin` gives an arm j
that is not preferred r_j (1 - p) / (R - r_1), so that over the trial the arms keep their ratio; `scaled counts`
gives p to the preferred arm and the same to each other, which draws the ratio towards equality. Checked against
enumeration in R and worked examples.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from equipoise.errors import DataError, suggest
from equipoise.randomisation.schemes.biased_coin import prefer, require_coin
from equipoise.randomisation.schemes.scheme import Integers, Scheme
from equipoise.randomisation.strata import count_levels
from equipoise.statistics.distributions import Floats

Measure = Literal["range", "variance"]
Unequal = Literal["biased coin", "scaled counts"]


@dataclass(frozen=True)
class Minimisation(Scheme):
    """Minimisation with `probability` of the preferred arm, `measure` of imbalance and `weights` of the factors.

    Without `weights` all factors count the same; without factors the totals of the arms are balanced. `unequal`
    says how an unequal ratio is kept. `DataError` for a measure that is not known, a probability below the fair
    share or above 1, weights that are not above 0.
    """

    probability: float = 0.8
    measure: Measure = "range"
    weights: tuple[float, ...] = ()
    unequal: Unequal = "biased coin"

    method = "minimisation"
    version = "minimisation/1"

    def __post_init__(self) -> None:
        """Refuse what the class says it refuses."""
        super().__post_init__()
        for name, value, known in (
            ("measure of imbalance", self.measure, get_args(Measure)),
            ("way to keep an unequal ratio", self.unequal, get_args(Unequal)),
        ):
            if value not in known:
                raise DataError(f"the {name} must be {' or '.join(known)}{suggest(value, known)} Got {value}")
        require_coin(self.probability, self._coin)
        if not all(np.isfinite(weight) and weight > 0 for weight in self.weights):
            raise DataError(f"the weights of the factors must be finite numbers above 0. Got {list(self.weights)}")

    @property
    def _coin(self) -> tuple[int, ...]:
        return self.parts if self.unequal == "biased coin" else (1,) * self.arms

    def chances(self, counts: ArrayLike) -> Floats:
        """Find the probability of each arm for the next participant.

        `counts` (factors x arms) holds the numbers in the arms among those who share the participant's level of
        each factor. `DataError` for counts of another shape.
        """
        before = np.asarray(counts, dtype=float)
        if before.ndim != 2 or before.shape[1] != self.arms or not (np.isfinite(before) & (before >= 0)).all():
            raise DataError(
                f"counts must be numbers from 0 on, factors x {self.arms} arms. Got shape {before.shape}"
            )
        self._require_weights(before.shape[0])
        return np.asarray(self._weigh(before.T[:, :, None])[:, 0])

    def imbalance(self, counts: ArrayLike) -> Floats:
        """Find, for each arm, the weighted sum of imbalances if the next participant got it; `counts` as above."""
        before = np.asarray(counts, dtype=float)
        self._require_weights(before.shape[0])
        return np.asarray(self._imbalance(before.T[:, :, None])[:, 0])

    def _imbalance(self, counts: Floats) -> Floats:
        shares = np.array(self.parts, dtype=float)[:, None, None]
        scaled = counts / shares
        weights = np.array(self.weights or (1.0,) * counts.shape[1])[:, None]
        total = np.empty((self.arms, counts.shape[2]))
        for arm in range(self.arms):
            after = scaled.copy()
            after[arm] += 1.0 / self.parts[arm]
            if self.measure == "range":
                spread = after.max(axis=0) - after.min(axis=0)
            else:
                spread = after.var(axis=0, ddof=1)
            total[arm] = (weights * spread).sum(axis=0)
        return total

    def _weigh(self, counts: Floats) -> Floats:
        return prefer(self._imbalance(counts), self._coin, self.probability)

    def _cells(self, levels: Integers) -> tuple[Integers, int]:
        trials, n, k = levels.shape
        self._require_weights(k)
        if not k:
            return np.broadcast_to(np.arange(trials), (n, 1, trials)), trials
        widths = count_levels(levels)
        starts = np.cumsum([0, *widths])
        within = levels.transpose(1, 2, 0) + starts[:-1, None]
        return within + np.arange(trials) * starts[-1], int(trials * starts[-1])

    def _require_weights(self, factors: int) -> None:
        if self.weights and len(self.weights) != max(factors, 1):
            raise DataError(
                f"minimisation needs a weight for each of {factors} factors. Got {len(self.weights)} weights"
            )
