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
from .oversight import AccountsVerified, ListAudited
from .safety import BoardOpened, CaseOpened, ReportRecorded, StoppingRulesChecked, StoppingShown
from .said import Said, draft_of
from .state import Entered, VaultState, evolve, in_force, read_said

__all__ = [
    "AccountsVerified",
    "BagPrepared",
    "BoardOpened",
    "CaseOpened",
    "CodeBroken",
    "Entered",
    "EnvelopeOpened",
    "EnvelopesPrinted",
    "ListAudited",
    "MaskedValueEntered",
    "PreparationShown",
    "ReportRecorded",
    "Said",
    "ScheduleInstalled",
    "SlotPrepared",
    "StoppingRulesChecked",
    "StoppingShown",
    "TrialUnblinded",
    "VaultReconciled",
    "VaultState",
    "draft_of",
    "evolve",
    "in_force",
    "read_said",
]
