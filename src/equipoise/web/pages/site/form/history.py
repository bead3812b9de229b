"""The history of one value: who, when, what, why."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from .....conduct.door.scope import name_person
from .....conduct.forms.history import history_of
from ....shell.requests import here, shown_to
from ....words import language, say
from ..participant.head import head_of
from ..participant.signing import said_value
from .place import place_of


@shown_to("trail")
def page(request: HttpRequest, number: str, form: str, visit: str, repeat: int, item: str) -> HttpResponse:
    """Show all values that an item has had, the newest first; to htmx as a part of the page."""
    place = place_of(request, number, form, visit, repeat)
    if item not in place.form.items:
        raise Http404
    looking, asked = here(request), place.form.items[item]
    events = looking.running.book.read(participant=number)
    past = history_of(events, item, form, place.visit, repeat)
    context = {
        "title": say("History of {item}", item=asked.label.say(language())),
        "item": asked,
        "past": [(one, name_person(looking.trial, one.actor), said_value(asked, one)) for one in reversed(past)],
        "back": place.address(),
        **head_of(request, place.person),
    }
    part = "site/history_part.html" if request.headers.get("HX-Request") else "site/history.html"
    return render(request, part, context)
