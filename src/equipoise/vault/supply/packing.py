"""Packing cartons: from lots that between them serve every arm, a kit of each, with numbers that say nothing.

Numbers come from a keyed hash of the carton's place and the kit's, so that neither numbers nor their order say
anything of what is inside; the kits of a carton are listed by number. All kits of a carton bear its one date, that
of its earliest lot.
"""

import hmac
from collections.abc import Sequence
from datetime import date

import msgspec
from nacl.public import PrivateKey

from ...errors import DecisionRefused
from ...protocol import Protocol
from ..ceremony.boxes import seal
from ..ceremony.check_digit import with_check_digit
from ..events.supply import MadeCarton
from .contents import Lot, VaultStock

CARTON_DIGITS, KIT_DIGITS = 5, 6
BLOCKS = 4
"""Blocks of a sealed carton: eight kits with the longest names of lots."""

LONGEST_NAME = 60
MOST_CARTONS, MOST_KITS = 10**CARTON_DIGITS // 10, 10**KIT_DIGITS // 10
"""A tenth of all numbers: more would be found by guessing, and so large a lot is a slip of the pen."""


def require_lot(protocol: Protocol, stock: VaultStock, lot: Lot, on: date) -> None:
    """Raise DecisionRefused for a lot that cannot be received: known, past its date, empty, of unknown arms.

    The contents of a product must stay apart: two lots serve the same arms, or none in common.
    """
    if not 0 < len(lot.lot.strip()) <= LONGEST_NAME:
        raise DecisionRefused(f"a lot has a name of 1 to {LONGEST_NAME} characters. Got {lot.lot or 'none'}")
    if lot.lot in stock.lots:
        raise DecisionRefused(
            f"this lot was received before; give a new delivery a name of its own. Got {lot.lot}"
        )
    product = protocol.interventions.get(lot.intervention)
    if product is None or product.supply is None:
        raise DecisionRefused(f"the protocol gives no kits of this product. Got {lot.intervention}")
    if not lot.arms or (unknown := sorted(set(lot.arms) - set(protocol.arms))):
        raise DecisionRefused(
            f"say which arms the kits of lot {lot.lot} serve, of {', '.join(protocol.arms)}. "
            f"Got {', '.join(unknown) if lot.arms else 'none'}"
        )
    if lot.expiry <= on:
        raise DecisionRefused(f"lot {lot.lot} is past its date, {lot.expiry}; send it back")
    if not 1 <= lot.kits <= MOST_KITS:
        raise DecisionRefused(
            f"a lot makes one kit at least and {MOST_KITS} at most; count its kits again. Got {lot.kits}"
        )
    for other in stock.lots.values():
        both = set(other.arms) & set(lot.arms)
        if other.intervention == lot.intervention and both and set(other.arms) != set(lot.arms):
            raise DecisionRefused(
                f"lot {other.lot} serves {', '.join(other.arms)}; another lot serves the same arms or others. "
                f"Got {', '.join(lot.arms)}"
            )


def make_cartons(
    protocol: Protocol, stock: VaultStock, intervention: str, number: int, on: date, key: PrivateKey
) -> tuple[MadeCarton, ...]:
    """Fill and number cartons, a kit of each content from the lot that ends first; the state stays as it is.

    Raises DecisionRefused where an arm has no content, or a content not enough kits.
    """
    room = MOST_CARTONS - len(stock.cartons)
    if not 1 <= number <= room:
        raise DecisionRefused(
            f"at least one carton is packed, and {MOST_CARTONS} at most in a trial, of which {room} are left. "
            f"Got {number}"
        )
    contents = _contents(protocol, stock, intervention)
    left = {name: lot.kits - stock.made[name] for name, lot in stock.lots.items() if lot.expiry > on}
    cartons, kits = set(stock.cartons), set(stock.kits)
    made = []
    for place in range(len(stock.cartons), len(stock.cartons) + number):
        lots = [_next_lot(stock, left, arms, number) for arms in contents]
        carton = _number(key, "C", CARTON_DIGITS, [place], cartons)
        inside = {_number(key, "K", KIT_DIGITS, [place, n], kits): lot.lot for n, lot in enumerate(lots)}
        made.append(
            MadeCarton(
                carton=carton,
                kits=tuple(sorted(inside)),
                use_by=min(lot.expiry for lot in lots),
                sealed=seal(inside, key.public_key, blocks=BLOCKS),
            )
        )
    return tuple(made)


def _contents(protocol: Protocol, stock: VaultStock, intervention: str) -> list[tuple[str, ...]]:
    """Return the arms of each content, which between them are all arms."""
    found = sorted({tuple(sorted(lot.arms)) for lot in stock.lots.values() if lot.intervention == intervention})
    if missing := sorted(set(protocol.arms) - {arm for arms in found for arm in arms}):
        raise DecisionRefused(
            f"a carton holds a kit for every arm; receive a lot of {intervention} for the others first. "
            f"Got none for {', '.join(missing)}"
        )
    return found


def _next_lot(stock: VaultStock, left: dict[str, int], arms: tuple[str, ...], number: int) -> Lot:
    lots = sorted(
        (lot for name, lot in stock.lots.items() if left.get(name, 0) > 0 and tuple(sorted(lot.arms)) == arms),
        key=lambda lot: (lot.expiry, lot.lot),
    )
    if not lots:
        raise DecisionRefused(f"the lots for {', '.join(arms)} do not hold kits for {number} cartons; pack fewer")
    left[lots[0].lot] -= 1
    return lots[0]


def _number(key: PrivateKey, prefix: str, digits: int, place: Sequence[int], used: set[str]) -> str:
    """Draw the number of a carton or a kit by a keyed hash of its place, and mark it as used."""
    attempt = 0
    while True:
        digest = hmac.digest(bytes(key), msgspec.json.encode([prefix, *place, attempt]), "sha256")
        found = with_check_digit(prefix, str(int.from_bytes(digest, "big") % 10**digits).zfill(digits))
        if found not in used:
            used.add(found)
            return found
        attempt += 1
