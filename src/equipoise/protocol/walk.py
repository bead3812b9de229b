"""Walks over a model and yields every value together with the marks that its field carries."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, RootModel

from .source import FieldPath


@dataclass(frozen=True)
class Place:
    """A value in the protocol: where it stands, what it is, and the marks of its field."""

    path: FieldPath
    value: Any
    marks: tuple[Any, ...]
    owner: BaseModel
    """The section in which the value stands."""


def walk(model: BaseModel, path: FieldPath = ()) -> Iterator[Place]:
    """Yield each leaf value, key and element below `model`, in the order of the model's fields."""
    for name, field in type(model).model_fields.items():
        annotation: Any = field.annotation
        if field.metadata:
            annotation = Annotated[annotation, *field.metadata]
        yield from _values(getattr(model, name), annotation, (*path, name), (), model)
    for name, value in (model.__pydantic_extra__ or {}).items():
        yield Place((*path, name), value, (), model)


def _values(
    value: Any, annotation: Any, path: FieldPath, marks: tuple[Any, ...], owner: BaseModel
) -> Iterator[Place]:
    if value is None:
        return
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        yield from _values(value, inner, path, (*marks, *more), owner)
    elif isinstance(value, RootModel):
        yield Place(path, value, marks, owner)
    elif isinstance(value, BaseModel):
        yield Place(path, value, marks, owner)
        yield from walk(value, path)
    elif origin is Union or origin is UnionType:
        yield from _values(value, _branch(annotation), path, marks, owner)
    elif isinstance(value, Mapping):
        of_key, of_value = get_args(annotation) or (Any, Any)
        for key, child in value.items():
            yield from _values(key, of_key, (*path, key), (), owner)
            yield from _values(child, of_value, (*path, key), (), owner)
    elif isinstance(value, tuple):
        of_child = (get_args(annotation) or (Any,))[0]
        for i, child in enumerate(value):
            yield from _values(child, of_child, (*path, i), marks, owner)
    else:
        yield Place(path, value, marks, owner)


def _branch(annotation: Any) -> Any:
    """Return the branch of a union that the value belongs to; unions here are `X | None` or of plain types."""
    branches = [b for b in get_args(annotation) if b is not type(None)]
    return branches[0] if len(branches) == 1 else Any
