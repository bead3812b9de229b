"""Facts about participants as forms of ODM: a form a kind of fact, an item a field of it.

A field that is a text, a date, a number or a truth value stands as such; one with parts (the inputs of a verdict,
the items of a review) as its JSON. Left out is what the fact leaves out because it has its usual value.
"""

import types
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from ...conduct.door.chapters import FACTS
from ...record.event import canonical
from .names import FACT, RECORD

SAVED = "FormSaved"
FORMS = (SAVED, "FormRemoved")
"""Kinds that are forms of the protocol, and stand as such."""
_IN_THEIR_PLACES = ("form", "visit", "repeat", "values", "missing", "entered")
"""Fields of a save that ODM has places for; all others are items of the record as a whole."""


def describe(kind: str) -> str:
    """Return what a kind of fact says, in one sentence."""
    return (FACTS[kind].__doc__ or kind).strip().splitlines()[0]


@cache
def fields_of(kind: str) -> tuple[tuple[str, str], ...]:
    """Return the OID and the data type of ODM of each field of a fact, in the order of the fact."""
    hints = get_type_hints(FACTS[kind])
    return tuple(
        (f"IT.{FACT}{kind}.{field.name}", _data_type(hints[field.name]))
        for field in msgspec.structs.fields(FACTS[kind])
    )


@cache
def record_fields() -> tuple[tuple[str, str], ...]:
    """Return the OID and the data type of each field of a save that says something of the record as a whole."""
    return tuple(
        (record_oid(oid.rpartition(".")[2]), data_type)
        for oid, data_type in fields_of(SAVED)
        if oid.rpartition(".")[2] not in _IN_THEIR_PLACES
    )


def of_record(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a save that say something of the record as a whole."""
    return {name: value for name, value in said.items() if name not in _IN_THEIR_PLACES}


def record_oid(field: str) -> str:
    """Return the OID of a field of a save."""
    return f"IT.{RECORD}.{field}"


@cache
def is_plain(kind: str, field: str) -> bool:
    """Whether a field of a fact is written as it is, not as JSON."""
    hint = get_type_hints(FACTS[kind])[field]
    return _data_type(hint) in ("date", "datetime") or _only(hint, str)


def field_to_xml(kind: str, field: str, value: Any) -> str:
    """Write the value of a field, which is not None."""
    return str(value) if is_plain(kind, field) else canonical(value)


def field_from_xml(kind: str, field: str, text: str) -> Any:
    """Return the value of a field; ValueError where the text is none."""
    return text if is_plain(kind, field) else msgspec.json.decode(text)


def _data_type(hint: Any) -> str:
    for kind, name in (
        (datetime, "datetime"),
        (date, "date"),
        (bool, "boolean"),
        (int, "integer"),
        (float, "float"),
    ):
        if _only(hint, kind):
            return name
    return "text"


def _only(hint: Any, kind: type) -> bool:
    """Whether a type is this one, or None, or a choice of its values."""
    if get_origin(hint) in (Union, types.UnionType):
        parts = [part for part in get_args(hint) if part is not type(None)]
        return all(_only(part, kind) for part in parts)
    if get_origin(hint) is Literal:
        return all(type(value) is kind for value in get_args(hint))
    return hint is kind
