"""Where a form stands: whose, which, at which visit, which record of it; and who may write it there."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import Http404, HttpRequest
from django.urls import reverse

from .....conduct.door.fact import Setting
from .....conduct.door.scope import require_open
from .....conduct.door.state import FormEntry, Participant, Value, form_key
from .....conduct.forms.access import require_place, require_writer
from .....conduct.forms.changing import version_of_record
from .....conduct.forms.entry import SaveForm
from .....conduct.forms.planned import masked_items
from .....errors import DecisionRefused
from .....protocol import Protocol
from .....protocol.model import Form
from ....shell.requests import here, may, participant_here

AT_ANY_TIME = "-"
"""Stands in an address for the visit of a form that belongs to none."""


@dataclass(frozen=True)
class Place:
    """Where a form stands; `protocol` is the version by which its record is read and judged."""

    person: Participant
    protocol: Protocol
    name: str
    visit: str
    repeat: int

    @property
    def form(self) -> Form:
        """The form."""
        return self.protocol.forms[self.name]

    @property
    def key(self) -> str:
        """The key of the record."""
        return form_key(self.visit, self.name, self.repeat)

    @property
    def entry(self) -> FormEntry | None:
        """The record, though it may have been struck out; None where nothing was filled in."""
        return self.person.forms.get(self.key)

    @property
    def stands(self) -> Mapping[str, Value]:
        """The values on record."""
        return {} if self.entry is None else self.entry.values

    @property
    def sequence(self) -> int:
        """The number of the last event on the record; 0 for none."""
        return 0 if self.entry is None else self.entry.sequence

    @property
    def masked(self) -> frozenset[str]:
        """The items that only the vault keeps."""
        return masked_items(self.protocol, self.form, allocated=self.person.allocation is not None)

    @property
    def records(self) -> list[FormEntry]:
        """All records of the form at this visit."""
        return [one for one in self.person.forms.values() if (one.form, one.visit) == (self.name, self.visit)]

    def address(self, page: str = "form", *more: str) -> str:
        """Return the address of a page of this record."""
        where = [self.person.id, self.name, self.visit or AT_ANY_TIME, self.repeat]
        return reverse(page, args=[*where, *more])


def place_of(request: HttpRequest, number: str, form: str, visit: str, repeat: int) -> Place:
    """Return where a form stands. Raises Http404 where it cannot stand there, or not for who looks."""
    person, looking = participant_here(request, number), here(request)
    where = "" if visit == AT_ANY_TIME else visit
    entry, door = person.forms.get(form_key(where, form, repeat)), looking.running.door
    setting = Setting(door.protocol_of(number), looking.by, door.protocols)
    protocol = version_of_record(setting, person, entry)
    if form not in protocol.forms:
        raise Http404
    place = Place(person, protocol, form, where, repeat)
    following = 1 + (max((one.repeat for one in place.records), default=0) if place.form.repeats else 0)
    if not 1 <= repeat <= following:
        raise Http404
    try:
        require_place(protocol, person, form, where)
    except DecisionRefused as refused:
        raise Http404 from refused
    return place


def why_read_only(request: HttpRequest, place: Place) -> str | None:
    """Return why a form cannot be written by who looks; empty where the role never does; None where it can."""
    looking = here(request)
    if not may(request, SaveForm):
        return ""
    try:
        require_writer(looking.role, place.form)
        require_open(looking.trial, place.person, place.visit, place.name, role=looking.role)
    except DecisionRefused as refused:
        return str(refused)
    return None
