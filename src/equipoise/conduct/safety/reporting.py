"""What follows from a serious event, in the step that records it: clocks start, the sponsor's monitor judges.

The facts of this chapter come out of the same decision as the form they follow from, so they stand in the record
together or not at all: no crash can lose a clock. A clock stops when it is met, or when the monitor lifts it
because the event turned out otherwise; neither a correction nor striking a record out stops it silently. What is
said here is the same whatever the arm: whether the code then showed placebo is known in the vault alone.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from ...errors import DecisionRefused, suggest
from ...protocol import Protocol
from ...record.event import Event
from ..door.chapter import Chapter
from ..door.fact import By, Fact, Intent, Outcome, Setting
from ..door.state import Assessment, Clock, Participant, Trial, Value
from .clocks import SAID, SERIOUS, clock_id, clocks_wanted, moment_at
from .events import AdverseEvent, aware_item, read_event


class ClockStarted(Fact, frozen=True, kw_only=True):
    """Time runs for a report: of which record, what it is (`clocks.What`), to whom, since when (UTC)."""

    record: str
    what: str
    authority: str
    since: datetime

    def tell(self) -> str:
        """Name the report."""
        since = f"{self.since:%Y-%m-%d %H:%M} UTC"
        return f"the clock of a report runs since {since} ({SAID[self.what]}; {self.authority})"


class ClockMet(Fact, frozen=True, kw_only=True):
    """What the clock asks for was done; `sent` says when, where that was before it was recorded."""

    clock: str
    sent: datetime | None = None

    def tell(self) -> str:
        """Name the clock."""
        return f"the report was made ({self.clock})"


class ClockLifted(Fact, frozen=True, kw_only=True):
    """The clock runs no more, as the event turned out to be another than it was taken for."""

    clock: str

    def tell(self) -> str:
        """Name the clock."""
        return f"no report is due any more ({self.clock})"


class CaseAssessed(Fact, frozen=True, kw_only=True):
    """The sponsor's medical monitor has judged an event: suspected by the sponsor too, unexpected or not.

    unexpected: None where it follows from the terms that the protocol expects. sequence: the last event on the
    record that was looked at.
    """

    record: str
    suspected: bool
    unexpected: bool | None = None
    comment: str
    sequence: int

    def tell(self) -> str:
        """Give the judgement."""
        suspected = "suspected" if self.suspected else "not suspected"
        unexpected = {None: "expected as listed", True: "unexpected", False: "expected"}[self.unexpected]
        return f"adverse event {self.record} was assessed as {suspected}, {unexpected}"


class AssessCase(Intent, frozen=True, kw_only=True):
    """Judge an adverse event as the sponsor; `record` is its key, such as /adverse_event/1."""

    participant: str
    record: str
    suspected: bool
    unexpected: bool | None = None
    comment: str


class MeetClock(Intent, frozen=True, kw_only=True):
    """Say that a report was made; `sent` (with its offset from UTC) where that was before now."""

    participant: str
    clock: str
    sent: datetime | None = None


class LiftClock(Intent, frozen=True, kw_only=True):
    """Stop a clock, because the event is no longer what it was taken for."""

    participant: str
    clock: str
    reason: str


def facts_of_event(
    protocol: Protocol,
    trial: Trial,
    participant: Participant,
    by: By,
    place: tuple[str, str],
    before: Mapping[str, Value],
    after: Mapping[str, Value],
) -> list[Fact]:
    """Return what follows from a record of an adverse event, whose values were `before` and are now `after`.

    place: the form and the key of the record. Day 0 is the site's awareness where the event is serious from now
    on, and this moment where more has become known of one that was serious before. Refuses (DecisionRefused) a
    serious event without a moment of awareness, where the protocol names an item for it.
    """
    form, record = place
    if protocol.safety is None or protocol.forms[form].sdtm != "AE":
        return []
    _require_seriousness(protocol, form, after)
    event = read_event(protocol, form, record, after)
    earlier = read_event(protocol, form, record, before)
    if not event.serious:
        return []
    zone = trial.sites[participant.site].zone
    aware = _awareness(protocol, form, event, zone)
    since = by.at.astimezone(UTC) if earlier.serious or aware is None else aware
    facts = list(_starting(protocol, participant, event, since))
    if earlier.serious and aware is not None and earlier.aware not in ("", event.aware):
        facts += _moved(participant, record, moment_at(earlier.aware, zone), aware)
    started = [fact for fact in facts if isinstance(fact, ClockStarted) and fact.what == SERIOUS]
    told = [ClockMet(clock=clock_id(record, fact.what, fact.authority)) for fact in started if not earlier.serious]
    return [*facts, *told]


def _require_seriousness(protocol: Protocol, form: str, values: Mapping[str, Value]) -> None:
    """Refuse an event of which nobody says whether it is serious: no clock would ever start (ICH E2A III.B)."""
    for name, item in protocol.forms[form].items.items():
        given = values.get(name)
        if item.sdtm == "AESER" and given is not None and given.missing is not None:
            raise DecisionRefused(
                f"{item.label.say()} must be Y or N; as long as it is not known, the event counts as serious: "
                f"enter Y, and correct it when more is known. Got {given.missing}"
            )


def _awareness(protocol: Protocol, form: str, event: AdverseEvent, zone: str) -> datetime | None:
    item = aware_item(protocol, form)
    if item is None:
        return None
    if not event.aware:
        label = protocol.items[item].label.say()
        raise DecisionRefused(
            f"a serious adverse event needs the moment from which its reports are counted ({label}), to the "
            f"minute; find it out and enter it. Got none for {event.term or 'this event'}"
        )
    return moment_at(event.aware, zone)


def _starting(
    protocol: Protocol, participant: Participant, event: AdverseEvent, since: datetime
) -> list[ClockStarted]:
    """Return the clocks that an event asks for and that are not there yet.

    One that was fatal when it was reported, and then turns out not to be, is the same report in the same time.
    """
    known = {name for name, clock in participant.clocks.items() if clock.lifted is None}
    return [
        ClockStarted(record=event.record, what=what, authority=authority, since=since)
        for what, authority in clocks_wanted(protocol, participant, event)
        if clock_id(event.record, what, authority) not in known
        and not (what == "suspected" and clock_id(event.record, "fatal", authority) in known)
    ]


def _moved(participant: Participant, record: str, before: datetime, now: datetime) -> list[ClockStarted]:
    """Return the clocks that counted from a moment of awareness which was corrected."""
    return [
        ClockStarted(record=record, what=clock.what, authority=clock.authority, since=now)
        for clock in participant.clocks.values()
        if clock.record == record and clock.since == before and clock.lifted is None
    ]


def _assess(setting: Setting, trial: Trial, intent: AssessCase) -> list[Outcome]:
    participant = trial.participants[intent.participant]
    event = find_record(setting.protocol, participant, intent.record)
    if not intent.comment.strip():
        raise DecisionRefused("say in a sentence what the assessment rests on")
    if participant.forms[intent.record].removed is not None:
        raise DecisionRefused(f"record {intent.record} was struck out; there is nothing to assess")
    fact = CaseAssessed(
        record=intent.record,
        suspected=intent.suspected,
        unexpected=intent.unexpected,
        comment=intent.comment.strip(),
        sequence=participant.forms[intent.record].sequence,
    )
    judged = _judged(participant, intent.record, _assessment(fact, setting.by.person, setting.by.at))
    since = _first_known(trial, judged, event, setting.by.at)
    return [Outcome(one) for one in (fact, *_starting(setting.protocol, judged, event, since))]


def _judged(participant: Participant, record: str, assessment: Assessment) -> Participant:
    """Return the participant as they stand once an event is assessed so; the state itself stays as it is."""
    return msgspec.structs.replace(participant, assessments={**participant.assessments, record: assessment})


def _first_known(trial: Trial, participant: Participant, event: AdverseEvent, at: datetime) -> datetime:
    """Return when the case was known: the sponsor's own judgement of it does not begin the time anew."""
    if event.aware:
        return moment_at(event.aware, trial.sites[participant.site].zone)
    known = [clock.since for clock in participant.clocks.values() if clock.record == event.record]
    return min(known, default=at.astimezone(UTC))


