"""The names that an expression or a model term may use, by scope, with their types."""

from collections.abc import Mapping

import polars as pl

from ..expression import previous_name
from ..model import Form, Item, ParticipantVariable, Protocol

MODEL_TERMS = frozenset({"arm", "site", "visit", "baseline", "dose"})
"""Words that a model's terms may use besides the participant variables."""

_TEXT, _NUMBER, _DAY, _FLAG = pl.String(), pl.Float64(), pl.Int64(), pl.Boolean()

PARTICIPANT: Mapping[str, pl.DataType] = {
    "randomised": _FLAG,
    "treated": _FLAG,
    "doses": _DAY,
    "site": _TEXT,
    "first_dose_day": _DAY,
    "last_dose_day": _DAY,
    "last_seen_day": _DAY,
    "death_day": _DAY,
}
"""What is known of every participant without being declared: days are study days, null where it did not happen."""

MEASUREMENT: Mapping[str, pl.DataType] = {
    "value": _NUMBER,
    "baseline": _NUMBER,
    "change": _NUMBER,
    "percent_change": _NUMBER,
    "visit": _TEXT,
    "day": _DAY,
}

ADVERSE_EVENT: Mapping[str, pl.DataType] = {
    "term": _TEXT,
    "reported_term": _TEXT,
    "system_organ_class": _TEXT,
    "severity": _TEXT,
    "grade": _NUMBER,
    "serious": _TEXT,
    "causality": _TEXT,
    "outcome": _TEXT,
    "action_taken": _TEXT,
    "fatal": _TEXT,
    "treatment_emergent": _TEXT,
    "special_interest": _TEXT,
    "start_day": _DAY,
    "end_day": _DAY,
}

_ITEM_TYPES: Mapping[str, pl.DataType] = {
    "number": _NUMBER,
    "integer": _NUMBER,
    "count": _NUMBER,
    "day": _DAY,
    "date": pl.Date(),
    "date and time": pl.Datetime(),
    "time": pl.Time(),
}


def type_of(item: Item | ParticipantVariable) -> pl.DataType:
    """Return the type that a value of the item has in an expression; codes and yes-or-no are text."""
    return _ITEM_TYPES.get(item.type, _TEXT)


def participant_names(protocol: Protocol) -> dict[str, pl.DataType]:
    """Return the names of the participant scope: what every trial has, and the declared variables."""
    return {**PARTICIPANT, **{name: type_of(v) for name, v in protocol.variables.items()}}


def screening_names(protocol: Protocol) -> dict[str, pl.DataType]:
    """Return the names that an eligibility criterion may use."""
    items = {name: type_of(item) for name, item in protocol.items.items()}
    return {**items, **{name: type_of(v) for name, v in protocol.variables.items()}}


def item_names(form: Form) -> dict[str, pl.DataType]:
    """Return the items of a form, as names of an expression over one of its records."""
    return {name: type_of(item) for name, item in form.items.items()}


def form_names(protocol: Protocol, form: Form) -> dict[str, pl.DataType]:
    """Return the names that a rule of a form may use: its items, their previous values, and variables."""
    items = item_names(form)
    before = {previous_name(name): kind for name, kind in items.items()}
    return {**{name: type_of(v) for name, v in protocol.variables.items()}, **items, **before}


def measurement_names(protocol: Protocol, item: str | None) -> dict[str, pl.DataType]:
    """Return the names of the measurement scope; the item's own id stands for its value."""
    own = {item: _NUMBER} if item else {}
    return {**participant_names(protocol), **MEASUREMENT, **own}


def adverse_event_names(protocol: Protocol) -> dict[str, pl.DataType]:
    """Return the names of the adverse-event scope."""
    return {**participant_names(protocol), **ADVERSE_EVENT}
