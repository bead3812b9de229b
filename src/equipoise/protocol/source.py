"""A protocol file as text: its YAML tree with the line of every field, so that a refusal can name it.

YAML 1.2 through ruamel.yaml; the node graph is read instead of the finished objects because it keeps the
place of keys and values alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ..errors import ProtocolError

FieldPath = tuple[str | int, ...]
"""Keys and positions from the top of the file to a field."""

_MERGE = "tag:yaml.org,2002:merge"
_DEEPEST = 40
_MOST_FIELDS = 100_000


@dataclass(frozen=True)
class ProtocolSource:
    """A file as read: its name, its tree of plain values, the line of every field, its bytes' text."""

    name: str
    tree: Mapping[str, Any]
    lines: Mapping[FieldPath, int]
    text: str

    def at(self, path: FieldPath) -> str:
        """Return `file:line field`, with the line of the nearest enclosing field that stands in the file."""
        known = path
        while known and known not in self.lines:
            known = known[:-1]
        return f"{self.name}:{self.lines.get(known, 1)} {dotted(path)}".rstrip()


def dotted(path: FieldPath) -> str:
    """Return a path as it is spoken: `arms.high.ratio`, `schedule.activities.vitals[2]`."""
    spoken = ""
    for step in path:
        spoken += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if spoken else str(step)
    return spoken


def read_source(path: Path) -> ProtocolSource:
    """Read a YAML file; `ProtocolError` where it is absent, not UTF-8, not YAML, empty, or says a thing twice."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ProtocolError(
            f"{path} cannot be read: {error.strerror}; give the path of a protocol file"
        ) from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise ProtocolError(f"{path}:{line} is not UTF-8 text; save the file as UTF-8") from error
    return parse_source(text, str(path))


def parse_source(text: str, name: str) -> ProtocolSource:
    """Read YAML from a string; `name` stands for the file in messages. Errors as in `read_source`."""
    yaml = YAML(typ="safe", pure=True)
    try:
        root = yaml.compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else 1
        remedy = "; indent with spaces" if "'\\t'" in str(error.problem) else ""
        raise ProtocolError(f"{name}:{line} is not YAML: {error.problem}{remedy}") from error
    except YAMLError as error:
        raise ProtocolError(f"{name}:1 is not YAML: {str(error).splitlines()[0]}") from error
    except ValueError as error:
        raise ProtocolError(f"{name}:1 is not YAML: {error}") from error
    except RecursionError as error:
        raise ProtocolError(f"{name}:1 is nested too deeply to be a protocol; close its brackets") from error
    if not isinstance(root, MappingNode):
        found = "it is empty" if root is None else "there are none"
        raise ProtocolError(
            f"{name}:1 must hold the sections of a protocol (trial, population, arms, ...); {found}"
        )
    lines: dict[FieldPath, int] = {}
    tree = _plain(root, (), lines, name, yaml)
    return ProtocolSource(name, tree, lines, text)


def _plain(node: Node, path: FieldPath, lines: dict[FieldPath, int], name: str, yaml: YAML) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    # A few short lines of aliases can stand for billions of fields, and an alias of itself for endlessly many.
    if len(path) > _DEEPEST or len(lines) > _MOST_FIELDS:
        too = f"nested more than {_DEEPEST} deep" if len(path) > _DEEPEST else f"more than {_MOST_FIELDS} fields"
        section = dotted(path[:1])
        raise ProtocolError(
            f"{name}:{lines.get(path[:1], 1)} {section} is too large for a protocol, {too}; look for an alias "
            "(*name) that repeats what holds it"
        )
    if isinstance(node, MappingNode):
        return _section(node, path, lines, name, yaml)
    if isinstance(node, SequenceNode):
        return [_plain(child, (*path, i), lines, name, yaml) for i, child in enumerate(node.value)]
    return _scalar(node, path, name, yaml)


def _section(node: MappingNode, path: FieldPath, lines: dict[FieldPath, int], name: str, yaml: YAML) -> Any:
    values: dict[Any, Any] = {}
    merged: list[Any] = []
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if key_node.tag == _MERGE:
            merged += _merged(value_node, path, lines, name, yaml)
            continue
        key = _scalar(key_node, path, name, yaml)
        here = (*path, key)
        if not isinstance(key, str | int | float) or isinstance(key, bool):
            problem = f"has a name that YAML reads as {key}; put it in quotes"
            raise ProtocolError(f"{name}:{line} {dotted(path)} {problem}. Got {key_node.value}")
        if key in values:
            first = lines[here]
            raise ProtocolError(
                f"{name}:{line} {dotted(here)} stands twice, first in line {first}; keep one of them"
            )
        lines[here] = line
        values[key] = _plain(value_node, here, lines, name, yaml)
    for section in merged:
        values = {**section, **values}
    return values


def _merged(
    node: Node, path: FieldPath, lines: dict[FieldPath, int], name: str, yaml: YAML
) -> list[dict[Any, Any]]:
    """Return the sections that `<<` adds, the first of them the strongest."""
    sections = node.value if isinstance(node, SequenceNode) else [node]
    if not all(isinstance(section, MappingNode) for section in sections):
        problem = "adds with << what is no section; write <<: *name, with &name before a section"
        raise ProtocolError(f"{name}:{node.start_mark.line + 1} {dotted(path)} {problem}")
    return [_plain(section, (*path, "<<"), lines, name, yaml) for section in sections]


def _scalar(node: Node, path: FieldPath, name: str, yaml: YAML) -> Any:
    here = f"{name}:{node.start_mark.line + 1} {dotted(path)}".rstrip()
    if not isinstance(node, ScalarNode):
        raise ProtocolError(f"{here} has a list or a section for a name; a name is one word")
    try:
        value = yaml.constructor.construct_object(node)
        str(value).encode()
    except (YAMLError, ValueError) as error:
        raise ProtocolError(
            f"{here} cannot be read as YAML; put the text in quotes. Got {node.value!a}"
        ) from error
    return value
