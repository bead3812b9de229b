"""The sentences that the source says, read out of its syntax: what is refused, what facts tell, and their parts.

A sentence becomes a template: its fixed text, and `{1}`, `{2}` ... for the values in it. Either way of a
condition is a template of its own; a constant that a sentence names is read where it stands.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

VALUE = None
Pieces = tuple[str | None, ...]
Names = Mapping[str, ast.expr]
RAISED = {"DecisionRefused": 0, "DataError": 0, "ValueError": 0, "WrongField": 1, "Problem": 2, "_deviation": 0}
"""What holds a sentence, with the place of the sentence among its arguments."""

LOOKING = ("get", "execute", "Decimal")
"""Calls whose texts are names or numbers, not sentences."""

SIDES = ("conduct", "line", "trial", "vault", "record", "report")
PROBLEMS = ("conduct/forms", "conduct/laboratory")
"""Where what is wrong with a value is first a `ValueError`, and then a refusal."""

FILES = ("conduct/quality",)
"""Where what is wrong with a file that a page takes is a `DataError`."""

PARTS: tuple[tuple[str, str], ...] = (
    ("errors.py", "suggest"),
    ("conduct/access/questions.py", "require_may_ask"),
    ("conduct/door/roles.py", "require_role"),
    ("conduct/door/scope.py", "_closed"),
    ("conduct/enrolment/identities.py", "_twice"),
    ("conduct/follow_up/infusions.py", "_judged"),
    ("conduct/follow_up/infusions.py", "infusion_facts"),
    ("conduct/follow_up/visits.py", "_miss"),
    ("conduct/follow_up/windows.py", "_outside"),
    ("conduct/forms/entry.py", "_require_stopping_checks"),
    ("conduct/forms/reading.py", "read_items"),
    ("conduct/forms/typed.py", "_read_number"),
    ("conduct/forms/units.py", "_expected"),
    ("conduct/laboratory/manifest.py", "__str__"),
    ("conduct/laboratory/ranges.py", "_wrong_about"),
    ("conduct/laboratory/ranges.py", "_overlaps"),
    ("conduct/laboratory/reading.py", "read_result"),
    ("conduct/laboratory/records.py", "_source"),
    ("conduct/organisation/amendments.py", "_of_another_trial"),
    ("conduct/organisation/amendments.py", "_forms"),
    ("conduct/organisation/amendments.py", "_item"),
    ("conduct/organisation/amendments.py", "_visits"),
    ("conduct/organisation/amendments.py", "_allocation"),
    ("conduct/organisation/people.py", "_where"),
    ("vault/supply/tables.py", "wrong_kit"),
)
"""Functions that build a sentence, or a part of one, for somebody else to say."""


@dataclass
class Source:
    """The source of the program: its modules by path, as syntax."""

    root: Path
    trees: dict[str, ast.Module] = field(default_factory=dict)

    def tree(self, path: str) -> ast.Module:
        """Return the syntax of a module."""
        if path not in self.trees:
            self.trees[path] = ast.parse((self.root / path).read_text(encoding="utf-8"))
        return self.trees[path]

    def paths(self, *under: str) -> Iterator[str]:
        """Give the modules under folders."""
        for folder in under:
            yield from (str(path.relative_to(self.root)) for path in sorted((self.root / folder).rglob("*.py")))

    def constant(self, path: str, name: str) -> ast.expr | None:
        """Return the value of a constant of a module, followed where it is imported."""
        for node in self.tree(path).body:
            if isinstance(node, ast.Assign) and any(
                isinstance(t, ast.Name) and t.id == name for t in node.targets
            ):
                return node.value
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == name:
                return node.value
            if isinstance(node, ast.ImportFrom) and any((one.asname or one.name) == name for one in node.names):
                return self._imported(path, node, name)
        return None

    def _imported(self, path: str, node: ast.ImportFrom, name: str) -> ast.expr | None:
        here = Path(path).parent
        for _ in range(node.level - 1):
            here = here.parent
        where = here.joinpath(*(node.module or "").split("."))
        found = [one for one in (where.with_suffix(".py"), where / "__init__.py") if (self.root / one).is_file()]
        return self.constant(str(found[0]), name) if node.level and found else None


def sentences(source: Source, parts: tuple[tuple[str, str], ...] | None = None) -> dict[str, set[str]]:
    """Return where each template stands, by template; `parts` are the functions that build parts of sentences."""
    found: dict[str, set[str]] = defaultdict(set)
    for path, line, said, names in _expressions(source, PARTS if parts is None else parts):
        for pieces in _ways(source, path, said, names):
            text = template(pieces)
            if any(letter.isalpha() for piece in pieces if piece for letter in piece):
                found[text].add(f"{path}:{line}")
    return dict(found)


def template(pieces: Pieces) -> str:
    """Write pieces as a template: its values are numbered in their order."""
    number, text = 0, ""
    for piece in pieces:
        if piece is None:
            number += 1
            text += f"{{{number}}}"
        else:
            text += piece.replace("{", "{{").replace("}", "}}")
    return text


def _expressions(source: Source, parts: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, int, ast.expr, Names]]:
    for path in (*source.paths(*SIDES), *{path for path, _ in parts if path == "errors.py"}):
        for function in ast.walk(source.tree(path)):
            if isinstance(function, ast.FunctionDef):
                names = _names(function)
                for node in ast.walk(function):
                    if isinstance(node, ast.Call) and (place := _place(path, node)) is not None:
                        asked = node.args[place]
                        yield from ((path, node.lineno, said, names) for said in [*_strings(asked)] or [asked])
                if function.name == "tell" or (path, function.name) in parts:
                    yield from ((path, said.lineno, said, names) for said in _given(function))


def _names(function: ast.FunctionDef) -> Names:
    """Return what names inside a function stand for, where that is fixed text one way or the other."""
    found: dict[str, list[ast.expr]] = defaultdict(list)
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, value = node.targets[0], node.value
            pairs = (
                zip(target.elts, value.elts, strict=False)
                if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
                else [(target, value)]
            )
            for name, said in pairs:
                if isinstance(name, ast.Name):
                    found[name.id].append(said)
    return {name: all_said[0] for name, all_said in found.items() if len(all_said) == 1 and _fixed(all_said[0])}


def _fixed(said: ast.expr) -> bool:
    if isinstance(said, ast.IfExp):
        return _fixed(said.body) and _fixed(said.orelse)
    return isinstance(said, ast.Constant) and isinstance(said.value, str)


def _place(path: str, node: ast.Call) -> int | None:
    name = _called(node)
    place = RAISED.get(name)
    if place is None or len(node.args) <= place:
        return None
    if name == "DataError":
        return place if path.startswith(FILES) else None
    return place if name in ("DecisionRefused", "_deviation") or path.startswith(PROBLEMS) else None


def _called(node: ast.AST) -> str:
    """Return the name of what is called; nothing where it is no call."""
    called = getattr(node, "func", None)
    return called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")


def _given(node: ast.FunctionDef) -> Iterator[ast.expr]:
    """Give what a function returns or yields, and the sentences put into lists or names on the way."""
    for one in ast.walk(node):
        if isinstance(one, ast.Return | ast.Yield) and one.value is not None:
            yield from _strings(one.value)
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and one.func.attr == "append":
            yield from _strings(one.args[0])
        if isinstance(one, ast.Assign | ast.AugAssign):
            yield from () if _fixed(one.value) and not isinstance(one.value, ast.IfExp) else _strings(one.value)


def _strings(said: ast.expr) -> Iterator[ast.expr]:
    """Give the outermost expressions in one that are texts."""
    if isinstance(said, ast.JoinedStr | ast.BinOp) or _fixed(said):
        yield said
    elif isinstance(said, ast.IfExp):
        yield from (one for part in (said.body, said.orelse) for one in _strings(part))
    elif not (isinstance(said, ast.Compare) or _called(said) in LOOKING):
        yield from (
            one for part in ast.iter_child_nodes(said) if isinstance(part, ast.expr) for one in _strings(part)
        )


def _ways(source: Source, path: str, said: ast.expr, names: Names) -> Iterator[Pieces]:
    """Give each way in which an expression can be said; a value where it cannot be told from the syntax."""
    for pieces in (one for chosen in _choices(said, names) for one in _each(source, path, said, chosen)):
        joined: list[str | None] = []
        for piece in pieces:
            if piece is not None and joined and joined[-1] is not None:
                joined[-1] += piece
            elif piece != "":
                joined.append(piece)
        yield tuple(joined)


def _choices(said: ast.expr, names: Names) -> Iterator[Names]:
    """Give what the names in an expression may stand for: a name stands for the same wherever it is used."""
    used = {node.id for node in ast.walk(said) if isinstance(node, ast.Name)} & names.keys()
    ways = [[(name, way) for way in _constants(names[name])] for name in sorted(used)]
    yield from (dict(one) for one in product(*ways))


def _constants(said: ast.expr) -> list[ast.expr]:
    return [*_constants(said.body), *_constants(said.orelse)] if isinstance(said, ast.IfExp) else [said]


def _each(source: Source, path: str, said: ast.expr, names: Names) -> list[Pieces]:
    if isinstance(said, ast.Constant) and isinstance(said.value, str):
        return [(said.value,)]
    if isinstance(said, ast.FormattedValue):
        return _each(source, path, said.value, names) if said.format_spec is None else [(VALUE,)]
    if isinstance(said, ast.JoinedStr):
        return [sum(one, ()) for one in product(*(_each(source, path, part, names) for part in said.values))]
    if isinstance(said, ast.BinOp) and isinstance(said.op, ast.Add):
        both = _each(source, path, said.left, names), _each(source, path, said.right, names)
        return [left + right for left, right in product(*both)]
    if isinstance(said, ast.IfExp):
        return [*_each(source, path, said.body, names), *_each(source, path, said.orelse, names)]
    if isinstance(said, ast.Subscript) and isinstance(said.value, ast.Dict):
        return [pieces for one in said.value.values for pieces in _each(source, path, one, names)]
    if isinstance(said, ast.Name):
        known = names.get(said.id) or source.constant(path, said.id)
        if isinstance(known, ast.Constant | ast.JoinedStr | ast.BinOp | ast.IfExp):
            return _each(source, path, known, names)
    return [(VALUE,)]
