"""Enrolment that pauses: nobody is allocated until the sponsor, advised by the safety board, resumes it.

A stopping rule that holds is told as a pause and nothing more: neither which rule it was nor in which arm. Those
who are in the trial already go on with their visits.
"""

from typing import Literal

from ...errors import DecisionRefused
from ...record.event import Event
from ..door.chapter import Chapter
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.scope import name_person
from ..door.state import Pause, Trial

Cause = Literal["stopping rule", "decision"]


class EnrolmentPaused(Fact, frozen=True, kw_only=True):
    """Nobody is allocated from now on; the reason stands in the envelope of the event.

    halts: how often the vault had asked for a pause by then.
    """

    cause: Cause
    halts: int = 0

    def tell(self) -> str:
        """Give the cause."""
        return (
            "enrolment was paused: "
            + {
                "stopping rule": "a stopping rule of the protocol holds",
                "decision": "by decision",
            }[self.cause]
        )


class EnrolmentResumed(Fact, frozen=True, kw_only=True):
    """Participants may be allocated again."""

    def tell(self) -> str:
        """Say so."""
        return "enrolment was resumed"


class PauseEnrolment(Intent, frozen=True, kw_only=True):
    """Let nobody be allocated until enrolment is resumed; `halts` is what the vault tells of stopping rules."""

    cause: Cause = "decision"
    halts: int = 0
    reason: str


class ResumeEnrolment(Intent, frozen=True, kw_only=True):
    """Let participants be allocated again; the reason names the decision, such as the minutes of the board."""

    reason: str


DECIDE = ("medical monitor", "safety unblinder", "sponsor")
"""Roles that may pause enrolment by their own decision."""

WATCH = ("data manager", "administrator")
"""Roles that only pass on what the vault tells whoever watches the clocks."""


def require_enrolment(trial: Trial) -> None:
    """Refuse where enrolment is paused."""
    if trial.paused is not None:
        raise DecisionRefused(
            f"enrolment is paused since {trial.paused.at:%Y-%m-%d} and nobody can be allocated until the sponsor "
            "resumes it; keep those who have consented informed, and ask the sponsor"
        )


def _pause(setting: Setting, trial: Trial, intent: PauseEnrolment) -> list[Outcome]:
    if intent.cause != "stopping rule" and setting.by.role not in DECIDE:
        raise DecisionRefused(
            f"enrolment is paused by the decision of {', '.join(DECIDE)}; call one of them. Got {setting.by.role}"
        )
    told_anew = intent.cause == "stopping rule" and intent.halts > trial.halts
    if trial.paused is not None and not told_anew:
        by = name_person(trial, trial.paused.by)
        raise DecisionRefused(f"enrolment is paused already, by {by} on {trial.paused.at:%Y-%m-%d}")
    if trial.locked_at is not None:
        raise DecisionRefused("the trial is locked; nobody enrols any more")
    if not intent.reason.strip():
        raise DecisionRefused("say why enrolment is to be paused")
    return [
        Outcome(
            EnrolmentPaused(cause=intent.cause, halts=max(intent.halts, trial.halts)), reason=intent.reason.strip()
        )
    ]


def _resume(setting: Setting, trial: Trial, intent: ResumeEnrolment) -> list[Outcome]:
    if trial.paused is None:
        raise DecisionRefused("enrolment is not paused")
    if not intent.reason.strip():
        raise DecisionRefused("say by which decision enrolment is resumed, such as minutes of the safety board")
    if trial.paused.by == setting.by.person:
        raise DecisionRefused("you paused enrolment; another person of the sponsor must resume it")
    return [Outcome(EnrolmentResumed(), reason=intent.reason.strip())]


def _paused(trial: Trial, event: Event, fact: EnrolmentPaused) -> None:
    trial.halts = fact.halts
    trial.paused = Pause(cause=fact.cause, reason=event.reason or "", by=event.actor, at=event.at)


def _resumed(trial: Trial, _: Event, _fact: EnrolmentResumed) -> None:
    trial.paused = None


CHAPTER = Chapter(
    decisions={PauseEnrolment: _pause, ResumeEnrolment: _resume},
    evolutions={EnrolmentPaused: _paused, EnrolmentResumed: _resumed},
    roles={
        PauseEnrolment: (*DECIDE, *WATCH),
        ResumeEnrolment: ("sponsor",),
    },
)
