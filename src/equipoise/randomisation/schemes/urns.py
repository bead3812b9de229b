"""Urns: Wei's adaptive urn and the block urn.

Wei (Annals of Statistics 1978;6:92-100): the urn starts with w balls of each arm; a ball is drawn and put back
with alpha balls of its arm and beta of each other, so the next is k with probability
(w + alpha N_k + beta (N - N_k)) / (K w + N (alpha + (K - 1) beta)). Unequal ratios: R arms of equal size are
randomised and r_k of them stand for arm k (Zhao, Contemporary Clinical Trials Communications 2016;2:75-79); the
weights of k are then r_k w + alpha N_k + beta (r_k N - N_k).

Block urn (Zhao and Weng, Contemporary Clinical Trials 2011;32:953-961): lambda r_k balls of arm k; a drawn ball is
laid aside, and whenever a balanced set (r_k of each arm) lies aside, it goes back. With q the number of balanced
sets so far, q = min floor(N_k / r_k), the next is k with probability
(r_k (lambda + q) - N_k) / (R (lambda + q) - N).

Checked by playing with balls in R, the recursion of the urn's variance, and table 1 of Zhao and Weng.
"""

from dataclasses import dataclass

import numpy as np

from equipoise.errors import DataError
from equipoise.randomisation.schemes.scheme import StratumScheme
from equipoise.randomisation.schemes.unrestricted import require_multiple
from equipoise.statistics.distributions import Floats


@dataclass(frozen=True)
class Urn(StratumScheme):
    """Wei's urn: `initial` balls of each arm, then `same` of the arm drawn and `other` of each other arm."""

    initial: int = 1
    same: int = 0
    other: int = 1

    method = "urn"
    version = "urn/1"

    def __post_init__(self) -> None:
        """Refuse an empty urn, and balls that do not favour the arm that is behind."""
        super().__post_init__()
        if self.initial < 1 or not 0 <= self.same < self.other:
            raise DataError(
                "Wei's urn starts with one or more balls and adds more of the other arms than of the same. "
                f"Got {self.initial}, {self.other} and {self.same}"
            )

    def _weigh_stratum(self, counts: Floats) -> Floats:
        shares = np.array(self.parts, dtype=float)[:, None]
        return np.asarray(
            shares * self.initial + self.same * counts + self.other * (shares * counts.sum(axis=0) - counts)
        )


@dataclass(frozen=True)
class BlockUrn(StratumScheme):
    """The block urn with `size` balls at the start: as tight as blocks of that size, and less predictable."""

    size: int

    method = "block urn"
    version = "block-urn/1"

    def __post_init__(self) -> None:
        """Refuse a size that the ratio does not divide."""
        super().__post_init__()
        require_multiple("size of a block urn", self.size, self.parts)

    def _weigh_stratum(self, counts: Floats) -> Floats:
        shares = np.array(self.parts, dtype=float)[:, None]
        balanced = np.floor(counts / shares).min(axis=0)
        return np.asarray(shares * (self.size // sum(self.parts) + balanced) - counts)
