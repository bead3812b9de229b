"""The ledger of kits: what follows from the facts of supply, by pure functions of the state.

The unit is the carton. It holds one kit for every treatment, alike outside, and is sent, stored, quarantined and
used up whole; for a dose the vault names the one kit of it that is given, and the others are set aside. So neither
stock, nor the order in which it is used, nor what is sent next can depend on arms: the ledger knows none. Return
and destruction are booked by kit, since every kit has to be accounted for (ICH E6(R3) 3.15.3 and 4.3 of Annex 1).
"""

from datetime import date
from typing import NoReturn

import msgspec

from ...errors import DecisionRefused, suggest
from ...protocol import Protocol
from ...protocol.model import Intervention
from ..door.state import Carton, Participant, Trial
from ..forms.planned import products_planned_at

MISSING, DAMAGED = "missing on arrival", "damaged on arrival"
"""What may have become of a kit on its way to a site."""


class AccountLine(msgspec.Struct, frozen=True):
    """A kit as it stands: `state` in words, `order` where it was given."""

    kit: str
    carton: str
    intervention: str
    shipment: str
    use_by: date
    state: str
    order: str


def refuse_kit(kit: str, order: str) -> NoReturn:
    """Refuse a kit in the one sentence that every wrong kit has: expired, quarantined, foreign or not the one."""
    raise DecisionRefused(
        f"this kit must not be used for order {order}; put it aside, take the kit that the order names, and call "
        f"the pharmacy if there is none. Got {kit}"
    )


def require_supplied(protocol: Protocol, intervention: str) -> Intervention:
    """Return a product that is given from kits; DecisionRefused where the protocol has none of this name."""
    supplied = {name: product for name, product in protocol.interventions.items() if product.supply is not None}
    if intervention not in supplied:
        known = suggest(intervention, supplied, stop=".") if supplied else "; no product of this trial has kits."
        raise DecisionRefused(f"this product is not given from kits{known} Got {intervention}")
    return supplied[intervention]


def supplied_at(protocol: Protocol, participant: Participant, visit: str) -> str | None:
    """Return the product that is given from kits at a visit of a participant; None where there is none."""
    planned = products_planned_at(protocol, participant.visits[visit].name)
    return next((name for name in planned if protocol.interventions[name].supply is not None), None)


def is_usable(carton: Carton, on: date) -> bool:
    """Whether a carton may be used on a day, wherever it is: complete, unused, not in quarantine, not too old."""
    return carton.place != "used" and not carton.gone and carton.quarantined_by is None and on <= carton.use_by


def stock_of(trial: Trial, site: str | None, intervention: str, on: date) -> list[str]:
    """Return the cartons that can be used at a site, or (None) sent from the depot, in the order of their use."""
    place = "depot" if site is None else "stock"
    found = [
        (carton.use_by, number)
        for number, carton in trial.cartons.items()
        if (carton.site, carton.place, carton.intervention) == (site, place, intervention)
        and is_usable(carton, on)
    ]
    return [number for _, number in sorted(found)]


def owed_to(protocol: Protocol, trial: Trial, site: str, intervention: str, on: date) -> int:
    """Return how many cartons to send to a site now, so that it has what the buffer of the protocol asks for.

    Those on the way count. A carton serves any arm, so the count alone decides.
    """
    supply = require_supplied(protocol, intervention).supply
    assert supply is not None
    under_way = sum(
        (carton.site, carton.place, carton.intervention) == (site, "on the way", intervention)
        and is_usable(carton, on)
        for carton in trial.cartons.values()
    )
    return max(0, supply.buffer - under_way - len(stock_of(trial, site, intervention, on)))


def account(trial: Trial, site: str | None = None) -> list[AccountLine]:
    """Return where every kit is, of one site or of all, by number."""
    return [
        AccountLine(
            kit,
            number,
            carton.intervention,
            carton.shipment or "",
            carton.use_by,
            kit_state(trial, kit),
            (carton.order or "") if kit == carton.kit else "",
        )
        for kit, number in sorted(trial.kits.items())
        if site in (None, (carton := trial.cartons[number]).site)
    ]


def kit_state(trial: Trial, kit: str) -> str:
    """Say in words where a kit is."""
    carton = trial.cartons[trial.kits[kit]]
    if kit in carton.gone:
        return carton.gone[kit]
    if carton.place == "used":
        if carton.order is None or kit != carton.kit:
            return "set aside"
        return "in preparation" if waits_for_its_bag(trial, carton.order) else "given"
    return f"{carton.place}, in quarantine" if carton.quarantined_by is not None else carton.place


def list_open(protocol: Protocol, trial: Trial) -> dict[str, int]:
    """Count what supply leaves open before a lock; nothing where the protocol has no kits.

    A kit is accounted for once it was given, went back, was destroyed or never arrived; what the depot holds is no
    longer of the trial's data.
    """
    if not any(product.supply is not None for product in protocol.interventions.values()):
        return {}
    settled = ("given", "returned", "destroyed", MISSING)
    at_sites = [
        kit_state(trial, kit)
        for kit, number in trial.kits.items()
        if trial.cartons[number].place in ("stock", "used")
    ]
    infusions = [one for person in trial.participants.values() for one in person.infusions.values()]
    return {
        "kits at the sites not accounted for": sum(state not in settled for state in at_sites),
        "shipments on the way": sum(one.received_on is None for one in trial.shipments.values()),
        "preparations neither checked nor given up": sum(
            one.prepared_by is not None and one.checked_by is None for one in infusions
        ),
    }


def waits_for_its_bag(trial: Trial, order: str) -> bool:
    """Whether the bag of an order has not been given out yet."""
    participant = trial.participants[order.rpartition("/")[0]]
    return participant.infusions[order].bag is None


def require_cartons(trial: Trial, cartons: tuple[str, ...]) -> list[Carton]:
    """Return cartons by their numbers; DecisionRefused for none, and for a number that nobody knows."""
    if not cartons:
        raise DecisionRefused("name the cartons by the numbers on them. Got none")
    if unknown := [number for number in cartons if number not in trial.cartons]:
        raise DecisionRefused(f"no carton has this number; read it again. Got {unknown[0]}")
    return [trial.cartons[number] for number in cartons]
