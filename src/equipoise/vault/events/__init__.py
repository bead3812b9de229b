"""The vault's own record: its events, and the state that follows from them."""

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
from .said import Said, draft_of
from .state import Entered, VaultState, evolve, read_said

__all__ = [
    "BagPrepared",
    "CodeBroken",
    "Entered",
    "EnvelopeOpened",
    "EnvelopesPrinted",
    "MaskedValueEntered",
    "PreparationShown",
    "Said",
    "ScheduleInstalled",
    "SlotPrepared",
    "TrialUnblinded",
    "VaultReconciled",
    "VaultState",
    "draft_of",
    "evolve",
    "read_said",
]
