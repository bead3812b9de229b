"""The worklist of a day: what is to be done for whom, the most urgent first, as a question to the record.

Nothing in it hangs on an arm. A site opens the day with it; who serves all sites sees where work is left lying.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from ...protocol import Protocol
from ..closing.signatures import signature_state
from ..door.state import Participant, Trial
from ..enrolment.consent import due_consent
from ..forms.completeness import Completeness, Expectations
from ..quality.second_entry import pending_of
from ..safety.clocks import due_of
from ..safety.events import events_of
from .attendance import left_on
from .infusions import visits_to_order
from .windows import day_1, window_of

What = Literal[
    "consent to be renewed",
    "serious event to be reported",
    "visit overdue",
    "eligibility to be assessed",
    "to be randomised",
    "infusion to be ordered",
    "visit due",
    "query to be answered",
    "form missing",
    "serious event to be followed",
    "second entry due",
    "entries differ",
    "to be signed",
    "to be signed anew",
]
ORDER: tuple[What, ...] = (
    "consent to be renewed",
    "serious event to be reported",
    "visit overdue",
    "to be randomised",
    "infusion to be ordered",
    "eligibility to be assessed",
    "visit due",
    "query to be answered",
    "form missing",
    "serious event to be followed",
    "entries differ",
    "second entry due",
    "to be signed anew",
    "to be signed",
)
"""The kinds of work, the most urgent first."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """Work that waits: what, for whom, at which visit, on which record, by which day, `since` when."""

    what: What
    participant: str
    site: str
    visit: str = ""
    form: str = ""
    repeat: int = 1
    query: str = ""
    since: date | None = None
    by: date | None = None


class Worklist:
    """Lists the work of one participant after the other; what a protocol asks for is worked out once.

    reports: whether reports to authorities are listed too, which are not the work of a site.
    """

    def __init__(self, trial: Trial, at: datetime, today: date, *, reports: bool = False) -> None:
        self._trial, self._at, self._today, self._reports = trial, at, today, reports
        self._known: dict[str, Expectations] = {}

    def tasks_of(self, protocol: Protocol, person: Participant) -> tuple[Task, ...]:
        """Return the work that waits for a participant, whose protocol version is given, by urgency."""
        if person.protocol not in self._known:
            self._known[person.protocol] = Expectations(protocol)
        found = self._known[person.protocol].check(person, self._today)
        tasks = [
            *self._of_consent(person),
            *self._of_safety(protocol, person),
            *_of_enrolment(protocol, person, found),
            *_of_visits(protocol, person, found),
            *_of_infusions(protocol, person),
            *self._of_queries(person),
            *_of_second_entries(protocol, person),
            *_of_signatures(person, found),
        ]
        return tuple(sorted(tasks, key=urgency))

    def _of_consent(self, person: Participant) -> Iterator[Task]:
        due = due_consent(self._trial, person, self._today)
        if due is not None:
            yield _task("consent to be renewed", person, since=due.since)

    def _of_safety(self, protocol: Protocol, person: Participant) -> Iterator[Task]:
        zone = self._trial.sites[person.site].zone
        for clock in person.clocks.values() if self._reports else ():
            if clock.met_at is None and clock.lifted is None:
                last = due_of(protocol, clock, zone) - timedelta(microseconds=1)  # it is the first moment too late
                since, due = (one.astimezone(ZoneInfo(zone)).date() for one in (clock.since, last))
                yield _task("serious event to be reported", person, clock.record, since=since, by=due)
        for event in events_of(protocol, person):
            if event.serious and event.outcome and not event.resolved:
                began = event.started[:10]
                since = date.fromisoformat(began) if len(began) == len("2026-03-05") else person.screened_on
                yield _task("serious event to be followed", person, event.record, since=since)

    def _of_queries(self, person: Participant) -> Iterator[Task]:
        for name, query in person.queries.items():
            if query.closed_at is None and not query.answers:
                raised = min(query.raised_at, self._at).date()
                yield _task("query to be answered", person, query.record, query=name, since=raised)


def list_tasks(
    protocol_of: Callable[[Participant], Protocol],
    trial: Trial,
    at: datetime,
    today: date,
    site: str | None = None,
) -> list[Task]:
    """List the work that waits on a day at a site, or at all, by urgency and then by day and participant."""
    worklist = Worklist(trial, at, today, reports=site is None)
    people = [one for one in trial.participants.values() if site in (None, one.site)]
    return sorted((task for one in people for task in worklist.tasks_of(protocol_of(one), one)), key=urgency)


def urgency(task: Task) -> tuple[int, date, str, str, str]:
    """Return by what tasks are sorted: the kind, the day, whom it concerns, where."""
    day = task.by or task.since or date.max
    return (ORDER.index(task.what), day, task.participant, task.visit, task.form)


def _task(
    what: What,
    person: Participant,
    record: str = "",
    *,
    visit: str = "",
    query: str = "",
    since: date | None = None,
    by: date | None = None,
) -> Task:
    form, repeat = "", "1"
    if record:
        visit, form, repeat = record.split("/")
    return Task(
        what=what,
        participant=person.id,
        site=person.site,
        visit=visit,
        form=form,
        repeat=int(repeat),
        query=query,
        since=since,
        by=by,
    )


def _of_enrolment(protocol: Protocol, person: Participant, found: Completeness) -> Iterator[Task]:
    if person.allocation is not None or left_on(person) is not None or not person.consents:
        return
    if person.eligibility is not None:
        if person.eligibility.eligible:
            yield _task("to be randomised", person)
        return
    at = protocol.schedule.activities.get("eligibility", ())
    held = [one.on for key, one in person.visits.items() if one.on is not None and (key in at or not at)]
    if held and not found.missing:
        yield _task("eligibility to be assessed", person, since=max(held))


def _of_visits(protocol: Protocol, person: Participant, found: Completeness) -> Iterator[Task]:
    first = day_1(protocol, person)
    for what, visits in ((_OVERDUE, found.overdue), (_DUE, found.due)):
        for visit in visits:
            opens, closes = window_of(protocol, visit, first) if first else (None, None)
            yield _task(what, person, visit=visit, since=opens, by=closes)
    for visit, form in found.missing:
        held = person.visits.get(visit)
        yield _task("form missing", person, f"{visit}/{form}/1", since=None if held is None else held.on)


_OVERDUE: What = "visit overdue"
_DUE: What = "visit due"


def _of_infusions(protocol: Protocol, person: Participant) -> Iterator[Task]:
    for visit in visits_to_order(protocol, person):
        yield _task("infusion to be ordered", person, visit=visit, since=person.visits[visit].on)


def _of_second_entries(protocol: Protocol, person: Participant) -> Iterator[Task]:
    for one in pending_of(protocol, person):
        since = person.forms[one.record].on
        if one.items:
            yield _task("second entry due", person, one.record, since=since)
        if one.differ:
            yield _task("entries differ", person, one.record, since=since)


def _of_signatures(person: Participant, found: Completeness) -> Iterable[Task]:
    state = signature_state(person)
    if state == "broken":
        yield _task("to be signed anew", person)
    left = left_on(person)
    if state == "missing" and person.allocation is not None and left is not None and found.is_complete:
        yield _task("to be signed", person, since=left)
