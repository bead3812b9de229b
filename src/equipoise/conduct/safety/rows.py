"""An adverse event in the words of the protocol's rules, as far as it is known while the trial runs."""

from datetime import date

from ...protocol import Protocol, names_in
from ..door.dates import day_1_of, study_day
from ..door.state import Participant, Scalar
from ..forms.elsewhere import variable_values
from .events import AdverseEvent


def rule_values(protocol: Protocol, participant: Participant, event: AdverseEvent) -> dict[str, Scalar | bool]:
    """Return the values of an event by the names that stopping rules may use.

    Only names that a rule uses are there. Days are study days. An event counts as treatment-emergent where it
    began on the day of the first bag that was given out, or later. Participant variables come from the forms; what
    only the end of the trial tells is absent.
    """
    day_1 = day_1_of(participant, {name: visit.target for name, visit in protocol.schedule.visits.items()})
    given = [
        on
        for infusion in participant.infusions.values()
        if infusion.bag is not None and (on := participant.visits[infusion.visit].on) is not None
    ]
    first = min(given, default=None)
    values: dict[str, Scalar | bool] = {
        "term": event.coded or event.term,
        "reported_term": event.term,
        "system_organ_class": event.organ_class or None,
        "severity": event.severity or None,
        "grade": event.grade,
        "serious": "Y" if event.serious else "N",
        "causality": event.causality or None,
        "outcome": event.outcome or None,
        "action_taken": event.action or None,
        "fatal": "Y" if event.fatal else "N",
        "treatment_emergent": _emergent(event, first),
        "special_interest": None,
        "start_day": _day(event.started, day_1),
        "end_day": _day(event.ended, day_1),
        "site": participant.site,
        "randomised": participant.allocation is not None,
    }
    used = names_used(protocol)
    others = variable_values(protocol, participant, [name for name in used if name in protocol.variables])
    return {name: value for name, value in {**others, **values}.items() if name in used}


def names_used(protocol: Protocol) -> set[str]:
    """Return the names that the stopping rules of a protocol use."""
    rules = {} if protocol.safety is None else protocol.safety.stopping_rules
    return {name for rule in rules.values() if rule.rule is not None for name in names_in(rule.rule)}


def _emergent(event: AdverseEvent, first: date | None) -> str:
    return "Y" if first is not None and event.started[:10] >= first.isoformat() else "N"


def _day(text: str, day_1: date | None) -> int | None:
    return None if day_1 is None or not text else study_day(date.fromisoformat(text[:10]), day_1)
