"""What the analyses of a protocol need of the data, so that nothing else is read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ...protocol import Protocol, names_in
from ...protocol.model import (
    AdverseEvents,
    Analysis,
    ByVisit,
    Deviations,
    Estimand,
    LabShifts,
    ParticipantVariable,
    Refers,
    Scope,
)
from ...protocol.walk import walk


@dataclass(frozen=True)
class Needs:
    """Items, participant variables, timed estimands and kinds of record that the analyses use.

    ranges: True where every parameter with reference ranges is wanted, whether or not the protocol declares it.
    grades: True where laboratory values are needed with their toxicity grades.
    """

    items: tuple[str, ...]
    variables: frozenset[str]
    timed: tuple[str, ...]
    ranges: bool
    grades: bool
    adverse_events: bool
    deviations: bool
    doses: bool


def find_needs(protocol: Protocol) -> Needs:
    """Collect what the analyses of `protocol`, their estimands and analysis sets use."""
    analyses = list(protocol.analyses.values())
    estimands = _estimands(protocol, analyses)
    rules = list(_rules(protocol))
    names = frozenset(name for rule in rules for name in names_in(rule))
    used = _closure(protocol, names | frozenset(_referred(protocol)))
    items = [item for analysis in analyses for item in _items_of(analysis)]
    items += [e.variable.item for e in estimands.values() if e.variable.item]
    items += [name for name in names if name in protocol.items]
    timed = [name for name, e in estimands.items() if e.variable.kind == "time to event"]
    of_events = any(e.variable.of == "adverse event" for e in estimands.values())
    return Needs(
        items=tuple(dict.fromkeys(items)),
        variables=used & frozenset(protocol.variables),
        timed=tuple(timed),
        ranges=any(isinstance(a, LabShifts) and not a.items for a in analyses),
        grades=any(isinstance(a, LabShifts) and a.by == "grade" for a in analyses),
        adverse_events=of_events or any(isinstance(a, AdverseEvents) for a in analyses),
        deviations=any(isinstance(a, Deviations) for a in analyses),
        doses="doses" in used,
    )


def _estimands(protocol: Protocol, analyses: Iterable[Analysis]) -> dict[str, Estimand]:
    named = {name for a in analyses if (name := getattr(a, "estimand", None))}
    return {name: e for name, e in protocol.estimands.items() if name in named}


def _items_of(analysis: Analysis) -> tuple[str, ...]:
    return analysis.items if isinstance(analysis, ByVisit | LabShifts) else ()


def _rules(protocol: Protocol) -> Iterator[str]:
    """Yield every expression that an analysis may evaluate on the data."""
    for section in ("analysis_sets", "intercurrent_events", "estimands", "analyses", "safety"):
        for place in walk(protocol):
            if place.path[0] == section and _is_expression(place.marks, place.path):
                yield str(place.value)


def _is_expression(marks: tuple[object, ...], path: tuple[str | int, ...]) -> bool:
    return path[-1] == "rule" or any(isinstance(mark, Scope) for mark in marks)


def _referred(protocol: Protocol) -> Iterator[str]:
    """Yield the participant variables that analyses name as terms, strata, subgroups or rows of a table."""
    for place in walk(protocol):
        if place.path[0] in ("analyses", "report") and any(
            isinstance(mark, Refers) and mark.kind in ("variable", "term") for mark in place.marks
        ):
            yield from str(place.value).replace(":", "*").replace(" ", "").split("*")


def _closure(protocol: Protocol, names: frozenset[str]) -> frozenset[str]:
    """Add the variables that the rules of needed variables use."""
    found, waiting = set(names), list(names)
    while waiting:
        variable = protocol.variables.get(waiting.pop())
        new = [name for name in _rule_names(variable) if name not in found]
        found.update(new)
        waiting += new
    return frozenset(found)


def _rule_names(variable: ParticipantVariable | None) -> tuple[str, ...]:
    return names_in(variable.rule) if variable is not None and variable.rule else ()
