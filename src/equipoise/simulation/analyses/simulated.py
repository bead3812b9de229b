"""Which analyses of a protocol are simulated, and what each finds in virtual trials."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ...errors import ProtocolError, suggest
from ...protocol import Protocol, names_in
from ...protocol.model import Categorical, Design, Estimand, KaplanMeier
from ..estimands import measure_outcomes, time_outcomes
from ..estimands.needs import model_visits, population_for
from ..population import Population, VirtualTrials, chunk_streams, draw_trials
from ..population.real import NONE, RealParticipants, ResampledPopulation
from .covariates import factors_in
from .models import simulate_ancova, simulate_mmrm
from .replicated import Place, Replicated
from .responses import (
    compare_responses,
    compare_times,
    simulate_categorical,
    simulate_cox,
    simulate_kaplan_meier,
    simulate_two_samples,
    simulate_within_arm,
    strata_of,
)

METHODS: Mapping[str, Callable[[Protocol, str, Any, VirtualTrials], list[Replicated]]] = {
    "ancova": simulate_ancova,
    "mmrm": simulate_mmrm,
    "kaplan-meier": simulate_kaplan_meier,
    "cox": simulate_cox,
    "categorical": simulate_categorical,
    "within-arm change": simulate_within_arm,
    "rank-sum": simulate_two_samples,
    "t test": simulate_two_samples,
}
"""What simulates each method of the protocol language."""


@dataclass(frozen=True, eq=False)
class SimulatedAnalyses:
    """The analyses of a protocol that can be carried out on its virtual participants.

    names: ids of analyses. definitions: ids of `design.definitions`. left_out: why an analysis is not among them.
    real: participants of a real trial who are drawn again, None where participants follow from assumptions.
    """

    protocol: Protocol
    names: tuple[str, ...]
    definitions: tuple[str, ...]
    left_out: Mapping[str, str]
    real: RealParticipants | None = None

    @cached_property
    def estimands(self) -> dict[str, Estimand]:
        """The estimands of the analyses, and of the definitions by their id."""
        own = {self.protocol.analyses[name].estimand for name in self.names}  # type: ignore[union-attr]
        found = {name: estimand for name, estimand in self.protocol.estimands.items() if name in own}
        return found | {name: estimand_of_definition(self.protocol, name) for name in self.definitions}

    def estimand_of(self, name: str) -> Estimand:
        """Return the estimand of an analysis or definition."""
        spec: Any = self.protocol.analyses.get(name)
        return self.estimands[name if spec is None else spec.estimand]

    def better_of(self, name: str) -> str | None:
        """Return the side of an analysis's statistics that is better; more events, where sooner ones are."""
        endpoint = self.estimand_of(name).variable
        if endpoint.kind == "time to event" and endpoint.better is not None:
            return "higher" if endpoint.better == "lower" else "lower"
        return endpoint.better

    @property
    def planned_visit(self) -> str | None:
        """The last visit of the planned analysis, else of the first that has one."""
        plan = self.protocol.design
        chosen = plan.analysis if plan is not None and plan.analysis in self.names else None
        for name in (chosen, *self.names):
            if name is not None and self.estimand_of(name).variable.at:
                return self.estimand_of(name).variable.at[-1]
        return None

    def population(self, scenario: str, size: int | None = None) -> Population | ResampledPopulation:
        """Return the population from which everything that the analyses need is drawn."""
        if self.real is not None:
            return ResampledPopulation(self.protocol, self.real, scenario)
        strata = _strata_of_definitions(self.protocol) if self.definitions else ()
        return _population(self.protocol, self.names, self.estimands, scenario, size, strata)

    def run(self, trials: VirtualTrials) -> list[Replicated]:
        """Carry out every analysis on every trial."""
        found: list[Replicated] = []
        for name in self.names:
            spec = self.protocol.analyses[name]
            found += METHODS[spec.method](self.protocol, name, spec, trials)
        for name in self.definitions:
            found += _compare_definition(self.protocol, name, self.estimands[name], trials)
        return found


