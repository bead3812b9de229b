"""One order from the kit to the bag that is given out, a step after the other, each on this page.

Without kits there is one step: the vault prepares the dose, and its bag is given out. With kits: take the kit that
the vault names, count and calculate, draw and sign, let a second person check, give out. What a bag holds is shown
in answer to a button only, and each showing is an event of the vault.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from ....conduct.door.state import Participant
from ....conduct.supply.ledger import supplied_at
from ....conduct.supply.pending import describe_order
from ....conduct.supply.preparation import CheckPreparation
from ....trial.steps import issue_bag, order_of
from ....trial.supply.steps import replace_kit, sign_preparation, take_kit
from ....vault.bags import Preparation
from ....vault.supply.contents import Drawn
from ....vault.supply.desk import compute_drawn, refuse_kit
from ...accounts.proof import needs_code, require_proof
from ...beside.line import vault_line
from ...shell.here import Here
from ...shell.requests import here, participant_here, submit
from ...words import say
from ..asking import ask, asks, attempt, may_ask, step_key
from .calculation import Line, dose_lines, drawn_lines
from .preparations import ordered_at
from .typed import decimal, text

STEPS = ("kit to be taken", "to be prepared", "to be checked", "to be given out")


@dataclass
class Shown:
    """What a step has shown: a sentence, content of the bag and its calculation, what is to be drawn."""

    said: str = ""
    prepared: Preparation | None = None
    dose: list[Line] = field(default_factory=list)
    drawn: list[Line] = field(default_factory=list)
    count: tuple[Decimal | None, Decimal | None] | None = None


@require_http_methods(["GET", "POST"])
@asks("show_preparation")
def page(request: HttpRequest, participant: str, visit: str) -> HttpResponse:
    """Show an order, do the step that was asked for, and say what comes next."""
    looking, person = here(request), participant_here(request, participant)
    order = f"{participant}/{visit}"
    if order not in person.infusions:
        raise Http404
    shown, refusal = None, ""
    if request.method == "POST":
        shown, refusal = attempt(request, _steps(request, person, order))
    known = looking.trial.participants[participant].infusions[order]
    protocol = looking.running.door.protocol_of(participant)
    described = describe_order(protocol, person, known)
    context = {
        "title": say("Order {order}", order=order),
        "order": described,
        "infusion": known,
        "product": protocol.interventions[described.intervention],
        "ordered_at": ordered_at(looking, [described]).get(order),
        "steps": STEPS if described.standing != "bag to be given out" else ("bag to be given out",),
        "shown": shown or Shown(),
        "refusal": refusal,
        "may_prepare": may_ask(request, "prepare_dose"),
        "is_own": known.prepared_by == looking.person,
        "reads_label": described.standing == "to be checked" and known.prepared_by != looking.person,
        "names": {name: one.name for name, one in looking.trial.people.items()},
        "zone": looking.trial.sites[person.site].zone,
        "needs_code": needs_code(request),
    }
    return render(request, "vault/order.html", context, status=422 if refusal else 200)


def _steps(request: HttpRequest, person: Participant, order: str) -> dict[str, Callable[[], Shown]]:
    """Return the steps that who looks may do; for the monitor that is to look."""
    if not may_ask(request, "prepare_dose"):
        return {"show": lambda: _show(request, person, order)}
    return {
        "show": lambda: _show(request, person, order),
        "take": lambda: _take(request, person, order),
        "count": lambda: _count(request, person, order),
        "sign": lambda: _sign(request, person, order),
        "check": lambda: _check(request, person, order),
        "issue": lambda: _issue(request, person, order),
        "give up": lambda: _give_up(request, person, order),
    }


def _show(request: HttpRequest, person: Participant, order: str) -> Shown:
    """Let the vault show what the bag of an order holds, with the calculation."""
    prepared: Preparation = ask(request, "show_preparation", Preparation, "show", order=order)
    looking = here(request)
    weighing = order_of(looking.running, person.id, order).weighing
    lines = dose_lines(looking.running.door.protocol_of(person.id), prepared, weighing)
    return Shown(prepared=prepared, dose=lines)


def _take(request: HttpRequest, person: Participant, order: str) -> Shown:
    looking = here(request)
    taken = take_kit(looking.running, vault_line(), looking.by, person.id, order, step_key(request))
    shown = _show(request, person, order)
    shown.said = say("Take kit {kit} out of carton {carton}.", kit=taken.kit, carton=taken.carton)
    return shown


def _count(request: HttpRequest, person: Participant, order: str) -> Shown:
    shown, (kit, concentration, viability) = _show(request, person, order), _typed(request)
    assert shown.prepared is not None
    infusion = person.infusions[order]
    if kit != infusion.kit:
        refuse_kit(kit, order)
    product = here(request).running.door.protocol_of(person.id).interventions[shown.prepared.intervention]
    drawn = compute_drawn(product, order, kit, shown.prepared.amount, concentration, viability)
    shown.drawn, shown.count = drawn_lines(shown.prepared, drawn), (drawn.concentration, drawn.viability)
    return shown


def _sign(request: HttpRequest, person: Participant, order: str) -> Shown:
    require_proof(request)
    looking, typed = here(request), _typed(request)
    drawn: Drawn = sign_preparation(
        looking.running, vault_line(), looking.by, person.id, order, *typed, step_key(request)
    )
    shown = _show(request, person, order)
    assert shown.prepared is not None
    shown.said = say("The preparation is signed. Print the label, stick it on, and let a colleague check it.")
    shown.drawn = drawn_lines(shown.prepared, drawn)
    return shown


def _check(request: HttpRequest, person: Participant, order: str) -> Shown:
    require_proof(request)
    read = {name: text(request, f"read_{name}") for name in ("bag", "kit", "volume")}
    submit(request, CheckPreparation(participant=person.id, order=order, **read))
    return Shown(said=say("The label is checked; the bag can be given out."))


def _issue(request: HttpRequest, person: Participant, order: str) -> Shown:
    looking = here(request)
    bag = issue_bag(looking.running, vault_line(), looking.by, person.id, order, step_key(request))
    shown = Shown() if _has_kits(looking, person, order) else _show(request, person, order)
    shown.said = say("Bag {bag} ({volume}) is given out.", bag=bag.number, volume=bag.volume)
    return shown


def _give_up(request: HttpRequest, person: Participant, order: str) -> Shown:
    looking = here(request)
    replace_kit(
        looking.running, vault_line(), looking.by, person.id, order, text(request, "given_up"), step_key(request)
    )
    return Shown(said=say("The preparation is given up; take another kit for the order."))


def _typed(request: HttpRequest) -> tuple[str, Decimal | None, Decimal | None]:
    """Return the kit in hand, the cells counted per mL, the percentage that lives."""
    return text(request, "kit"), decimal(request, "concentration"), decimal(request, "viability")


def _has_kits(looking: Here, person: Participant, order: str) -> bool:
    protocol = looking.running.door.protocol_of(person.id)
    return supplied_at(protocol, person, person.infusions[order].visit) is not None
