"""What pydantic says of a faulty file, in the words of this project and at its place in the file."""

from collections.abc import Mapping
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ..errors import suggest
from .finding import Finding
from .model import Protocol, Text
from .source import FieldPath

_PLAIN: Mapping[str, str] = {
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "string_type": "must be a text; put it in quotes if it looks like a number",
    "tuple_type": "must be a list, such as [a, b]",
    "dict_type": "must be a section, with a line `name: value` for each thing",
    "mapping_type": "must be a section, with a line `name: value` for each thing",
    "model_type": "must be a section, with a line `name: value` for each thing",
    "model_attributes_type": "must be a section, with a line `name: value` for each thing",
}
_BOUNDS: Mapping[str, tuple[str, str]] = {
    "greater_than_equal": ("at least", "ge"),
    "greater_than": ("above", "gt"),
    "less_than_equal": ("at most", "le"),
    "less_than": ("below", "lt"),
}
_PATTERNS: Mapping[str, str] = {
    "^[A-Za-z][A-Za-z0-9_]*$": "must be an id: a letter, then letters, digits or underscores",
    "^[A-Z][A-Z0-9_]{0,7}$": "must be a CDISC name: a capital, then at most seven capitals, digits or underscores",
}


def translate_error(error: dict[str, Any]) -> Finding:
    """Turn one of pydantic's errors into a finding; its path is that of the file."""
    path, model = descend(error["loc"])
    kind, context, value = error["type"], error.get("ctx", {}), error.get("input")
    if kind == "extra_forbidden":
        known = list(model.model_fields) if model else []
        return Finding(path, f"is no field of this section{suggest(str(path[-1]), known)}")
    if kind == "missing":
        return _missing(path)
    if kind == "literal_error":
        allowed = [part.strip().strip("'") for part in context["expected"].replace(" or ", ", ").split(",")]
        return _one_of(path, allowed, value)
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        field = str(context["discriminator"]).strip("'")
        if "tag" not in context:
            return Finding(path, f"needs the field {field}")
        allowed = [tag.strip().strip("'") for tag in context["expected_tags"].split(",")]
        return _one_of((*path, field), allowed, context["tag"])
    if kind == "value_error":
        return _with_value(path, str(context["error"]), value)
    if kind == "string_pattern_mismatch":
        return _with_value(path, _PATTERNS.get(context["pattern"], f"must match {context['pattern']}"), value)
    if kind in ("too_short", "too_long"):
        wanted = context.get("min_length", context.get("max_length"))
        return Finding(path, f"must hold {wanted} values" if path else "must hold the sections of a protocol")
    if kind in _BOUNDS:
        return _with_value(path, f"must be {_limits(path, model, kind, context)}", value)
    if kind in ("dict_type", "mapping_type") and model is not None and _is_text(model, path):
        return _with_value(path, "must be a text, or one text a language: {en: ..., zh: ...}", value)
    return _with_value(path, _PLAIN.get(kind, f"is refused: {error['msg'][0].lower()}{error['msg'][1:]}"), value)


def _limits(path: FieldPath, model: type[BaseModel] | None, kind: str, context: Mapping[str, Any]) -> str:
    """Return the limits of a number: both where the field has two, so that one correction is enough."""
    field = model.model_fields.get(str(path[-1])) if model is not None else None
    marks = field.metadata if field is not None else []
    found = [
        f"{words} {value:g}"
        for words, bound in _BOUNDS.values()
        for mark in marks
        if (value := getattr(mark, bound, None)) is not None
    ]
    words, bound = _BOUNDS[kind]
    return " and ".join(found) or f"{words} {context[bound]:g}"


def _missing(path: FieldPath) -> Finding:
    if isinstance(path[-1], int):
        return Finding(path[:-1], f"must hold {path[-1] + 1} values or more")
    return Finding(
        path, "is missing; every protocol needs it" if len(path) == 1 else "is missing; it must be given"
    )


def _one_of(path: FieldPath, allowed: list[str], value: object) -> Finding:
    if len(allowed) == 1:
        return Finding(path, f"must be {allowed[0]}", value)
    near = suggest(str(value), allowed)
    return Finding(path, f"must be one of {', '.join(allowed)}{near if 'did you mean' in near else ''}", value)


def _with_value(path: FieldPath, problem: str, value: object) -> Finding:
    if value is None:
        return Finding(path, problem, "nothing")
    if isinstance(value, bool):
        return Finding(path, problem, str(value).lower())
    return Finding(path, problem, value) if isinstance(value, str | int | float) else Finding(path, problem)


def _is_text(model: type[BaseModel], path: FieldPath) -> bool:
    field = model.model_fields.get(str(path[-1]))
    return field is not None and branches(field.annotation)[0] is Text


def descend(location: tuple[str | int, ...]) -> tuple[FieldPath, type[BaseModel] | None]:
    """Return the path in the file of pydantic's location, and the model in which its last step stands.

    Pydantic puts the tag of a union and the mark `[key]` into its locations; the file has neither.
    """
    annotation: Any = Protocol
    path: list[str | int] = []
    model: type[BaseModel] | None = None
    for step in location:
        annotation, tagged = branches(annotation)
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


def branches(annotation: Any) -> tuple[Any, Mapping[str, Any] | None]:
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