def simulated_analyses(
    protocol: Protocol, only: tuple[str, ...] = (), real: RealParticipants | None = None
) -> SimulatedAnalyses:
    """Find the analyses that can be simulated, of `only` where given, by trying each on a small draw.

    real: participants of a real trial, in place of assumptions.

    Raises ProtocolError where none can, or one of `only` cannot, with the reason.
    """
    chosen = only or tuple(protocol.analyses)
    names, left_out = list[str](), dict[str, str]()
    for name in chosen:
        if name not in protocol.analyses:
            near = suggest(name, protocol.analyses)
            raise ProtocolError(f"protocol {protocol.trial.id} has no analysis {name}{near}")
        spec: Any = protocol.analyses[name]
        if spec.method not in METHODS:
            left_out[name] = f"the method {spec.method} is not simulated"
            continue
        try:
            METHODS[spec.method](protocol, name, spec, _small_draw(protocol, name, spec, real))
            names.append(name)
        except ProtocolError as error:
            left_out[name] = str(error)
    if only and left_out:
        raise ProtocolError(
            "; ".join(f"analyses.{name} cannot be simulated: {why}" for name, why in left_out.items())
        )
    plan = protocol.design or None
    definitions = tuple(plan.definitions) if isinstance(plan, Design) and not only and real is None else ()
    if not names and not definitions:
        tried = {name: why for name, why in left_out.items() if protocol.analyses[name].method in METHODS}
        reasons = (
            "; ".join(f"{name}: {why}" for name, why in tried.items()) or "None has a method that is simulated"
        )
        raise ProtocolError(f"protocol {protocol.trial.id} has no analysis that can be simulated. {reasons}")
    return SimulatedAnalyses(protocol, tuple(names), definitions, left_out, real)


def _population(
    protocol: Protocol,
    names: Collection[str],
    estimands: Mapping[str, Estimand],
    scenario: str | None,
    size: int | None = None,
    also: Collection[str] = (),
) -> Population:
    """Return the population with the variables, strata and visits that the analyses of these names need."""
    variables, visits = dict.fromkeys(also), set[str]()
    for name in names:
        spec: Any = protocol.analyses[name]
        variables |= dict.fromkeys(factors_in(getattr(spec, "terms", ())))
        variables |= dict.fromkeys(getattr(spec, "strata", ()))
        visits |= set(model_visits(protocol, spec, protocol.estimands[spec.estimand]))
    return population_for(protocol, estimands, scenario, variables=variables, visits=visits, size=size)


def _small_draw(protocol: Protocol, name: str, spec: Any, real: RealParticipants | None) -> VirtualTrials:
    """Draw what an analysis is tried on, so that whatever it cannot do shows before the long run."""
    if real is not None:
        return ResampledPopulation(protocol, real, NONE).itself()
    estimands = {spec.estimand: protocol.estimands[spec.estimand]}
    return draw_trials(_population(protocol, (name,), estimands, None), chunk_streams(0, 0), 2)


def variables_of(protocol: Protocol) -> tuple[str, ...]:
    """Return the participant variables that the terms, strata and sets of the protocol's analyses name."""
    found: dict[str, None] = {}
    for spec in protocol.analyses.values():
        if spec.method in METHODS:
            found |= dict.fromkeys(factors_in(getattr(spec, "terms", ())))
            found |= dict.fromkeys(getattr(spec, "strata", ()))
            rule = protocol.analysis_sets[protocol.estimands[getattr(spec, "estimand", "")].set].rule
            found |= dict.fromkeys(name for name in names_in(rule) if name in protocol.variables)
    return tuple(found)


def estimand_of_definition(protocol: Protocol, name: str) -> Estimand:
    """Return a definition of an outcome as an estimand: all participants, whatever happens."""
    assert protocol.design is not None
    definition = protocol.design.definitions[name]
    kind = definition.variable.kind
    return Estimand(
        question=definition.label,
        variable=definition.variable,
        set=_widest_set(protocol),
        summary={
            "time to event": "hazard ratio",
            "response": "difference in proportions",
            "measurement": "difference in means",
        }[kind],
        missing="non-response" if kind == "response" else "observed only",
    )


def _widest_set(protocol: Protocol) -> str:
    """Return the set of all randomised participants, else the first."""
    found = (name for name, one in protocol.analysis_sets.items() if one.rule.strip() == "randomised")
    return next(found, next(iter(protocol.analysis_sets)))


def _strata_of_definitions(protocol: Protocol) -> tuple[str, ...]:
    """Return the strata within which times to a response are compared: those of the first stratified test."""
    curves = (spec for spec in protocol.analyses.values() if isinstance(spec, KaplanMeier))
    return next((spec.strata for spec in curves if spec.strata), ())


def _compare_definition(
    protocol: Protocol, name: str, estimand: Estimand, trials: VirtualTrials
) -> list[Replicated]:
    """Compare the arms by a definition: log-rank within the strata of the response, or Fisher's exact test."""
    if estimand.variable.kind == "time to event":
        times = time_outcomes(protocol, name, estimand, trials)
        return compare_times(
            protocol, name, estimand, times, trials, strata_of(_strata_of_definitions(protocol), trials)
        )
    outcomes = measure_outcomes(protocol, estimand, trials)
    response = np.where(outcomes.members, outcomes.outcome[..., 0], np.nan)
    spec = Categorical(method="categorical", estimand=name, test="fisher")
    return compare_responses(protocol, Place(name, estimand.variable.at[0]), estimand, spec, response, trials)
