"""What the rules of a form take from the participant's other records: earlier values, variables."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import polars as pl

from ...protocol import Protocol, names_in, parse_expression
from ...protocol.checks.vocabulary import PARTICIPANT, participant_names
from ...protocol.expression import previous_name
from ...protocol.model import ParticipantVariable
from ..door.dates import day_1_of
from ..door.state import FormEntry, Participant, Scalar


def previous_values(participant: Participant, form: str, visit: str, items: Iterable[str]) -> dict[str, Scalar]:
    """Return, by `previous_name`, each item's value at the latest earlier visit at which it was recorded.

    Earlier is an earlier date, or the same date and recorded before. A form that hangs on no visit has none.
    """
    found: dict[str, Scalar] = {}
    wanted = set(items)
    if not wanted:
        return found
    for entry in _earlier(participant, form, visit):
        for item in wanted & entry.values.keys():
            if (value := entry.values[item].value) is not None:
                found[previous_name(item)] = value
                wanted.discard(item)
        if not wanted:
            break
    return found


def variable_values(protocol: Protocol, participant: Participant, names: Iterable[str]) -> dict[str, Scalar]:
    """Return participant variables as the record gives them so far; None for what it does not give (yet).

    A variable with an item has the item's last value up to study day 1; one with a rule follows from those that
    the rule names; `site` and `randomised` are known of everybody.
    """
    wanted = tuple(names)
    if not wanted:
        return {}
    day_1 = day_1_of(participant, {name: visit.target for name, visit in protocol.schedule.visits.items()})
    known: dict[str, Any] = {"site": participant.site, "randomised": participant.allocation is not None}
    return {name: _variable(protocol, participant, name, day_1, known) for name in wanted}


def _variable(
    protocol: Protocol, participant: Participant, name: str, day_1: date | None, known: dict[str, Any]
) -> Any:
    if name not in known:
        known[name] = None  # a variable whose rule leads back to itself stays unknown
        variable = protocol.variables.get(name)
        if variable is not None and variable.item is not None:
            known[name] = _last_value(participant, variable.item, day_1)
        elif variable is not None and variable.rule is not None:
            used = names_in(variable.rule)
            values = {one: _variable(protocol, participant, one, day_1, known) for one in used}
            known[name] = _by_rule(protocol, variable, values)
    return known[name]


def _by_rule(protocol: Protocol, variable: ParticipantVariable, values: dict[str, Any]) -> Any:
    types = participant_names(protocol)
    schema = {name: types[name] for name in values} or {"site": PARTICIPANT["site"]}
    frame = pl.DataFrame([tuple(values.get(name) for name in schema)], schema=schema, orient="row")
    return frame.select(parse_expression(variable.rule or "").alias("value")).item()


def _last_value(participant: Participant, item: str, day_1: date | None) -> Scalar:
    entries = (entry for entry in participant.forms.values() if entry.removed is None and item in entry.values)
    found = [
        (entry.on, entry.sequence, value)
        for entry in entries
        if (value := entry.values[item].value) is not None and (day_1 is None or entry.on <= day_1)
    ]
    return max(found, key=lambda one: one[:2])[2] if found else None


def _earlier(participant: Participant, form: str, visit: str) -> Iterator[FormEntry]:
    """Give the records of a form at earlier visits, the latest first; of several at one visit the last first."""
    visits = participant.visits
    order = {key: (one.on, place) for place, (key, one) in enumerate(visits.items()) if one.on is not None}
    here = order.get(visit)
    if here is None:
        return
    entries = [
        entry
        for entry in participant.forms.values()
        if entry.form == form and entry.removed is None and entry.visit in order and order[entry.visit] < here
    ]
    yield from sorted(entries, key=lambda entry: (order[entry.visit], entry.repeat), reverse=True)
