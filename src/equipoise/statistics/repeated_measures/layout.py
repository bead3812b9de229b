"""From a design and its participants and visits to columns that are constant within a participant.

A column of the model is a product. Factors of it that are constant within a participant make a column z; those
that depend on the visit alone go into the basis; anything else makes a column z for each visit. Columns z that are
numbers are centred and scaled, so that sums of squares keep their digits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import Codes
from equipoise.statistics.linear.coding import Part, ProductCoding
from equipoise.statistics.linear.design import Design
from equipoise.statistics.repeated_measures.sums import Layout


@dataclass(frozen=True, eq=False)
class Places:
    """Where each row of the data stands: its `participant` (of N) and its `visit` slot (of V)."""

    participant: Codes
    visit: Codes
    participants: int
    visits: int

    def spread(self, values: Floats) -> Floats:
        """Put values of rows into a table of participants and visits, 0 where there is none."""
        table = np.zeros((self.participants, self.visits))
        table[self.participant, self.visit] = values
        return table

    def by_participant(self, values: Floats) -> Floats | None:
        """Take the value of each participant, or None where it changes within one."""
        first = np.empty(self.participants)
        first[self.participant] = values
        return first if np.array_equal(first[self.participant], values) else None

    def by_visit(self, values: Floats) -> Floats | None:
        """Take the value of each visit, or None where it differs between participants."""
        first = np.zeros(self.visits)
        first[self.visit] = values
        return first if np.array_equal(first[self.visit], values) else None


def build_layout(design: Design, places: Places) -> Layout:
    """Split the columns of `design` by participant and by visit; its weights scale every column by their roots."""
    split = _Split(places, None if design.weights is None else places.spread(np.sqrt(design.weights)))
    if isinstance(design.coding, ProductCoding):
        kinds = {name: _kind(values.astype(float), places) for name, values in design.values.items()}
        for parts in design.coding.parts:
            _add_product(split, parts, kinds)
    else:
        for column in design.matrix.T:
            kind = _kind(column, places)
            key = ("column", len(split.basis))
            split.add(
                key if kind.visit is None else (),
                np.ones(places.participants) if kind.participant is None else kind.participant,
                np.ones(places.visits) if kind.visit is None else kind.visit,
                kind.table,
                # a column of the visit alone stands on the constant, which must not be centred
                number=kind.visit is None,
            )
    return split.layout(design.columns)


@dataclass(frozen=True, eq=False)
class _Kind:
    """How a variable varies: one of the three is there."""

    participant: Floats | None = None
    visit: Floats | None = None
    table: Floats | None = None


def _kind(values: Floats, places: Places) -> _Kind:
    constant = places.by_participant(values)
    if constant is not None:
        return _Kind(participant=constant)
    at_visits = places.by_visit(values)
    return _Kind(table=places.spread(values)) if at_visits is None else _Kind(visit=at_visits)


def _add_product(split: "_Split", parts: Sequence[Part], kinds: dict[str, _Kind]) -> None:
    constant = np.ones(split.places.participants)
    at_visits = np.ones(split.places.visits)
    table: Floats | None = None
    key: list[Part] = []
    number = False
    for name, level in parts:
        kind = kinds[name]
        if kind.visit is not None:
            at_visits = at_visits * _value(kind.visit, level)
            continue
        key.append((name, level))
        number = number or level is None
        if kind.participant is not None:
            constant = constant * _value(kind.participant, level)
        elif kind.table is not None:
            changing = _value(kind.table, level)
            table = changing if table is None else table * changing
    split.add(tuple(key), constant, at_visits, table, number=number)


def _value(values: Floats, level: int | None) -> Floats:
    return values if level is None else (values == level).astype(float)


@dataclass(eq=False)
class _Split:
    """Columns of z as they are found, by a key of what they are made of, and the basis, column by column."""

    places: Places
    root_weights: Floats | None
    columns: dict[tuple[object, ...], int] = field(default_factory=dict)
    z: list[Floats] = field(default_factory=list)
    moments: list[tuple[float, float]] = field(default_factory=list)
    rows: dict[tuple[int, int], int] = field(default_factory=dict)
    basis: list[dict[int, float]] = field(default_factory=list)

    def add(
        self,
        key: tuple[object, ...],
        constant: Floats,
        at_visits: Floats,
        table: Floats | None,
        *,
        number: bool,
    ) -> None:
        """Add a column of the model: `constant` (N) x `at_visits` (V) x `table` (N x V)."""
        entries: dict[int, float] = {}
        changing = self.root_weights if table is None else table
        if table is not None and self.root_weights is not None:
            changing = table * self.root_weights
        for visit in np.flatnonzero(at_visits).tolist():
            if changing is None:
                at = self._column(key, constant, number=number)
            else:
                values = constant * changing[:, visit]
                if not values.any():
                    continue
                at = self._column((*key, visit), values, number=True)
            mean, sd = self.moments[at]
            self._enter(entries, at, visit, sd * at_visits[visit])
            if mean != 0.0:
                one = self._column((), np.ones(self.places.participants), number=False)
                self._enter(entries, one, visit, mean * at_visits[visit])
        self.basis.append(entries)

    def layout(self, columns: tuple[str, ...]) -> Layout:
        """Join what was added."""
        basis = np.zeros((len(self.rows), len(self.basis)))
        for column, entries in enumerate(self.basis):
            for row, value in entries.items():
                basis[row, column] = value
        pairs = np.array(list(self.rows), dtype=np.intp).reshape(-1, 2)
        return Layout(columns, np.column_stack(self.z), pairs[:, 0], pairs[:, 1], basis)

    def _column(self, key: tuple[object, ...], values: Floats, *, number: bool) -> int:
        if key not in self.columns:
            # weights change with the visit, so nothing there is constant to centre by
            mean = float(values.mean()) if number and self.root_weights is None else 0.0
            sd = float(np.sqrt(((values - mean) ** 2).mean())) if number else 1.0
            self.columns[key] = len(self.z)
            self.z.append((values - mean) / (sd or 1.0))
            self.moments.append((mean, sd or 1.0))
        return self.columns[key]

    def _enter(self, entries: dict[int, float], at: int, visit: int, value: float) -> None:
        row = self.rows.setdefault((at, visit), len(self.rows))
        entries[row] = entries.get(row, 0.0) + value
