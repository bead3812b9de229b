"""What a site has: shipments on their way, its kits by number and state, prepared doses that wait for a check."""

from collections import Counter
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from ....conduct.supply.ledger import AccountLine, account
from ....conduct.supply.pending import Preparation, list_preparations
from ....conduct.supply.preparation import CheckPreparation
from ....conduct.supply.quarantine import ReportExcursion
from ....conduct.supply.returns import ReturnKits
from ....conduct.supply.shipments import ReceiveShipment
from ....protocol.model.element import Text
from ...shell.answers import kept
from ...shell.requests import here, may, shown_to
from ...words import say

_SHOWN = 200


@require_GET
@shown_to("stock")
def page(request: HttpRequest) -> HttpResponse:
    """Show the stock; kits are found by a part of their number, or by their state."""
    looking = here(request)
    lines = [
        one
        for one in kept(looking, ("account", looking.site), lambda: account(looking.trial, looking.site))
        if looking.site is not None or looking.trial.cartons[one.carton].site is not None
    ]
    wanted, state = request.GET.get("kit", "").strip(), request.GET.get("state", "")
    found = [one for one in lines if wanted.upper() in one.kit and state in ("", one.state)]
    context: dict[str, Any] = {
        "title": say("Supply"),
        "shipments": [
            (number, shipment, sum(len(looking.trial.cartons[one].kits) for one in shipment.cartons))
            for number, shipment in sorted(looking.trial.shipments.items())
            if shipment.received_on is None and looking.may_see(shipment.site)
        ],
        "counts": _counts(request, lines),
        "states": sorted({one.state for one in lines}),
        "lines": [(one, looking.trial.cartons[one.carton].site) for one in found[:_SHOWN]],
        "more": max(0, len(found) - _SHOWN),
        "wanted": wanted,
        "state": state,
        "checks": _checks(request),
        "all_sites": looking.site is None,
        "may_receive": may(request, ReceiveShipment),
        "may_report": may(request, ReportExcursion),
        "may_return": may(request, ReturnKits),
        "today": looking.today,
    }
    return render(request, "supply/stock.html", context)


def _counts(request: HttpRequest, lines: list[AccountLine]) -> list[tuple[str, Text | str, str, int]]:
    """Count the kits by site, product and state, in this order."""
    cartons, products = here(request).trial.cartons, here(request).protocol.interventions
    counts = Counter((cartons[one.carton].site or "", one.intervention, one.state) for one in lines)
    return [
        (site, products[name].label if name in products else name, state, count)
        for (site, name, state), count in sorted(counts.items())
    ]


def _checks(request: HttpRequest) -> list[Preparation]:
    """Return the prepared doses that wait for the check of another person than who prepared them."""
    looking = here(request)
    if not may(request, CheckPreparation):
        return []
    door, trial = looking.running.door, looking.trial
    found = list_preparations(lambda person: door.protocol_of(person.id), trial, looking.site)
    prepared = {one.order: trial.participants[one.participant].infusions[one.order].prepared_by for one in found}
    return [one for one in found if one.standing == "to be checked" and prepared[one.order] != looking.person]
