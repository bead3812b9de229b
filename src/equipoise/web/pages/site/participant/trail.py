"""The history of a participant, event by event, and the casebook: every form with the history of each value."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from .....conduct.door.chapters import read_fact
from .....conduct.door.scope import name_person
from .....trial.site_archive.casebook import derive_casebook
from ....shell.requests import counted, here, participant_here, shown_to
from ....shell.said import named
from ....words import language, say
from .head import head_of

_SHOWN = 200


@shown_to("trail")
def page(request: HttpRequest, number: str) -> HttpResponse:
    """Show who did what for a participant, when and why, the newest first."""
    person, looking = participant_here(request, number), here(request)
    events = list(looking.running.book.read(participant=number))
    wanted = request.GET.get("what", "").strip().casefold()
    before = counted(request.GET.get("before", ""))
    found = [
        (event, name_person(looking.trial, event.actor), said)
        for event in reversed(events)
        if wanted in (said := read_fact(event).tell()).casefold() and (before is None or event.sequence < before)
    ]
    shown = found[:_SHOWN]
    context = {
        "title": say("History of participant {number}", number=number),
        "events": shown,
        "more": len(found) - len(shown),
        "last": shown[-1][0].sequence if shown else None,
        "wanted": wanted,
        **head_of(request, person),
    }
    return render(request, "site/trail.html", context)


@shown_to("trail")
def casebook(request: HttpRequest, number: str) -> HttpResponse:
    """Show all forms of a participant with the history of each value, to be printed."""
    person, looking = participant_here(request, number), here(request)
    events = list(looking.running.book.read(participant=number))
    document = derive_casebook(
        looking.trial, looking.running.door.protocols, person, events, language=language(), told=named
    )
    context = {"title": document.title, "document": document, **head_of(request, person)}
    return render(request, "site/casebook.html", context)
