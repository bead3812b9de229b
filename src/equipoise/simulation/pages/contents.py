"""The page of a simulation as data: answers, sections in order, numbered tables and figures."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import TypeVar

from ...protocol import protocol_version
from ...report.figures.figure import Figure
from ...report.tables.table import Table
from ..run.settings import CHUNK
from ..run.simulate import Simulation
from .assumptions import Assumption, list_assumptions
from .figures.accuracy import plot_coverage, plot_estimates
from .figures.definitions import plot_definition_tests, plot_responders, plot_within_arms
from .figures.power import plot_all_powers, plot_power
from .responses import describe_responses, describe_within_arms
from .summary import Answer, answer_questions
from .tables.accuracy import tabulate_accuracy, tabulate_other_accuracy
from .tables.course import TRIAL, tabulate_course, tabulate_interim
from .tables.decisions import tabulate_decisions, tabulate_power
from .tables.definitions import (
    tabulate_definition_tests,
    tabulate_reported,
    tabulate_responders,
    tabulate_within_arms,
)
from .words import Words

_Part = TypeVar("_Part", Figure, Table)


@dataclass(frozen=True)
class Section:
    """A section of the page: sentences, figures, tables."""

    name: str
    title: str
    said: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True)
class LeftOut:
    """An analysis that is not simulated, and why; `in_language`: whether the reason is in that of the page."""

    analysis: str
    title: str
    reason: str
    in_language: bool


@dataclass(frozen=True)
class Page:
    """The page; every layout shows the same."""

    words: Words
    facts: tuple[tuple[str, str], ...]
    answers: tuple[Answer, ...]
    sections: tuple[Section, ...]
    left_out: tuple[LeftOut, ...]
    settings: tuple[tuple[str, str], ...]
    assumptions: tuple[Assumption, ...]
    made: tuple[str, ...]

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Every figure, in order."""
        return tuple(figure for section in self.sections for figure in section.figures)


def build_page(simulation: Simulation, language: str = "en") -> Page:
    """Build the page of a simulation in a language."""
    words = Words(simulation, language)
    say = words.say
    sections = [
        Section(
            "power",
            say("Power and errors"),
            figures=_present(plot_power(words), plot_all_powers(words)),
            tables=_present(tabulate_decisions(words), tabulate_power(words)),
        ),
        Section(
            "estimates",
            say("Estimates and intervals"),
            figures=_present(plot_estimates(words), plot_coverage(words)),
            tables=_present(tabulate_accuracy(words), tabulate_other_accuracy(words)),
        ),
        Section("interim", say("Looks on the way"), tables=_present(tabulate_interim(words))),
        Section("course", say("Course of the trial"), tables=_present(tabulate_course(words))),
        *_responses(words),
    ]
    kept = [section for section in sections if section.figures or section.tables]
    answers = answer_questions(words)
    responses = [section for section in kept if section.said]
    answers += tuple(Answer(section.title, section.said) for section in responses)
    return Page(
        words=words,
        facts=_facts(words),
        answers=answers,
        sections=_numbered(kept, words),
        left_out=_left_out(words),
        settings=_settings(words),
        assumptions=list_assumptions(words.protocol),
        made=_made(words),
    )


def _responses(words: Words) -> list[Section]:
    say, found = words.say, list[Section]()
    if words.analyses.definitions:
        found.append(
            Section(
                "definitions",
                say("What each definition of response measures"),
                describe_responses(words),
                _present(plot_responders(words), plot_definition_tests(words)),
                _present(tabulate_responders(words), tabulate_definition_tests(words), tabulate_reported(words)),
            )
        )
    for name in words.analyses.names:
        if words.protocol.analyses[name].method == "within-arm change":
            visits = dict.fromkeys(place.visit for place in words.found.of(name))
            figures = (plot_within_arms(words, name, visit) for visit in list(visits)[-1:])
            found.append(
                Section(
                    f"within-{name}",
                    say("What a change within an arm shows"),
                    describe_within_arms(words, name),
                    _present(*figures),
                    _present(tabulate_within_arms(words, name)),
                )
            )
    return found


def _present(*parts: _Part | None) -> tuple[_Part, ...]:
    return tuple(part for part in parts if part is not None)


def _facts(words: Words) -> tuple[tuple[str, str], ...]:
    """Return what identifies trial and simulation, for the head of the page."""
    say, trial, simulation = words.say, words.protocol.trial, words.simulation
    size = words.protocol.randomisation.size if words.protocol.randomisation is not None else None
    facts = [
        (say("Trial"), trial.id),
        (say("Registry"), trial.registry),
        (say("Phase"), trial.phase),
        (say("Arms"), words.arms(tuple(words.protocol.arms))),
        (say("Planned participants"), str(size) if size else None),
        (say("Planned analysis"), words.analysis(words.planned) if words.planned else None),
        (say("Trials of each scenario"), words.partial or words.count(simulation.trials)),
    ]
    return tuple((name, value) for name, value in facts if value)


