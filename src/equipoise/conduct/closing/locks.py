"""Freezing and locking parts of the data, and the whole trial; the checklist before the last lock; the data cut."""

from datetime import date

from ...record.event import Event
from ..door.fact import Fact, Intent
from ..door.state import Hold, Scope, Trial


class ScopeHeld(Fact):
    """A scope was frozen (sites may not change it) or locked (nobody may)."""

    scope: Scope
    locked: bool

    def tell(self) -> str:
        """Name the scope."""
        return f"{name_scope(self.scope)} was {'locked' if self.locked else 'frozen'}"


class ScopeReleased(Fact):
    """A scope was opened again, with a reason."""

    scope: Scope

    def tell(self) -> str:
        """Name the scope."""
        return f"{name_scope(self.scope)} was opened again"


class DataCut(Fact):
    """What is recorded up to the end of a day was set apart for a report."""

    through: date
    sequence: int

    def tell(self) -> str:
        """Give the day."""
        return f"the data were cut at {self.through} (event {self.sequence})"


class TrialLocked(Fact):
    """All data were locked: `checklist` holds what was checked with the count of open points, `data` their hash."""

    checklist: dict[str, int]
    data: str
    participants: int

    def tell(self) -> str:
        """Give the hash."""
        return f"the trial was locked ({self.participants} participants, data {self.data[:12]})"


class TrialUnlocked(Fact):
    """The lock of all data was lifted, with a reason; impossible once the blind is open."""

    def tell(self) -> str:
        """Say so."""
        return "the lock of the trial was lifted"


class HoldScope(Intent):
    """Freeze or lock a scope."""

    scope: Scope
    locked: bool


class Release(Intent):
    """Open a frozen or locked scope again."""

    scope: Scope
    reason: str


class CutData(Intent):
    """Set apart what is recorded up to the end of a day."""

    through: date


class LockTrial(Intent):
    """Lock all data; refused, with the list, while anything of the checklist is open."""


class UnlockTrial(Intent):
    """Lift the lock of all data."""

    reason: str


def name_scope(scope: Scope) -> str:
    """Name a scope in words."""
    parts = [f"{what} {value}" for what, value in _parts(scope) if value is not None]
    return ", ".join(parts) or "all data"


def _parts(scope: Scope) -> tuple[tuple[str, str | None], ...]:
    return (
        ("site", scope.site),
        ("participant", scope.participant),
        ("visit", scope.visit),
        ("form", scope.form),
    )


def _held(trial: Trial, event: Event, fact: ScopeHeld) -> None:
    trial.holds.append(Hold(scope=fact.scope, locked=fact.locked, by=event.actor, at=event.at))


def _released(trial: Trial, _: Event, fact: ScopeReleased) -> None:
    trial.holds = [hold for hold in trial.holds if hold.scope != fact.scope]


def _cut(trial: Trial, _: Event, fact: DataCut) -> None:
    trial.cuts.append(fact.through)


def _locked(trial: Trial, event: Event, fact: TrialLocked) -> None:
    trial.locked_at, trial.data_hash = event.at, fact.data


def _unlocked(trial: Trial, _: Event, _fact: TrialUnlocked) -> None:
    trial.locked_at = trial.data_hash = None
