"""Tables of who took part: characteristics at baseline, and exposure, by arm."""

from ...protocol.model import Demographics
from ..language import Labels
from .layout import (
    arm_columns,
    arms_in,
    note_of,
    population_line,
    present,
    row_over,
    set_counts,
    summary_rows,
    title_of,
)
from .lookup import Lookup
from .table import Cell, Column, Row, Table


def tabulate_characteristics(lookup: Lookup, labels: Labels) -> list[Table]:
    """Make the table of demographics or exposure: numbers summarised, levels counted, p where it was tested."""
    result, say = lookup.result, labels.say
    arms = arms_in(lookup, labels)
    variables = [name for name in lookup.parameters() if name]
    tests = {variable: lookup.at(variable) for variable in variables}
    tested = any(test["p"] is not None for test in tests.values())
    rows: list[Row] = []
    for variable in variables:
        blank = tuple(Cell() for _ in arms)
        p = (tests[variable].p(),) if tested else ()
        cells = (*blank, *p) if p and p[0].text else ()
        rows.append(Row(labels.variable(variable), cells, heading=True))
        body = _numbers(lookup, labels, arms, variable) or _levels(lookup, labels, arms, variable)
        extra = (Cell(),) if tested else ()
        rows += [Row(row.label, (*row.cells, *extra), row.indent) for row in body]
    columns = arm_columns(labels, arms, set_counts(lookup, labels))
    if tested:
        columns = (*columns, Column(say("p-value"), width=0.8))
    is_demographics = isinstance(result.spec, Demographics)
    notes = (
        [say("p-value: one-way analysis of variance for numbers, Pearson chi-square for categories.")]
        if tested
        else []
    )
    if any("(" in c.text and "%" in c.text for row in rows for c in row.cells):
        notes.append(say("Percentages are of the participants who have a value."))
    return [
        Table(
            name=result.name,
            analysis=result.name,
            title=title_of(result, labels, say("Baseline characteristics" if is_demographics else "Exposure")),
            population=population_line(result, labels),
            stub=say("Characteristic") if is_demographics else "",
            columns=columns,
            rows=tuple(rows),
            footnotes=(*notes, *note_of(result, labels)),
            stub_width=2.4,
        )
    ]


def _numbers(lookup: Lookup, labels: Labels, arms: list[str], variable: str) -> list[Row]:
    """Make the rows of a variable that is a number."""
    places = {arm: lookup.at(variable, arm=arm) for arm in arms}
    if not any("mean" in numbers for numbers in places.values()):
        return []
    return [
        *summary_rows(labels, places, labels.decimals(variable)),
        *_missing(lookup, labels, arms, variable),
    ]


def _levels(lookup: Lookup, labels: Labels, arms: list[str], variable: str) -> list[Row]:
    """Make the rows of a variable with levels: n, then a row a level."""
    rows = present(row_over("n", {arm: lookup.at(variable, arm=arm) for arm in arms}, lambda n: n.count()))
    groups = dict.fromkeys(n.reference.group for n in lookup.select(parameter=variable, keys={variable}))
    for group in groups:
        places = {arm: lookup.at(variable, arm=arm, group=group) for arm in arms}
        level = next(iter(places.values())).group[variable]
        rows += present(row_over(labels.level(variable, level), places, lambda n: n.share()))
    return [*rows, *_missing(lookup, labels, arms, variable)]


def _missing(lookup: Lookup, labels: Labels, arms: list[str], variable: str) -> list[Row]:
    missing = {arm: lookup.at(variable, arm=arm, group="missing=true") for arm in arms}
    return present(row_over(labels.say("Missing"), missing, lambda n: n.count("count")))
