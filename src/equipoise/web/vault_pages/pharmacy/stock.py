"""The stock by carton, as the ledger knows it: where each is, until when it serves; quarantine and excursions."""

from collections import Counter
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ....conduct.door.fact import Intent
from ....conduct.door.state import Carton
from ....conduct.supply.ledger import owed_to
from ....conduct.supply.quarantine import QuarantineCartons, ReleaseCartons, ReportExcursion
from ...shell.here import Here
from ...shell.requests import here, submit
from ...shell.said import said
from ...words import say
from ..asking import asks, attempt, may_ask
from .typed import numbers, reading, text, whole

SHOWN = 100
SOON = 30
"""Days before the end of its use from which a carton is marked."""
PLACES = ("stock", "on the way", "depot", "used", "quarantine", "expired", "expires soon")


@require_http_methods(["GET", "POST"])
@asks("lot_accounts")
def page(request: HttpRequest) -> HttpResponse:
    """Show the cartons, and put them into quarantine or release them."""
    refusal = ""
    if request.method == "POST":
        said, refusal = attempt(
            request,
            {
                "quarantine": lambda: _do(
                    request, QuarantineCartons(cartons=_cartons(request), reason=_why(request))
                ),
                "release": lambda: _do(request, ReleaseCartons(cartons=_cartons(request), reason=_why(request))),
                "excursion": lambda: _do(request, _excursion(request)),
            },
        )
        if not refusal:
            messages.success(request, said or "")
            return redirect("stock")
    looking = here(request)
    place, site, wanted = (request.GET.get(name, "") for name in ("place", "site", "number"))
    there = [
        (number, carton, places)
        for number, carton in looking.trial.cartons.items()
        if carton.site is None or looking.may_see(carton.site)
        for places in [_places(carton, looking.today)]
    ]
    counts = Counter(one for _, _, places in there for one in places)
    found = [
        (number, carton, places)
        for number, carton, places in there
        if place in ("", *places) and site in ("", carton.site) and wanted.strip() in number
    ]
    found.sort(key=lambda one: (one[1].place == "used", one[1].use_by, one[0]))
    context = {
        "title": say("Stock"),
        "cartons": found[:SHOWN],
        "more": max(0, len(found) - SHOWN),
        "counts": [(one, counts[one]) for one in PLACES if counts[one]],
        "place": place,
        "site": site,
        "wanted": wanted,
        "sites": _sites(looking),
        "owed": list_owed(looking),
        "products": {name: product.label for name, product in looking.protocol.interventions.items()},
        "may_work": may_ask(request, "pack_cartons"),
        "refusal": refusal,
    }
    return render(request, "vault/stock.html", context, status=422 if refusal else 200)


def list_owed(looking: Here) -> list[tuple[str, str, int]]:
    """Return how many cartons of which product the sites are owed: site, product, number."""
    return [
        (site, name, number)
        for site in _sites(looking)
        for name, product in looking.protocol.interventions.items()
        if product.supply is not None
        and (number := owed_to(looking.protocol, looking.trial, site, name, looking.today))
    ]


def _sites(looking: Here) -> list[str]:
    return [site for site in looking.trial.sites if looking.may_see(site)]


def _places(carton: Carton, today: date) -> list[str]:
    """Return under which filters a carton is found: its place, and what is wrong with it."""
    found: list[str] = [carton.place]
    if carton.place != "used":
        left = (carton.use_by - today).days
        found += ["expired"] if left < 0 else ["expires soon"] if left < SOON else []
        found += ["quarantine"] if carton.quarantined_by is not None else []
    return found


def _cartons(request: HttpRequest) -> tuple[str, ...]:
    return numbers(request, "carton") + numbers(request, "typed_cartons")


def _why(request: HttpRequest) -> str:
    return text(request, "reason")


def _excursion(request: HttpRequest) -> ReportExcursion:
    lowest, highest = reading(request, "lowest"), reading(request, "highest")
    given: dict[str, Any] = {"lowest": _read(lowest), "highest": _read(highest)}
    return ReportExcursion(
        site=text(request, "at"), minutes=whole(request, "minutes") or 0, reason=text(request, "what"), **given
    )


def _read(value: float | None) -> float:
    """Return a reading; one that was not typed is no number, which the door refuses in its own words."""
    return float("nan") if value is None else value


def _do(request: HttpRequest, intent: Intent) -> str:
    return "; ".join(sentence(event) for event in submit(request, intent))


def sentence(event: Any) -> str:
    """Say an event in its own words, in the language of who looks."""
    from ....conduct.door.chapters import read_fact

    return said(read_fact(event).tell())
