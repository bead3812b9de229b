"""Data quality in a rehearsal: queries settled, items entered twice, values verified, changes reviewed.

The site answers each query in two days, the data manager closes what no rule has closed. Before the trial is
closed the monitor comes once for every participant, and the data manager reads what was changed.
"""

from typing import TYPE_CHECKING

import msgspec

from ...conduct.door.state import Query, Scalar, form_key
from ...conduct.forms.entry import FormSaved
from ...conduct.quality.queries import AnswerQuery, CloseQuery
from ...conduct.quality.raised import QueryRaised
from ...conduct.quality.review import ReviewTrail, list_to_review
from ...conduct.quality.second_entry import AdjudicateEntry, EnterSecond
from ...conduct.quality.verification import VerifySource, is_drawn, list_to_verify
from ...record import Event
from .calendar import Script
from .staff import MANAGER, MANAGES

if TYPE_CHECKING:
    from .desk import Desk

_DAY = 24 * 60
_SLIPS = 0.03
"""Share of the numbers that are mistyped when they are entered again."""


def follow_up(desk: "Desk", events: tuple[Event, ...]) -> None:
    """Let queries among the events of a step be settled in the days that follow, and forms be entered again."""
    quality = desk.protocol.quality
    for event in events:
        if event.kind == FormSaved.__name__ and event.participant and quality and quality.double_entry:
            saved = msgspec.json.decode(event.payload, type=FormSaved)
            record = form_key(saved.visit, saved.form, saved.repeat)
            again = [item for item in quality.double_entry if item in {*saved.values, *saved.missing}]
            values = desk.participant(event.participant).forms[record].values
            if again and not any(values[item].changes for item in again):
                desk.calendar.begin(_enter_again(desk, event.participant, record, again))
        if event.kind == QueryRaised.__name__ and event.participant is not None:
            raised = msgspec.json.decode(event.payload, type=QueryRaised)
            desk.counts["queries raised"] += 1
            desk.calendar.begin(_settle(desk, event.participant, raised.query))


def verify_source(desk: "Desk") -> Script:
    """Let the monitor compare with the source what is to be compared, participant by participant."""
    wanted: dict[str, dict[str, tuple[str, ...]]] = {}
    for one in list_to_verify(desk.protocol, desk.trial, desk.running.door.protocols):
        wanted.setdefault(one.participant, {})[one.record] = one.items
    for participant, records in wanted.items():
        yield desk.calendar.later(5)
        agrees = VerifySource(participant=participant, records=records, seen=desk.trial.sequence)
        desk.for_all("monitor", "monitor", agrees)
        desk.counts["values verified"] += sum(map(len, records.values()))


def review_changes(desk: "Desk") -> Script:
    """Let the data manager review the changes of critical items, participant by participant."""
    wanted: dict[str, dict[str, tuple[str, ...]]] = {}
    for one in list_to_review(desk.protocol, desk.trial, desk.running.door.protocols):
        wanted.setdefault(one.participant, {})[one.record] = one.items
    for participant, records in wanted.items():
        yield desk.calendar.later(5)
        seen, note = desk.trial.sequence, "each change has its reason and agrees with the source"
        desk.for_all(MANAGER, MANAGES, ReviewTrail(participant=participant, records=records, seen=seen, note=note))
        desk.counts["changes reviewed"] += sum(map(len, records.values()))


def _enter_again(desk: "Desk", participant: str, record: str, items: list[str]) -> Script:
    """Let somebody who did not write a form enter items of it again, three days later, now and then wrongly."""
    yield desk.calendar.later(3 * _DAY)
    entry, site = desk.participant(participant).forms[record], desk.site_of(participant)
    form = desk.protocol.forms[entry.form]
    role = "investigator" if site.person("coordinator") in entry.writers else "coordinator"
    values: dict[str, Scalar] = {}
    missing: dict[str, str] = {}
    slipped = []
    for item in items:
        known = entry.values[item]
        if known.missing is not None:
            missing[item] = known.missing
        else:
            values[item] = known.value
        slips = role == "coordinator" and is_drawn("typing", participant, record, item, _SLIPS)
        low, _ = form.items[item].range or (0, 0)
        if slips and isinstance(known.value, int | float) and known.value - 1 >= low:
            values[item] = known.value - 1
            slipped.append(item)
    intent = EnterSecond(
        participant=participant,
        form=entry.form,
        visit=entry.visit,
        repeat=entry.repeat,
        values=values,
        missing=missing,
    )
    desk.at_site(site, role, intent)
    desk.counts["forms entered twice"] += 1
    for item in slipped:
        yield desk.calendar.later(_DAY)
        settle = AdjudicateEntry(
            participant=participant, record=record, item=item, keep="first", reason="as the source shows"
        )
        desk.at_site(site, "investigator", settle)
        desk.counts["differences between entries settled"] += 1


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
