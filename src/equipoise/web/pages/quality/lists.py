"""Lists to read: deviations, entries from paper or late, second entries, where the record of harm disagrees."""

from collections.abc import Iterable
from datetime import date

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from ....conduct.door.state import Trial
from ....conduct.quality.late_entry import Delayed, list_delayed
from ....conduct.quality.reconciliation import Disagreement, check_harm, compare_cases, read_cases
from ....conduct.quality.second_entry import Pending, list_second_entries
from ....errors import DataError
from ....protocol import Protocol
from ...shell.here import Here
from ...shell.requests import here, shown_to
from ...shell.templatetags.words import said
from ...words import language, say
from .listing import Cell, item_name, of_each, person_cell, record_cell, show, table, value_text

LARGEST = 10_000_000
"""Bytes of a list that may be sent."""


class Deviant(msgspec.Struct, frozen=True, kw_only=True):
    """A deviation: one that a step has found, or (`record`) one that the site has entered on a form."""

    participant: str
    visit: str
    on: date
    weight: str
    what: str
    record: str = ""


@shown_to("queries")
def deviations(request: HttpRequest) -> HttpResponse:
    """List the protocol deviations, the newest first."""
    looking = here(request)
    weight = request.GET.get("weight", "")
    found = [one for one in known_deviations(looking) if weight in ("", one.weight)]
    found.sort(key=lambda one: (one.on, one.participant), reverse=True)

    def row(one: Deviant) -> tuple[Cell | str, ...]:
        where = record_cell(request, one.participant, one.record) if one.record else Cell(one.visit)
        text = said(one.what) if one.what else _entered(looking, one)
        return person_cell(one.participant), where, Cell(one.on), say(one.weight), text

    shown = table(
        request,
        say("Protocol deviations, the newest first"),
        (say("Participant"), say("Visit or form"), say("Date"), say("Major or minor"), say("What happened")),
        found,
        row,
        empty=say("No deviation is known."),
    )
    filters = [("weight", name, say(name), name == weight) for name in ("", "MAJOR", "MINOR")]
    return show(request, say("Protocol deviations"), shown, filters=filters)


@shown_to("completeness")
def delayed(request: HttpRequest) -> HttpResponse:
    """List what was written on paper first, or entered late, with the reasons."""
    looking = here(request)

    def listing(_: Protocol, trial: Trial) -> Iterable[Delayed]:
        return list_delayed(trial)

    def row(one: Delayed) -> tuple[Cell | str, ...]:
        return (
            person_cell(one.participant),
            record_cell(request, one.participant, one.record),
            Cell(one.on),
            Cell(one.entered_on),
            str(one.days),
            one.late,
            one.why,
        )

    shown = table(
        request,
        say("Records that came from paper or came late"),
        (
            say("Participant"),
            say("Record"),
            say("Date"),
            say("Entered"),
            say("Days"),
            say("Why late"),
            say("Why on paper"),
        ),
        of_each(looking, "delayed", listing),
        row,
    )
    return show(request, say("Late entries"), shown)


@shown_to("queries")
def twice(request: HttpRequest) -> HttpResponse:
    """List what waits for its second entry, and which items differ; what was entered is not shown."""
    looking = here(request)

    def listing(protocol: Protocol, trial: Trial) -> Iterable[Pending]:
        return list_second_entries(protocol, trial)

    def names(one: Pending, items: tuple[str, ...]) -> str:
        return ", ".join(item_name(looking, one.participant, one.record, item) for item in items)

    shown = table(
        request,
        say("Second entries that wait, and differences to be settled by the investigator"),
        (say("Participant"), say("Record"), say("Enter again"), say("Settle")),
        of_each(looking, "second entries", listing),
        lambda one: (
            person_cell(one.participant),
            record_cell(request, one.participant, one.record),
            names(one, one.items),
            names(one, one.differ),
        ),
        empty=say("Nothing waits for a second entry."),
    )
    return show(request, say("Double entry"), shown)


@require_http_methods(["GET", "POST"])
@shown_to("harm")
def reconciliation(request: HttpRequest) -> HttpResponse:
    """List where the record of harm disagrees with itself, and with a list of the safety database that is sent."""
    looking = here(request)
    found: list[Disagreement] = of_each(looking, "harm", check_harm)
    refusal, file = "", request.FILES.get("file")
    if request.method == "POST":
        try:
            found = [*found, *_compared(looking, file.read() if file and (file.size or 0) < LARGEST else b"")]
        except DataError as error:
            refusal = str(error)
    shown = table(
        request,
        say("What does not agree about adverse events"),
        (say("Participant"), say("Record"), say("Event"), say("What does not agree")),
        found,
        lambda one: (
            person_cell(one.participant) if one.participant in looking.trial.participants else one.participant,
            record_cell(request, one.participant, one.record) if one.record else "",
            one.term,
            said(one.what),
        ),
        empty=say("Everything agrees."),
    )
    return show(
        request,
        say("Reconciliation of adverse events"),
        shown,
        template="quality/reconciliation.html",
        refusal=refusal,
        compared=request.method == "POST" and not refusal,
    )


def _compared(looking: Here, content: bytes) -> list[Disagreement]:
    """Return what does not agree with a list of the safety database, of the sites that who looks may see."""
    if not content:
        raise DataError(say("Choose a file of at most 10 MB."))
    try:
        cases = read_cases(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise DataError(say("The list must be text in UTF-8.")) from error
    people = looking.trial.participants
    found = compare_cases(looking.protocol, looking.trial, cases, looking.running.door.protocols)
    return [one for one in found if one.participant not in people or looking.may_see(people[one.participant].site)]


def known_deviations(looking: Here) -> list[Deviant]:
    """Return the deviations of the participants that who looks may see."""
    return of_each(looking, "deviations", _deviant)


def _deviant(protocol: Protocol, trial: Trial) -> Iterable[Deviant]:
    for person in trial.participants.values():
        for one in person.deviations:
            yield Deviant(
                participant=person.id, visit=one.visit or "", on=one.on, weight=one.weight, what=one.what
            )
        for record, entry in person.forms.items():
            form = protocol.forms.get(entry.form)
            if form is None or form.sdtm != "DV" or entry.removed is not None:
                continue
            weights = [item for item, one in form.items.items() if one.sdtm == "DVSCAT" and item in entry.values]
            weight = str(entry.values[weights[0]].value or "") if weights else ""
            yield Deviant(
                participant=person.id, visit=entry.visit, on=entry.on, weight=weight, what="", record=record
            )


def _entered(looking: Here, one: Deviant) -> str:
    """Return what the site has entered of a deviation, item by item."""
    entry = looking.trial.participants[one.participant].forms[one.record]
    said = (value_text(looking, one.participant, entry, item) for item in entry.values)
    return (" · " if language() == "en" else "；").join(text for text in said if text)
