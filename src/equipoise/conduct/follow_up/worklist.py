"""The worklist of a day: what is to be done for whom, the most urgent first, as a question to the record.

Nothing in it hangs on an arm. A site opens the day with it; who serves all sites sees where work is left lying.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Literal

import msgspec

from ...protocol import Protocol
from ..closing.signatures import signature_state
from ..door.state import Participant, Trial
from ..enrolment.consent import due_consents
from ..forms.completeness import Expectations
from .attendance import left_on
from .windows import day_1, window_of

What = Literal[
    "consent to be renewed",
    "visit overdue",
    "visit due",
    "form missing",
    "query to be answered",
    "to be signed anew",
    "to be randomised",
]
ORDER: tuple[What, ...] = (
    "consent to be renewed",
    "visit overdue",
    "to be randomised",
    "visit due",
    "query to be answered",
    "form missing",
    "to be signed anew",
)
"""The kinds of work, the most urgent first."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """Work that waits: what, for whom, at which visit, on which form, by which day; `since` how long it waits."""

    what: What
    participant: str
    site: str
    visit: str = ""
    form: str = ""
    query: str = ""
    since: date | None = None
    by: date | None = None


def list_tasks(
    protocol_of: Callable[[Participant], Protocol],
    trial: Trial,
    at: datetime,
    today: date,
    site: str | None = None,
) -> list[Task]:
    """List the work that waits on a day at a site, or at all, by urgency and then by day and participant."""
    people = [one for one in trial.participants.values() if site in (None, one.site)]
    mine = {one.id: one for one in people}
    known: dict[str, Expectations] = {}
    found = [
        Task(
            what="consent to be renewed",
            participant=due.participant,
            site=mine[due.participant].site,
            since=due.since,
        )
        for due in due_consents(trial, today)
        if due.participant in mine
    ]
    for person in people:
        protocol = protocol_of(person)
        if person.protocol not in known:
            known[person.protocol] = Expectations(protocol)
        found += _of_visits(protocol, known[person.protocol], person, today)
        found += _of_queries(person, at)
        if signature_state(person) == "broken":
            found.append(Task(what="to be signed anew", participant=person.id, site=person.site))
        if _waits_for_a_number(person):
            found.append(Task(what="to be randomised", participant=person.id, site=person.site))
    return sorted(found, key=_urgency)


def _of_visits(protocol: Protocol, expected: Expectations, person: Participant, today: date) -> Iterable[Task]:
    found = expected.check(person, today)
    first = day_1(protocol, person)
    for what, visits in (("visit overdue", found.overdue), ("visit due", found.due)):
        for visit in visits:
            opens, closes = window_of(protocol, visit, first) if first else (None, None)
            yield Task(what=what, participant=person.id, site=person.site, visit=visit, since=opens, by=closes)  # type: ignore[arg-type]
    for visit, form in found.missing:
        held = person.visits.get(visit)
        since = None if held is None else held.on
        yield Task(
            what="form missing", participant=person.id, site=person.site, visit=visit, form=form, since=since
        )


def _of_queries(person: Participant, at: datetime) -> Iterable[Task]:
    for name, query in person.queries.items():
        if query.closed_at is None and not query.answers:
            visit, form, _ = query.record.split("/")
            yield Task(
                what="query to be answered",
                participant=person.id,
                site=person.site,
                visit=visit,
                form=form,
                query=name,
                since=min(query.raised_at, at).date(),
            )


def _waits_for_a_number(person: Participant) -> bool:
    eligible = person.eligibility is not None and person.eligibility.eligible
    return eligible and person.allocation is None and left_on(person) is None


def _urgency(task: Task) -> tuple[int, date, str, str, str]:
    return (ORDER.index(task.what), task.by or task.since or date.max, task.participant, task.visit, task.form)
