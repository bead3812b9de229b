"""Cells of the tables: a number as printed, its values at full precision, and its line in the CSV."""

from collections.abc import Callable, Mapping

from ....report.tables.table import Cell, Column, Reference, Row
from ...analyses import Place
from ..characteristics import Quantity
from ..words import Words

Write = Callable[[Quantity], str]


def cell_of(quantity: Quantity | None, place: Place, write: Write) -> Cell:
    """Return the cell of a quantity; a dash where there is none."""
    if quantity is None:
        return Cell("–")
    values: Mapping[str, float] = {
        "value": quantity.value,
        "mc_error": quantity.error,
        "trials": quantity.trials,
    }
    reference = Reference(
        place.analysis, "", visit=place.visit, arm=place.arm, versus=place.versus, lines=(quantity.line,)
    )
    return Cell(write(quantity), values, reference)


def scenario_columns(words: Words) -> tuple[Column, ...]:
    """Return a column for each scenario."""
    return tuple(Column(words.scenario(name), width=1.6) for name in words.found.scenarios)


def row_over_scenarios(
    words: Words, label: str, place: Place, statistics: tuple[str, ...], write: Write, *, indent: int = 1
) -> Row:
    """Return a row with the first of these statistics under each scenario."""
    found = [words.found.at(scenario, place, *statistics) for scenario in words.found.scenarios]
    return Row(label, tuple(cell_of(quantity, place, write) for quantity in found), indent=indent)
