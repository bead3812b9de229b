"""Every expression can be read, names what exists, and gives the type that its place needs."""

from collections.abc import Iterator, Mapping

import polars as pl

from ...errors import suggest
from ..expression import names_in, previous_name, result_type
from ..finding import Finding
from ..model import Endpoint, Form, IntercurrentEvent, Item, ParticipantVariable, Protocol, Scope
from ..source import FieldPath
from ..walk import Place, walk
from .vocabulary import (
    adverse_event_names,
    form_names,
    item_names,
    measurement_names,
    participant_names,
    screening_names,
    type_of,
)


def check_expressions(protocol: Protocol) -> Iterator[Finding]:
    """Yield a finding for each expression that is not SQL, names something unknown, or has the wrong type."""
    for place in walk(protocol):
        for mark in place.marks:
            if isinstance(mark, Scope):
                yield from _check(place, _names(protocol, mark, place), _wanted(place))
        owner = place.owner
        if isinstance(owner, Endpoint) and place.path[-1] == "rule":
            yield from _check(place, _endpoint_names(protocol, owner), pl.Boolean())
        if isinstance(owner, ParticipantVariable) and place.path[-1] == "when":
            form = protocol.forms.get(owner.recorded_in or "")
            yield from _check(place, None if form is None else item_names(form), pl.Boolean())
        if isinstance(owner, ParticipantVariable) and place.path[-1] == "rule":
            names = participant_names(protocol)
            names.pop(str(place.path[-2]), None)
            yield from _check(place, names, type_of(owner))


def _endpoint_names(protocol: Protocol, endpoint: Endpoint) -> Mapping[str, pl.DataType]:
    if endpoint.of == "adverse event":
        return adverse_event_names(protocol)
    if endpoint.of == "participant":
        return participant_names(protocol)
    return measurement_names(protocol, endpoint.item)


def _names(protocol: Protocol, scope: Scope, place: Place) -> Mapping[str, pl.DataType] | None:
    if scope.name == "screening":
        return screening_names(protocol)
    if scope.name == "participant":
        return participant_names(protocol)
    if scope.name == "adverse_event":
        return adverse_event_names(protocol)
    if scope.name == "measurement":
        item = place.owner.item if isinstance(place.owner, Endpoint) else None
        return measurement_names(protocol, item)
    if scope.name == "form":
        return form_names(protocol, _enclosing_form(protocol, place.path))
    return None


def _enclosing_form(protocol: Protocol, path: FieldPath) -> Form:
    return protocol.forms[str(path[1])]


def _wanted(place: Place) -> pl.DataType | None:
    """Return the type that the expression must give; None where any will do."""
    if isinstance(place.owner, Item) and place.path[-1] == "derive":
        return type_of(place.owner)
    if isinstance(place.owner, IntercurrentEvent) or place.path[-1] in ("censored", "compute"):
        return pl.Int64() if place.path[-1] != "compute" else None
    return pl.Boolean()


def _check(place: Place, names: Mapping[str, pl.DataType] | None, wanted: pl.DataType | None) -> Iterator[Finding]:
    text = place.value
    try:
        used = names_in(text)
    except ValueError as error:
        yield Finding(place.path, str(error), text)
        return
    if names is None:
        return
    unknown = [name for name in used if name not in names]
    for name in unknown:
        nearest = suggest(_spoken_name(name), map(_spoken_name, names))
        yield Finding(place.path, f"names {_spoken_name(name)}, which is not known here{nearest}", text)
    if unknown:
        return
    try:
        given = result_type(text, names)
    except ValueError as error:
        yield Finding(place.path, str(error), text)
        return
    if wanted is not None and not _fits(given, wanted):
        yield Finding(place.path, f"must give {_spoken(wanted)}, and gives {_spoken(given)}", text)


def _spoken_name(name: str) -> str:
    """Return a name as it stands in the file: previous(item) for the column of previous values."""
    item = name.removeprefix(previous_name(""))
    return name if item == name else f"previous({item})"


def _fits(given: pl.DataType, wanted: pl.DataType) -> bool:
    return given == wanted or (given.is_numeric() and wanted.is_numeric()) or given == pl.Null()


def _spoken(kind: pl.DataType) -> str:
    if kind == pl.Boolean():
        return "true or false"
    if kind.is_numeric():
        return "a number"
    return "a text" if kind == pl.String() else "a date" if kind.is_temporal() else str(kind)
