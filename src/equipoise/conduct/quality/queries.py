"""Queries by hand: raised by who reviews the data, answered by the site, closed by the reviewer; and their age.

The sponsor's people ask, the site answers or corrects, nobody else changes its data (ICH E6(R3) 3.16.1(i)).
"""

from datetime import datetime
from typing import Literal

import msgspec

from ...errors import DecisionRefused, suggest
from ...protocol import Protocol
from ...record.event import Event
from ..door.chapter import Chapter
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.scope import require_open
from ..door.state import Answer, Participant, Query, Trial
from ..organisation.joined import read_by
from .raised import QueryClosed, QueryRaised, numbered

ASKS = ("monitor", "data manager", "medical monitor")
"""Roles that raise and close queries."""

Waiting = Literal["the site", "the reviewer"]


class QueryAnswered(Fact, frozen=True, kw_only=True):
    """The site has answered a query."""

    query: str
    answer: str

    def tell(self) -> str:
        """Give the answer."""
        return f"query {self.query} was answered: {self.answer}"


class RaiseQuery(Intent, frozen=True, kw_only=True):
    """Ask the site about a record, such as W0/vitals/1, or about one item of it."""

    participant: str
    record: str
    item: str | None = None
    question: str


class AnswerQuery(Intent, frozen=True, kw_only=True):
    """Answer a query; a wrong value is corrected on its form, which closes the query of a rule by itself."""

    participant: str
    query: str
    answer: str


class CloseQuery(Intent, frozen=True, kw_only=True):
    """Close a query; the reason says why nothing is left to ask."""

    participant: str
    query: str
    reason: str


class OpenQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A query that is not closed; `days` since it was raised, whole ones, and for whom it waits."""

    participant: str
    site: str
    query: str
    record: str
    item: str | None
    question: str
    days: int
    waits_for: Waiting


def list_queries(trial: Trial, at: datetime) -> list[OpenQuery]:
    """List the queries that are open at a moment, the oldest first."""
    found = [
        OpenQuery(
            participant=participant.id,
            site=participant.site,
            query=name,
            record=query.record,
            item=query.item,
            question=query.question,
            days=(at - query.raised_at).days,
            waits_for="the reviewer" if query.answers else "the site",
        )
        for participant in trial.participants.values()
        for name, query in participant.queries.items()
        if query.closed_at is None
    ]
    return sorted(found, key=lambda one: (-one.days, one.participant, int(one.query[1:])))


def count_open(trial: Trial) -> int:
    """Count the queries that are not closed."""
    return sum(
        query.closed_at is None
        for participant in trial.participants.values()
        for query in participant.queries.values()
    )


def require_record(protocol: Protocol, participant: Participant, record: str, item: str | None = None) -> None:
    """Refuse a record that is not there or was struck out, and an item that its form does not have."""
    entry = participant.forms.get(record)
    if entry is None:
        raise DecisionRefused(
            f"{participant.id} has no record {record}{suggest(record, participant.forms)}; "
            "name it as visit, form and number, such as W0/vitals/1"
        )
    if entry.removed is not None:
        raise DecisionRefused(f"record {record} of {participant.id} was struck out ({entry.removed})")
    items = protocol.forms[entry.form].items
    if item is not None and item not in items:
        raise DecisionRefused(f"{entry.form} has no item {item}{suggest(item, items)}")


def _raise(setting: Setting, trial: Trial, intent: RaiseQuery) -> list[Outcome]:
    participant = trial.participants[intent.participant]
    protocol = read_by(setting.protocol, trial, setting.versions)(participant)
    require_record(protocol, participant, intent.record, intent.item)
    entry = participant.forms[intent.record]
    require_open(trial, participant, entry.visit, entry.form, role=setting.by.role)
    question = intent.question.strip()
    if not question:
        raise DecisionRefused("a query needs its question, in words that the site can answer")
    same = (intent.record, intent.item, question)
    for name, query in participant.queries.items():
        if query.closed_at is None and (query.record, query.item, query.question) == same:
            raise DecisionRefused(f"query {name} of {participant.id} asks this already")
    asked = QueryRaised(query="", record=intent.record, item=intent.item, question=question)
    return [Outcome(fact) for fact in numbered(participant, [asked])]


def _answer(_: Setting, trial: Trial, intent: AnswerQuery) -> list[Outcome]:
    _open_query(trial, intent.participant, intent.query)
    if not intent.answer.strip():
        raise DecisionRefused("the answer is empty; say what the source shows, or correct the value on its form")
    return [Outcome(QueryAnswered(query=intent.query, answer=intent.answer.strip()))]


def _close(_: Setting, trial: Trial, intent: CloseQuery) -> list[Outcome]:
    _open_query(trial, intent.participant, intent.query)
    if not intent.reason.strip():
        raise DecisionRefused(f"say why query {intent.query} can be closed, such as what the source showed")
    return [Outcome(QueryClosed(query=intent.query), reason=intent.reason.strip())]


def _open_query(trial: Trial, participant: str, name: str) -> Query:
    if trial.locked_at is not None:
        raise DecisionRefused("the trial is locked; its queries are closed and stay so")
    queries = trial.participants[participant].queries
    if name not in queries:
        raise DecisionRefused(f"{participant} has no query {name}{suggest(name, queries)}")
    query = queries[name]
    if query.closed_at is not None:
        raise DecisionRefused(
            f"query {name} of {participant} was closed on {query.closed_at:%Y-%m-%d} and is not opened again; "
            "raise a new one if something is left to ask"
        )
    return query


def _raised(trial: Trial, event: Event, fact: QueryRaised) -> None:
    assert event.participant is not None
    trial.participants[event.participant].queries[fact.query] = Query(
        record=fact.record, item=fact.item, check=fact.check, question=fact.question, raised_at=event.at
    )


def _answered(trial: Trial, event: Event, fact: QueryAnswered) -> None:
    assert event.participant is not None
    query = trial.participants[event.participant].queries[fact.query]
    query.answers.append(Answer(text=fact.answer, by=event.actor, at=event.at))


def _closed(trial: Trial, event: Event, fact: QueryClosed) -> None:
    assert event.participant is not None
    query = trial.participants[event.participant].queries[fact.query]
    assert query.closed_at is None
    query.closed_at, query.closed_by_rule = event.at, fact.by_rule


CHAPTER = Chapter(
    decisions={RaiseQuery: _raise, AnswerQuery: _answer, CloseQuery: _close},
    evolutions={QueryRaised: _raised, QueryAnswered: _answered, QueryClosed: _closed},
    roles={RaiseQuery: ASKS, AnswerQuery: ("investigator", "coordinator"), CloseQuery: ASKS},
)
