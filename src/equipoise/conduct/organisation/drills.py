"""Drills: that a backup can be brought back was tried, and what came of it (ICH E6(R3) 4.3.3(c-d), 4.3.6).

A drill (`trial/drill`) restores a fresh backup elsewhere and tries the copy; here it is put on record, so that
anybody can ask when the last one was held. No guideline gives a period: 31 days is an assumption of this program,
as a drill each month is common practice.
"""

from datetime import date, timedelta

from ...errors import DecisionRefused
from ...record.event import Event
from ..door.chapter import Chapter
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.state import Drill, Trial

EVERY = timedelta(days=31)
"""Longest time between two drills that passed (assumed)."""


class DrillHeld(Fact, frozen=True, kw_only=True):
    """A backup was restored elsewhere and tried: the event that it reached, and how many steps of how many failed.

    through, hash: sequence and hash of that event, 0 and empty where nothing was restored. failed: names of steps.
    """

    through: int
    hash: str
    steps: int
    failed: tuple[str, ...] = ()

    def tell(self) -> str:
        """Say how it went."""
        went = f"failed: {', '.join(self.failed)}" if self.failed else "nothing failed"
        return f"the restore of a backup was practised ({self.steps} steps, up to event {self.through}; {went})"


class RecordDrill(Intent, frozen=True, kw_only=True):
    """Record that a drill was held; `equipoise drill` holds one and records it."""

    through: int
    hash: str
    steps: int
    failed: tuple[str, ...] = ()


def next_drill_due(trial: Trial, every: timedelta = EVERY) -> date | None:
    """Return the day (UTC) by which a drill must be held; None before the first site is active.

    The first is due on the day on which the first site is active, each further one `every` after the last that
    passed.
    """
    passed = [drill.at.date() for drill in trial.drills if not drill.failed]
    if passed:
        return passed[-1] + every
    return min((since for site in trial.sites.values() for since in site.versions.values()), default=None)


def is_drill_overdue(trial: Trial, today: date, every: timedelta = EVERY) -> bool:
    """Say whether the day by which a drill must be held has passed."""
    due = next_drill_due(trial, every)
    return due is not None and today > due


def _record(_: Setting, trial: Trial, intent: RecordDrill) -> list[Outcome]:
    if intent.steps < max(1, len(intent.failed)):
        raise DecisionRefused(f"a drill has at least as many steps as failed, and one. Got {intent.steps}")
    if not 0 <= intent.through <= trial.sequence:
        raise DecisionRefused(
            f"a backup of this trial reaches an event from 1 to {trial.sequence}; record the drill of this trial. "
            f"Got {intent.through}"
        )
    if not intent.failed and not (intent.through and intent.hash):
        raise DecisionRefused("a drill that brought nothing back has failed; name the step that failed")
    return [
        Outcome(
            DrillHeld(through=intent.through, hash=intent.hash, steps=intent.steps, failed=tuple(intent.failed))
        )
    ]


def _held(trial: Trial, event: Event, fact: DrillHeld) -> None:
    trial.drills.append(Drill(at=event.at, through=fact.through, failed=fact.failed))


CHAPTER = Chapter(
    decisions={RecordDrill: _record},
    evolutions={DrillHeld: _held},
    roles={RecordDrill: ("administrator",)},
)
