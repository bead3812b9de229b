"""What can still be checked of a file in which some fields are wrong, so that all refusals come at once.

The faulty fields are taken out, and with them whatever cannot stand without them; references, units, expressions
and the schedule of the rest are checked. A finding on something that names an id taken out is kept back: it may
only be an echo of the first fault.
"""

import copy
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from .checks import LOCAL_CHECKS
from .finding import Finding
from .model import Protocol
from .source import FieldPath
from .translation import branches, descend

_WORD = re.compile(r"\w+")


def check_the_rest(tree: Mapping[str, Any], faulty: Iterable[FieldPath]) -> list[Finding]:
    """Return findings on what is left of `tree` without the faulty fields; none where too little is left."""
    rest = copy.deepcopy(dict(tree))
    gone: set[str] = set()
    wrong = list(faulty)
    while wrong:
        taken = [_take_out(rest, path, gone) for path in wrong]
        if not any(taken):
            return []
        try:
            protocol = Protocol.model_validate(rest)
        except ValidationError as error:
            wrong = [_culprit(dict(e)) for e in error.errors(include_url=False)]
        else:
            found = (finding for check in LOCAL_CHECKS for finding in check(protocol))
            return [finding for finding in found if not gone.intersection(_WORD.findall(str(finding.got)))]
    return []


def _culprit(error: dict[str, Any]) -> FieldPath:
    """Return what to take out next: the field, or the section that cannot stand without a missing field."""
    path, _ = descend(error["loc"])
    return path[:-1] if error["type"] == "missing" else path


def _take_out(tree: dict[str, Any], path: FieldPath, gone: set[str]) -> bool:
    """Take a field out of the tree and note the ids that go with it; false where there is nothing to take."""
    node: Any = tree
    annotation: Any = Protocol
    for depth, step in enumerate(path):
        if not isinstance(node, dict) or step not in node:
            return False
        ids_are_keys, inner = _inside(annotation, step)
        if ids_are_keys and inner is not Any:
            gone.add(str(step))
        child = node[step]
        if depth == len(path) - 1 or not isinstance(child, dict):
            gone.update(_ids(child, inner))
            del node[step]
            return True
        node, annotation = child, inner
    return False


def _inside(annotation: Any, step: str | int) -> tuple[bool, Any]:
    """Return whether the keys here are ids of the file, and the annotation of the value below `step`."""
    annotation, _ = branches(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        field = annotation.model_fields.get(str(step))
        return False, Any if field is None else field.annotation
    if get_origin(annotation) is not None and len(get_args(annotation)) == 2:
        return True, get_args(annotation)[1]
    return annotation is Any, Any


def _ids(node: Any, annotation: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for step, child in node.items():
            ids_are_keys, inner = _inside(annotation, step)
            if ids_are_keys:
                yield str(step)
            if inner is not Any:
                yield from _ids(child, inner)
