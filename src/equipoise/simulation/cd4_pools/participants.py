"""Virtual participants as latent factors of their CD4 pools, and the parameters of their distribution."""

from dataclasses import dataclass, field
from typing import Any

import polars as pl
from numpy.typing import NDArray

from equipoise.simulation.cd4_pools.rates import PoolRates
from equipoise.statistics.distributions import Floats


@dataclass(frozen=True)
class PoolParameters:
    """The distribution of participants; medians, and spreads as SD of the logarithm.

    thymic_median: output of the thymus, cells/uL/d. shift_sd: of the factor by which activation differs from the
    one that division makes up for. start_median, start_sd: total count when the clock starts, cells/uL.
    correlation: of the logarithms of start and shift. agreement: how far the calibration got (see
    `calibrate_pools`).
    """

    thymic_median: float
    shift_sd: float
    start_median: float
    start_sd: float
    correlation: float
    rates: PoolRates = field(default_factory=PoolRates)
    agreement: pl.DataFrame | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, eq=False)
class PoolParticipants:
    """Participants; every array has one value for each of them.

    thymic: cells/uL/d. activation: usual one, relative to the median participant's. shift: activation relative to
    the usual one. division: naive cells from division for each from the thymus, at the usual activation. start:
    total count at the start of the clock, cells/uL.
    """

    thymic: Floats
    activation: Floats
    shift: Floats
    division: Floats
    start: Floats

    def take(self, rows: slice | NDArray[Any]) -> "PoolParticipants":
        """Keep the participants that `rows` (a slice, positions or a mask) names."""
        chosen = (self.thymic, self.activation, self.shift, self.division, self.start)
        return PoolParticipants(*(values[rows] for values in chosen))
