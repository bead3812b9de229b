"""Complete randomisation and the random allocation rule.

Complete: each participant gets arm k with probability r_k / R, whatever came before. Random allocation rule: all
sequences with the planned numbers are equally likely; after N_k of arm k the next is k with probability
(m_k - N_k) / (m - N), m_k the planned number. Source: Rosenberger and Lachin, Randomization in Clinical Trials,
2nd ed., Wiley 2016, chapter 3. Checked by enumeration in R and the hypergeometric distribution.
"""

from dataclasses import dataclass

import numpy as np

from equipoise.errors import DataError
from equipoise.randomisation.schemes.scheme import StratumScheme
from equipoise.statistics.distributions import Floats


@dataclass(frozen=True)
class Complete(StratumScheme):
    """Every participant apart, with probabilities in the ratio of the arms."""

    method = "complete"
    version = "complete/1"

    def _weigh_stratum(self, counts: Floats) -> Floats:
        return np.broadcast_to(np.array(self.parts, dtype=float)[:, None], counts.shape)


@dataclass(frozen=True)
class RandomAllocationRule(StratumScheme):
    """A list of `size` places with fixed numbers in the arms, in random order; a list for each stratum.

    Balance is exact only where a list is used up. `DataError` for a size that is no multiple of the ratio's sum.
    """

    size: int

    method = "random allocation rule"
    version = "random-allocation-rule/1"

    def __post_init__(self) -> None:
        """Refuse a size that the ratio does not divide."""
        super().__post_init__()
        require_multiple("size of the random allocation rule", self.size, self.parts)

    def _weigh_stratum(self, counts: Floats) -> Floats:
        planned = np.array(self.parts, dtype=float)[:, None] * (self.size // sum(self.parts))
        return np.asarray(planned - counts)

    @property
    def _places(self) -> int:
        return self.size


def require_multiple(what: str, size: int, parts: tuple[int, ...]) -> None:
    """Refuse (`DataError`) a number of places that cannot be shared in the ratio `parts`."""
    unit = sum(parts)
    if not isinstance(size, int) or size < 1 or size % unit:
        nearest = max(unit, round(size / unit) * unit) if isinstance(size, int) else unit
        raise DataError(
            f"the {what} must be a multiple of {unit}, the sum of the ratio {':'.join(map(str, parts))}; "
            f"did you mean {nearest}? Got {size}"
        )
