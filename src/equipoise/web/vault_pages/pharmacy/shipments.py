"""Shipments: cartons go to the sites as the buffer asks for, and are counted there kit by kit."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ....conduct.supply.shipments import ReceiveShipment, SendShipment
from ...shell.requests import cut, here, submit
from ...words import say
from ..asking import asks, attempt, may_ask
from .stock import list_owed, sentence
from .typed import numbers, reading, text, whole


@require_http_methods(["GET", "POST"])
@asks("lot_accounts")
def page(request: HttpRequest) -> HttpResponse:
    """Show the shipments, the newest first; send one, or receive one."""
    refusal = ""
    if request.method == "POST":
        steps = {"send": lambda: _send(request), "receive": lambda: _receive(request)}
        said, refusal = attempt(request, steps)
        if not refusal:
            messages.success(request, said or "")
            return redirect("shipments")
    looking = here(request)
    there = [one for one in looking.trial.shipments.items() if looking.may_see(one[1].site)][::-1]
    pages = cut(request, there)
    context = {
        "title": say("Shipments"),
        "shipments": pages.page.object_list,
        "pages": pages,
        "open": [number for number, one in there if one.received_on is None],
        "sites": [site for site in looking.trial.sites if looking.may_see(site)],
        "owed": list_owed(looking),
        "products": {
            name: product.label
            for name, product in looking.protocol.interventions.items()
            if product.supply is not None
        },
        "may_work": may_ask(request, "pack_cartons"),
        "refusal": refusal,
    }
    return render(request, "vault/shipments.html", context, status=422 if refusal else 200)


def _send(request: HttpRequest) -> str:
    intent = SendShipment(
        site=text(request, "site"), intervention=text(request, "product"), cartons=whole(request, "cartons")
    )
    return "; ".join(sentence(event) for event in submit(request, intent))


def _receive(request: HttpRequest) -> str:
    shipment = text(request, "shipment")
    intent = ReceiveShipment(
        site=shipment.partition("/")[0],
        shipment=shipment,
        kits=numbers(request, "kits"),
        damaged=numbers(request, "damaged"),
        lowest=reading(request, "lowest"),
        highest=reading(request, "highest"),
    )
    return "; ".join(sentence(event) for event in submit(request, intent))
