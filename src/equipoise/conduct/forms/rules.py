"""The rules of a form, read once and evaluated together over a record: derived items, what is required, checks.

A rule that comes out as unknown, because a value it needs is not there, does not speak against the form (as a
CHECK of SQL). Rules that need a derived item wait for it; all others are evaluated in one step. One record costs
about a tenth of a millisecond.
"""

import math
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Literal

import polars as pl

from ...errors import DataError
from ...protocol import Protocol, names_in, parse_expression
from ...protocol.checks.vocabulary import form_names
from ...protocol.expression import previous_name
from ...protocol.model import Item
from ..door.state import Scalar
from .typed import as_recorded

Kind = Literal["derive", "require", "check"]
Row = Mapping[str, Scalar]


@dataclass(frozen=True)
class Outcomes:
    """What the rules say of a record: derived values, items required because of others, checks that fail."""

    derived: dict[str, Scalar] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    failed: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Step:
    """Rules that can be evaluated together: each with its kind and the item or check that it belongs to."""

    rules: tuple[tuple[Kind, str], ...]
    expressions: tuple[pl.Expr, ...]
    schema: Mapping[str, pl.DataType]


class FormRules:
    """The rules of one form; `previous` and `variables` are the names that they take from elsewhere."""

    def __init__(self, protocol: Protocol, form_id: str) -> None:
        form = protocol.forms[form_id]
        self._items, self._checks = form.items, tuple(form.checks)
        texts: dict[tuple[Kind, str], str] = {}
        for name, item in form.items.items():
            if item.derive is not None:
                texts["derive", name] = item.derive
            if item.required_when is not None:
                texts["require", name] = item.required_when
        for name, check in form.checks.items():
            texts["check", name] = check.rule
        used = {name for text in texts.values() for name in names_in(text)}
        before = {previous_name(name): name for name in form.items}
        self.previous = tuple(before[name] for name in sorted(used & set(before)))
        self.variables = tuple(sorted(used - set(before) - set(form.items)))
        self._steps = _in_steps(texts, form_names(protocol, form))

    def evaluate(self, row: Row) -> Outcomes:
        """Return what the rules say of a record; `row` holds its values and, by `previous_name`, earlier ones.

        Names that are not there count as unknown. Raises DataError where polars cannot evaluate a rule.
        """
        return self.evaluate_many([row])[0]

    def evaluate_many(self, rows: Sequence[Row]) -> list[Outcomes]:
        """Return what the rules say of each of several records, as `evaluate` does of one."""
        known = [dict(row) for row in rows]
        derived: list[dict[str, Scalar]] = [{} for _ in rows]
        required: list[set[str]] = [set() for _ in rows]
        failed: list[set[str]] = [set() for _ in rows]
        for step in self._steps:
            for (kind, name), column in zip(step.rules, self._results(step, known), strict=True):
                for place, found in enumerate(column):
                    if kind == "derive":
                        known[place][name] = derived[place][name] = _recorded(self._items[name], found)
                    elif kind == "require" and found is True:
                        required[place].add(name)
                    elif kind == "check" and found is False:
                        failed[place].add(name)
        return [
            Outcomes(derived[n], frozenset(required[n]), tuple(name for name in self._checks if name in failed[n]))
            for n, _ in enumerate(rows)
        ]

    def _results(self, step: _Step, known: Sequence[Row]) -> list[list[Any]]:
        """Return the column of each rule of a step; no rule takes rows together (`protocol.expression`)."""
        frame = pl.DataFrame(
            {name: [_as_typed(row.get(name), kind) for row in known] for name, kind in step.schema.items()},
            schema=dict(step.schema),
        )
        results = [str(number) for number, _ in enumerate(step.expressions)]
        try:
            found = frame.with_columns(step.expressions).select(results)
        except pl.exceptions.PolarsError as error:
            names = ", ".join(name for _, name in step.rules)
            raise DataError(
                f"one of the rules {names} cannot be evaluated for these values ({str(error).splitlines()[0]})"
            ) from error
        return [column.to_list() for column in found.get_columns()]


def rules_of(protocol: Protocol, form: str) -> FormRules:
    """Return the rules of a form, read on first use and kept as long as the protocol."""
    kept = _KEPT.get(id(protocol))
    if kept is None:
        kept = _KEPT[id(protocol)] = {}
        weakref.finalize(protocol, _KEPT.pop, id(protocol), None)
    if form not in kept:
        kept[form] = FormRules(protocol, form)
    return kept[form]


_KEPT: dict[int, dict[str, FormRules]] = {}


def _in_steps(texts: Mapping[tuple[Kind, str], str], types: Mapping[str, pl.DataType]) -> tuple[_Step, ...]:
    """Put rules in steps: each after the derived items that it needs."""
    waiting = dict(texts)
    steps = []
    while waiting:
        to_come = {name for kind, name in waiting if kind == "derive"}
        ready = {key: text for key, text in waiting.items() if not to_come & set(names_in(text))}
        assert ready  # the checks of a protocol refuse items that are derived from one another
        used = dict.fromkeys(name for text in ready.values() for name in names_in(text))
        expressions = tuple(parse_expression(text).alias(str(n)) for n, text in enumerate(ready.values()))
        # a frame without columns has no row to evaluate rules on
        schema = {name: types[name] for name in used} or {"": pl.Boolean()}
        steps.append(_Step(tuple(ready), expressions, schema))
        waiting = {key: text for key, text in waiting.items() if key not in ready}
    return tuple(steps)


def _as_typed(value: Scalar, kind: pl.DataType) -> Any:
    if value is None or not kind.is_temporal():
        return value
    reader = date if kind == pl.Date() else time if kind == pl.Time() else datetime
    return reader.fromisoformat(str(value))


def _recorded(item: Item, found: Any) -> Scalar:
    """Return a derived value as it is recorded; None where it is unknown or no finite number."""
    if found is None or (isinstance(found, float) and not math.isfinite(found)):
        return None
    if item.is_number and abs(found) < 1e15:
        decimals = 0 if item.type == "integer" else item.decimals  # a mean of counts keeps its fraction
        return as_recorded(Decimal(str(found)), decimals)
    if item.is_number:
        return None
    if isinstance(found, datetime):
        return found.isoformat(timespec="minutes" if found.second == 0 else "seconds")
    return found.isoformat() if isinstance(found, date | time) else str(found)
