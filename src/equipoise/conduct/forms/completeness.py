"""What is there and what is lacking of a participant: forms filled in, missing, to come; visits nobody speaks of.

The checklist before the lock rests on it. Nothing is asked for that could not be recorded: no visit after the end
of participation, no form after consent was withdrawn, no infusion after the end of treatment, no value that only
the vault keeps.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ...protocol import Protocol
from ..door.state import Participant
from ..follow_up.attendance import left_on
from ..follow_up.windows import day_1, window_of
from .planned import GIVEN, belongs_to_no_visit, forms_planned_at, masked_items, products_planned_at

Place = tuple[str, str]
"""Visit (empty for a form at any time) and form."""


@dataclass(frozen=True)
class Completeness:
    """The forms of a participant by place, and the visits whose window has passed without a word of them."""

    filled_in: tuple[Place, ...]
    missing: tuple[Place, ...]
    to_come: tuple[Place, ...]
    overdue: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        """Whether nothing is lacking now."""
        return not self.missing and not self.overdue


def check_completeness(protocol: Protocol, participant: Participant, today: date) -> Completeness:
    """Return what is there, lacking and to come of a participant on a day."""
    open_visits = dict(_open_visits(protocol, participant, today))
    filled_in, missing = [], []
    for visit, known in participant.visits.items():
        if known.name is None or known.on is None:
            continue
        for form in forms_planned_at(protocol, known.name):
            if _is_filled_in(participant, visit, form):
                filled_in.append((visit, form))
            elif _is_asked_for(protocol, participant, form, known.on):
                missing.append((visit, form))
    to_come = [
        (visit, form)
        for visit, overdue in open_visits.items()
        if not overdue
        for form in forms_planned_at(protocol, visit)
        if _is_asked_for(protocol, participant, form, today)
    ]
    over = not open_visits or all(open_visits.values())
    for form, due in _endings(protocol, participant, open_visits, over=over):
        place = ("", form)
        (filled_in if _is_filled_in(participant, *place) else missing if due else to_come).append(place)
    overdue = tuple(visit for visit, passed in open_visits.items() if passed)
    return Completeness(tuple(filled_in), tuple(missing), tuple(to_come), overdue)


def _open_visits(protocol: Protocol, participant: Participant, today: date) -> Iterator[tuple[str, bool]]:
    """Give the visits that are expected, neither held nor missed, and whether their window has passed."""
    first, left = day_1(protocol, participant), left_on(participant)
    if participant.allocation is None and (left or not _may_enter(participant)):
        return
    for visit in protocol.schedule.visits:
        if visit in participant.visits:
            continue
        if first is None:
            yield visit, False
            continue
        opens, closes = window_of(protocol, visit, first)
        if left is None or opens <= left:
            yield visit, closes < today


def _may_enter(participant: Participant) -> bool:
    return participant.eligibility is None or participant.eligibility.eligible


def _is_filled_in(participant: Participant, visit: str, form: str) -> bool:
    repeats = (entry for entry in participant.forms.values() if (entry.visit, entry.form) == (visit, form))
    return any(entry.removed is None for entry in repeats)


def _is_asked_for(protocol: Protocol, participant: Participant, form_id: str, on: date) -> bool:
    if participant.consent_withdrawn_on is not None:
        return False
    form, ended = protocol.forms[form_id], participant.ended.get("treatment")
    if form.sdtm in GIVEN and ended is not None and ended.on < on:
        return False
    masked = masked_items(protocol, form, allocated=participant.allocation is not None)
    return any(name not in masked and item.derive is None for name, item in form.items.items())


def _endings(
    protocol: Protocol, participant: Participant, open_visits: dict[str, bool], *, over: bool
) -> Iterator[tuple[str, bool]]:
    """Give the forms that say how treatment and participation ended, and whether they are due."""
    if participant.allocation is None:
        return
    over = over or left_on(participant) is not None
    ahead = [visit for visit, passed in open_visits.items() if not passed]
    infusions_over = not any(products_planned_at(protocol, visit) for visit in ahead)
    for name, form in protocol.forms.items():
        if form.ends == "participation" and belongs_to_no_visit(protocol, name):
            yield name, over
        elif form.ends == "treatment" and belongs_to_no_visit(protocol, name):
            yield name, over or infusions_over
