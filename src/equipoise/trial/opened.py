"""What the vault has opened after the lock, as plain data: the list with its proofs, doses, masked values, kits.

The list is disclosed with the nonce of each commitment: anybody can compute that the arms are those to which the
sealed list was committed before the first participant.
"""

import hashlib
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from ..datasets.from_record import Opened, PreparedDose
from ..errors import RecordCorrupt
from ..vault.ceremony.sealing import Place, commit, hash_list
from ..vault.disclosure import DisclosedSlot
from ..vault.service import MaskedValue
from ..vault.supply.contents import NamedKit


class DisclosedDose(msgspec.Struct, frozen=True):
    """A bag and what was in it; `amount` in `unit`, zero for placebo."""

    participant: str
    order: str
    intervention: str
    visit: str
    on: date
    bag: str
    volume: str
    arm: str
    amount: Decimal
    unit: str


class Disclosed(msgspec.Struct, frozen=True):
    """Everything that was opened."""

    slots: tuple[DisclosedSlot, ...]
    doses: tuple[DisclosedDose, ...] = ()
    masked: tuple[MaskedValue, ...] = ()
    kits: tuple[NamedKit, ...] = ()


def opened_of(disclosed: Disclosed) -> Opened:
    """Return what the datasets need of what was opened."""
    lots = {kit.order: kit.lot for kit in disclosed.kits}
    return Opened(
        arms={slot.participant: slot.arm for slot in disclosed.slots if slot.participant is not None},
        doses=tuple(
            PreparedDose(
                participant=dose.participant,
                order=dose.order,
                visit=dose.visit,
                cells=format(dose.amount, "f"),
                volume=dose.volume,
                bag=dose.bag,
                on=dose.on,
                lot=lots.get(dose.order, ""),
            )
            for dose in disclosed.doses
        ),
        masked={(one.participant, one.visit, one.item): _scalar(one.value) for one in disclosed.masked},
    )


def check_disclosed(disclosed: Disclosed, list_hash: str) -> None:
    """Compute every commitment anew; RecordCorrupt where an arm is not the one that the list was committed to.

    `list_hash` is that of the vault's own record, written when the list was sealed.
    """
    for slot in disclosed.slots:
        place = Place(slot.stratum, slot.block, slot.position, slot.arm)
        if commit(place, slot.number, slot.nonce).hex() != slot.commitment:
            raise RecordCorrupt(
                f"the opened slot {slot.number} (stratum {slot.stratum}, position {slot.position}) is not the one "
                "that was sealed"
            )
    listed = [bytes.fromhex(slot.commitment) for slot in disclosed.slots if not slot.as_they_came]
    if hash_list(listed) != list_hash:
        raise RecordCorrupt(
            "the opened list is not the one that was sealed before the first participant. "
            f"Got {hashlib.sha256(b''.join(listed)).hexdigest()[:12]}"
        )


def _scalar(value: Any) -> float | int | str | None:
    return value if value is None or isinstance(value, float | int | str) else str(value)
