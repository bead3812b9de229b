"""Lists of the pages of quality and oversight: the answer for each participant kept, cut into pages, laid out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from ....conduct.door.state import FormEntry, Participant, Trial, Value
from ....conduct.organisation.joined import read_by
from ....protocol import Protocol
from ...shell.answers import frame_of, kept, kept_each
from ...shell.here import Here
from ...shell.requests import Pages, cut, here
from ...shell.templatetags.words import recorded, unit
from ...words import language, say

Found = TypeVar("Found")


@dataclass(frozen=True)
class Cell:
    """A cell of a list: what it says, where it leads, and its state, by which it has its sign."""

    text: object
    url: str = ""
    state: str = ""

    @property
    def is_day(self) -> bool:
        """Whether it says a day."""
        return isinstance(self.text, date)


@dataclass(frozen=True)
class Table:
    """A list as a page shows it: caption, heads, the rows of this page, and the pages beside it."""

    caption: str
    heads: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    pages: Pages
    empty: str


def people_of(looking: Here) -> list[Participant]:
    """Return the participants that who looks may see, in the order of screening."""
    people, site = looking.trial.participants.values(), looking.site
    return list(people) if site is None else [person for person in people if person.site == site]


def of_each(
    looking: Here,
    question: str,
    listing: Callable[[Protocol, Trial], Iterable[Found]],
    people: Iterable[Participant] | None = None,
) -> list[Found]:
    """Return what a listing of conduct gives for each participant, each asked anew only where there is news.

    listing: takes the version of the protocol that counts for a participant, and the frame of the trial with them
    alone; it knows no day. people: None for all that who looks may see.
    """
    frame, door = frame_of(looking.trial), looking.running.door
    of = read_by(looking.protocol, looking.trial, door.protocols)

    def alone(person: Participant) -> tuple[Found, ...]:
        only = msgspec.structs.replace(frame, participants={person.id: person})
        return tuple(listing(of(person), only))

    answers = kept_each(looking, question, people_of(looking) if people is None else people, alone, daily=False)
    return [one for found in answers for one in found]


def table(
    request: HttpRequest,
    caption: str,
    heads: Sequence[str],
    found: Sequence[Found],
    row: Callable[[Found], Sequence[Cell | str]],
    *,
    empty: str = "",
    name: str = "page",
) -> Table:
    """Lay out the page of a list that is asked for; `name` is that of its number in the address."""
    pages = cut(request, found, name)
    here_shown = pages.page.object_list
    rows = [[cell if isinstance(cell, Cell) else Cell(cell) for cell in row(one)] for one in here_shown]
    return Table(caption, tuple(heads), rows, pages, empty or say("Nothing."))


def show(
    request: HttpRequest, title: str, shown: Table, *, template: str = "quality/listing.html", **more: Any
) -> HttpResponse:
    """Show a page with one list; a refusal gives 422."""
    context = {"title": title, "table": shown, **more}
    return render(request, template, context, status=422 if more.get("refusal") else 200)


def form_url(participant: str, record: str) -> str:
    """Return the address of the form of a record, such as W0/vitals/1."""
    visit, form, repeat = record.split("/")
    return reverse("form", args=[participant, form, visit or "-", int(repeat)])


def record_cell(request: HttpRequest, participant: str, record: str) -> Cell:
    """Return a record as a link to its form, named in the language of who looks."""
    return Cell(record_name(here(request), participant, record), form_url(participant, record))


def record_name(looking: Here, participant: str, record: str) -> str:
    """Return a record in words: visit, form, number."""
    visit, form, repeat = record.split("/")
    protocol = protocol_of(looking, participant)
    label = protocol.forms[form].label.say(language()) if form in protocol.forms else form
    number = f" {repeat}" if form in protocol.forms and protocol.forms[form].repeats else ""
    return f"{visit} {label}{number}".strip()


def person_cell(participant: str) -> Cell:
    """Return a participant as a link."""
    return Cell(participant, reverse("participant", args=[participant]))


def person_name(looking: Here, person: str) -> str:
    """Return the full name of somebody who works on the trial."""
    known = looking.trial.people.get(person)
    return person if known is None else known.name


def item_name(looking: Here, participant: str, record: str, item: str) -> str:
    """Return what an item is called in the language of who looks."""
    items = protocol_of(looking, participant).forms[record.split("/")[1]].items
    return items[item].label.say(language()) if item in items else say(item)


def protocol_of(looking: Here, participant: str) -> Protocol:
    """Return the protocol by which the records of a participant are read."""
    of = kept(looking, "read by", lambda: read_by(looking.protocol, looking.trial, looking.running.door.protocols))
    return of(looking.trial.participants[participant])


def value_text(looking: Here, participant: str, entry: FormEntry, item: str) -> str:
    """Return a value as it stands on its form: the label of a code, the unit, or why there is none."""
    value: Value | None = entry.values.get(item)
    if value is None:
        return ""
    if value.missing is not None:
        return say(value.missing)
    asked = protocol_of(looking, participant).forms[entry.form].items.get(item)
    if asked is None or value.value is None:
        return "" if value.value is None else str(value.value)
    codes: Mapping[str, Any] = asked.codes or {}
    if str(value.value) in codes:
        return f"{codes[str(value.value)].say(language())}"
    if asked.type == "yes or no":
        return say("Yes") if value.value == "Y" else say("No")
    return f"{value.entered or recorded(value.value)}{f' {unit(asked.unit)}' if asked.unit else ''}"
