"""A table as data: what stands where, which numbers it shows, and what they refer to.

It is laid out only by a writer (HTML, PDF, RTF). Each cell keeps the values at full precision beside the text that
shows them, and the place of those values in `results.csv`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Reference:
    """The place of a cell's values in the results: columns of `results.csv`, and the lines they stand on."""

    analysis: str
    analysis_set: str
    parameter: str = ""
    visit: str = ""
    arm: str = ""
    versus: str = ""
    group: str = ""
    lines: tuple[int, ...] = ()


@dataclass(frozen=True)
class Cell:
    """What is printed, the statistics it was made of, and where they come from (None for plain text)."""

    text: str = ""
    values: Mapping[str, float] = field(default_factory=dict)
    reference: Reference | None = None


@dataclass(frozen=True)
class Column:
    """A column: its label, and a second line such as `(N=86)`; numbers are centred, texts stand left."""

    label: str
    below: str = ""
    align: Literal["left", "centre"] = "centre"
    width: float = 1.0


@dataclass(frozen=True)
class Spanner:
    """A label above the columns from `first` to `last` (both included, counted from 0 without the stub)."""

    label: str
    first: int
    last: int

    @property
    def width(self) -> int:
        """The number of columns below it."""
        return self.last - self.first + 1


@dataclass(frozen=True)
class Row:
    """A row: its label in the stub and a cell a column; a heading may have none."""

    label: str
    cells: tuple[Cell, ...] = ()
    indent: int = 0
    heading: bool = False


@dataclass(frozen=True)
class Table:
    """A table of a report.

    name: unique in the report, fit for a file name. analysis: whose results it shows. population: the line below
    the title that says who is counted. stub: label of the first column. The stub is `stub_width` times as wide as
    a column of width 1.
    """

    name: str
    analysis: str
    title: str
    population: str
    stub: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    spanners: tuple[Spanner, ...] = ()
    footnotes: tuple[str, ...] = ()
    stub_width: float = 2.0

    @property
    def spanned(self) -> tuple[Spanner, ...]:
        """The spanners, blank ones between them, so that every column is covered; empty without spanners."""
        filled: list[Spanner] = []
        at = 0
        for spanner in sorted(self.spanners, key=lambda s: s.first):
            if spanner.first > at:
                filled.append(Spanner("", at, spanner.first - 1))
            filled.append(spanner)
            at = spanner.last + 1
        if filled and at < len(self.columns):
            filled.append(Spanner("", at, len(self.columns) - 1))
        return tuple(filled)

    @property
    def is_wide(self) -> bool:
        """Whether the table wants a page in landscape."""
        return self.stub_width + sum(column.width for column in self.columns) > 8.5

    @property
    def is_long(self) -> bool:
        """Whether the table scrolls inside its own frame on a screen."""
        return len(self.rows) > 60
