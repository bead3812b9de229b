"""What the vault's own record says: who made the vault do or open what; and the state that follows from it.

Each opening is an event before anything is shown. What would tell an arm is sealed to the vault's key inside the
event (`ceremony/boxes.py`), so that neither the database nor a backup of it holds one in the open. The name of a
class is the kind of its event.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from ..errors import RecordCorrupt
from ..record import Draft, Event, canonical

VERSION = 1


class Said(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The payload of an event of the vault; a participant and a reason stand in the envelope of the event."""


class ScheduleInstalled(Said, frozen=True):
    """The vault found the sealed list that it is to serve: hashes, method, places by stratum."""

    list_hash: str
    numbers_hash: str
    method: str
    generator: str
    protocol: str
    public_key: bytes
    places: dict[str, int]


class SlotPrepared(Said, frozen=True):
    """An arm was drawn for the participant who came; `sealed` holds the draw with all it came from (`Draw`)."""

    stratum: str
    position: int
    number: str
    commitment: bytes
    factors: dict[str, str]
    sealed: bytes


class BagPrepared(Said, frozen=True):
    """A dose was computed for an order; `sealed` holds arm and dose (`bags.Prepared`)."""

    order: str
    participant: str
    intervention: str
    visit: str
    weight: Decimal | None
    unit: str
    weighed_on: date | None
    on: date
    bag: str
    volume: str
    sealed: bytes


class PreparationShown(Said, frozen=True):
    """The pharmacy was shown what to put into the bag of an order."""

    order: str


class CodeBroken(Said, frozen=True):
    """The code of one participant was broken in the vault."""


class EnvelopesPrinted(Said, frozen=True):
    """The sealed envelopes of a site's participants were printed."""

    site: str
    participants: tuple[str, ...]


class EnvelopeOpened(Said, frozen=True):
    """A participant's envelope was opened while the vault was out of reach, and is reported now."""

    opened_by: str
    opened_at: datetime


class MaskedValueEntered(Said, frozen=True):
    """A value that would tell an arm was entered or changed; `sealed` holds it."""

    visit: str
    form: str
    item: str
    sealed: bytes


class TrialUnblinded(Said, frozen=True):
    """All codes were opened by both holders, for the locked data of this hash."""

    holders: tuple[str, str]
    data: str


class VaultReconciled(Said, frozen=True):
    """After a restore the positions up to the witnessed ones were given up, and the gate was opened."""

    witnessed: dict[str, int]
    lost: dict[str, int]
    signers: tuple[str, str]


KINDS: dict[str, type[Said]] = {
    kind.__name__: kind
    for kind in (
        ScheduleInstalled,
        SlotPrepared,
        BagPrepared,
        PreparationShown,
        CodeBroken,
        EnvelopesPrinted,
        EnvelopeOpened,
        MaskedValueEntered,
        TrialUnblinded,
        VaultReconciled,
    )
}


class Entered(msgspec.Struct, frozen=True):
    """A masked value as it stands, still sealed, with who entered it last and when."""

    participant: str
    said: MaskedValueEntered
    actor: str
    at: datetime
    reason: str | None


class VaultState(msgspec.Struct, kw_only=True):
    """What follows from the vault's record; bags by order; masked values by participant, visit, form and item."""

    sequence: int = 0
    installed: ScheduleInstalled | None = None
    drawn: list[SlotPrepared] = []
    drawn_for: dict[str, SlotPrepared] = {}
    bags: dict[str, BagPrepared] = {}
    bag_numbers: set[str] = set()
    masked: dict[tuple[str, str, str, str], Entered] = {}
    unblinded: TrialUnblinded | None = None


def draft_of(said: Said, participant: str | None = None, reason: str | None = None) -> Draft:
    """Draft the event that says so, of a participant and with a reason where there are these."""
    return Draft(type(said).__name__, VERSION, canonical(said), participant=participant, reason=reason)


def read_said(event: Event) -> Said:
    """Return the typed payload of an event; `RecordCorrupt` names one that this version cannot have written."""
    kind = KINDS.get(event.kind)
    try:
        if kind is None or event.version != VERSION:
            raise ValueError("a kind or version that this program does not know")
        return msgspec.json.decode(event.payload, type=kind)
    except (ValueError, msgspec.MsgspecError) as error:
        raise RecordCorrupt(
            f"event {event.sequence} ({event.kind}) of the vault cannot be read: {error}"
        ) from error


def evolve(state: VaultState, event: Event) -> VaultState:
    """Change the state by one event and return it."""
    said: Any = read_said(event)
    who = event.participant or ""
    match said:
        case ScheduleInstalled():
            state.installed = said
        case SlotPrepared():
            state.drawn.append(said)
            state.drawn_for[who] = said
        case BagPrepared():
            state.bags[said.order] = said
            state.bag_numbers.add(said.bag)
        case MaskedValueEntered():
            place = (who, said.visit, said.form, said.item)
            state.masked[place] = Entered(who, said, event.actor, event.at, event.reason)
        case TrialUnblinded():
            state.unblinded = said
    state.sequence = event.sequence
    return state
