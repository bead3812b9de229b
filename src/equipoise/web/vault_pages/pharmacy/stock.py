"""The stock by carton, as the ledger knows it: where each is, until when it serves; quarantine and excursions."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ....conduct.door.fact import Intent
from ....conduct.door.state import Carton
from ....conduct.supply.changes import OF_SUPPLY
from ....conduct.supply.ledger import owed_to
from ....conduct.supply.quarantine import QuarantineCartons, ReleaseCartons, ReportExcursion
from ...shell.answers import kept
from ...shell.here import Here
from ...shell.requests import cut, here, submit
from ...shell.said import said
from ...words import say
from ..asking import asks, attempt, may_ask
from .typed import numbers, reading, text, whole

SOON = 30
"""Days before the end of its use from which a carton is marked."""
PLACES = ("stock", "on the way", "depot", "used", "quarantine", "expired", "expires soon")


@dataclass(frozen=True)
class Cartons:
    """Cartons by number, each with the filters under which it is found; how many there are under each."""

    cartons: list[tuple[str, Carton, list[str]]]
    counts: Counter[str]


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
    there = kept(looking, ("cartons", looking.site), lambda: _list_cartons(looking), of=OF_SUPPLY)
    found, counts = there.cartons, there.counts
    if place or site or wanted:
        found = [
            (number, carton, places)
            for number, carton, places in found
            if place in ("", *places) and site in ("", carton.site) and wanted.strip() in number
        ]
    pages = cut(request, found)
    context = {
        "title": say("Stock"),
        "cartons": pages.page.object_list,
        "pages": pages,
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


def _list_cartons(looking: Here) -> Cartons:
    """Return the cartons that who looks may see, those first that have to be used first, the used ones last."""
    found = [
        (number, carton, _places(carton, looking.today))
        for number, carton in looking.trial.cartons.items()
        if carton.site is None or looking.may_see(carton.site)
    ]
    found.sort(key=lambda one: (one[1].place == "used", one[1].use_by, one[0]))
    return Cartons(found, Counter(one for _, _, places in found for one in places))


def list_owed(looking: Here) -> list[tuple[str, str, int]]:
    """Return how many cartons of which product the sites are owed: site, product, number."""
    trial = looking.trial
    asked = ("owed", looking.site, tuple(trial.sites), len(trial.versions))
    return kept(looking, asked, lambda: _list_owed(looking), of=OF_SUPPLY)


def _list_owed(looking: Here) -> list[tuple[str, str, int]]:
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
