"""What things are called on the page of a simulation, and how its numbers are written; rounding happens here."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ...protocol import Protocol
from ...protocol.model import Estimand
from ...report.language import Phrases
from ...report.language.labels import unit_sign
from ...report.rounding import format_number, format_percent
from ..analyses import Place, SimulatedAnalyses
from ..population.real import NONE, OBSERVED
from ..run.simulate import Simulation
from .characteristics import Characteristics, Quantity
from .chinese import CHINESE

MOST_DECIMALS = 4
METHODS: Mapping[str, str] = {
    "ancova": "analysis of covariance",
    "mmrm": "mixed model for repeated measures",
    "kaplan-meier": "log-rank test",
    "cox": "Cox regression",
    "within-arm change": "change within the arm",
}
"""Methods of the protocol language in running text."""
RESAMPLED: Mapping[str, str] = {
    OBSERVED: "As observed, each arm drawn from itself",
    NONE: "No effect, every arm drawn from the control",
}
"""Scenarios of a simulation that draws the participants of a real trial again."""
TESTS: Mapping[str, str] = {
    "chi-square": "chi-square test",
    "fisher": "Fisher's exact test",
    "cochran-mantel-haenszel": "Cochran-Mantel-Haenszel test",
}
"""Tests of a categorical analysis in running text."""


@dataclass(frozen=True)
class Measure:
    """How the estimates of an analysis are written: what is measured, its unit, by how much it is multiplied."""

    label: str
    unit: str
    factor: float
    decimals: int

    def write(self, value: float, extra: int = 0) -> str:
        """Write an estimate; `extra`: further decimals, one for a spread, an error or a bias."""
        return format_number(value * self.factor, min(self.decimals + extra, MOST_DECIMALS))


class Words:
    """Names and numbers of one simulation in one language."""

    def __init__(self, simulation: Simulation, language: str = "en") -> None:
        self.simulation = simulation
        self.analyses: SimulatedAnalyses = simulation.settings.analyses()
        self.protocol: Protocol = self.analyses.protocol
        self.found = Characteristics(simulation)
        self.say = Phrases(language, CHINESE)
        self.language = self.say.language

    @cached_property
    def planned(self) -> str | None:
        """The analysis whose power is planned, else the first that compares arms; None where none does."""
        plan = self.protocol.design
        names = [name for name in self.analyses.names if self.found.comparisons(name)]
        return plan.analysis if plan is not None and plan.analysis in names else next(iter(names), None)

    @cached_property
    def planned_scenario(self) -> str | None:
        """The scenario whose effect is planned for, else the first with an effect."""
        plan, scenarios = self.protocol.design, self.found.scenarios
        if plan is not None and plan.scenario in scenarios:
            return plan.scenario
        return next((name for name in scenarios if not self.is_null(name)), None)

    @property
    def resampled(self) -> bool:
        """Whether participants of a real trial were drawn again, in place of virtual ones."""
        return self.simulation.settings.real is not None

    @property
    def alpha(self) -> float:
        """The significance level."""
        return self.protocol.design.alpha if self.protocol.design is not None else 0.05

    @property
    def null_scenarios(self) -> tuple[str, ...]:
        """The scenarios under which no arm has an effect."""
        return tuple(name for name in self.found.scenarios if self.is_null(name))

    def is_null(self, scenario: str) -> bool:
        """Return whether no arm has an effect."""
        return not self.acting(scenario)

    def acting(self, scenario: str) -> tuple[str, ...]:
        """Return the arms that have an effect of their own."""
        if self.resampled:
            return self.active if scenario == OBSERVED else ()
        given = self.protocol.assumptions
        effect = given.scenarios[scenario] if given is not None else None
        found: dict[str, Any] = {} if effect is None else effect.__pydantic_extra__ or {}
        return tuple(arm for arm, size in found.items() if size.value)

    @property
    def active(self) -> tuple[str, ...]:
        """The arms but for the control."""
        return tuple(arm for arm in self.protocol.arms if arm != self.protocol.control)

    def arm(self, name: str) -> str:
        """Return how an arm is called."""
        return self.protocol.arms[name].label.say(self.language)

    def arms(self, names: tuple[str, ...]) -> str:
        """List arms in running text."""
        return self.say.listing([self.arm(name) for name in names])

    def visit(self, name: str) -> str:
        """Return how a visit is called."""
        return self.protocol.visit_label(name, self.language) if name in self.protocol.schedule.visits else name

    def scenario(self, name: str) -> str:
        """Return how a scenario is called."""
        if self.resampled:
            return self.say(RESAMPLED[name])
        given = self.protocol.assumptions
        effect = given.scenarios.get(name) if given is not None else None
        return name if effect is None or effect.label is None else effect.label.say(self.language)

    def analysis(self, name: str) -> str:
        """Return how an analysis or definition is called: its title, else its question and method."""
        plan = self.protocol.design
        if plan is not None and name in plan.definitions:
            return plan.definitions[name].label.say(self.language)
        spec = self.protocol.analyses[name]
        if spec.title is not None:
            return spec.title.say(self.language)
        question = self.analyses.estimand_of(name).question.say(self.language)
        return self.say("{question} ({method})", question=question, method=self.method(name))

    def method(self, name: str) -> str:
        """Return how the method of an analysis is called in running text."""
        spec: Any = self.protocol.analyses[name]
        if spec.method == "categorical":
            return self.say(TESTS[spec.test])
        return self.say(METHODS.get(spec.method, spec.method))

    def comparison(self, place: Place) -> str:
        """Return who is compared with whom; the arm alone where nobody is compared."""
        if not place.arm:
            return self.say("All arms")
        if not place.versus:
            return self.arm(place.arm)
        return self.say("{arm} against {versus}", arm=self.arm(place.arm), versus=self.arm(place.versus))

    def event(self, name: str) -> str:
        """Return how an intercurrent event is called."""
        known = self.protocol.intercurrent_events.get(name)
        return name.replace("_", " ") if known is None or known.label is None else known.label.say(self.language)

    def measure(self, analysis: str) -> Measure:
        """Return how the estimates of an analysis are written."""
        estimand: Estimand = self.analyses.estimand_of(analysis)
        variable = estimand.variable
        item = self.protocol.items.get(variable.item or "")
        label = estimand.question.say(self.language) if item is None else item.label.say(self.language)
        if variable.kind == "response":
            return Measure(label, self.say("percentage points"), 100.0, 1)
        if variable.kind == "time to event":
            return Measure(label, self.say("log hazard ratio"), 1.0, 2)
        unit = self.say(unit_sign(item.unit)) if item is not None and item.unit else ""
        decimals = item.decimals if item is not None and item.decimals is not None else 0
        return Measure(label, unit, 1.0, decimals + 1)

    def percent(self, value: float) -> str:
        """Write a share; what rounds to none or all as beyond the last that does not."""
        if 0 < value < 0.0005:
            return "<0.1%"
        if 0.9995 <= value < 1:
            return ">99.9%"
        return format_percent(100 * value)

    def level(self, value: float) -> str:
        """Write a level or share as the protocol has it: 5%, 2.5%."""
        return f"{100 * value:.6g}%"

    def points(self, error: float) -> str:
        """Write the Monte Carlo error of a share in percentage points."""
        if math.isnan(error):
            return "–"
        return "<0.1" if 0 < error < 0.0005 else format_number(100 * error, 1)

    def share(self, quantity: Quantity) -> str:
        """Write a share of trials with its Monte Carlo error, as in a table."""
        return f"{self.percent(quantity.value)} ({self.points(quantity.error)})"

    def between(self, limits: tuple[float, float]) -> str:
        """Write an interval of shares, as in a sentence."""
        lower, upper = limits
        return self.say(
            "{lower} to {upper}", lower=self.percent(max(lower, 0.0)), upper=self.percent(min(upper, 1.0))
        )

    def range_of(self, values: Sequence[float]) -> str:
        """Write the smallest and the largest of some shares, one where they round to the same."""
        low, high = self.percent(min(values)), self.percent(max(values))
        return low if low == high else self.say("{lower} to {upper}", lower=low, upper=high)

    def count(self, number: int) -> str:
        """Write a number of trials."""
        return f"{number:,}"

    def with_unit(self, text: str, unit: str) -> str:
        """Write a number with its unit."""
        return f"{text} {unit}".rstrip()

    @cached_property
    def partial(self) -> str:
        """How far a run came that is not complete; empty for one that is."""
        simulation = self.simulation
        if simulation.complete:
            return ""
        done = sorted({simulation.done.get(name, 0) for name in simulation.scenarios})
        counted = self.count(done[0])
        if len(done) > 1:
            counted = self.say("{lower} to {upper}", lower=counted, upper=self.count(done[-1]))
        return self.say("PARTIAL: {done} of {trials} trials", done=counted, trials=self.count(simulation.trials))
