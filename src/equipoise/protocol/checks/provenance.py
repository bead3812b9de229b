"""Every design decision says where it comes from: a source of the file, or `assumed; the reason`."""

from collections.abc import Iterator

from pydantic import BaseModel

from ...errors import suggest
from ..finding import Finding
from ..model import Protocol
from ..source import FieldPath, dotted

DECISIONS = (
    "population",
    "interventions",
    "arms",
    "randomisation",
    "enrolment",
    "blinding",
    "schedule",
    "forms",
    "safety",
    "quality",
    "analysis_sets",
    "intercurrent_events",
    "estimands",
    "analyses",
    "assumptions",
    "design",
)
"""Sections that hold decisions; a provenance of a section covers what stands below it."""


def check_provenance(protocol: Protocol) -> Iterator[Finding]:
    """Yield a finding for each gap, and each provenance that cites an unknown source or names no field.

    A file without `provenance` is taken as a draft and not asked for any.
    """
    given = protocol.provenance
    if not given:
        return
    for key, text in given.items():
        source = text.split(";")[0].strip()
        if source == "assumed":
            if not text.partition(";")[2].strip():
                yield Finding(("provenance", key), "needs the reason: write `assumed; why`", text)
        elif source not in protocol.sources:
            problem = f"must cite one of `sources`, or say `assumed; why`{suggest(source, protocol.sources)}"
            yield Finding(("provenance", key), problem, text)
        if not _exists(protocol, tuple(key.split("."))):
            yield Finding(("provenance", key), "names no field of this protocol", key)
    for section in DECISIONS:
        yield from _gaps(protocol, (section,), frozenset(given))


def _gaps(protocol: Protocol, path: FieldPath, given: frozenset[str]) -> Iterator[Finding]:
    name = dotted(path)
    value = _value(protocol, path)
    if value is None or value == {} or name in given:
        return
    below = [key for key in given if key.startswith(name + ".")]
    children = _children(value)
    if not below or not children:
        yield Finding(
            path, "has no provenance; say under `provenance` which source it comes from, or that it is assumed"
        )
        return
    for child in children:
        yield from _gaps(protocol, (*path, child), given)


def _children(value: object) -> list[str]:
    if isinstance(value, BaseModel):
        return [name for name in value.model_fields_set if getattr(value, name, None) is not None]
    return [str(key) for key in value] if isinstance(value, dict) else []


def _value(protocol: Protocol, path: FieldPath) -> object:
    value: object = protocol
    for step in path:
        value = value.get(step) if isinstance(value, dict) else getattr(value, str(step), None)
    return value


def _exists(protocol: Protocol, path: tuple[str, ...]) -> bool:
    return path[0] in Protocol.model_fields and _value(protocol, path) is not None
