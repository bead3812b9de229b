"""Freezing and locking parts of the data, and the whole trial; the data cut.

A frozen scope may not be changed by sites, a locked one by nobody. What has to be in order before the whole trial
is locked is listed in `checklist`. Whoever locked does not open again: that takes another person and a reason.
"""

import hashlib
from collections.abc import Collection, Iterator
from datetime import date

from ...errors import DecisionRefused, suggest
from ...record.event import Event, canonical
from ..door.chapter import Chapter
from ..door.dates import day_in
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.scope import name_person, name_scope
from ..door.state import Hold, Participant, Scope, Trial
from .checklist import checklist
from .signatures import content_hash


class ScopeHeld(Fact, frozen=True):
    """A scope was frozen (sites may not change it) or locked (nobody may)."""

    scope: Scope
    locked: bool

    def tell(self) -> str:
        """Name the scope."""
        return f"{name_scope(self.scope)} was {'locked' if self.locked else 'frozen'}"


class ScopeReleased(Fact, frozen=True):
    """A scope was opened again, with a reason."""

    scope: Scope

    def tell(self) -> str:
        """Name the scope."""
        return f"{name_scope(self.scope)} was opened again"


class DataCut(Fact, frozen=True):
    """What is recorded up to the end of a day was set apart for a report."""

    through: date
    sequence: int

    def tell(self) -> str:
        """Give the day."""
        return f"the data were cut at {self.through} (event {self.sequence})"


class TrialLocked(Fact, frozen=True):
    """All data were locked: `checklist` holds the open points by what was checked, `data` the hash of all data."""

    checklist: dict[str, int]
    data: str
    participants: int

    def tell(self) -> str:
        """Give the hash."""
        return f"the trial was locked ({self.participants} participants, data {self.data[:12]})"


class TrialUnlocked(Fact, frozen=True):
    """The lock of all data was lifted, with a reason; impossible once the blind is open."""

    def tell(self) -> str:
        """Say so."""
        return "the lock of the trial was lifted"


class HoldScope(Intent, frozen=True):
    """Freeze or lock a scope."""

    scope: Scope
    locked: bool


class Release(Intent, frozen=True):
    """Open a frozen or locked scope again."""

    scope: Scope
    reason: str


class CutData(Intent, frozen=True):
    """Set apart what is recorded up to the end of a day: today, or a day since which nothing was recorded."""

    through: date


class LockTrial(Intent, frozen=True):
    """Lock all data; refused, with the list, while anything of the checklist is open."""


class UnlockTrial(Intent, frozen=True):
    """Lift the lock of all data."""

    reason: str


def data_hash(trial: Trial) -> str:
    """Return the hash of all data of the trial: SHA-256 over the content hash of every participant, by id."""
    contents = {participant.id: content_hash(participant) for participant in trial.participants.values()}
    return hashlib.sha256(canonical(contents).encode()).hexdigest()


def _parts(scope: Scope) -> Iterator[tuple[str, str]]:
    for what in Scope.__struct_fields__:
        value = getattr(scope, what)
        if value is not None:
            yield what, value


def _hold(setting: Setting, trial: Trial, intent: HoldScope) -> list[Outcome]:
    scope = intent.scope
    _require_unlocked(trial)
    person = _require_known(setting, trial, scope)
    word = "locked" if intent.locked else "frozen"
    present = _hold_of(trial, scope)
    if present is not None and (present.locked or not intent.locked):
        raise DecisionRefused(f"{name_scope(scope)}: already {'locked' if present.locked else 'frozen'}")
    site = scope.site if person is None else person.site
    if scope.site is not None and site != scope.site:
        raise DecisionRefused(
            f"{scope.participant} belongs to site {site}, so nothing would be {word}. Got site {scope.site}"
        )
    return [Outcome(ScopeHeld(scope=scope, locked=intent.locked), scope.participant, site)]


def _release(setting: Setting, trial: Trial, intent: Release) -> list[Outcome]:
    scope = intent.scope
    _require_unlocked(trial)
    present = _hold_of(trial, scope)
    if present is None:
        held = [name_scope(hold.scope) for hold in trial.holds]
        raise DecisionRefused(
            f"{name_scope(scope)}: neither frozen nor locked as such; "
            + (f"held are: {'; '.join(held)}" if held else "nothing is")
        )
    _require_reason(intent.reason, f"open {name_scope(scope)} again")
    if present.locked and present.by == setting.by.person:
        by = name_person(trial, present.by)
        raise DecisionRefused(f"{name_scope(scope)} was locked by {by}; another person must open it again")
    person = trial.participants.get(scope.participant or "")
    site = scope.site if person is None else person.site
    return [Outcome(ScopeReleased(scope=scope), scope.participant, site, reason=intent.reason)]


