"""The end of the blind, as far as the blinded record knows of it: that a code was broken, that all were opened.

What was in the code stands in the vault's own record.
"""

from typing import Literal

from ...errors import DecisionRefused
from ...record.event import Event
from ..door.chapter import Chapter
from ..door.dates import day_in
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.state import Trial
from ..organisation.people import holds_role

HOLDER = "key holder"
"""The role of those who hold a passphrase of the vault's key."""


class CodeBroken(Fact, frozen=True):
    """The code of one participant was broken; the reason stands in the envelope of the event, the arm nowhere."""

    how: str

    def tell(self) -> str:
        """Say so."""
        return f"the code was broken ({self.how})"


class TrialUnblinded(Fact, frozen=True):
    """All codes were opened, after the lock; `data` is the hash of the locked data."""

    data: str
    holders: tuple[str, str]

    def tell(self) -> str:
        """Name the holders."""
        return f"the trial was unblinded by {self.holders[0]} and {self.holders[1]}"


class ReportCodeBreak(Intent, frozen=True):
    """Make known that the code of one participant was broken, in the vault or by opening the envelope."""

    participant: str
    how: Literal["vault", "envelope"]
    reason: str


class UnblindTrial(Intent, frozen=True):
    """Open all codes; refused before the lock. `holders` are the two who did it in the vault."""

    holders: tuple[str, str]


def _report(_: Setting, trial: Trial, intent: ReportCodeBreak) -> list[Outcome]:
    participant = trial.participants[intent.participant]
    if participant.allocation is None:
        raise DecisionRefused(f"{participant.id} was never allocated, so there is no code to break")
    if not intent.reason.strip():
        raise DecisionRefused(f"say why the code of {participant.id} was broken")
    fact = CodeBroken(how=intent.how)
    return [Outcome(fact, participant.id, participant.site, reason=intent.reason)]


def _unblind(setting: Setting, trial: Trial, intent: UnblindTrial) -> list[Outcome]:
    if trial.unblinded_at is not None:
        raise DecisionRefused("the trial has been unblinded already")
    if trial.locked_at is None or trial.data_hash is None:
        raise DecisionRefused("the codes are opened only after the data of the whole trial are locked")
    first, second = intent.holders
    if first == second:
        raise DecisionRefused(f"two different persons must open the codes together. Got {first} twice")
    today = day_in(setting.by.at, setting.by.zone)
    for holder in intent.holders:
        if not holds_role(trial, holder, HOLDER, None, today):
            raise DecisionRefused(f"only those who hold a part of the key can open the codes. Got {holder}")
    return [Outcome(TrialUnblinded(data=trial.data_hash, holders=intent.holders))]


def _broken(trial: Trial, event: Event, _: CodeBroken) -> None:
    assert event.participant is not None
    participant = trial.participants[event.participant]
    participant.code_broken_at = participant.code_broken_at or event.at


def _unblinded(trial: Trial, event: Event, _: TrialUnblinded) -> None:
    trial.unblinded_at = event.at


CHAPTER = Chapter(
    decisions={ReportCodeBreak: _report, UnblindTrial: _unblind},
    evolutions={CodeBroken: _broken, TrialUnblinded: _unblinded},
    roles={
        ReportCodeBreak: ("investigator", "safety unblinder", "pharmacist"),
        UnblindTrial: (HOLDER, "sponsor"),
    },
)
