"""Reads a protocol file whole and says everything that is wrong with it at once."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from ..errors import ProtocolError, suggest
from .checks import CHECKS
from .finding import Finding
from .model import Protocol
from .source import FieldPath, ProtocolSource, parse_source, read_source

_HERE = Path(__file__).resolve()
SHIPPED = next((d for d in (_HERE.parents[1] / "protocols", _HERE.parents[3] / "protocols") if d.is_dir()), _HERE)
"""The folder of shipped protocols: inside an installed package, beside `src` in a checkout."""


def shipped_protocols() -> tuple[str, ...]:
    """Return the names of the protocols that ship with Equipoise."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.yaml")))


def locate_protocol(name: str) -> Path:
    """Return the file of a protocol given by path or by the name of a shipped trial.

    Raises ProtocolError, with the nearest shipped name, where there is neither.
    """
    path = Path(name)
    if path.is_dir() and (path / "protocol.yaml").is_file():
        return path / "protocol.yaml"
    if path.is_file():
        return path
    shipped = SHIPPED / f"{name}.yaml"
    if shipped.is_file():
        return shipped
    raise ProtocolError(f"{name} is neither a file nor a shipped protocol{suggest(name, shipped_protocols())}")


def read_protocol(name: str | Path) -> Protocol:
    """Return the checked protocol of a file or of a shipped trial; ProtocolError holds every finding."""
    return validate_source(read_source(locate_protocol(str(name))))


def parse_protocol(text: str, name: str = "protocol.yaml") -> Protocol:
    """Return the checked protocol of a YAML text; ProtocolError holds every finding."""
    return validate_source(parse_source(text, name))


def validate_source(source: ProtocolSource) -> Protocol:
    """Return the protocol of a tree; ProtocolError with one sentence a finding, in the order of the file."""
    try:
        protocol = Protocol.model_validate(source.tree)
    except ValidationError as error:
        findings = [_translated(dict(e)) for e in error.errors(include_url=False)]
        raise ProtocolError(*_in_order(findings, source)) from None
    findings = [finding for check in CHECKS for finding in check(protocol)]
    if findings:
        raise ProtocolError(*_in_order(findings, source))
    return protocol


def protocol_version(protocol: Protocol) -> str:
    """Return the SHA-256 of the protocol's content as canonical JSON; comments and layout do not count."""
    content = protocol.model_dump(mode="json", by_alias=True)
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _in_order(findings: list[Finding], source: ProtocolSource) -> list[str]:
    placed = []
    for finding in findings:
        path = finding.path
        while path and path not in source.lines:
            path = path[:-1]
        placed.append((source.lines.get(path, 1), finding.sentence(source)))
    return list(dict.fromkeys(sentence for _, sentence in sorted(placed, key=lambda p: p[0])))


def _translated(error: dict[str, Any]) -> Finding:
    """Turn one of pydantic's errors into a finding in the words of this project."""
    path, model = _descend(error["loc"])
    kind, context, value = error["type"], error.get("ctx", {}), error.get("input")
    if kind == "extra_forbidden":
        known = list(model.model_fields) if model else []
        return Finding(path, f"is no field of this section{suggest(str(path[-1]), known)}")
    if kind == "missing":
        return Finding(path, "is missing; every protocol needs it")
    if kind == "literal_error":
        allowed = [part.strip().strip("'") for part in context["expected"].replace(" or ", ", ").split(",")]
        return Finding(path, f"must be one of {', '.join(allowed)}{_near(value, allowed)}", value)
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        allowed = [tag.strip().strip("'") for tag in context.get("expected_tags", "").split(",") if tag.strip()]
        tag = context.get("tag")
        if tag is None:
            return Finding(path, f"needs the field {str(context['discriminator']).strip(chr(39))}")
        field = str(context["discriminator"]).strip("'")
        return Finding((*path, field), f"must be one of {', '.join(allowed)}{_near(tag, allowed)}", tag)
    if kind == "value_error":
        problem = str(context["error"])
        return Finding(path, problem, value) if isinstance(value, str | int | float) else Finding(path, problem)
    if kind == "string_pattern_mismatch":
        return Finding(path, f"must match {context['pattern']}", value)
    message = error["msg"][0].lower() + error["msg"][1:]
    message = message.removeprefix("input ").replace("input should", "should").replace("should", "must")
    return (
        Finding(path, message, value)
        if isinstance(value, str | int | float | bool | None)
        else Finding(path, message)
    )


def _near(value: object, allowed: list[str]) -> str:
    hint = suggest(str(value), allowed)
    return hint if "did you mean" in hint else ""


def _descend(location: tuple[str | int, ...]) -> tuple[FieldPath, type[BaseModel] | None]:
    """Return the path in the file of pydantic's location, and the model in which its last step stands.

    Pydantic puts the tag of a union and the mark `[key]` into its locations; the file has neither.
    """
    annotation: Any = Protocol
    path: list[str | int] = []
    model: type[BaseModel] | None = None
    for step in location:
        annotation, tagged = _branches(annotation)
        if tagged is not None:
            annotation = tagged.get(str(step), annotation)
            continue
        if step == "[key]":
            continue
        path.append(step)
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            model = annotation
            field = annotation.model_fields.get(str(step))
            annotation = _annotated(field) if field is not None else Any
        elif get_origin(annotation) is tuple:
            annotation = get_args(annotation)[0]
        elif len(get_args(annotation)) == 2:
            annotation = get_args(annotation)[1]
    return tuple(path), model


def _annotated(field: FieldInfo) -> Any:
    return Annotated[field.annotation, field] if field.discriminator else field.annotation


def _branches(annotation: Any) -> tuple[Any, Mapping[str, Any] | None]:
    """Take off `Annotated` and `| None`; return the models by tag where a union has a discriminator."""
    discriminator: str | None = None
    while True:
        if get_origin(annotation) is Annotated:
            inner, *marks = get_args(annotation)
            for mark in marks:
                if isinstance(mark, FieldInfo) and isinstance(mark.discriminator, str):
                    discriminator = mark.discriminator
            annotation = inner
        elif get_origin(annotation) in (Union, UnionType):
            members = [a for a in get_args(annotation) if a is not type(None)]
            if len(members) > 1 and discriminator is not None:
                return annotation, {get_args(m.model_fields[discriminator].annotation)[0]: m for m in members}
            if len(members) > 1:
                return Any, None
            annotation = members[0]
        else:
            return annotation, None
