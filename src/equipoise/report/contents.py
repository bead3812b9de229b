"""The whole report as data: sections in order, numbered tables and figures, accounts, what was not done.

Built once from protocol, data and results; every document (HTML, PDF, RTF) is a layout of it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..analysis.context import Context
from ..analysis.result import AnalysisResult, TrialResults
from ..datasets.analysis_data import AnalysisData
from ..errors import EstimationFailed
from ..protocol import Protocol
from .figures.draw import plot_figure
from .figures.figure import Figure
from .flow import count_flow, draw_flow
from .language import Labels
from .language.answer import Answer, answer_primary
from .language.estimand import Attribute, describe_estimand
from .tables.lookup import Lookup
from .tables.table import Table
from .tabulate import tabulate_analysis

_SYNTHETIC = (
    "These participants are invented, drawn from the protocol's assumptions: the numbers tell nothing of people."
)


@dataclass(frozen=True)
class How:
    """How the numbers of an analysis came about; `records` is the file with the rows behind them."""

    analysis: str
    title: str
    method: str
    analysis_set: str
    estimand: tuple[Attribute, ...]
    account: tuple[str, ...]
    records: str
    record_count: int


@dataclass(frozen=True)
class Section:
    """A section: its tables and figures, and the account of its analysis; `not_done` says why it is empty."""

    name: str
    title: str
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()
    how: How | None = None
    analysis: str = ""
    not_done: str = ""


@dataclass(frozen=True)
class Contents:
    """A report; `heading` is its kind where it is not that of the analysis, `watermark` stands on each page."""

    trial: str
    title: str
    facts: tuple[tuple[str, str], ...]
    answer: Answer
    sections: tuple[Section, ...]
    origins: tuple[tuple[str, str], ...]
    absent: tuple[str, ...]
    language: str
    notice: str = ""
    heading: str = ""
    watermark: str = ""

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table, in order."""
        return tuple(table for section in self.sections for table in section.tables)

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Every figure, in order."""
        return tuple(figure for section in self.sections for figure in section.figures)


def build_contents(
    protocol: Protocol, data: AnalysisData, results: TrialResults, language: str = "en", *, synthetic: bool = False
) -> Contents:
    """Build the report of a trial in a language; `synthetic` where its participants are invented."""
    labels = Labels(Context(protocol, data), language)
    lookups = _lookups(results)
    sections: list[Section] = []
    for name in _section_names(protocol):
        section = _section(name, protocol, results, lookups, labels)
        if section is None:
            continue
        last = sections[-1] if sections else None
        if section.figures and section.analysis and last is not None and last.name == section.analysis:
            sections[-1] = replace(last, figures=(*last.figures, *section.figures))
        else:
            sections.append(section)
    return Contents(
        trial=protocol.trial.acronym or protocol.trial.id,
        title=protocol.trial.title.say(language),
        facts=_facts(protocol, labels),
        answer=answer_primary(results, labels),
        sections=tuple(_numbered(sections, labels)),
        origins=tuple((name, _without_folder(file)) for name, file in sorted(data.origin.items())),
        absent=tuple(sorted(set(data.absent.values()))),
        language=labels.language,
        notice=labels.say(_SYNTHETIC) if synthetic else "",
    )


def _without_folder(origin: str) -> str:
    """Name a file without its folder, so that the report is the same wherever the data lie."""
    return re.sub(r"(?:[A-Za-z]:)?[^\s]*[/\\\\]", "", origin)


def _lookups(results: TrialResults) -> Mapping[str, Lookup]:
    """Index every analysis, knowing on which line of `results.csv` it begins."""
    found, line = {}, 2
    for name, result in results.done.items():
        found[name] = Lookup(result, line)
        line += result.results.height
    return found


def _section_names(protocol: Protocol) -> list[str]:
    if protocol.report is None:
        return ["flow", *protocol.analyses]
    return list(protocol.report.sections)


def _section(
    name: str, protocol: Protocol, results: TrialResults, lookups: Mapping[str, Lookup], labels: Labels
) -> Section | None:
    """Build one section; None where this run did not ask for it."""
    say = labels.say
    if name == "flow":
        flow = draw_flow(count_flow(results, labels), labels)
        return Section("flow", say("Flow of participants"), figures=(flow,))
    figures = protocol.report.figures if protocol.report is not None else {}
    if name in figures:
        spec = figures[name]
        title = name.replace("_", " ") if spec.title is None else spec.title.say(labels.language)
        if spec.of not in lookups:
            reason = results.not_done.get(spec.of)
            return None if reason is None else Section(name, title, not_done=reason, analysis=spec.of)
        try:
            figure = plot_figure(name, spec, lookups[spec.of], labels)
        except EstimationFailed as failure:
            return Section(name, title, not_done=str(failure))
        return Section(name, title, figures=(figure,), analysis=spec.of)
    analysis = protocol.analyses[name]
    title = say(analysis.method) if analysis.title is None else analysis.title.say(labels.language)
    title = title[:1].upper() + title[1:]
    if name in results.not_done:
        return Section(name, title, not_done=results.not_done[name], analysis=name)
    if name not in lookups:
        return None
    tables = tuple(tabulate_analysis(lookups[name], labels))
    if analysis.title is None:
        title = tables[0].title
    return Section(name, title, tables=tables, how=_how(results.done[name], title, labels), analysis=name)


def _how(result: AnalysisResult, title: str, labels: Labels) -> How:
    estimand = getattr(result.spec, "estimand", None)
    in_sets = result.analysis_set in labels.context.protocol.analysis_sets
    return How(
        analysis=result.name,
        title=title,
        method=labels.say(result.spec.method),
        analysis_set=labels.analysis_set(result.analysis_set) if in_sets else labels.say("All participants"),
        estimand=()
        if estimand is None
        else describe_estimand(labels.context.protocol, estimand, result.spec.method, labels),
        account=tuple(sentence[:1].upper() + sentence[1:] for sentence in result.account),
        records=f"records/{result.name}.csv",
        record_count=result.records.height,
    )


def _facts(protocol: Protocol, labels: Labels) -> tuple[tuple[str, str], ...]:
    """Return what identifies the trial, for the head of the report."""
    say, trial = labels.say, protocol.trial
    arms = labels.say.listing([f"{label} (n={labels.counts('')[arm]})" for arm, label in labels.arms.items()])
    blinded = protocol.blinding.blinded
    facts = [
        (say("Trial"), trial.id),
        (say("Registry"), trial.registry),
        (say("Phase"), trial.phase),
        (say("Sponsor"), trial.sponsor),
        (say("Period"), " – ".join(part for part in (trial.started, trial.ended) if part) or None),
        (say("Arms"), arms),
        (say("Allocation"), say("randomised") if protocol.randomisation else say("not randomised")),
        (say("Blinded"), labels.say.listing([say(role) for role in blinded]) if blinded else say("open")),
    ]
    return tuple((name, value) for name, value in facts if value)


def _numbered(sections: list[Section], labels: Labels) -> list[Section]:
    """Give tables and figures their numbers through the report."""
    tables = figures = 0
    done = []
    for section in sections:
        numbered_tables = []
        for table in section.tables:
            tables += 1
            numbered_tables.append(
                replace(table, title=labels.say("Table {n}. {title}", n=tables, title=table.title))
            )
        numbered_figures = []
        for figure in section.figures:
            figures += 1
            title = labels.say("Figure {n}. {title}", n=figures, title=figure.title)
            numbered_figures.append(replace(figure, title=title))
        done.append(replace(section, tables=tuple(numbered_tables), figures=tuple(numbered_figures)))
    return done
