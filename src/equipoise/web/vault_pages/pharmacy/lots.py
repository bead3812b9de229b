"""Lots inside the vault: taken in, packed into cartons, traced, accounted for; what is shown here tells arms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ....trial.supply.steps import account_by_lot, pack, quarantine_lot, receive_lot
from ....vault.supply.contents import Lot
from ....vault.supply.desk import KitContent, LotAccount
from ...beside.line import vault_line
from ...shell.requests import here
from ...words import say
from ..asking import ask, asks, attempt, may_ask, step_key
from .typed import day, text, whole


@dataclass
class Shown:
    """What a step has shown: a sentence, what goes into which kit, the account by lot."""

    said: str = ""
    packed: list[KitContent] = field(default_factory=list)
    cartons: tuple[str, ...] = ()
    account: list[tuple[LotAccount, list[tuple[str, int]]]] | None = None


@require_http_methods(["GET", "POST"])
@asks("lot_accounts")
def page(request: HttpRequest) -> HttpResponse:
    """Show what can be done with lots, and what the vault has shown of them."""
    looking = here(request)
    shown, refusal = None, ""
    if request.method == "POST":
        steps = {"account": lambda: _account(request)}
        if may_ask(request, "receive_lot"):
            steps |= {
                "receive": lambda: _receive(request),
                "pack": lambda: _pack(request),
                "trace": lambda: _trace(request),
            }
        shown, refusal = attempt(request, steps)
        if shown is not None and shown.said and not shown.packed:
            messages.success(request, shown.said)
            return redirect("lots")
    context = {
        "title": say("Lots"),
        "shown": shown or Shown(),
        "products": {
            name: product.label
            for name, product in looking.protocol.interventions.items()
            if product.supply is not None
        },
        "arms": {name: arm.label for name, arm in looking.protocol.arms.items()},
        "may_work": may_ask(request, "receive_lot"),
        "today": looking.today,
        "refusal": refusal,
    }
    return render(request, "vault/lots.html", context, status=422 if refusal else 200)


def _account(request: HttpRequest) -> Shown:
    looking = here(request)
    found: Mapping[str, Any] = account_by_lot(looking.running, vault_line(), looking.by, step_key(request))
    return Shown(account=[(lot, sorted(where.items())) for lot, where in found.values()])


def _receive(request: HttpRequest) -> Shown:
    looking = here(request)
    lot = Lot(
        lot=text(request, "lot"),
        intervention=text(request, "lot_product"),
        arms=tuple(request.POST.getlist("arm")),
        expiry=day(request, "expiry"),
        kits=whole(request, "kits") or 0,
    )
    receive_lot(looking.running, vault_line(), looking.by, lot, step_key(request))
    return Shown(said=say("Lot {lot} is in the vault: {kits} kits.", lot=lot.lot, kits=lot.kits))


def _pack(request: HttpRequest) -> Shown:
    looking = here(request)
    packed = pack(
        looking.running,
        vault_line(),
        looking.by,
        text(request, "pack_product"),
        whole(request, "cartons") or 0,
        step_key(request),
    )
    cartons = tuple(one.carton for one in packed)
    contents: list[KitContent] = ask(request, "show_packing", list[KitContent], "packing", cartons=cartons)
    said = say("{count} cartons are to be packed, each kit from the lot that is named.", count=len(cartons))
    return Shown(said=said, packed=contents, cartons=cartons)


def _trace(request: HttpRequest) -> Shown:
    looking = here(request)
    found = quarantine_lot(
        looking.running,
        vault_line(),
        looking.by,
        text(request, "traced"),
        text(request, "wrong"),
        step_key(request),
    )
    return Shown(said=say("{count} cartons are in quarantine.", count=len(found)))
