"""What an analysis finds in each of many virtual trials: a place in the results, and its statistics as arrays."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ...statistics.distributions import Floats


@dataclass(frozen=True)
class Place:
    """Where a statistic stands: ids of the protocol, empty where a statistic concerns none."""

    analysis: str
    visit: str = ""
    arm: str = ""
    versus: str = ""


@dataclass(frozen=True, eq=False)
class Replicated:
    """The statistics of one place in T trials, by their names in `results.csv`; NaN where a trial has none.

    `adjusted_p`, `adjusted_lower`, `adjusted_upper`: as `p`, `lower` and `upper`, adjusted for the number of arms.
    ratio: the estimate is a logarithm, and its limits are of the ratio.
    """

    place: Place
    statistics: Mapping[str, Floats] = field(default_factory=dict)
    ratio: bool = False

    def missing(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Return which trials have no p here."""
        return np.isnan(self.statistics["p"])
