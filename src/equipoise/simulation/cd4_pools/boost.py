"""What infused cells do to the pools: one rate is multiplied by a factor that comes and wanes after each infusion.

After an infusion the effect is (1 - 2^(-t/onset)) 2^(-t/waning); several infusions together have
1 - prod(1 - effect), which never exceeds 1, and the rate is multiplied by 1 + (factor - 1) times that. No law of
dose and response of such cells is known: form, onset and waning are assumed.
"""

from dataclasses import dataclass
from math import isfinite
from typing import Literal, get_args

import numpy as np

from equipoise.errors import DataError, suggest
from equipoise.statistics.distributions import Floats

Mechanism = Literal["thymic_output", "activation", "memory_death"]

ONSET = 14.0
WANING = 84.0
LARGEST_FACTOR = 10.0


@dataclass(frozen=True)
class Boost:
    """A change of `mechanism` by `factor` at full effect.

    mechanism: `thymic_output`, `activation` or `memory_death`. factor: 0 to 10; 1 changes nothing.
    infusions: days of the infusions. onset, waning: half-lives in days. Raises `DataError` for anything else.
    """

    mechanism: Mechanism
    factor: float
    infusions: tuple[float, ...]
    onset: float = ONSET
    waning: float = WANING

    def __post_init__(self) -> None:
        known = get_args(Mechanism)
        if self.mechanism not in known:
            raise DataError(f"a boost acts on a mechanism{suggest(self.mechanism, known)}. Got {self.mechanism}")
        if not 0 <= self.factor <= LARGEST_FACTOR:
            raise DataError(
                f"the factor of a boost must lie between 0 and {LARGEST_FACTOR:g}. Got {self.factor:g}"
            )
        if not self.infusions or not all(isfinite(day) for day in self.infusions):
            raise DataError(f"a boost needs the days of its infusions, as finite numbers. Got {self.infusions}")
        if not (self.onset > 0 and self.waning > 0):
            raise DataError(
                f"onset and waning must be half-lives above 0 days. Got {self.onset:g} and {self.waning:g}"
            )

    def course(self, days: Floats) -> Floats:
        """Return the share of the full effect on `days`, 0 to 1, in the shape of `days`."""
        spared = np.ones_like(days)
        for infusion in self.infusions:
            since = np.maximum(days - infusion, 0.0)
            spared *= 1.0 + np.expm1(-np.log(2.0) * since / self.onset) * np.exp2(-since / self.waning)
        return 1.0 - spared

    def multiplier(self, mechanism: Mechanism, days: Floats) -> Floats:
        """Return what `mechanism` is multiplied by on `days`; 1 where the boost acts on another one."""
        if mechanism != self.mechanism:
            return np.ones_like(days)
        return 1.0 + (self.factor - 1.0) * self.course(days)
