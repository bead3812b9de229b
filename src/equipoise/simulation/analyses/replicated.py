"""What an analysis finds in each of many virtual trials: a place in the results, and its statistics as arrays."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from ...statistics.distributions import Floats


class Tested(Protocol):
    """What methods for replicates give: T trials x k estimates with their tests."""

    @property
    def estimate(self) -> Floats:
        """The estimates."""

    @property
    def se(self) -> Floats:
        """Their standard errors."""

    @property
    def df(self) -> Floats:
        """Their degrees of freedom."""

    @property
    def p(self) -> Floats:
        """Two-sided p."""


def with_limits(tested: Tested, lower: Floats, upper: Floats, place: int) -> dict[str, Floats]:
    """Return the statistics of the estimate at `place`, its limits among them."""
    columns = {
        "estimate": tested.estimate,
        "se": tested.se,
        "df": tested.df,
        "p": tested.p,
        "lower": lower,
        "upper": upper,
    }
    return {name: column[:, place] for name, column in columns.items()}


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
