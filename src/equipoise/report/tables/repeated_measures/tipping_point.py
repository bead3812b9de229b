"""The table of a tipping point: the comparison along the deltas, and the delta at which its conclusion changes."""

from collections.abc import Sequence

from ...language import Labels
from ...language.tipping import say_tipping_points
from ...rounding import format_number
from ..layout import (
    asked_visits,
    endpoint_heading,
    heading,
    note_of,
    outcome_decimals,
    population_line,
    title_of,
)
from ..lookup import Lookup, Numbers
from ..table import Cell, Column, Row, Spanner, Table
from .imputed import imputation_note


def tabulate_tipping_point(lookup: Lookup, labels: Labels) -> list[Table]:
    """Make two columns for each comparison, difference and p; a row a delta; the summary stands first."""
    result, say = lookup.result, labels.say
    compared = lookup.comparisons()
    rows: list[Row] = []
    for parameter in lookup.parameters():
        visits = asked_visits(lookup, labels, parameter)
        for visit in visits:
            if len(visits) > 1:
                rows.append(heading(labels.visit(visit)))
            rows += _visit_rows(lookup, labels, parameter, visit)
    title = say("Tipping point: {endpoint}", endpoint=endpoint_heading(result, labels))
    return [
        Table(
            name=result.name,
            analysis=result.name,
            title=title_of(result, labels, title),
            population=population_line(result, labels),
            stub=say("Delta added to imputed values of the arm"),
            columns=tuple(
                column
                for _ in compared
                for column in (
                    Column(say("Difference ({interval})", interval=say("interval")), width=1.6),
                    Column(say("p-value"), width=0.7),
                )
            ),
            spanners=tuple(
                Spanner(
                    say("{arm} against {versus}", arm=labels.arm(arm), versus=labels.arm(versus)), 2 * i, 2 * i + 1
                )
                for i, (arm, versus) in enumerate(compared)
            ),
            rows=tuple(rows),
            footnotes=(
                *say_tipping_points(lookup, labels),
                say(
                    "Intervals have the level at which the comparison is tested: they hold no difference where p "
                    "is above it."
                ),
                imputation_note(lookup, labels),
                *note_of(result, labels),
            ),
            stub_width=2.2,
        )
    ]


def _visit_rows(lookup: Lookup, labels: Labels, parameter: str, visit: str) -> list[Row]:
    """Make the rows of one visit: imputed values, level, tipping delta, no delta, then along the range."""
    say = labels.say
    decimals = outcome_decimals(lookup.result, labels, parameter) + 1
    compared = lookup.comparisons()
    tipping = [lookup.at(parameter, visit, arm, versus, "tipping=delta") for arm, versus in compared]
    imputed = [
        [lookup.at(parameter, visit, one, group="status=imputed").count("count") for one in ones]
        for ones in zip(*compared, strict=True)
    ]
    rows = [
        Row(say("Values imputed in the arm"), _in_pairs(imputed[0])),
        Row(say("Values imputed in the arm compared with"), _in_pairs(imputed[1])),
        Row(say("Level of the comparison"), _in_pairs([n.number("level", 4) for n in tipping])),
        Row(
            say("Delta at which the conclusion changes"),
            _in_pairs([_delta(n, labels, decimals) for n in tipping]),
        ),
        Row(say("No delta"), _cells(lookup, parameter, visit, "", decimals)),
    ]
    steps = dict.fromkeys(n.reference.group for n in lookup.select(visit=visit, keys={"delta"}))
    for group in steps:
        delta = float(group.removeprefix("delta="))
        label = format_number(delta, decimals) if delta % 1 else f"{delta:g}"
        rows.append(Row(label, _cells(lookup, parameter, visit, group, decimals), indent=1))
    return rows


def _in_pairs(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """Put each cell in the first of the two columns of its comparison."""
    return tuple(one for cell in cells for one in (cell, Cell()))


def _delta(numbers: Numbers, labels: Labels, decimals: int) -> Cell:
    if numbers and numbers["delta"] is None:
        return Cell(labels.say("none in the range"))
    return numbers.number("delta", decimals)


def _cells(lookup: Lookup, parameter: str, visit: str, group: str, decimals: int) -> tuple[Cell, ...]:
    places = [lookup.at(parameter, visit, arm, versus, group) for arm, versus in lookup.comparisons()]
    return tuple(
        cell
        for numbers in places
        for cell in ((numbers.with_interval("estimate", decimals), numbers.p()) if numbers else (Cell(), Cell()))
    )
