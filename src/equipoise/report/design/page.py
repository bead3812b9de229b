"""The plan of a trial as one HTML page that opens from disk: style and figures are inside, nothing is fetched."""

from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ...design import DesignResult
from ...protocol import Protocol, protocol_version
from ...randomisation import SchemeComparison
from ..figures.figure import Figure
from .figures import plot_power, plot_sensitivity
from .paragraph import Source, cite_methods, describe_plan, trace_assumptions
from .schemes import plot_comparison, tabulate_schemes
from .tables import (
    PlanTable,
    tabulate_calendar,
    tabulate_looks,
    tabulate_others,
    tabulate_reestimation,
    tabulate_scenarios,
    tabulate_sensitivity,
    tabulate_size,
)
from .words import PlanWords


@dataclass(frozen=True)
class PlanSection:
    """A section of the page."""

    name: str
    title: str
    tables: tuple[PlanTable, ...] = ()
    figures: tuple[Figure, ...] = ()
    said: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlanPage:
    """The page as data; every writer lays out the same."""

    words: PlanWords
    paragraph: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[PlanSection, ...]
    sources: tuple[Source, ...]
    citations: tuple[str, ...]
    version: str

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Every figure, in order."""
        return tuple(figure for section in self.sections for figure in section.figures)


def build_plan(
    protocol: Protocol, result: DesignResult, language: str = "en", *, schemes: SchemeComparison | None = None
) -> PlanPage:
    """Build the page of a plan; `schemes`: schemes of randomisation compared, shown where given."""
    words = PlanWords(protocol, result, language)
    say = words.say
    sensitivity = plot_sensitivity(words)
    sections = [
        PlanSection("size", say("Size"), (tabulate_size(words),)),
        PlanSection(
            "scenarios", say("Power under each scenario"), (tabulate_scenarios(words),), (plot_power(words),)
        ),
        PlanSection(
            "looks", say("Looks before the end"), _present(tabulate_looks(words), tabulate_reestimation(words))
        ),
        PlanSection("calendar", say("Calendar"), _present(tabulate_calendar(words))),
        PlanSection(
            "sensitivity",
            say("Sensitivity to the assumptions"),
            tabulate_sensitivity(words),
            () if sensitivity is None else (sensitivity,),
        ),
        PlanSection("others", say("Other analyses"), _present(tabulate_others(words))),
    ]
    if schemes is not None:
        sections.append(
            PlanSection(
                "randomisation",
                say("Schemes of randomisation"),
                (tabulate_schemes(words, schemes),),
                (plot_comparison(words, schemes),),
            )
        )
    return PlanPage(
        words=words,
        paragraph=describe_plan(protocol, result, language),
        facts=_facts(words),
        sections=tuple(section for section in sections if section.tables),
        sources=trace_assumptions(protocol),
        citations=cite_methods(result),
        version=protocol_version(protocol),
    )


def _present(*tables: PlanTable | None) -> tuple[PlanTable, ...]:
    return tuple(table for table in tables if table is not None)


def _facts(words: PlanWords) -> tuple[tuple[str, str], ...]:
    say, result = words.say, words.result
    facts = [
        (say("Trial"), result.trial),
        (say("Phase"), words.protocol.trial.phase),
        (say("Planned participants"), str(result.participants)),
        (say("Planned analysis"), words.analysis(result.analysis)),
        (say("Power asked for"), words.percent(result.power)),
        (say("Significance level"), words.percent(result.alpha)),
        (say("Claim"), words.claim if len(result.arms) > 1 else ""),
        (say("Multiplicity"), words.multiplicity if len(result.arms) > 1 else ""),
    ]
    return tuple((name, value) for name, value in facts if value)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("equipoise.report.design"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )


def render_plan(page: PlanPage) -> str:
    """Lay out the page as HTML."""
    style = (files("equipoise.report") / "templates" / "report.css").read_text(encoding="utf-8")
    own = (files("equipoise.report.design") / "templates" / "plan.css").read_text(encoding="utf-8")
    return (
        _environment()
        .get_template("plan.html")
        .render(page=page, say=page.words.say, style=Markup(style + own), software=version("equipoise"))
    )
