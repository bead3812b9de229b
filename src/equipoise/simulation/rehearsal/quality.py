"""Data quality in a rehearsal: queries are settled, values verified against the source, changes reviewed.

The site answers each query in two days, the data manager closes what no rule has closed. Before the trial is
closed the monitor comes once for every participant, and the data manager reads what was changed.
"""

from typing import TYPE_CHECKING

import msgspec

from ...conduct.door.state import Query
from ...conduct.quality.queries import AnswerQuery, CloseQuery
from ...conduct.quality.raised import QueryRaised
from ...conduct.quality.review import ReviewTrail, list_to_review
from ...conduct.quality.verification import VerifySource, list_to_verify
from ...record import Event
from .calendar import Script
from .staff import MANAGER, MANAGES

if TYPE_CHECKING:
    from .desk import Desk

_DAY = 24 * 60


def settle_queries(desk: "Desk", events: tuple[Event, ...]) -> None:
    """Let every query among the events of a step be settled in the days that follow."""
    for event in events:
        if event.kind == QueryRaised.__name__ and event.participant is not None:
            raised = msgspec.json.decode(event.payload, type=QueryRaised)
            desk.counts["queries raised"] += 1
            desk.calendar.begin(_settle(desk, event.participant, raised.query))


def verify_source(desk: "Desk") -> Script:
    """Let the monitor compare with the source what is to be compared, participant by participant."""
    wanted: dict[str, dict[str, tuple[str, ...]]] = {}
    for one in list_to_verify(desk.protocol, desk.trial):
        wanted.setdefault(one.participant, {})[one.record] = one.items
    for participant, records in wanted.items():
        yield desk.calendar.later(5)
        agrees = VerifySource(participant=participant, records=records, seen=desk.trial.sequence)
        desk.for_all("monitor", "monitor", agrees)
        desk.counts["values verified"] += sum(map(len, records.values()))


def review_changes(desk: "Desk") -> Script:
    """Let the data manager review the changes of critical items, participant by participant."""
    wanted: dict[str, dict[str, tuple[str, ...]]] = {}
    for one in list_to_review(desk.protocol, desk.trial):
        wanted.setdefault(one.participant, {})[one.record] = one.items
    for participant, records in wanted.items():
        yield desk.calendar.later(5)
        seen, note = desk.trial.sequence, "each change has its reason and agrees with the source"
        desk.for_all(MANAGER, MANAGES, ReviewTrail(participant=participant, records=records, seen=seen, note=note))
        desk.counts["changes reviewed"] += sum(map(len, records.values()))


def _settle(desk: "Desk", participant: str, name: str) -> Script:
    yield desk.calendar.later(2 * _DAY)
    if _query(desk, participant, name).closed_at is not None:
        desk.counts["queries closed by rule"] += 1
        return
    answer = AnswerQuery(participant=participant, query=name, answer="the source shows the value as it is entered")
    desk.at_site(desk.site_of(participant), "coordinator", answer)
    yield desk.calendar.later(_DAY)
    if _query(desk, participant, name).closed_at is not None:
        desk.counts["queries closed by rule"] += 1
        return
    close = CloseQuery(participant=participant, query=name, reason="confirmed by the source")
    desk.for_all(MANAGER, MANAGES, close)
    desk.counts["queries closed by hand"] += 1


def _query(desk: "Desk", participant: str, name: str) -> Query:
    return desk.participant(participant).queries[name]