def _left_out(words: Words) -> tuple[LeftOut, ...]:
    found = []
    for name, reason in words.analyses.left_out.items():
        spec = words.protocol.analyses[name]
        plain = reason == f"the method {spec.method} is not simulated"
        told = (
            words.say("the method “{method}” is not simulated", method=words.say(spec.method)) if plain else reason
        )
        title = "" if spec.title is None else spec.title.say(words.language)
        found.append(LeftOut(name, title, told, plain or words.language == "en"))
    return tuple(found)


def _settings(words: Words) -> tuple[tuple[str, str], ...]:
    say, simulation = words.say, words.simulation
    settings = simulation.settings
    done = say("; ").join(
        say("{who}: {what}", who=words.scenario(name), what=words.count(simulation.done.get(name, 0)))
        for name in simulation.scenarios
    )
    shown = [
        (say("Trials asked for, of each scenario"), words.count(simulation.trials)),
        (say("Trials carried out"), done),
        (say("Seed"), str(settings.seed)),
        (say("Trials of a chunk"), str(CHUNK)),
        (say("Analyses asked for"), words.say.listing(list(settings.only)) if settings.only else say("all")),
        (say("Model of participants"), settings.model or say("that of the protocol")),
        (say("Protocol version"), protocol_version(words.protocol)),
        ("Equipoise", version("equipoise")),
    ]
    if settings.real is not None:
        shown.append((say("Data fingerprint"), settings.real.fingerprint))
    return tuple(shown)


def _made(words: Words) -> tuple[str, ...]:
    """Say in short how the numbers came about."""
    say, found = words.say, words.found
    alone = 0
    for scenario in found.scenarios:
        quantity = found.at(scenario, TRIAL, "analysed_alone")
        alone += round(quantity.value * quantity.trials) if quantity is not None else 0
    made = [
        *_drawn(words),
        say(
            "True values are those of the estimand in the population of a scenario, its intercurrent events "
            "included."
        ),
        say(
            "Monte Carlo errors: of a mean, SD / √N; of an empirical standard error s, s / √(2 (N − 1)) (Morris, "
            "White and Crowther, Statistics in Medicine 2019;38:2074-2102). Intervals of shares are Wilson's."
        ),
    ]
    if alone:
        made.append(
            say(
                "{n} trials did not fit into the common calculation and were analysed one by one.",
                n=words.count(alone),
            )
        )
    made.append(say("Same protocol, same seed, same bytes, whatever the number of workers."))
    return tuple(made)


def _drawn(words: Words) -> list[str]:
    """Say who takes part in the trials, and how the trials of different scenarios hang together."""
    say = words.say
    analysed = say(
        "Each trial is analysed as the protocol says, by the methods that analyse real data, many trials at a "
        "time."
    )
    if words.resampled:
        people = say(
            "Participants of the real trial are drawn again with replacement: each arm from itself, or every arm "
            "from the control where nothing is to work. Arms keep the sizes that they had."
        )
        caution = say(
            "As observed repeats what that trial found, chance included; it does not foretell a new one."
        )
        return [people, caution, analysed]
    people = say(
        "Virtual participants are drawn from the assumptions of the protocol and randomised by its scheme: "
        "course of the outcome, eligibility at screening, accrual, missed visits, dropout, intercurrent events, "
        "and the effect of the scenario."
    )
    shared = say(
        "The same trials are drawn under every scenario but for the effect, so that scenarios differ less by "
        "chance than their Monte Carlo errors suggest."
    )
    return [people, analysed, shared]


def _numbered(sections: Iterable[Section], words: Words) -> tuple[Section, ...]:
    """Give tables and figures their numbers through the page."""
    say, done, tables, figures = words.say, list[Section](), 0, 0
    for section in sections:
        own_figures, own_tables = list[Figure](), list[Table]()
        for figure in section.figures:
            figures += 1
            own_figures.append(replace(figure, title=say("Figure {n}. {title}", n=figures, title=figure.title)))
        for table in section.tables:
            tables += 1
            own_tables.append(replace(table, title=say("Table {n}. {title}", n=tables, title=table.title)))
        done.append(replace(section, figures=tuple(own_figures), tables=tuple(own_tables)))
    return tuple(done)
