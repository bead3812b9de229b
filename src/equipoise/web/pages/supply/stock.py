"""What a site has: shipments on their way, its kits by number and state, prepared doses that wait for a check."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from ....conduct.supply.changes import OF_SUPPLY
from ....conduct.supply.ledger import AccountLine, account
from ....conduct.supply.pending import Preparation, list_preparations
from ....conduct.supply.preparation import CheckPreparation
from ....conduct.supply.quarantine import ReportExcursion
from ....conduct.supply.returns import ReturnKits
from ....conduct.supply.shipments import ReceiveShipment
from ....protocol.model.element import Text
from ...shell.answers import kept
from ...shell.here import Here
from ...shell.requests import cut, here, may, shown_to
from ...words import say


@dataclass(frozen=True)
class Stock:
    """Where the kits are, one by one, and their numbers by site, product and state."""

    lines: Sequence[AccountLine]
    counts: Counter[tuple[str, str, str]]


@require_GET
@shown_to("stock")
def page(request: HttpRequest) -> HttpResponse:
    """Show the stock; kits are found by a part of their number, or by their state."""
    looking = here(request)
    stock = kept(looking, ("stock", looking.site), lambda: _take_stock(looking), of=OF_SUPPLY)
    wanted, state = request.GET.get("kit", "").strip(), request.GET.get("state", "")
    found: Sequence[AccountLine] = stock.lines
    if wanted or state:
        found = [one for one in found if wanted.upper() in one.kit and state in ("", one.state)]
    pages = cut(request, found)
    context: dict[str, Any] = {
        "title": say("Supply"),
        "shipments": [
            (number, shipment, sum(len(looking.trial.cartons[one].kits) for one in shipment.cartons))
            for number, shipment in sorted(looking.trial.shipments.items())
            if shipment.received_on is None and looking.may_see(shipment.site)
        ],
        "counts": _counts(request, stock.counts),
        "states": sorted({state for _, _, state in stock.counts}),
        "lines": [(one, looking.trial.cartons[one.carton].site) for one in pages.page.object_list],
        "pages": pages,
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


def _take_stock(looking: Here) -> Stock:
    """Account for the kits that were sent to the site of who looks, or to any."""
    cartons = looking.trial.cartons
    lines = [one for one in account(looking.trial, looking.site) if cartons[one.carton].site is not None]
    return Stock(lines, Counter((cartons[one.carton].site or "", one.intervention, one.state) for one in lines))


def _counts(request: HttpRequest, counts: Counter[tuple[str, str, str]]) -> list[tuple[str, Text | str, str, int]]:
    """Give the numbers of kits by site, product and state, in this order."""
    products = here(request).protocol.interventions
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
