"""Queries that follow from a form: which are raised, and which are closed because their check holds again.

Both stand in the same step as the form (see `forms/entry.py`), so that no query is lost and none is forgotten.
A query that was closed is never opened again: where its check fails anew, that is a new query. One that was closed
by hand, with the reason why the value is right, is not asked again while the values that the check looks at stay
as they are.
"""

from collections.abc import Collection, Iterator

import msgspec

from ...protocol import Protocol, names_in
from ...protocol.expression import previous_name
from ..door.fact import Fact
from ..door.state import FormEntry, Participant
from ..forms.judgement import judge
from ..forms.rules import rules_of


class QueryRaised(Fact, frozen=True, kw_only=True):
    """A question to the site about a record: on a check that does not hold (`check`), else asked by a person.

    query: Q1, Q2, ... of the participant. record: key of the form entry. item: None for the record as a whole.
    """

    query: str
    record: str
    item: str | None = None
    check: str | None = None
    question: str

    def tell(self) -> str:
        """Name the record and give the question."""
        return f"query {self.query} on {self.record} was raised: {self.question}"


class QueryClosed(Fact, frozen=True, kw_only=True):
    """A query is settled: by rule where the check holds again or the record was struck out, else by a person."""

    query: str
    by_rule: bool = False

    def tell(self) -> str:
        """Name the query."""
        return f"query {self.query} was closed{', as there is nothing to ask any more' if self.by_rule else ''}"


def queries_of_save(
    protocol: Protocol, participant: Participant, record: str, saved: FormEntry, touched: Collection[str]
) -> list[Fact]:
    """Return what a save means for queries; `saved` is the entry as it will stand, `touched` what is new in it.

    Later records whose checks look at a value that was touched are judged again with it.
    """
    found = list(_closed(participant, record, saved.raised))
    raised = [*_raised(protocol, participant, record, saved, saved.raised, touched)]
    if others := _looking_at(protocol, participant, record, saved, touched):
        after = msgspec.structs.replace(participant, forms={**participant.forms, record: saved})
        for key, names in others.items():
            entry = participant.forms[key]
            failed = judge(protocol, after, entry.form, entry.visit, entry.values).failed
            found += _closed(participant, key, failed)
            checks = protocol.forms[entry.form].checks
            concerned = [check for check in failed if not names.isdisjoint(names_in(checks[check].rule))]
            raised += _raised(protocol, participant, key, entry, concerned, names)
    return [*found, *numbered(participant, raised)]


def queries_of_removal(participant: Participant, record: str) -> list[Fact]:
    """Return the ends of the queries on a record that is struck out."""
    return [
        QueryClosed(query=name, by_rule=True)
        for name, query in participant.queries.items()
        if query.record == record and query.closed_at is None
    ]


def numbered(participant: Participant, raised: Collection[QueryRaised]) -> Iterator[QueryRaised]:
    """Give new queries their numbers, which follow on those of the participant."""
    for number, query in enumerate(raised, start=len(participant.queries) + 1):
        yield msgspec.structs.replace(query, query=f"Q{number}")


def _closed(participant: Participant, record: str, failed: Collection[str]) -> Iterator[QueryClosed]:
    for name, query in participant.queries.items():
        by_rule = query.record == record and query.check is not None and query.closed_at is None
        if by_rule and query.check not in failed:
            yield QueryClosed(query=name, by_rule=True)


def _raised(
    protocol: Protocol,
    participant: Participant,
    record: str,
    entry: FormEntry,
    failed: Collection[str],
    touched: Collection[str],
) -> Iterator[QueryRaised]:
    """Give a query for each check that does not hold, unless it was asked for the values as they are."""
    last = {query.check: query for query in participant.queries.values() if query.record == record}
    checks = protocol.forms[entry.form].checks
    for name in failed:
        known = last.get(name)
        asked = known is not None and (known.closed_at is None or not known.closed_by_rule)
        moved = not set(names_in(checks[name].rule)).isdisjoint(touched)
        if not asked or (known is not None and known.closed_at is not None and moved):
            yield QueryRaised(query="", record=record, check=name, question=checks[name].say.say())


def _looking_at(
    protocol: Protocol, participant: Participant, record: str, saved: FormEntry, touched: Collection[str]
) -> dict[str, set[str]]:
    """Return the records that look at a value which was touched: by record, the names by which their rules do."""
    before, variables = {previous_name(item) for item in touched}, _variables_of(protocol, touched)
    order = {key: (visit.on, place) for place, (key, visit) in enumerate(participant.visits.items()) if visit.on}
    here = order.get(saved.visit)
    found: dict[str, set[str]] = {}
    for key, entry in participant.forms.items():
        if key == record or entry.removed is not None:
            continue
        rules = rules_of(protocol, entry.form)
        names = variables.intersection(rules.variables)
        later = here is not None and entry.visit in order and order[entry.visit] > here
        if later and entry.form == saved.form:
            names |= before.intersection(map(previous_name, rules.previous))
        if names:
            found[key] = names
    return found


def _variables_of(protocol: Protocol, touched: Collection[str]) -> set[str]:
    """Return the participant variables that follow from values that were touched."""
    found: set[str] = set()
    while True:
        more = {
            name
            for name, one in protocol.variables.items()
            if name not in found
            and (one.item in touched or (one.rule is not None and not found.isdisjoint(names_in(one.rule))))
        }
        if not more:
            return found
        found |= more
