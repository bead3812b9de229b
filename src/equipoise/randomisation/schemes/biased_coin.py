"""Efron's biased coin and the big stick: coins that look at the difference so far.

Biased coin (Efron, Biometrika 1971;58:403-417): the arm that is behind gets the next participant with probability
p, a tie is broken at random. More arms and unequal ratios as in biased-coin minimisation without factors (Pocock
and Simon, Biometrics 1975;31:103-115; Han, Enas and McEntegart, Statistics in Medicine 2009;28:3329-3344): the arm
with the smallest N_k / r_k is preferred; an arm j that is not gets r_j (1 - p) / (R - r_1), the preferred arm the
rest, where r_1 is the smallest share. p belongs to an arm of the smallest share.

Big stick (Soares and Wu, Communications in Statistics 1983;12:2017-2034): a fair coin until the difference reaches
the limit, then the arm that is behind. It is defined for two equal arms; for others the block urn is the like.

Checked against enumeration in R, Efron's stationary distribution, the Markov chain of the difference, and the
simulations of Zhao et al., Pharmaceutical Statistics 2012;11:39-48.
"""

from dataclasses import dataclass

import numpy as np

from equipoise.errors import DataError
from equipoise.randomisation.schemes.scheme import StratumScheme
from equipoise.statistics.distributions import Floats


@dataclass(frozen=True)
class BiasedCoin(StratumScheme):
    """Efron's coin: `probability` of the arm that is behind; at least an arm's fair share, at most 1."""

    probability: float = 2 / 3

    method = "biased coin"
    version = "biased-coin/1"

    def __post_init__(self) -> None:
        """Refuse a coin that does not favour the arm that is behind."""
        super().__post_init__()
        require_coin(self.probability, self.parts)

    def _weigh_stratum(self, counts: Floats) -> Floats:
        return prefer(counts / np.array(self.parts)[:, None], self.parts, self.probability)


@dataclass(frozen=True)
class BigStick(StratumScheme):
    """A fair coin until the arms differ by `limit` (1 or more) participants; two equal arms only."""

    limit: int

    method = "big stick"
    version = "big-stick/1"

    def __post_init__(self) -> None:
        """Refuse other than two equal arms, and a limit below 1."""
        super().__post_init__()
        require_two_equal_arms(self.method, self.parts)
        require_limit(self.method, self.limit)

    def _weigh_stratum(self, counts: Floats) -> Floats:
        # not forced: 1/2 each; at the limit the arm that is ahead has weight 0
        ahead = counts - counts[::-1]
        return np.asarray((ahead < self.limit).astype(float))


def prefer(burden: Floats, parts: tuple[int, ...], probability: float) -> Floats:
    """Weigh arms by a coin that favours the one with the smallest `burden` (arms x T).

    Ties are broken at random in the ratio `parts`. The result adds up to 1 for each of T.
    """
    shares = np.array(parts, dtype=float)[:, None]
    total, smallest = shares.sum(), shares.min()
    kept = (1.0 - probability) * total / (total - smallest)
    slack = 1e-9 * np.abs(burden).max(axis=0)
    tied = (burden <= burden.min(axis=0) + slack) * shares
    return np.asarray(kept * shares / total + (1.0 - kept) * tied / tied.sum(axis=0))


def require_coin(probability: float, parts: tuple[int, ...]) -> None:
    """Refuse (`DataError`) a probability of the preferred arm below the smallest fair share or above 1."""
    fair = min(parts) / sum(parts)
    if not fair <= probability <= 1:
        raise DataError(
            f"the probability of the preferred arm must lie from its fair share {fair:.3g} to 1; "
            f"did you mean 0.8? Got {probability:g}"
        )


def require_two_equal_arms(method: str, parts: tuple[int, ...]) -> None:
    """Refuse (`DataError`) any ratio but 1:1."""
    if parts != (1, 1):
        raise DataError(
            f"{method} is defined for two equal arms; take block urn or permuted blocks for others. "
            f"Got the ratio {':'.join(map(str, parts))}"
        )


def require_limit(method: str, limit: int) -> None:
    """Refuse (`DataError`) a limit of the imbalance that is not a whole number from 1 on."""
    if not isinstance(limit, int) or limit < 1:
        raise DataError(f"the limit of {method} must be a whole number from 1 on, such as 3. Got {limit}")
