"""Orders that wait for their bag: whose, for which day, by which weight, and what is the next step of each.

All of it is of the blinded side: what a kit holds and how a dose is computed is asked of the vault.
"""

from collections.abc import Callable
from datetime import date
from typing import Literal

import msgspec

from ...protocol import Protocol
from ..door.state import Infusion, Participant, Trial
from ..forms.planned import products_planned_at
from .ledger import supplied_at

Standing = Literal[
    "bag to be given out", "kit to be taken", "to be prepared", "to be checked", "to be given out", "given out"
]


class Preparation(msgspec.Struct, frozen=True, kw_only=True):
    """An order with the next step of its preparation.

    on: day of the visit at which it is given; weight_age: days from the weighing to that day.
    """

    participant: str
    site: str
    order: str
    visit: str
    intervention: str
    on: date
    weight_kg: str
    weighed_on: date
    weight_age: int
    standing: Standing


def list_preparations(
    protocol_of: Callable[[Participant], Protocol], trial: Trial, site: str | None = None, *, waiting: bool = True
) -> list[Preparation]:
    """List the orders of a site, or of all, the earliest day first.

    waiting: only those that still wait for their bag, of participants whose treatment goes on; else all of them.
    """
    found = [
        describe_order(protocol_of(person), person, infusion)
        for person in trial.participants.values()
        if site in (None, person.site) and not (waiting and "treatment" in person.ended)
        for infusion in person.infusions.values()
        if not (waiting and infusion.bag is not None)
    ]
    return sorted(found, key=lambda one: (one.on, one.order))


def describe_order(protocol: Protocol, person: Participant, infusion: Infusion) -> Preparation:
    """Describe an order with the next step of its preparation."""
    visit = person.visits[infusion.visit]
    assert visit.on is not None
    return Preparation(
        participant=person.id,
        site=person.site,
        order=infusion.order,
        visit=infusion.visit,
        intervention=products_planned_at(protocol, visit.name)[0],
        on=visit.on,
        weight_kg=infusion.weight_kg,
        weighed_on=infusion.weighed_on,
        weight_age=(visit.on - infusion.weighed_on).days,
        standing=_standing(protocol, person, infusion),
    )


def _standing(protocol: Protocol, person: Participant, infusion: Infusion) -> Standing:
    if infusion.bag is not None:
        return "given out"
    if supplied_at(protocol, person, infusion.visit) is None:
        return "bag to be given out"
    if infusion.carton is None or infusion.kit is None:
        return "kit to be taken"
    if infusion.prepared_by is None:
        return "to be prepared"
    return "to be checked" if infusion.checked_by is None else "to be given out"
