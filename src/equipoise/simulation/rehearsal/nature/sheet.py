"""Forms filled in for many persons at once, so that what the protocol asks of them holds.

First each value is drawn as it usually is. Then, as in the search for satisfying assignments by local repair
(Selman, Kautz and Cohen, AAAI 1994), the values that a broken rule names are drawn anew, reaching ever further,
until none is broken: edit checks that stop, criteria as they are wanted, and edit checks that only ask, as far as
they are not about values given. Every draw has a stream of its own and is made for all rows, so that no person's
values hang on another's.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ....errors import ProtocolError
from ....protocol import Quantity, names_in, parse_expression
from ....protocol.checks.vocabulary import type_of
from ....protocol.expression import previous_name
from ....protocol.model import Item
from ....protocol.quantity import dimension_of
from ...population import Streams
from .columns import Column, Columns, as_series, empty_column, has_value
from .habits import Habits

Booleans = NDArray[np.bool_]

_SOFT, _LIMIT = 40, 600
_OPTIONAL = 0.85
_PREVIOUS = previous_name("")


@dataclass(frozen=True)
class Wanted:
    """A rule with what it must give for each row; a row may be left as it comes (`bound` false)."""

    name: str
    rule: str
    gives: Booleans
    bound: Booleans
    stops: bool = True
    unknown_will_do: bool = False


@dataclass(frozen=True, eq=False)
class Occasion:
    """When a sheet is filled in, by row: the day of the record, and whether its dates lie before it (`history`).

    before: what the same persons had before, by item. until: the last day that a date may be.
    """

    purpose: str
    at: Column
    before: Columns = field(default_factory=dict)
    history: bool = False
    until: Column | None = None


class Sheet:
    """Some forms of a protocol as one sheet to be filled in; `asked`: optional items that are always filled in."""

    def __init__(self, habits: Habits, forms: Collection[str], asked: Collection[str] = ()) -> None:
        self.habits, self.protocol = habits, habits.protocol
        self.forms = tuple(forms)
        self.items: dict[str, Item] = {}
        for form in self.forms:
            self.items |= self.protocol.forms[form].items
        self.asked = frozenset(asked)

    def fill(
        self,
        streams: Streams,
        occasion: Occasion,
        *,
        given: Columns | None = None,
        kept: Collection[str] = (),
        wanted: Collection[Wanted] = (),
    ) -> dict[str, Column]:
        """Return the values of the items that are entered, empty where nothing is to be entered.

        given: values to begin with; those of `kept` are never drawn anew. Raises ProtocolError where some row
        cannot be filled in so that the rules hold.
        """
        given, rows = given or {}, len(occasion.at)
        values = self._first(streams, occasion, given)
        told = {name: has_value(given[name]) if name in given else np.zeros(rows, bool) for name in values}
        free = {name: ~told[name] if name in kept else np.ones(rows, bool) for name in values}
        asked = {name: ~there for name, there in told.items()}
        rules = [*wanted, *self._checks(rows)]
        for attempt in range(1, _LIMIT):
            self._link_dates(values, occasion.at, free)
            shown = self._shown(values, occasion.before)
            again = self._broken(shown, occasion.before, rules, free, asked if attempt < _SOFT else {})
            if not again:
                return shown
            for name in sorted(again):
                rng = streams(f"{occasion.purpose} {name} {attempt}")
                values[name] = np.where(again[name], self._propose(name, rng, occasion, attempt), values[name])
        raise ProtocolError(
            f"forms {', '.join(self.forms)} cannot be filled in by chance so that their checks and the criteria "
            f"hold; look at the rules on {', '.join(sorted(again))}"
        )

    def _propose(self, name: str, rng: np.random.Generator, occasion: Occasion, reach: int = 0) -> Column:
        drawn = self.habits.propose(
            name, rng, occasion.at, reach=reach, own=occasion.before.get(name), history=occasion.history
        )
        if occasion.until is None or self.items[name].type != "date":
            return drawn
        return np.asarray(np.minimum(drawn, occasion.until))

    def _first(self, streams: Streams, occasion: Occasion, given: Columns) -> dict[str, Column]:
        """Draw every item that is entered as it usually is, and leave out some that need not be filled in."""
        values: dict[str, Column] = {}
        for name, item in self.items.items():
            if item.derive:
                continue
            rng, rows = streams(f"{occasion.purpose} {name}"), len(occasion.at)
            drawn = self._propose(name, rng, occasion)
            if not item.required and item.required_when is None and name not in self.asked:
                drawn = np.where(rng.random(rows) < _OPTIONAL, drawn, empty_column(item, rows))
            if name in given:
                drawn = np.where(has_value(given[name]), given[name], drawn)
            values[name] = drawn
        return values

    def _checks(self, rows: int) -> list[Wanted]:
        always = np.ones(rows, dtype=bool)
        return [
            Wanted(f"{form}.{name}", check.rule, always, always, stops=check.stops, unknown_will_do=True)
            for form in self.forms
            for name, check in self.protocol.forms[form].checks.items()
        ]

    def _link_dates(self, values: dict[str, Column], at: Column, free: Mapping[str, Booleans]) -> None:
        """Let the date of a form lie as long before the record as the duration beside it says."""
        for date, duration, days in self._durations:
            ago = np.nan_to_num(values[duration]) * days + 1
            linked = at.astype("datetime64[D]") - np.ceil(ago).astype(np.int64)
            values[date] = np.where(free[date] & ~np.isnan(values[duration]), linked, values[date])

    @cached_property
    def _durations(self) -> list[tuple[str, str, float]]:
        """For each form with a date and a number in a unit of time: both, and the days of the unit."""
        found = []
        for form in self.forms:
            items = self.protocol.forms[form].items
            dates = [name for name, item in items.items() if item.type == "date"]
            spans = [(name, days) for name, item in items.items() if (days := _days(item)) is not None]
            if dates and spans:
                found.append((dates[0], *spans[0]))
        return found

    def _shown(self, values: Mapping[str, Column], before: Columns) -> dict[str, Column]:
        """Leave out what is not to be filled in: items asked for only where a rule holds that does not."""
        shown = dict(values)
        ruled = {n: rule for n, item in self.items.items() if (rule := item.required_when) and n in values}
        for _ in range(len(ruled) + 1):
            said = self._said(shown, before, list(ruled.values()))
            kept = {name: said[k] == 1 for k, name in enumerate(ruled)}
            after = {name: np.where(kept[name], values[name], _none(self.items[name], kept)) for name in ruled}
            if all(np.array_equal(has_value(after[name]), has_value(shown[name])) for name in ruled):
                break
            shown |= after
        return shown

    def _broken(
        self,
        shown: Columns,
        before: Columns,
        rules: list[Wanted],
        free: Mapping[str, Booleans],
        asked: Mapping[str, Booleans],
    ) -> dict[str, Booleans]:
        """Return by item the rows to be drawn anew, of `free` for rules that stop, of `asked` for the others."""
        said = self._said(shown, before, [rule.rule for rule in rules])
        again: dict[str, Booleans] = {}
        for rule, verdict in zip(rules, said, strict=True):
            right = (verdict == rule.gives) | ((verdict < 0) & rule.unknown_will_do)
            wrong = rule.bound & ~right
            if not wrong.any():
                continue
            within = free if rule.stops else asked
            names = [name for name in self._named(rule.rule) if name in within]
            can = [wrong & within[name] for name in names]
            if rule.stops and (wrong & ~np.logical_or.reduce(can, axis=0) if can else wrong).any():
                raise ProtocolError(
                    f"rule {rule.name} ({rule.rule}) does not hold for values that the assumptions give; "
                    "check them against it"
                )
            for name, rows in zip(names, can, strict=True):
                if rows.any():
                    again[name] = again.get(name, np.zeros(len(wrong), dtype=bool)) | rows
        return again

    def _named(self, rule: str) -> list[str]:
        """Return the items that a rule hangs on: those it names, and what decides whether these are asked for."""
        found, pending = list[str](), list(_names(rule))
        while pending:
            name = pending.pop()
            variable = self.protocol.variables.get(name)
            name = (variable.item if variable is not None else None) or name
            if name in found or name not in self.items:
                continue
            found.append(name)
            item = self.items[name]
            pending += [n for text in (item.required_when, item.derive) if text for n in _names(text)]
        return sorted(found)

    def _said(self, shown: Columns, before: Columns, rules: list[str]) -> list[NDArray[np.int64]]:
        """Evaluate rules on every row: 1 true, 0 false, -1 where it cannot be decided."""
        if not rules:
            return []
        rows = len(next(iter(shown.values())))
        said = self._frame(shown, before, rules, rows).select(
            parse_expression(rule).cast(pl.Int64).fill_null(-1).alias(str(k)) for k, rule in enumerate(rules)
        )
        return [np.broadcast_to(said[str(k)].to_numpy(), rows) for k in range(len(rules))]

    def _frame(self, shown: Columns, before: Columns, rules: list[str], rows: int) -> pl.DataFrame:
        """Return what rules name: items as they are now, their values before, variables that are items."""
        columns, derived = {"": pl.Series("", np.zeros(rows))}, dict[str, str]()
        pending = [name for rule in rules for name in _names(rule)]
        while pending:
            name = pending.pop()
            if name in columns or name in derived:
                continue
            if (rule := self._derives(name)) is not None:
                derived[name] = rule
                pending += _names(rule)
            else:
                columns[name] = self._column(name, shown, before, rows)
        return pl.DataFrame(columns).with_columns(
            parse_expression(rule).alias(name) for name, rule in derived.items()
        )

    def _derives(self, name: str) -> str | None:
        return self.items[name].derive if name in self.items else None

    def _column(self, name: str, shown: Columns, before: Columns, rows: int) -> pl.Series:
        last = name.startswith(_PREVIOUS)
        of = name.removeprefix(_PREVIOUS)
        if of not in self._every_item and of in self.protocol.variables:
            of = self.protocol.variables[of].item or of
        if (item := self._every_item.get(of)) is None:
            return pl.Series(name, [None] * rows, dtype=type_of(self.protocol.variables[of]))
        column = (before if last or of not in self.items else shown).get(of)
        return as_series(name, item, empty_column(item, rows) if column is None else column)

    @cached_property
    def _every_item(self) -> Mapping[str, Item]:
        """The items of this sheet, and whatever else a rule of the protocol may name."""
        return {**self.protocol.items, **self.items}


def _none(item: Item, kept: Mapping[str, Booleans]) -> Column:
    return empty_column(item, len(next(iter(kept.values()))))


def _days(item: Item) -> float | None:
    """Return how many days the unit of a number has, None where it is no unit of time."""
    if item.unit is None or not item.is_number or dimension_of(item.unit) != "[time]":
        return None
    return Quantity.parse(f"1 {item.unit}").to("day")


@lru_cache(maxsize=1024)
def _names(rule: str) -> tuple[str, ...]:
    return names_in(rule)
