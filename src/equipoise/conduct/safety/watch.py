"""The watch over clocks and open cases: what is due, what is overdue, what is to be followed further.

All of it follows from the record and the time at which it is asked, so it may be asked at any time and by anybody.
Whoever watches (a job of every hour, say) also writes down each clock that has run out, once; a watch that was
missed is made up for by the next, and nothing is written down before its time.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

import msgspec

from ...errors import DecisionRefused
from ...protocol import Protocol
from ...record.event import Event
from ..door.chapter import Chapter
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.state import Clock, Participant, Trial
from .clocks import SAID, due_of
from .events import AdverseEvent, events_of, is_suspected_unexpected

Standing = Literal["running", "overdue", "met", "met late", "lifted"]


class ClockPassed(Fact, frozen=True, kw_only=True):
    """The term of a clock ran out at `due` (UTC) without the report."""

    clock: str
    due: datetime

    def tell(self) -> str:
        """Name the clock."""
        return f"a report was due by {self.due:%Y-%m-%d %H:%M} UTC and not made by then ({self.clock})"


class WatchClocks(Intent, frozen=True, kw_only=True):
    """Write down every clock that has run out since the last watch."""


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """A clock with the first moment that is too late (UTC), and how it stands."""

    participant: str
    site: str
    clock: str
    what: str
    authority: str
    since: datetime
    due: datetime
    met_at: datetime | None
    standing: Standing


class OpenCase(msgspec.Struct, frozen=True, kw_only=True):
    """A serious event with what is still to be done about it."""

    participant: str
    record: str
    term: str
    suspected_unexpected: bool
    to_do: tuple[str, ...]


def list_clocks(protocol: Protocol, trial: Trial, at: datetime) -> list[Running]:
    """List every clock as of a moment, the most urgent first; terms are those of this protocol version."""
    found = [
        _running(protocol, trial, participant, name, clock, at)
        for participant in trial.participants.values()
        for name, clock in participant.clocks.items()
    ]
    order = ("overdue", "running", "met late", "met", "lifted")
    return sorted(found, key=lambda one: (order.index(one.standing), one.due, one.clock))


def _running(
    protocol: Protocol, trial: Trial, participant: Participant, name: str, clock: Clock, at: datetime
) -> Running:
    due = due_of(protocol, clock, trial.sites[participant.site].zone)
    return Running(
        participant=participant.id,
        site=participant.site,
        clock=name,
        what=clock.what,
        authority=clock.authority,
        since=clock.since,
        due=due,
        met_at=clock.met_at,
        standing=_standing(clock, due, at),
    )


def _standing(clock: Clock, due: datetime, at: datetime) -> Standing:
    if clock.lifted is not None:
        return "lifted"
    if clock.met_at is not None:
        return "met" if clock.met_at < due else "met late"
    return "running" if at < due else "overdue"


def open_cases(protocol: Protocol, trial: Trial) -> list[OpenCase]:
    """List the serious events with something still to be done: assess, report, follow to the end."""
    return [case for participant in trial.participants.values() for case in _open(protocol, participant)]


def count_open(protocol: Protocol, trial: Trial) -> dict[str, int]:
    """Count what the lock of the data waits for: reports not made, cases not assessed by the sponsor."""
    cases = open_cases(protocol, trial)
    clocks = (clock for participant in trial.participants.values() for clock in participant.clocks.values())
    return {
        "safety reports neither made nor lifted": sum(c.met_at is None and c.lifted is None for c in clocks),
        "serious events not assessed by the medical monitor": sum("assess" in case.to_do for case in cases),
    }


def _open(protocol: Protocol, participant: Participant) -> Iterator[OpenCase]:
    for event in events_of(protocol, participant):
        if not event.serious:
            continue
        if to_do := tuple(_to_do(participant, event)):
            assessment = participant.assessments.get(event.record)
            yield OpenCase(
                participant=participant.id,
                record=event.record,
                term=event.term,
                suspected_unexpected=is_suspected_unexpected(protocol, event, assessment),
                to_do=to_do,
            )


def _to_do(participant: Participant, event: AdverseEvent) -> Iterator[str]:
    assessment = participant.assessments.get(event.record)
    if assessment is None:
        yield "assess"
    elif participant.forms[event.record].sequence > assessment.sequence:
        yield "assess again, as the record has changed"
    for clock in participant.clocks.values():
        if clock.record == event.record and clock.met_at is None and clock.lifted is None:
            yield f"report: {SAID[clock.what]}, {clock.authority}"
    if not event.resolved and "life" not in participant.ended:
        yield "follow to its end"


def clocks_run_out(protocol: Protocol, trial: Trial, at: datetime) -> list[Running]:
    """List the clocks that have run out without the report and of which this was not written down yet."""
    return [
        one
        for one in list_clocks(protocol, trial, at)
        if one.standing in ("overdue", "met late")
        and trial.participants[one.participant].clocks[one.clock].passed_at is None
    ]


def _watch(setting: Setting, trial: Trial, _: WatchClocks) -> list[Outcome]:
    news = clocks_run_out(setting.protocol, trial, setting.by.at)
    if not news:
        raise DecisionRefused("no clock has run out since the last watch; nothing was to be written down")
    return [Outcome(ClockPassed(clock=one.clock, due=one.due), one.participant, one.site) for one in news]


def _passed(trial: Trial, event: Event, fact: ClockPassed) -> None:
    assert event.participant is not None
    trial.participants[event.participant].clocks[fact.clock].passed_at = event.at


CHAPTER = Chapter(
    decisions={WatchClocks: _watch},
    evolutions={ClockPassed: _passed},
    roles={WatchClocks: ("medical monitor", "safety unblinder", "data manager", "sponsor", "administrator")},
)
