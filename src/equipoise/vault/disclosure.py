"""The disclosure of the whole list after the blind has ended: each slot, with the proof that it was sealed so."""

import msgspec
from nacl.public import PrivateKey
from psycopg import Connection
from psycopg.rows import TupleRow

from .ceremony.sealing import open_slot
from .slots import read_slots


class DisclosedSlot(msgspec.Struct, frozen=True):
    """A slot in the open: who got it (None: nobody), and what its commitment was computed from."""

    stratum: str
    position: int
    number: str
    arm: str
    block: int | None
    nonce: str
    commitment: str
    participant: str | None
    as_they_came: bool


def disclose_slots(
    connection: Connection[TupleRow], key: PrivateKey, *, as_they_came: bool
) -> list[DisclosedSlot]:
    """Open every slot in the order of the list; `as_they_came` where the arms were drawn as participants came."""
    holders: dict[str, str] = dict(
        connection.execute("SELECT number, participant FROM vault.allocation").fetchall()
    )
    found = []
    for slot in read_slots(connection):
        secret = open_slot(slot, key)
        found.append(
            DisclosedSlot(
                stratum=slot.stratum,
                position=slot.position,
                number=slot.number,
                arm=secret.arm,
                block=secret.block,
                nonce=secret.nonce,
                commitment=slot.commitment.hex(),
                participant=holders.get(slot.number),
                as_they_came=as_they_came,
            )
        )
    return found
