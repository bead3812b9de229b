"""Reading what is stored of the sealed list, and opening the slot of a participant, as the vault."""

import msgspec
from nacl.public import PrivateKey
from psycopg import Connection
from psycopg.rows import TupleRow

from ..errors import DecisionRefused, RecordCorrupt
from .ceremony.sealing import SealedSlot, hash_list, hash_numbers, open_slot
from .events import VaultState

SLOTS = (
    "SELECT s.stratum, s.position, s.number, s.box, s.commitment FROM vault.slot s "
    "JOIN vault.stratum t ON t.name = s.stratum "
)


class StoredCeremony(msgspec.Struct, frozen=True):
    """What the ceremony left in the database besides the slots; places by stratum."""

    method: str
    generator: str
    protocol: str
    public_key: bytes
    list_hash: str
    numbers_hash: str
    seed_box: bytes | None
    places: dict[str, int]


class Allocated(msgspec.Struct, frozen=True):
    """A participant with the arm that their slot holds, and their place in the stratum."""

    participant: str
    number: str
    stratum: str
    place: int
    arm: str


def read_ceremony(connection: Connection[TupleRow]) -> StoredCeremony:
    """Read what the ceremony left; `DecisionRefused` where no list has been sealed yet."""
    row = connection.execute(
        "SELECT method, generator, protocol, public_key, list_hash, numbers_hash, seed_box FROM vault.ceremony"
    ).fetchone()
    if row is None:
        raise DecisionRefused("no randomisation list has been sealed in this vault yet; hold the ceremony first")
    places = connection.execute("SELECT name, places FROM vault.stratum ORDER BY place").fetchall()
    return StoredCeremony(*(*row, dict(places)))


def read_slots(connection: Connection[TupleRow]) -> list[SealedSlot]:
    """Read the slots as they are stored, sealed, in the order of the list: for the audit by a third person."""
    return [SealedSlot(*row) for row in connection.execute(SLOTS + "ORDER BY t.place, s.position")]


def require_same_list(connection: Connection[TupleRow], ceremony: StoredCeremony, state: VaultState) -> None:
    """Refuse (`RecordCorrupt`) slots that are not those of the ceremony, or that the record says were drawn."""
    slots = read_slots(connection)
    if ceremony.seed_box is not None:
        stored = [(slot.stratum, slot.position, slot.number, slot.commitment) for slot in slots]
        if stored != [(said.stratum, said.position, said.number, said.commitment) for said in state.drawn]:
            raise RecordCorrupt(
                "the slots in the vault are not those that its record says were drawn; audit the draws"
            )
        slots = []
    listed = hash_list(slot.commitment for slot in slots)
    numbered = hash_numbers((slot.stratum, slot.position, slot.number) for slot in slots)
    known = {ceremony.list_hash} | ({state.installed.list_hash} if state.installed else set())
    if {listed} != known or numbered != ceremony.numbers_hash:
        raise RecordCorrupt(
            "the slots in the vault are not those of the sealed list; find the one that was changed by an audit "
            f"with the joined shares. Got the hash {listed}"
        )


def open_participant(connection: Connection[TupleRow], key: PrivateKey, participant: str) -> Allocated:
    """Open the slot of one participant; `DecisionRefused` where the participant has none."""
    row = connection.execute(
        "SELECT s.stratum, s.position, s.number, s.box, s.commitment, a.place FROM vault.allocation a "
        "JOIN vault.slot s ON s.number = a.number WHERE a.participant = %s",
        (participant,),
    ).fetchone()
    if row is None:
        raise DecisionRefused(f"the participant has no randomisation number; check the id. Got {participant}")
    slot = SealedSlot(*row[:5])
    return Allocated(participant, slot.number, slot.stratum, row[5], open_slot(slot, key).arm)


def open_everybody(connection: Connection[TupleRow], key: PrivateKey) -> list[Allocated]:
    """Open the slots of all who have one, by stratum in the order in which they came."""
    rows = connection.execute(
        "SELECT s.stratum, s.position, s.number, s.box, s.commitment, a.place, a.participant "
        "FROM vault.allocation a JOIN vault.slot s ON s.number = a.number "
        "JOIN vault.stratum t ON t.name = s.stratum ORDER BY t.place, a.place"
    ).fetchall()
    found = []
    for *slot, place, participant in rows:
        sealed = SealedSlot(*slot)
        found.append(Allocated(participant, sealed.number, sealed.stratum, place, open_slot(sealed, key).arm))
    return found
