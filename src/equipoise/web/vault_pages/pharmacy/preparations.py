"""The orders that wait for their bag, and those whose bag was given out."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ....conduct.door.chapters import read_fact
from ....conduct.door.state import Participant
from ....conduct.follow_up.infusions import InfusionOrdered
from ....conduct.supply.pending import Preparation, list_preparations
from ...shell.answers import frame_of, kept, kept_each
from ...shell.here import Here
from ...shell.requests import cut, here
from ...words import say
from ..asking import asks, may_ask


@asks("show_preparation")
def page(request: HttpRequest) -> HttpResponse:
    """Show the orders, the earliest day first; what is in a bag is not on this page."""
    looking = here(request)
    every = request.GET.get("every") == "1" or not may_ask(request, "prepare_dose")
    wanted = request.GET.get("participant", "").strip()
    orders = list_orders(looking, every=every)
    if every:
        orders = orders[::-1]
    found = [one for one in orders if wanted in one.participant]
    pages = cut(request, found)
    shown = pages.page.object_list
    when = kept(
        looking,
        ("ordered", tuple(one.order for one in shown)),
        lambda: ordered_at(looking, shown),
        of=[InfusionOrdered.__name__],
    )
    labels = {name: product.label for name, product in looking.protocol.interventions.items()}
    context = {
        "title": say("Preparations"),
        "orders": [(one, labels[one.intervention], when.get(one.order)) for one in shown],
        "pages": pages,
        "every": every,
        "may_prepare": may_ask(request, "prepare_dose"),
        "wanted": wanted,
        "today": looking.today,
    }
    return render(request, "vault/preparations.html", context)


def list_orders(looking: Here, *, every: bool) -> list[Preparation]:
    """Return the orders that who looks may see, the earliest day first; those that wait, or every one."""
    door, frame = looking.running.door, frame_of(looking.trial)

    def orders_of(person: Participant) -> list[Preparation]:
        only = msgspec.structs.replace(frame, participants={person.id: person})
        return list_preparations(lambda one: door.protocol_of(one.id), only, waiting=not every)

    people = [one for one in looking.trial.participants.values() if looking.may_see(one.site)]
    found = kept_each(looking, ("preparations", every), people, orders_of, daily=False)
    return sorted((one for orders in found for one in orders), key=lambda one: (one.on, one.order))


def ordered_at(looking: Here, orders: Sequence[Preparation]) -> dict[str, datetime]:
    """Return when orders were placed (UTC), by order."""
    found: dict[str, datetime] = {}
    for participant in {one.participant for one in orders}:
        events = looking.running.book.read(participant=participant, kinds=[InfusionOrdered.__name__])
        found |= {getattr(read_fact(event), "order", ""): event.at for event in events}
    return found
