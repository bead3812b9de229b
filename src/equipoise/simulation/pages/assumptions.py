"""What was assumed: each assumption of the protocol with its value, and where it comes from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...protocol import Protocol

SECTIONS = ("assumptions", "design", "randomisation")


@dataclass(frozen=True)
class Assumption:
    """A field of the protocol, its value, and its provenance with sources written out; in the file's own words."""

    field: str
    value: str
    provenance: str


def list_assumptions(protocol: Protocol) -> tuple[Assumption, ...]:
    """List the fields of the sections that a simulation rests on, two levels deep."""
    tree = protocol.model_dump(mode="json", exclude_none=True, exclude_unset=True, include=set(SECTIONS))
    return tuple(
        Assumption(field, write_value(value), find_provenance(protocol, field)) for field, value in _fields(tree)
    )


def _fields(tree: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for section in SECTIONS:
        for name, value in tree.get(section, {}).items():
            if isinstance(value, Mapping) and any(isinstance(inner, Mapping) for inner in value.values()):
                for inner_name, inner in value.items():
                    yield f"{section}.{name}.{inner_name}", inner
            else:
                yield f"{section}.{name}", value


def write_value(value: Any) -> str:
    """Write a value of the protocol in one line."""
    if isinstance(value, Mapping):
        if set(value) == {"value", "unit"}:
            return f"{value['value']} {value['unit']}".rstrip()
        if "en" in value and all(isinstance(text, str) for text in value.values()):
            return str(value["en"])
        return "; ".join(f"{name} {_enclosed(inner)}" for name, inner in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(write_value(inner) for inner in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _enclosed(value: Any) -> str:
    """Write a value inside a larger one, in brackets where it has parts of its own."""
    text = write_value(value)
    return f"({text})" if isinstance(value, Mapping) and ";" in text else text


def find_provenance(protocol: Protocol, field: str) -> str:
    """Return what the protocol says about the origin of a field, or of its parts, or of what it is a part of."""
    told = protocol.provenance
    if field not in told:
        parts = [
            f"{name.removeprefix(f'{field}.')}: {_cited(protocol, name)}"
            for name in told
            if name.startswith(f"{field}.")
        ]
        if parts:
            return "; ".join(parts)
    levels = field.split(".")
    around = (".".join(levels[:end]) for end in range(len(levels), 0, -1))
    return next((_cited(protocol, name) for name in around if name in told), "")


def _cited(protocol: Protocol, name: str) -> str:
    """Return a provenance with its source written out."""
    source, _, note = protocol.provenance[name].partition(";")
    told = protocol.sources.get(source.strip(), source.strip())
    return f"{told}; {note.strip()}" if note else told
