"""Visits and forms of one participant as a matrix: how each form at each visit stands, and what comes next."""

from collections.abc import Mapping
from datetime import date
from typing import Literal

import msgspec

from ...protocol import Protocol
from ..door.state import FormEntry, Participant, form_key
from ..forms.completeness import Expectations
from ..forms.planned import belongs_to_no_visit, forms_planned_at, masked_items, visits_planned_for
from ..forms.reading import is_given
from .windows import day_1, window_of

State = Literal[
    "complete",
    "partly filled",
    "query",
    "check raised",
    "due",
    "overdue",
    "missing",
    "to come",
    "not planned",
    "missed",
]


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """How a form at a visit stands: items answered of all that can be, open queries, the day it is due by."""

    state: State
    answered: int = 0
    items: int = 0
    queries: int = 0
    by: date | None = None


class VisitColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A visit of the participant: held on a day, missed, or with the window in which it may be held."""

    key: str
    name: str | None
    on: date | None = None
    missed: str | None = None
    opens: date | None = None
    closes: date | None = None


class Matrix(msgspec.Struct, frozen=True, kw_only=True):
    """Columns in the order of the schedule, unscheduled visits after them; cells by form, and by key of the visit.

    at_any_time: the records of forms that belong to no visit, by form.
    """

    visits: tuple[VisitColumn, ...]
    rows: Mapping[str, Mapping[str, Cell]]
    at_any_time: Mapping[str, tuple[FormEntry, ...]]


def lay_out(protocol: Protocol, participant: Participant, today: date) -> Matrix:
    """Return the matrix of a participant as of a day."""
    first = day_1(protocol, participant)
    columns = [_column(protocol, participant, visit, first) for visit in protocol.schedule.visits]
    columns += [
        VisitColumn(key=key, name=None, on=visit.on)
        for key, visit in participant.visits.items()
        if visit.name is None
    ]
    found = Expectations(protocol).check(participant, today)
    forms = [name for name in protocol.schedule.activities if name in protocol.forms]
    rows = {
        form: {
            column.key: _cell(
                protocol, participant, form, column, missing=(column.key, form) in found.missing, today=today
            )
            for column in columns
        }
        for form in forms
    }
    loose = {
        form: tuple(one for one in participant.forms.values() if one.form == form and one.removed is None)
        for form in protocol.forms
        if belongs_to_no_visit(protocol, form)
    }
    return Matrix(visits=tuple(columns), rows=rows, at_any_time=loose)


def next_form(protocol: Protocol, matrix: Matrix) -> tuple[str, str] | None:
    """Return visit and form of what is to be filled in next: the first missing, then the first partial one."""
    for wanted in ("missing", "partly filled"):
        for column in matrix.visits:
            planned = forms_planned_at(protocol, column.name) if column.name else ()
            for form in planned:
                if matrix.rows[form][column.key].state == wanted:
                    return column.key, form
    return None


def _column(protocol: Protocol, participant: Participant, visit: str, first: date | None) -> VisitColumn:
    held = participant.visits.get(visit)
    opens, closes = window_of(protocol, visit, first) if first else (None, None)
    return VisitColumn(
        key=visit,
        name=visit,
        on=None if held is None else held.on,
        missed=None if held is None else held.missed,
        opens=opens,
        closes=closes,
    )


def _cell(
    protocol: Protocol, participant: Participant, form: str, column: VisitColumn, *, missing: bool, today: date
) -> Cell:
    entry = participant.forms.get(form_key(column.key, form))
    if entry is not None and entry.removed is None:
        return _filled(protocol, participant, entry)
    if column.name is not None and column.name not in visits_planned_for(protocol, form):
        return Cell(state="not planned")
    if column.missed is not None:
        return Cell(state="missed")
    if missing:
        return Cell(state="missing", by=column.on)
    if column.on is not None:
        return Cell(state="not planned")
    if column.opens is not None and column.closes is not None and column.opens <= today:
        return Cell(state="overdue" if column.closes < today else "due", by=column.closes)
    return Cell(state="to come", by=column.closes)


def _filled(protocol: Protocol, participant: Participant, entry: FormEntry) -> Cell:
    form = protocol.forms[entry.form]
    masked = masked_items(protocol, form, allocated=participant.allocation is not None)
    asked = [name for name, item in form.items.items() if item.derive is None and name not in masked]
    answered = sum(is_given(entry.values.get(name)) for name in asked)
    record = form_key(entry.visit, entry.form, entry.repeat)
    queries = sum(one.record == record and one.closed_at is None for one in participant.queries.values())
    needed = [name for name in asked if form.items[name].required]
    whole = all(is_given(entry.values.get(name)) for name in needed)
    state: State = (
        "query" if queries else "check raised" if entry.raised else "complete" if whole else "partly filled"
    )
    return Cell(state=state, answered=answered, items=len(asked), queries=queries)
