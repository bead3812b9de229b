"""The state that follows from the vault's own record, and how its events are read."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import msgspec

from ...errors import RecordCorrupt
from ...record import Event
from .openings import (
    BagPrepared,
    CodeBroken,
    EnvelopeOpened,
    EnvelopesPrinted,
    MaskedValueEntered,
    PreparationShown,
    ScheduleInstalled,
    SlotPrepared,
    TrialUnblinded,
    VaultReconciled,
)
from .oversight import AccountsVerified, ListAudited
from .safety import BoardOpened, CaseOpened, ReportRecorded, StoppingRulesChecked, StoppingShown
from .said import VERSION, Said
from .supply import (
    CartonsMade,
    DosePrepared,
    KitChosen,
    LotReceived,
    LotsAccounted,
    LotTraced,
    PackingShown,
    PreparationGivenUp,
)

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
        StoppingRulesChecked,
        StoppingShown,
        CaseOpened,
        ReportRecorded,
        BoardOpened,
        LotReceived,
        CartonsMade,
        PackingShown,
        KitChosen,
        DosePrepared,
        PreparationGivenUp,
        LotTraced,
        LotsAccounted,
        AccountsVerified,
        ListAudited,
    )
}


class Entered(msgspec.Struct, frozen=True):
    """A masked value as it stands, still sealed, with who entered it last and when; `before` stood there."""

    participant: str
    said: MaskedValueEntered
    actor: str
    at: datetime
    reason: str | None
    before: "Entered | None" = None


def in_force(last: Entered, imported: Collection[str]) -> Entered | None:
    """Return the newest of the values of an item that counts: entered by a person, or in one of these imports."""
    found: Entered | None = last
    while found is not None and found.said.imported and found.said.imported not in imported:
        found = found.before
    return found


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
    halted: list[StoppingRulesChecked] = []


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
            before = state.masked.get(place) if said.imported else None
            state.masked[place] = Entered(who, said, event.actor, event.at, event.reason, before)
        case TrialUnblinded():
            state.unblinded = said
        case StoppingRulesChecked() if said.halts > len(state.halted):
            state.halted.append(said)
    state.sequence = event.sequence
    return state
