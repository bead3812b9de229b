"""What Equipoise says: every phrase that its source hands over to be said, and what is said while it runs."""

import ast
import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

import equipoise
from equipoise.report.language.chinese import CHINESE
from equipoise.report.language.phrases import Phrases

SOURCE = Path(equipoise.__file__).parent
REPORT = ("report", "simulation", "trial")
"""Chapters that write documents; the pages of `web` have translations of their own."""

SYMBOLS = frozenset(
    ("", "%", "kg", "g/L", "mg/L", "U/L", "mmol/L", "µmol/L", "10⁹/L", "/min", "mmHg", "cm", "°C", "mL", "ms")
)
"""What is written in the same way in either language."""


def phrases_in(path: Path) -> Iterator[tuple[int, str]]:
    """Give the phrases that a module hands over to be said, with their lines.

    Those written where they are said, those of a choice between some, and those of a constant of a module, a text
    or a table of texts, that is said under its name.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and _is_say(node.func):
            for text in _texts(node.args[0], path):
                if text not in ("en", "zh"):
                    yield node.lineno, text


def chinese_for(path: Path) -> Mapping[str, str]:
    """The Chinese that a module has at hand: that of all reports, and that of its chapter."""
    found = dict(CHINESE)
    for folder in path.parents:
        if SOURCE in folder.parents and folder.name != "language" and (folder / "chinese.py").exists():
            found |= _module(folder / "chinese.py").CHINESE
    return found


def modules() -> list[Path]:
    """The modules that write documents."""
    return sorted(path for chapter in REPORT for path in (SOURCE / chapter).rglob("*.py"))


@contextmanager
def listening() -> Iterator[set[str]]:
    """Collect what is asked for in Chinese and has none."""
    missing: set[str] = set()

    def find(of: type[Phrases], plain: object) -> None:
        def say(self: Phrases, phrase: str, **values: object) -> str:
            said: str = plain(self, phrase, **values)  # type: ignore[operator]
            as_it_is = said == (phrase.format(**values) if values else phrase)
            if self.language == "zh" and as_it_is and phrase not in {**self._chinese, **dict.fromkeys(SYMBOLS)}:
                missing.add(phrase)
            return said

        patch.setattr(of, "__call__", say)

    with pytest.MonkeyPatch.context() as patch:
        find(Phrases, Phrases.__call__)
        yield missing


def _is_say(called: ast.expr) -> bool:
    name = called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""
    return name == "say"


def _texts(node: ast.expr, path: Path) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body, path)
        yield from _texts(node.orelse, path)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from _texts(value, path)
    elif isinstance(node, ast.Name):
        yield from _named(node.id, path)
    elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        yield from _named(node.value.id, path)
    elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".get"):
        yield from _named(ast.unparse(node.func).removesuffix(".get"), path)


def _named(name: str, path: Path) -> Iterator[str]:
    """Give the texts of a constant of a module; nothing for a name that belongs to a function."""
    if not name.strip("_").isupper():
        return
    found = getattr(_module(path), name, None)
    if isinstance(found, str):
        yield found
    elif isinstance(found, Mapping):
        yield from (value for value in found.values() if isinstance(value, str))


@cache
def _module(path: Path) -> object:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    names = parts[:-1] if parts[-1] == "__init__" else parts
    return importlib.import_module(".".join(("equipoise", *names)))
