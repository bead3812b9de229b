"""What identifies a run, and one piece of its work; both go to workers as they are."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import polars as pl

from ...errors import ProtocolError
from ...protocol import Protocol, locate_protocol, parse_protocol
from ...protocol.model import CD4OnTreatment, CD4Pools
from ...protocol.read import SHIPPED
from ..analyses import Place, SimulatedAnalyses, simulated_analyses
from ..analyses.simulated import variables_of
from ..operating.chunk import simulate_chunk, true_effects
from ..population import Population
from ..population.fitted import fit_assumptions
from ..population.real import SCENARIOS, RealParticipants, ResampledPopulation, read_real_participants

MODELS = {"cd4_on_art": CD4OnTreatment, "cd4_pools": CD4Pools}
"""Participant models that can stand for one another, as they are calibrated to the same level and slope."""
CHUNK = 250
"""Trials of a chunk: so few that a worker's arrays stay small, so many that Python's overhead does not count."""


@dataclass(frozen=True)
class Settings:
    """What the results of a run depend on, but for the number of trials.

    source, name: text and file name of the protocol. seed: of the run. only: analyses, empty for all that can be
    simulated. model: participant model in place of the protocol's, None for its own. real: participants of a real
    trial, who are drawn again in place of virtual ones.
    """

    source: str = field(repr=False)
    name: str
    seed: int
    only: tuple[str, ...] = ()
    model: str | None = None
    real: RealParticipants | None = field(default=None, repr=False)

    def protocol(self) -> Protocol:
        """Read the protocol; a worker reads it once."""
        return _read(self.source, self.name, self.model)

    def scenarios(self) -> tuple[str, ...]:
        """Return the scenarios that there are."""
        if self.real is not None:
            return SCENARIOS
        given = self.protocol().assumptions
        return tuple(given.scenarios) if given is not None else ()

    def analyses(self) -> SimulatedAnalyses:
        """Find the analyses that are simulated; a worker finds them once."""
        return _analyses(self)

    def population(self, scenario: str) -> Population | ResampledPopulation:
        """Return the population of a scenario; a worker prepares it once."""
        return _population(self, scenario)


def settings_of(
    protocol: str,
    seed: int,
    *,
    only: tuple[str, ...] = (),
    model: str | None = None,
    data: Sequence[Path] = (),
    fit: bool = False,
) -> Settings:
    """Return the settings of a run of a protocol file or shipped trial.

    data: folders whose participants are drawn again; `fit`: from whose means and covariance virtual ones are
    drawn. Raises ProtocolError and DataError for what is wrong with either.
    """
    path = locate_protocol(protocol)
    source = path.read_text(encoding="utf-8")
    name = path.name if path.parent == SHIPPED else protocol
    if not data:
        return Settings(source, name, seed, only, model)
    from ...datasets.assemble import assemble
    from ...datasets.folder import DataFolder

    plan = parse_protocol(source, name)
    real = read_real_participants(plan, assemble(plan, DataFolder(*data)), plan.estimands, variables_of(plan))
    if not fit:
        return Settings(source, name, seed, only, model, real)
    fitted = fit_assumptions(plan, real, main_item(plan))
    text = json.dumps(fitted.model_dump(mode="json", by_alias=True, exclude_unset=True), ensure_ascii=False)
    return Settings(text, f"{name} fitted to data", seed, only)


def main_item(protocol: Protocol) -> str:
    """Return the item of the primary analysis, else of the first estimand that measures one."""
    primary = protocol.analyses.get(protocol.report.primary or "") if protocol.report is not None else None
    first = protocol.estimands.get(getattr(primary, "estimand", ""))
    for estimand in (*([first] if first is not None else []), *protocol.estimands.values()):
        if estimand.variable.kind == "measurement" and estimand.variable.item:
            return estimand.variable.item
    raise ProtocolError(
        f"protocol {protocol.trial.id} has no estimand that measures an item, so nothing can be fitted"
    )


@lru_cache(maxsize=8)
def _read(source: str, name: str, model: str | None) -> Protocol:
    protocol = parse_protocol(source, name)
    if model is None or protocol.assumptions is None or protocol.assumptions.participant is None:
        return protocol
    given = protocol.assumptions.participant
    if not isinstance(given, CD4OnTreatment):
        raise ProtocolError(
            f"the model {model} can stand in for one of {', '.join(MODELS)} as assumptions.participant. "
            f"Got {given.model}"
        )
    own = MODELS[model].model_validate({**given.model_dump(), "model": model})
    assumptions = protocol.assumptions.model_copy(update={"participant": own})
    return protocol.model_copy(update={"assumptions": assumptions})


@lru_cache(maxsize=8)
def _analyses(settings: Settings) -> SimulatedAnalyses:
    return simulated_analyses(settings.protocol(), settings.only, settings.real)


@lru_cache(maxsize=32)
def _population(settings: Settings, scenario: str) -> Population | ResampledPopulation:
    return settings.analyses().population(scenario)


@dataclass(frozen=True)
class ChunkTask:
    """A chunk of a scenario: which, how many trials, and the true effects."""

    settings: Settings
    scenario: str
    chunk: int
    trials: int
    truths: tuple[tuple[Place, float], ...]

    def run(self) -> pl.DataFrame:
        """Return the sums of the chunk."""
        settings = self.settings
        population = settings.population(self.scenario)
        sums = simulate_chunk(
            settings.analyses(), population, dict(self.truths), settings.seed, self.chunk, self.trials
        )
        return sums.frame()


@dataclass(frozen=True)
class TruthTask:
    """The true effects of a scenario."""

    settings: Settings
    scenario: str

    def run(self) -> tuple[tuple[Place, float], ...]:
        """Return the true value of each estimate by its place."""
        found = true_effects(self.settings.analyses(), self.settings.population(self.scenario))
        return tuple(found.items())


Task = ChunkTask | TruthTask


def run_task(task: Task) -> pl.DataFrame | tuple[tuple[Place, float], ...]:
    """Do a piece of work; what a worker is given to call."""
    return task.run()
