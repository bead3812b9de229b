"""Visits: held in or outside their window, missed, unscheduled."""

from datetime import date

from ...record.event import Event
from ..door.fact import Fact, Intent
from ..door.state import Trial, Visit


class VisitHeld(Fact):
    """A visit took place: `key` is the id of a planned visit, or U1, U2, ... for one that was not planned."""

    key: str
    on: date
    planned: bool = True
    in_window: bool = True

    def tell(self) -> str:
        """Give visit and day."""
        return f"visit {self.key} was held on {self.on}" + ("" if self.in_window else ", outside its window")


class VisitMissed(Fact):
    """A planned visit did not take place."""

    key: str
    why: str

    def tell(self) -> str:
        """Give the visit."""
        return f"visit {self.key} was missed: {self.why}"


class HoldVisit(Intent):
    """Record that a planned visit takes place; outside its window a reason is asked for and a deviation noted."""

    participant: str
    visit: str
    on: date
    reason: str | None = None


class HoldUnscheduledVisit(Intent):
    """Record a visit that was not planned."""

    participant: str
    on: date
    why: str


class MissVisit(Intent):
    """Record that a planned visit did not take place."""

    participant: str
    visit: str
    why: str


def _held(trial: Trial, event: Event, fact: VisitHeld) -> None:
    assert event.participant is not None
    visit = Visit(name=fact.key if fact.planned else None, on=fact.on, in_window=fact.in_window)
    trial.participants[event.participant].visits[fact.key] = visit


def _missed(trial: Trial, event: Event, fact: VisitMissed) -> None:
    assert event.participant is not None
    trial.participants[event.participant].visits[fact.key] = Visit(name=fact.key, missed=fact.why)
