"""The orders that wait for their bag, and those whose bag was given out."""

from collections.abc import Sequence
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ....conduct.door.chapters import read_fact
from ....conduct.follow_up.infusions import InfusionOrdered
from ....conduct.supply.pending import Preparation, list_preparations
from ...shell.answers import kept
from ...shell.here import Here
from ...shell.requests import here
from ...words import say
from ..asking import asks, may_ask

SHOWN = 200


@asks("show_preparation")
def page(request: HttpRequest) -> HttpResponse:
    """Show the orders, the earliest day first; what is in a bag is not on this page."""
    looking = here(request)
    door = looking.running.door
    every = request.GET.get("every") == "1" or not may_ask(request, "prepare_dose")
    wanted = request.GET.get("participant", "").strip()
    orders = kept(
        looking,
        ("preparations", looking.site, every),
        lambda: list_preparations(
            lambda person: door.protocol_of(person.id), looking.trial, looking.site, waiting=not every
        ),
    )
    if every:
        orders = orders[::-1]
    found = [one for one in orders if wanted in one.participant]
    shown = found[:SHOWN]
    when = kept(looking, ("ordered", tuple(one.order for one in shown)), lambda: ordered_at(looking, shown))
    labels = {name: product.label for name, product in looking.protocol.interventions.items()}
    context = {
        "title": say("Preparations"),
        "orders": [(one, labels[one.intervention], when.get(one.order)) for one in shown],
        "more": max(0, len(found) - SHOWN),
        "every": every,
        "may_prepare": may_ask(request, "prepare_dose"),
        "wanted": wanted,
        "today": looking.today,
    }
    return render(request, "vault/preparations.html", context)


def ordered_at(looking: Here, orders: Sequence[Preparation]) -> dict[str, datetime]:
    """Return when orders were placed (UTC), by order."""
    found: dict[str, datetime] = {}
    for participant in {one.participant for one in orders}:
        events = looking.running.book.read(participant=participant, kinds=[InfusionOrdered.__name__])
        found |= {getattr(read_fact(event), "order", ""): event.at for event in events}
    return found
