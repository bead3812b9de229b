"""Every id that a field refers to is declared."""

import re
from collections.abc import Iterator, Mapping

from ...errors import suggest
from ..finding import Finding
from ..model import Effect, Protocol, Refers
from ..walk import walk
from .vocabulary import MODEL_TERMS

BUILT_IN_ACTIVITIES = ("consent", "eligibility", "randomisation")
_FACTOR = re.compile(r"\s*[*:]\s*")
_SPOKEN: Mapping[str, str] = {
    "variable": "names no participant variable",
    "term": "names neither a word of models nor a participant variable",
    "set": "names no analysis set",
    "section": "names no analysis or figure",
    "activity": "names no form or intervention",
}


def known_names(protocol: Protocol) -> Mapping[str, frozenset[str]]:
    """Return, by kind of reference, the ids that the file declares."""
    variables = frozenset(protocol.variables) | {"site"}
    return {
        "visit": frozenset(protocol.schedule.visits),
        "item": frozenset(protocol.items),
        "item or variable": frozenset(protocol.items) | variables,
        "form": frozenset(protocol.forms),
        "arm": frozenset(protocol.arms),
        "variable": variables,
        "term": variables | MODEL_TERMS,
        "set": frozenset(protocol.analysis_sets),
        "estimand": frozenset(protocol.estimands),
        "intercurrent event": frozenset(protocol.intercurrent_events),
        "analysis": frozenset(protocol.analyses),
        "scenario": frozenset(protocol.assumptions.scenarios) if protocol.assumptions else frozenset(),
        "section": frozenset(protocol.analyses)
        | (frozenset(protocol.report.figures) if protocol.report else frozenset())
        | {"flow"},
        "activity": frozenset(protocol.forms) | frozenset(protocol.interventions) | frozenset(BUILT_IN_ACTIVITIES),
    }


def check_references(protocol: Protocol) -> Iterator[Finding]:
    """Yield a finding for each reference to something that is not declared, with the nearest name."""
    known = known_names(protocol)
    for place in walk(protocol):
        for mark in place.marks:
            if isinstance(mark, Refers):
                names = _FACTOR.split(place.value.strip()) if mark.kind == "term" else [place.value]
                for name in names:
                    if name not in known[mark.kind]:
                        problem = _SPOKEN.get(mark.kind, f"names no {mark.kind}")
                        problem += f" of this protocol{suggest(name, known[mark.kind])}"
                        yield Finding(place.path, problem, name)
    for name, arm in protocol.arms.items():
        for dose in arm.doses:
            if dose not in protocol.interventions:
                known_fields = [*protocol.interventions, "label", "ratio", "control"]
                problem = f"is neither a field of an arm nor an intervention{suggest(dose, known_fields)}"
                yield Finding(("arms", name, dose), problem, dose)
    scenarios = protocol.assumptions.scenarios if protocol.assumptions else {}
    for name, scenario in scenarios.items():
        fields = [*protocol.arms, *Effect.model_fields]
        for arm_name in scenario.differences:
            if arm_name not in protocol.arms:
                problem = f"is neither an arm nor a field of a scenario{suggest(arm_name, fields)}"
                yield Finding(("assumptions", "scenarios", name, arm_name), problem, arm_name)
