"""The end of the blind, as far as the blinded record knows of it: that a code was broken, that all were opened.

What was in the code stands in the vault's own record.
"""

from ...record.event import Event
from ..door.fact import Fact, Intent
from ..door.state import Trial


class CodeBroken(Fact):
    """The code of one participant was broken; the reason stands in the envelope of the event, the arm nowhere."""

    how: str

    def tell(self) -> str:
        """Say so."""
        return f"the code was broken ({self.how})"


class TrialUnblinded(Fact):
    """All codes were opened, after the lock; `data` is the hash of the locked data."""

    data: str
    holders: tuple[str, str]

    def tell(self) -> str:
        """Name the holders."""
        return f"the trial was unblinded by {self.holders[0]} and {self.holders[1]}"


class ReportCodeBreak(Intent):
    """Make known that the code of one participant was broken; `how`: `vault` or `envelope`."""

    participant: str
    how: str
    reason: str


class UnblindTrial(Intent):
    """Open all codes; refused before the lock. `holders` are the two who did it in the vault."""

    holders: tuple[str, str]


def _broken(trial: Trial, event: Event, _: CodeBroken) -> None:
    assert event.participant is not None
    trial.participants[event.participant].code_broken_at = event.at


def _unblinded(trial: Trial, event: Event, _: TrialUnblinded) -> None:
    trial.unblinded_at = event.at
