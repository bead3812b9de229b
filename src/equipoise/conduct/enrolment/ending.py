"""The end of screening of somebody who is not allocated: who declined, did not come back, or came too late.

Who signed no consent form is never assessed and can withdraw nothing, yet has a screening number: the flow of
participants has to say what became of each (CONSORT 2025, flow diagram). The end may be taken back until the lock.
"""

from typing import Literal

from ...errors import DecisionRefused
from ...record.event import Event
from ..door.chapter import Chapter
from ..door.dates import local_date
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.scope import require_open
from ..door.state import Leaving, Trial
from .consent import require_not_left

Why = Literal["DECLINED", "NOT ELIGIBLE", "LOST TO FOLLOW-UP", "ENROLMENT CLOSED", "OTHER"]
SCREENING = "screening"
"""By this name the end stands among those of a participant."""


class ScreeningEnded(Fact, frozen=True):
    """Somebody who was registered does not enter the trial; the reason in words stands in the envelope."""

    why: str

    def tell(self) -> str:
        """Say why."""
        return f"screening ended: {self.why}"


class ScreeningReopened(Fact, frozen=True):
    """The end of screening was taken back."""

    def tell(self) -> str:
        """Say so."""
        return "screening goes on after all"


class EndScreening(Intent, frozen=True):
    """Close a screening that leads to no allocation, with or without a consent form signed."""

    participant: str
    why: Why
    reason: str


class ReopenScreening(Intent, frozen=True):
    """Take the end of screening back, such as for who decides to take part after all."""

    participant: str
    reason: str


def _end(setting: Setting, trial: Trial, intent: EndScreening) -> list[Outcome]:
    participant = trial.participants[intent.participant]
    require_open(trial, participant, role=setting.by.role)
    if participant.allocation is not None:
        raise DecisionRefused(
            f"{participant.id} was allocated; the form that ends participation says how it ended"
        )
    require_not_left(participant)
    if not intent.reason.strip():
        raise DecisionRefused(f"say why {participant.id} does not enter the trial. Got no reason")
    return [Outcome(ScreeningEnded(why=intent.why), reason=intent.reason)]


def _reopen(setting: Setting, trial: Trial, intent: ReopenScreening) -> list[Outcome]:
    participant = trial.participants[intent.participant]
    require_open(trial, participant, role=setting.by.role)
    if SCREENING not in participant.ended:
        raise DecisionRefused(f"screening of {participant.id} was not ended, so it goes on anyway")
    if not intent.reason.strip():
        raise DecisionRefused(f"say why screening of {participant.id} goes on. Got no reason")
    return [Outcome(ScreeningReopened(), reason=intent.reason)]


def _ended(trial: Trial, event: Event, fact: ScreeningEnded) -> None:
    assert event.participant is not None
    trial.participants[event.participant].ended[SCREENING] = Leaving(on=local_date(event), why=fact.why)


def _reopened(trial: Trial, event: Event, _: ScreeningReopened) -> None:
    assert event.participant is not None
    del trial.participants[event.participant].ended[SCREENING]


CHAPTER = Chapter(
    decisions={EndScreening: _end, ReopenScreening: _reopen},
    evolutions={ScreeningEnded: _ended, ScreeningReopened: _reopened},
    roles={
        EndScreening: ("investigator", "coordinator"),
        ReopenScreening: ("investigator", "coordinator"),
    },
)
