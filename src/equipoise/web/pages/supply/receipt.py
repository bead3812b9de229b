"""A shipment that arrived: counted kit by kit, with the readings of its journey."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ....conduct.door.state import Shipment
from ....conduct.supply.shipments import ReceiveShipment
from ....errors import DecisionRefused
from ...shell.requests import for_roles, here, submit
from ...words import say
from ..organisation.typed import typed_in
from .typed import read_number

THERE, DAMAGED, MISSING = FOUND = ("there", "damaged", "missing")


@require_http_methods(["GET", "POST"])
@for_roles("nurse", "coordinator")
def page(request: HttpRequest, shipment: str) -> HttpResponse:
    """Ask for each kit of a shipment, and receive it."""
    looking = here(request)
    sent = looking.trial.shipments.get(shipment)
    if sent is None or not looking.may_see(sent.site):
        raise Http404
    kits = _kits(request, sent)
    said = {kit: request.POST.get(f"kit-{kit}", "") for kit, _ in kits}
    typed, refusal = typed_in(request, "lowest", "highest"), ""
    if request.method == "POST":
        try:
            submit(request, _read(sent.site, shipment, said, typed))
        except DecisionRefused as refused:
            refusal = str(refused)
        else:
            messages.success(request, say("Shipment {number} is received.", number=shipment))
            return redirect("supply")
    context: dict[str, Any] = {
        "title": say("Receive shipment {number}", number=shipment),
        "shipment": sent,
        "kits": [(kit, carton, said[kit]) for kit, carton in kits],
        "found": FOUND,
        "product": looking.protocol.interventions[looking.trial.cartons[sent.cartons[0]].intervention],
        "typed": typed,
        "refusal": refusal,
    }
    return render(request, "supply/receipt.html", context, status=422 if refusal else 200)


def _kits(request: HttpRequest, sent: Shipment) -> list[tuple[str, str]]:
    """Return the kits of a shipment by carton, each with its carton."""
    cartons = here(request).trial.cartons
    return [(kit, number) for number in sorted(sent.cartons) for kit in sorted(cartons[number].kits)]


def _read(site: str, shipment: str, said: dict[str, str], typed: dict[str, str]) -> ReceiveShipment:
    if open_kits := [kit for kit, found in said.items() if found not in FOUND]:
        raise DecisionRefused(say("Say of each kit whether it is there. Not said yet: {kit}", kit=open_kits[0]))
    return ReceiveShipment(
        site=site,
        shipment=shipment,
        kits=tuple(kit for kit, found in said.items() if found == THERE),
        damaged=tuple(kit for kit, found in said.items() if found == DAMAGED),
        lowest=read_number(typed["lowest"]),
        highest=read_number(typed["highest"]),
    )