def _cut_data(setting: Setting, trial: Trial, intent: CutData) -> list[Outcome]:
    today = day_in(setting.by.at, setting.by.zone)
    if trial.at is None:
        raise DecisionRefused("nothing is recorded yet, so there are no data to cut")
    newest = day_in(trial.at, setting.by.zone)
    if not newest <= intent.through <= today:
        raise DecisionRefused(
            f"the data can be cut at a day from {newest}, that of the newest event, to today ({today}). "
            f"Got {intent.through}"
        )
    return [Outcome(DataCut(through=intent.through, sequence=trial.sequence))]


def _lock(setting: Setting, trial: Trial, _: LockTrial) -> list[Outcome]:
    _require_unlocked(trial)
    counts = checklist(setting.protocol, trial, day_in(setting.by.at, setting.by.zone), setting.versions)
    if open_points := [f"{point}: {count}" for point, count in counts.items() if count]:
        raise DecisionRefused(f"the trial cannot be locked yet; open are {'; '.join(open_points)}")
    fact = TrialLocked(checklist=counts, data=data_hash(trial), participants=len(trial.participants))
    return [Outcome(fact)]


def _unlock(setting: Setting, trial: Trial, intent: UnlockTrial) -> list[Outcome]:
    if trial.locked_at is None:
        raise DecisionRefused("the trial is not locked")
    if trial.unblinded_at is not None:
        raise DecisionRefused("the trial is unblinded; its data stay locked for good")
    _require_reason(intent.reason, "lift the lock of the trial")
    if trial.locked_by == setting.by.person:
        raise DecisionRefused("you locked the trial; another person must lift the lock")
    return [Outcome(TrialUnlocked(), reason=intent.reason)]


def _require_unlocked(trial: Trial) -> None:
    if trial.locked_at is not None:
        raise DecisionRefused("the trial is locked; lift that lock first")


def _require_reason(reason: str, what: str) -> None:
    if not reason.strip():
        raise DecisionRefused(f"say why you want to {what}")


def _require_known(setting: Setting, trial: Trial, scope: Scope) -> Participant | None:
    """Refuse a scope that names what does not exist; return its participant."""
    protocols = (setting.protocol, *setting.versions.values())
    visits = {visit for protocol in protocols for visit in protocol.schedule.visits}
    if scope.visit is not None:
        visits |= {key for person in trial.participants.values() for key in person.visits}
    known: dict[str, Collection[str]] = {
        "site": trial.sites,
        "participant": trial.participants,
        "visit": visits,
        "form": {form for protocol in protocols for form in protocol.forms},
    }
    for what, value in _parts(scope):
        if value not in known[what]:
            raise DecisionRefused(f"there is no {what} {value}{suggest(value, known[what])}")
    return trial.participants.get(scope.participant or "")


def _hold_of(trial: Trial, scope: Scope) -> Hold | None:
    return next((hold for hold in trial.holds if hold.scope == scope), None)


def _held(trial: Trial, event: Event, fact: ScopeHeld) -> None:
    trial.holds = [hold for hold in trial.holds if hold.scope != fact.scope]
    trial.holds.append(Hold(scope=fact.scope, locked=fact.locked, by=event.actor, at=event.at))


def _released(trial: Trial, _: Event, fact: ScopeReleased) -> None:
    trial.holds = [hold for hold in trial.holds if hold.scope != fact.scope]


def _cut(trial: Trial, _: Event, fact: DataCut) -> None:
    trial.cuts.append(fact.through)


def _locked(trial: Trial, event: Event, fact: TrialLocked) -> None:
    trial.locked_at, trial.locked_by, trial.data_hash = event.at, event.actor, fact.data


def _unlocked(trial: Trial, _: Event, _fact: TrialUnlocked) -> None:
    trial.locked_at = trial.locked_by = trial.data_hash = None


CHAPTER = Chapter(
    decisions={
        HoldScope: _hold,
        Release: _release,
        CutData: _cut_data,
        LockTrial: _lock,
        UnlockTrial: _unlock,
    },
    evolutions={
        ScopeHeld: _held,
        ScopeReleased: _released,
        DataCut: _cut,
        TrialLocked: _locked,
        TrialUnlocked: _unlocked,
    },
    roles={
        HoldScope: ("data manager",),
        Release: ("data manager",),
        CutData: ("data manager", "trial statistician"),
        LockTrial: ("data manager",),
        UnlockTrial: ("data manager",),
    },
)
