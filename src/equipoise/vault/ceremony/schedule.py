"""The ceremony itself: a list is made and sealed, its seed split, its key wrapped; and its audit by a third."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec
from nacl.public import PrivateKey, PublicKey
from nacl.utils import random as random_bytes

from ...errors import RecordCorrupt
from ...protocol import Protocol
from .boxes import seal
from .holders import Cost, WrappedKey, make_key, wrap_key
from .open_list import make_open_list
from .sealing import (
    SealedSchedule,
    SealedSlot,
    commit,
    derive_nonce,
    derive_number,
    digits_needed,
    open_slot,
    seal_places,
)
from .shares import Share, draw_seed, split_seed


class Ceremony(msgspec.Struct, frozen=True):
    """What comes out of the ceremony: shares for two custodians, the wrapped key, the sealed schedule."""

    shares: tuple[Share, Share]
    wrapped: WrappedKey
    sealed: SealedSchedule


def hold_ceremony(
    protocol: Protocol,
    passphrases: Sequence[tuple[str, str]],
    *,
    levels: Mapping[str, Sequence[str]] | None = None,
    length: int | None = None,
    cost: Cost = "moderate",
    random: Callable[[int], bytes] = random_bytes,
) -> Ceremony:
    """Make the key, wrap it for two holders (name, passphrase), draw the seed, seal the list, split the seed.

    `levels` and `length` as in `equipoise.randomisation.make_schedule`. Neither key nor seed outlive the call; a
    `random` of one's own, for a rehearsal, gives the same numbers each time. Raises what the steps raise.
    """
    key = make_key(random)
    wrapped = wrap_key(key, passphrases, cost=cost, random=random)
    seed = draw_seed(random)
    sealed = seal_schedule(protocol, seed, key.public_key, levels=levels, length=length)
    return Ceremony(split_seed(seed, random), wrapped, sealed)


def seal_schedule(
    protocol: Protocol,
    seed: bytes,
    key: PublicKey,
    *,
    levels: Mapping[str, Sequence[str]] | None = None,
    length: int | None = None,
) -> SealedSchedule:
    """Make the list of a protocol and seal it to the vault's public key; raises as `make_open_list` does.

    Where arms are drawn as participants come the seed itself is sealed, for the draws are made from it.
    """
    made = make_open_list(protocol, seed, levels=levels, length=length)
    digits = digits_needed(sum(made.lengths.values()))
    return SealedSchedule(
        made.method,
        made.generator,
        made.protocol,
        bytes(key),
        made.lengths,
        seal_places(made.places, seed, key, digits=digits),
        seal(seed, key) if made.as_they_come else None,
    )


def audit_schedule(
    kept: Iterable[SealedSlot],
    protocol: Protocol,
    seed: bytes,
    *,
    levels: Mapping[str, Sequence[str]] | None = None,
    length: int | None = None,
) -> list[str]:
    """Make the list again from the seed of the joined shares and compare every slot; one finding a difference.

    `kept` are the slots as stored, in any order. No finding tells an arm. Where there is none, the stored list is
    the one that this protocol, seed, levels and length lead to. Raises as `make_open_list` does.
    """
    stored = {(slot.stratum, slot.position): slot for slot in kept}
    made = make_open_list(protocol, seed, levels=levels, length=length)
    digits, used, findings = digits_needed(sum(made.lengths.values())), set[str](), list[str]()
    for place in made.places:
        number = derive_number(seed, place.stratum, place.position, used, digits)
        used.add(number)
        where = f"stratum {place.stratum} position {place.position}"
        slot = stored.pop((place.stratum, place.position), None)
        if slot is None:
            findings.append(f"{where} is missing from the stored list")
        elif slot.number != number:
            findings.append(f"{where} has another number than the list gives. Got {slot.number}")
        elif slot.commitment != commit(place, number, derive_nonce(seed, place.stratum, place.position)):
            findings.append(
                f"{where} is committed to another content than the list gives. Got number {slot.number}"
            )
    return findings + [
        f"stratum {s} position {p} is not in the list that the seed gives" for s, p in sorted(stored)
    ]


def audit_boxes(kept: Iterable[SealedSlot], key: PrivateKey) -> list[str]:
    """Open every box with the vault's key and hold it against its commitment; one finding a slot that differs."""
    findings = []
    for slot in kept:
        try:
            open_slot(slot, key)
        except RecordCorrupt as error:
            findings.append(str(error))
    return findings
