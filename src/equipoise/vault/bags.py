"""Orders and bags: what conduct asks for, what it gets, and what the unblinded pharmacy sees of it.

A bag's number comes from a keyed hash of its order, so that neither numbers nor their order say anything of arms.
"""

import hmac
from collections.abc import Set
from datetime import date
from decimal import Decimal

import msgspec
from nacl.public import PrivateKey

from ..protocol import Protocol
from .ceremony.boxes import open_box, seal
from .ceremony.check_digit import with_check_digit
from .doses import Dose, Weighing, volume_of
from .events import BagPrepared

DIGITS = 6


class DoseOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order as conduct places it, the same whatever the arm; `on` is the day on which it is given."""

    order: str
    participant: str
    intervention: str
    visit: str
    weighing: Weighing | None
    on: date


class Bag(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the blinded side learns of a prepared dose: the number of the bag, and the volume, that of all arms."""

    number: str
    volume: str


class Prepared(msgspec.Struct, frozen=True):
    """What stands sealed in the event of a bag: the arm and its dose."""

    arm: str
    dose: Dose


class Preparation(msgspec.Struct, frozen=True):
    """What is put into a bag: `amount` in `unit`, computed with `weight` in the unit of its item, if with any."""

    order: str
    participant: str
    intervention: str
    visit: str
    on: date
    bag: str
    volume: str
    arm: str
    amount: Decimal
    unit: str
    weight: Decimal | None


def fill_bag(
    protocol: Protocol, order: DoseOrder, prepared: Prepared, key: PrivateKey, used: Set[str]
) -> BagPrepared:
    """Say that the bag of an order is prepared, with a number that is not in `used` and the dose sealed."""
    return describe(
        order,
        number_bag(key, order.order, used),
        volume_of(protocol, order.intervention),
        seal(prepared, key.public_key),
    )


def number_bag(key: PrivateKey, order: str, used: Set[str]) -> str:
    """Give a bag the number of its order, with a check digit: `B-482137-5`."""
    attempt = 0
    while True:
        digest = hmac.digest(bytes(key), msgspec.json.encode(["bag", order, attempt]), "sha256")
        number = with_check_digit("B", str(int.from_bytes(digest, "big") % 10**DIGITS).zfill(DIGITS))
        if number not in used:
            return number
        attempt += 1


def is_same_order(order: DoseOrder, said: BagPrepared) -> bool:
    """Whether a bag was prepared for an order of just this content."""
    return describe(order, said.bag, said.volume, said.sealed) == said


def describe(order: DoseOrder, bag: str, volume: str, sealed: bytes) -> BagPrepared:
    """Write an order with its bag as the vault's record holds it."""
    weighing = order.weighing
    return BagPrepared(
        order=order.order,
        participant=order.participant,
        intervention=order.intervention,
        visit=order.visit,
        weight=None if weighing is None else weighing.value,
        unit="" if weighing is None else weighing.unit,
        weighed_on=None if weighing is None else weighing.on,
        on=order.on,
        bag=bag,
        volume=volume,
        sealed=sealed,
    )


def open_bag(said: BagPrepared, key: PrivateKey) -> Preparation:
    """Open what is in a bag; `RecordCorrupt` where its event was changed."""
    inside: Prepared = open_box(said.sealed, key, Prepared, f"the dose of order {said.order}")
    return Preparation(
        said.order,
        said.participant,
        said.intervention,
        said.visit,
        said.on,
        said.bag,
        said.volume,
        inside.arm,
        inside.dose.amount,
        inside.dose.unit,
        inside.dose.weight,
    )
