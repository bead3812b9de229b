"""What is there and what is lacking of a participant: forms filled in, missing, to come; visits nobody speaks of.

The checklist before the lock rests on it. Nothing is asked for that could not be recorded: no visit after the end
of participation, no form after consent was withdrawn, no infusion after the end of treatment, no value that only
the vault keeps.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from ...protocol import Protocol
from ..door.dates import day_1_of
from ..door.state import Participant
from ..follow_up.attendance import left_on
from ..follow_up.windows import window_of
from .planned import GIVEN, belongs_to_no_visit, forms_planned_at, masked_items, products_planned_at

Place = tuple[str, str]
"""Visit (empty for a form at any time) and form."""


@dataclass(frozen=True)
class Completeness:
    """The forms of a participant by place; visits in whose window today lies, and those passed without a word."""

    filled_in: tuple[Place, ...]
    missing: tuple[Place, ...]
    to_come: tuple[Place, ...]
    due: tuple[str, ...]
    overdue: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        """Whether nothing is lacking now."""
        return not self.missing and not self.overdue


class Expectations:
    """What a protocol asks for, worked out once for the question of what many participants lack.

    versions: every version by hash, where there are several; at a visit that was held, that one counts by which it
    was held.
    """

    def __init__(self, protocol: Protocol, versions: Mapping[str, Protocol] | None = None) -> None:
        self._protocol, visits = protocol, protocol.schedule.visits
        self._planned_by = {
            version: {visit: forms_planned_at(one, visit) for visit in one.schedule.visits}
            for version, one in (versions or {}).items()
        }
        self._targets = {name: visit.target for name, visit in visits.items()}
        self._planned = {visit: forms_planned_at(protocol, visit) for visit in visits}
        self._with_products = {visit for visit in visits if products_planned_at(protocol, visit)}
        self._given = {name for name, form in protocol.forms.items() if form.sdtm in GIVEN}
        self._enterable = {
            allocated: {
                name
                for name, form in protocol.forms.items()
                if {item for item, one in form.items.items() if one.derive is None}
                - masked_items(protocol, form, allocated=allocated)
            }
            for allocated in (False, True)
        }
        self._endings = {
            name: form.ends
            for name, form in protocol.forms.items()
            if form.ends in ("participation", "treatment") and belongs_to_no_visit(protocol, name)
        }

    def check(self, participant: Participant, today: date) -> Completeness:
        """Return what is there, lacking and to come of a participant on a day."""
        there = {(entry.visit, entry.form) for entry in participant.forms.values() if entry.removed is None}
        windows = dict(self._open_visits(participant, today))
        filled_in, missing = [], []
        for visit, known in participant.visits.items():
            if known.name is None or known.on is None:
                continue
            for form in self._planned_by.get(known.protocol, self._planned).get(known.name, ()):
                if (visit, form) in there:
                    filled_in.append((visit, form))
                elif self._is_asked_for(participant, form, known.on):
                    missing.append((visit, form))
        ahead = [visit for visit, standing in windows.items() if standing != "overdue"]
        to_come = [
            (visit, form)
            for visit in ahead
            for form in self._planned[visit]
            if self._is_asked_for(participant, form, today)
        ]
        for form, is_due in self._ends(participant, ahead):
            place = ("", form)
            (filled_in if place in there else missing if is_due else to_come).append(place)
        due, overdue = (
            tuple(v for v, one in windows.items() if one == standing) for standing in ("due", "overdue")
        )
        return Completeness(tuple(filled_in), tuple(missing), tuple(to_come), due, overdue)

    def _open_visits(self, participant: Participant, today: date) -> Iterator[tuple[str, str]]:
        """Give the visits expected, neither held nor missed, and whether they are ahead, due or overdue."""
        first, left = day_1_of(participant, self._targets), left_on(participant)
        if participant.allocation is None and (left or not _may_enter(participant)):
            return
        for visit in self._planned:
            if visit in participant.visits:
                continue
            if first is None:
                yield visit, "ahead"
                continue
            opens, closes = window_of(self._protocol, visit, first)
            if left is None or opens <= left:
                yield visit, "overdue" if closes < today else "due" if opens <= today else "ahead"

    def _is_asked_for(self, participant: Participant, form: str, on: date) -> bool:
        if participant.consent_withdrawn_on is not None:
            return False
        ended = participant.ended.get("treatment") if form in self._given else None
        over = ended is not None and ended.on < on
        return not over and form in self._enterable[participant.allocation is not None]

    def _ends(self, participant: Participant, ahead: list[str]) -> Iterator[tuple[str, bool]]:
        """Give the forms that say how treatment and participation ended, and whether they are due."""
        if participant.allocation is None:
            return
        over = not ahead or left_on(participant) is not None
        infusions_over = self._with_products.isdisjoint(ahead)
        for name, ends in self._endings.items():
            yield name, over or (ends == "treatment" and infusions_over)


def check_completeness(protocol: Protocol, participant: Participant, today: date) -> Completeness:
    """Return what is there, lacking and to come of a participant on a day."""
    return Expectations(protocol).check(participant, today)


def _may_enter(participant: Participant) -> bool:
    return participant.eligibility is None or participant.eligibility.eligible
