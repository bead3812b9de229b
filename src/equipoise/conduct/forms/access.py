"""Whether a form may be filled in here and now: by whom, at which visit, for whom.

Site staff write the data, nobody else (ICH E6(R3) 3.16.1(i)). After consent was withdrawn nothing is recorded but
harm and how participation ended.
"""

from collections.abc import Mapping
from datetime import date

from ...errors import DecisionRefused, suggest
from ...protocol import Protocol
from ...protocol.model import Form
from ..door.state import Participant
from ..follow_up.leaving import require_taking_part
from .planned import belongs_to_no_visit, is_owed_to_safety, visits_planned_for

WRITERS = ("investigator", "coordinator", "nurse", "assessor", "laboratory")
DOMAINS: Mapping[str, tuple[str, ...]] = {"nurse": ("EC", "EX", "VS"), "laboratory": ("LB", "MB", "IS")}
"""Domains of the forms that a role may write, where not all: what a nurse gives, what a laboratory finds."""


def find_form(protocol: Protocol, name: str) -> Form:
    """Return a form of the protocol; refused, with the nearest name, where there is none."""
    if name not in protocol.forms:
        raise DecisionRefused(f"form {name} is not in the protocol{suggest(name, protocol.forms)}")
    return protocol.forms[name]


def may_write(role: str, form: Form) -> bool:
    """Return whether a role, if it writes forms at all, fills this one in."""
    return role not in DOMAINS or form.sdtm in DOMAINS[role]


def require_writer(role: str, form: Form) -> None:
    """Refuse a form that the role does not fill in."""
    if not may_write(role, form):
        raise DecisionRefused(f"{form.label.say()} is filled in by an investigator or coordinator. Got {role}")


def require_place(protocol: Protocol, participant: Participant, form: str, visit: str) -> None:
    """Refuse a form at a visit that has not been held, or that it is not planned for.

    At an unscheduled visit any form of the schedule may be filled in; a form for any time belongs to no visit.
    """
    label, planned = protocol.forms[form].label.say(), visits_planned_for(protocol, form)
    if not visit and belongs_to_no_visit(protocol, form):
        return
    if not planned:
        raise DecisionRefused(f"{label} belongs to no visit; leave the visit empty. Got visit {visit}")
    if not visit:
        raise DecisionRefused(f"{label} needs the visit that it belongs to: {', '.join(planned)}")
    known = participant.visits.get(visit)
    if known is None:
        raise DecisionRefused(
            f"visit {visit} has not been recorded as held{suggest(visit, participant.visits)}; record it first"
        )
    if known.on is None:
        raise DecisionRefused(f"visit {visit} was missed ({known.missed}), so {label} cannot be filled in")
    if known.name is not None and known.name not in planned:
        raise DecisionRefused(f"{label} is planned for {', '.join(planned)}. Got visit {visit}")


def require_recordable(participant: Participant, form: Form, on: date) -> None:
    """Refuse a form without consent, after its withdrawal, and for a day on which the person took no part.

    Harm, and how treatment, participation or life ended, are recorded all the same once there was consent.
    """
    if not (is_owed_to_safety(form) and participant.consents):
        require_taking_part(participant, on)
