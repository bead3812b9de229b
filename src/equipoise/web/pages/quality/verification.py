"""Source verification by risk: what is to be compared, by participant; each value shown, ticked, marked."""

from collections.abc import Iterable

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from ....conduct.door.state import Participant, Trial
from ....conduct.quality.verification import ToVerify, VerifySource, list_to_verify
from ....errors import DecisionRefused
from ....protocol import Protocol
from ...shell.here import Here
from ...shell.requests import counted, here, may, participant_here, shown_to, submit
from ...words import say
from .listing import (
    Cell,
    form_url,
    item_name,
    of_each,
    protocol_of,
    record_name,
    show,
    table,
    value_text,
)

RECORDS = 40
"""Records of a participant on one page."""


class ToCompare(msgspec.Struct, frozen=True):
    """How many records and values of a participant are to be compared, and how many values were once before."""

    participant: str
    site: str
    records: int
    values: int
    again: int


@shown_to("queries")
def page(request: HttpRequest) -> HttpResponse:
    """List the participants with values that are still to be compared with the source."""
    looking = here(request)
    site = request.GET.get("site", "")
    found = [one for one in to_compare(looking) if site in ("", one.site)]
    shown = table(
        request,
        say("Participants with values to be compared with the source"),
        (
            say("Participant"),
            say("Site"),
            say("Records"),
            say("Values to compare"),
            say("changed since they were verified"),
        ),
        found,
        lambda one: (
            Cell(one.participant, reverse("verify", args=[one.participant])),
            one.site,
            *(str(number) for number in (one.records, one.values, one.again)),
        ),
        empty=say("Every value that is to be verified has been."),
    )
    said = say("All critical values are compared, and a drawn share of the others, as the protocol says.")
    return show(request, say("Source verification"), shown, said=said)


@require_http_methods(["GET", "POST"])
@shown_to("queries")
def verify(request: HttpRequest, number: str) -> HttpResponse:
    """Show the values of a participant that are to be compared, and mark those that agree with the source."""
    person, looking = participant_here(request, number), here(request)
    ticked = request.POST.getlist("value")
    refusal = ""
    if request.method == "POST":
        records: dict[str, tuple[str, ...]] = {}
        for record, _, item in (one.rpartition(":") for one in ticked):
            records[record] = (*records.get(record, ()), item)
        seen = request.POST.get("seen", "")
        try:
            intent = VerifySource(participant=number, records=records, seen=counted(seen) or 0)
            submit(request, intent)
            return redirect("verify", number=number)
        except DecisionRefused as refused:
            refusal = str(refused)
    waiting = to_verify(looking, [person])
    context = {
        "title": say("Compare with the source: participant {number}", number=number),
        "person": person,
        "records": [
            (
                one.record,
                record_name(looking, number, one.record),
                form_url(number, one.record),
                person.forms[one.record].on,
                [
                    (
                        item,
                        item_name(looking, number, one.record, item),
                        value_text(looking, number, person.forms[one.record], item),
                        protocol_of(looking, number).forms[person.forms[one.record].form].items[item].critical,
                        item in one.again,
                        f"{one.record}:{item}",
                    )
                    for item in one.items
                ],
            )
            for one in waiting[:RECORDS]
        ],
        "more": max(0, len(waiting) - RECORDS),
        "ticked": ticked,
        "seen": looking.trial.sequence,
        "may_verify": may(request, VerifySource),
        "refusal": refusal,
    }
    return render(request, "quality/verify.html", context, status=422 if refusal else 200)


def to_compare(looking: Here) -> list[ToCompare]:
    """Return how much is to be compared of each participant that who looks may see."""
    return of_each(looking, "values to compare", _compare)


def to_verify(looking: Here, people: Iterable[Participant] | None = None) -> list[ToVerify]:
    """Return what is to be compared with the source of some participants, else of all that who looks may see."""

    def listing(protocol: Protocol, trial: Trial) -> Iterable[ToVerify]:
        return list_to_verify(protocol, trial)

    return of_each(looking, "verification", listing, people)


def _compare(protocol: Protocol, trial: Trial) -> Iterable[ToCompare]:
    """Give each participant of whom something is to be compared, with how much it is."""
    for person in trial.participants.values():
        only = msgspec.structs.replace(trial, participants={person.id: person})
        if found := list_to_verify(protocol, only):
            values, again = (
                sum(map(len, of)) for of in zip(*((one.items, one.again) for one in found), strict=True)
            )
            yield ToCompare(person.id, person.site, len(found), values, again)