def _meet(setting: Setting, trial: Trial, intent: MeetClock) -> list[Outcome]:
    clock = require_running(trial.participants[intent.participant], intent.clock)
    if clock.met_at is not None:
        raise DecisionRefused(f"this report was made on {clock.met_at:%Y-%m-%d %H:%M} UTC. Got {intent.clock}")
    if intent.sent is not None:
        _require_sent(intent.sent, clock, setting.by.at)
    sent = None if intent.sent is None else intent.sent.astimezone(UTC)
    return [Outcome(ClockMet(clock=intent.clock, sent=sent))]


def _require_sent(sent: datetime, clock: Clock, now: datetime) -> None:
    if sent.tzinfo is None:
        raise DecisionRefused(f"say the time with its offset from UTC, such as 2026-03-02T09:30+08:00. Got {sent}")
    if not clock.since - timedelta(minutes=1) <= sent <= now:
        raise DecisionRefused(
            f"a report is made between the awareness ({clock.since:%Y-%m-%d %H:%M} UTC) and now "
            f"({now.astimezone(UTC):%Y-%m-%d %H:%M} UTC). Got {sent.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        )


def _lift(setting: Setting, trial: Trial, intent: LiftClock) -> list[Outcome]:
    participant = trial.participants[intent.participant]
    clock = require_running(participant, intent.clock)
    if not intent.reason.strip():
        raise DecisionRefused("say why no report is due any more")
    entry, wanted = participant.forms[clock.record], set[str]()
    event = find_record(setting.protocol, participant, clock.record)
    if entry.removed is None:
        wanted = {clock_id(clock.record, *one) for one in clocks_wanted(setting.protocol, participant, event)}
    if intent.clock in wanted:
        raise DecisionRefused(
            f"as the record stands, {event.term} is a {SAID[clock.what]} and its report is due; let the "
            f"investigator correct the event first, or assess it. Got {intent.clock}"
        )
    facts: list[Fact] = [ClockLifted(clock=intent.clock)]
    milder = clock_id(clock.record, "suspected", clock.authority)
    if clock.what == "fatal" and clock.met_at is None and milder in wanted and milder not in participant.clocks:
        facts.append(
            ClockStarted(record=clock.record, what="suspected", authority=clock.authority, since=clock.since)
        )
    return [Outcome(fact, reason=intent.reason.strip()) for fact in facts]


def require_running(participant: Participant, name: str) -> Clock:
    """Return a clock that was not lifted; DecisionRefused, with the nearest name, where there is none."""
    clock = participant.clocks.get(name)
    if clock is None:
        raise DecisionRefused(
            f"no such clock runs for {participant.id}{suggest(name, participant.clocks, stop='.')} Got {name}"
        )
    if clock.lifted is not None:
        raise DecisionRefused(f"this clock was lifted: {clock.lifted}. Got {name}")
    return clock


def find_record(protocol: Protocol, participant: Participant, record: str) -> AdverseEvent:
    """Return an adverse event by the key of its record; DecisionRefused, with the nearest, where there is none."""
    entry = participant.forms.get(record)
    if entry is None or protocol.forms[entry.form].sdtm != "AE":
        keys = [key for key, one in participant.forms.items() if protocol.forms[one.form].sdtm == "AE"]
        raise DecisionRefused(
            f"{participant.id} has no adverse event of this record{suggest(record, keys)}; "
            f"there are: {', '.join(keys) or 'none'}. Got {record}"
        )
    return read_event(protocol, entry.form, record, entry.values)


def _assessment(fact: CaseAssessed, person: str, at: datetime) -> Assessment:
    return Assessment(
        suspected=fact.suspected,
        unexpected=fact.unexpected,
        comment=fact.comment,
        sequence=fact.sequence,
        by=person,
        at=at,
    )


def _of(trial: Trial, event: Event) -> Participant:
    assert event.participant is not None
    return trial.participants[event.participant]


def _started(trial: Trial, event: Event, fact: ClockStarted) -> None:
    clocks = _of(trial, event).clocks
    name = clock_id(fact.record, fact.what, fact.authority)
    known = clocks.get(name)
    if known is not None and known.lifted is None:
        known.since, known.passed_at = fact.since, None
    else:
        clocks[name] = Clock(record=fact.record, what=fact.what, authority=fact.authority, since=fact.since)


def _met(trial: Trial, event: Event, fact: ClockMet) -> None:
    _of(trial, event).clocks[fact.clock].met_at = fact.sent or event.at


def _lifted(trial: Trial, event: Event, fact: ClockLifted) -> None:
    _of(trial, event).clocks[fact.clock].lifted = event.reason or ""


def _assessed(trial: Trial, event: Event, fact: CaseAssessed) -> None:
    _of(trial, event).assessments[fact.record] = _assessment(fact, event.actor, event.at)


CHAPTER = Chapter(
    decisions={AssessCase: _assess, MeetClock: _meet, LiftClock: _lift},
    evolutions={
        ClockStarted: _started,
        ClockMet: _met,
        ClockLifted: _lifted,
        CaseAssessed: _assessed,
    },
    roles={
        AssessCase: ("medical monitor",),
        MeetClock: ("safety unblinder", "medical monitor", "sponsor"),
        LiftClock: ("medical monitor",),
    },
)
