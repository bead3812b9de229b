"""Operating characteristics by their place, with the intervals that their Monte Carlo error leaves.

A share of trials has Wilson's interval, a mean over trials its value -+ 1.96 Monte Carlo errors.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...statistics.categorical.proportion import proportion_limits
from ..analyses import Place
from ..run.simulate import Simulation

LEVEL = 0.95
Z = 1.959963984540054


@dataclass(frozen=True)
class Quantity:
    """A value over `trials` trials with its Monte Carlo error, and its line in `operating_characteristics.csv`."""

    value: float
    error: float
    trials: int
    line: int

    @property
    def spread(self) -> float:
        """The standard deviation between trials of what this is the mean of."""
        return self.error * math.sqrt(self.trials)

    @property
    def limits(self) -> tuple[float, float]:
        """The 95% Monte Carlo interval of a mean."""
        return self.value - Z * self.error, self.value + Z * self.error

    @property
    def share_limits(self) -> tuple[float, float]:
        """The 95% Monte Carlo interval of a share of trials."""
        found, of = np.array([round(self.value * self.trials)], float), np.array([self.trials], float)
        lower, upper = proportion_limits(found, of, "wilson", LEVEL)
        return float(lower[0]), float(upper[0])


class Characteristics:
    """The table of a simulation, looked up by scenario, place and statistic."""

    def __init__(self, simulation: Simulation) -> None:
        self.simulation = simulation
        self._rows: dict[tuple[str, Place], dict[str, Quantity]] = {}
        for line, row in enumerate(simulation.table.iter_rows(), start=2):
            scenario, analysis, visit, arm, versus, statistic, value, error, trials = row
            if value is None:
                continue
            place = Place(analysis, visit or "", arm or "", versus or "")
            error = math.nan if error is None else error
            self._rows.setdefault((scenario, place), {})[statistic] = Quantity(value, error, trials, line)

    @cached_property
    def scenarios(self) -> tuple[str, ...]:
        """The scenarios of which at least one trial was carried out."""
        return tuple(name for name in self.simulation.scenarios if self.simulation.done.get(name))

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Every place, in the order of the table, each once."""
        return tuple(dict.fromkeys(place for _, place in self._rows))

    def at(self, scenario: str, place: Place, *statistics: str) -> Quantity | None:
        """Return the first of these statistics that the place has under a scenario, None where it has none."""
        found = self._rows.get((scenario, place), {})
        return next((found[name] for name in statistics if name in found), None)

    def statistics(self, place: Place) -> tuple[str, ...]:
        """Return the statistics that a place has under any scenario, in their order."""
        return tuple(dict.fromkeys(name for key, found in self._rows.items() if key[1] == place for name in found))

    def of(self, analysis: str) -> tuple[Place, ...]:
        """Return the places of an analysis."""
        return tuple(place for place in self.places if place.analysis == analysis)

    def comparisons(self, analysis: str) -> tuple[Place, ...]:
        """Return the places of an analysis where one arm is compared with another."""
        return tuple(place for place in self.of(analysis) if place.arm and place.versus)

    def families(self, analysis: str) -> tuple[Place, ...]:
        """Return the places that tell what the comparisons with one arm say together."""
        return tuple(place for place in self.of(analysis) if place.versus and not place.arm)

    def against_control(self, analysis: str) -> tuple[Place, ...]:
        """Return the comparisons with the arm that the families of an analysis are compared with."""
        controls = {place.versus for place in self.families(analysis)}
        return tuple(place for place in self.comparisons(analysis) if place.versus in controls)

    def having(self, analysis: str, statistic: str) -> Iterator[tuple[str, Place, Quantity]]:
        """Yield scenario, place and value wherever an analysis has a statistic."""
        for place in self.of(analysis):
            for scenario in self.scenarios:
                found = self.at(scenario, place, statistic)
                if found is not None:
                    yield scenario, place, found
