"""The maximal procedure: every sequence that ends in balance and never exceeds the limit is equally likely.

Berger, Ivanova and Knoll, Statistics in Medicine 2003;22:3017-3028. The next participant gets an arm with the
share of the admissible sequences that go on with it; how many there are from each difference on follows backwards,
as in Salama, Ivanova and Qaqish, Statistics in Medicine 2008;27:1421-1428. Two equal arms. Checked against a list
of all sequences in R.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from equipoise.errors import DataError
from equipoise.randomisation.schemes.biased_coin import require_limit, require_two_equal_arms
from equipoise.randomisation.schemes.scheme import StratumScheme
from equipoise.randomisation.schemes.unrestricted import require_multiple
from equipoise.statistics.distributions import Floats


@dataclass(frozen=True)
class MaximalProcedure(StratumScheme):
    """A list of `size` places (even) whose arms never differ by more than `limit` (1 or more); one a stratum."""

    size: int
    limit: int

    method = "maximal procedure"
    version = "maximal-procedure/1"

    def __post_init__(self) -> None:
        """Refuse other than two equal arms, an odd size and a limit below 1."""
        super().__post_init__()
        require_two_equal_arms(self.method, self.parts)
        require_multiple("size of a maximal procedure", self.size, self.parts)
        require_limit(self.method, self.limit)

    def count_sequences(self) -> int:
        """Count the admissible sequences."""
        ways = {0: 1}
        for _ in range(self.size):
            ahead: dict[int, int] = {}
            for difference, count in ways.items():
                for after in (difference - 1, difference + 1):
                    if abs(after) <= self.limit:
                        ahead[after] = ahead.get(after, 0) + count
            ways = ahead
        return ways[0]

    @cached_property
    def _onwards(self) -> Floats:
        """How many ways lead on to balance, by participants so far and by difference, each row up to a factor."""
        width = 2 * self.limit + 3
        ways = np.zeros((self.size + 1, width))
        ways[-1, self.limit + 1] = 1.0
        for place in range(self.size - 1, -1, -1):
            ways[place, 1:-1] = ways[place + 1, :-2] + ways[place + 1, 2:]
            ways[place] /= ways[place].max()
        return ways

    def _weigh_stratum(self, counts: Floats) -> Floats:
        done = counts.sum(axis=0).astype(np.int64)
        centre = (counts[0] - counts[1]).astype(np.int64) + self.limit + 1
        if (done >= self.size).any() or (np.abs(centre - self.limit - 1) > self.limit).any():
            raise DataError(
                f"a maximal procedure of {self.size} places differs by at most {self.limit}. "
                f"Got the numbers {counts.T.tolist()}"
            )
        return np.stack([self._onwards[done + 1, centre + 1], self._onwards[done + 1, centre - 1]])

    @property
    def _places(self) -> int:
        return self.size
