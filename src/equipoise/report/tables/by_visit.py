"""Tables of values and changes from baseline by visit and arm, one an item."""

from collections.abc import Mapping, Sequence

from ..language import Labels
from .layout import arms_in, heading, note_of, population_line, title_of
from .lookup import Lookup, Numbers
from .table import Cell, Column, Row, Spanner, Table


def tabulate_by_visit(lookup: Lookup, labels: Labels) -> list[Table]:
    """Make a table an item: visits with their arms down, summaries of value and change across."""
    result, say = lookup.result, labels.say
    arms = arms_in(lookup, labels)
    parameters = lookup.parameters()
    tables = []
    for parameter in parameters:
        label = labels.parameter(parameter)
        title = title_of(result, labels, say("{item} by visit", item=label))
        if len(parameters) > 1:
            title = label if result.spec.title is None else f"{title}: {label}"
        tables.append(
            Table(
                name=result.name if len(parameters) == 1 else f"{result.name}_{parameter.lower()}",
                analysis=result.name,
                title=title,
                population=population_line(result, labels),
                stub=say("Visit, arm"),
                columns=_columns(labels),
                spanners=(Spanner(label, 0, 3), Spanner(say("Change from baseline"), 4, 7)),
                rows=tuple(_rows(lookup, labels, arms, parameter)),
                footnotes=(
                    say("As observed; n is the number of participants with a value at the visit."),
                    *note_of(result, labels),
                ),
                stub_width=2.2,
            )
        )
    return tables


def _columns(labels: Labels) -> tuple[Column, ...]:
    say = labels.say
    four = (
        Column("n", width=0.5),
        Column(say("Mean (SD)"), width=1.2),
        Column(say("Median"), width=0.7),
        Column(say("Min, max"), width=1.1),
    )
    return (*four, *four)


def _rows(lookup: Lookup, labels: Labels, arms: Sequence[str], parameter: str) -> list[Row]:
    decimals = labels.decimals(parameter)
    rows: list[Row] = []
    for visit in lookup.visits(parameter):
        places = {
            (arm, summary): lookup.at(parameter, visit, arm, group=f"summary={summary}")
            for arm in arms
            for summary in ("value", "change")
        }
        if not any(numbers["n"] for numbers in places.values()):
            continue
        rows.append(heading(labels.visit(visit)))
        baseline = _is_baseline(places, arms)
        for arm in arms:
            value, change = places[arm, "value"], places[arm, "change"]
            after = [Cell()] * 4 if baseline else _four(change, decimals)
            rows.append(Row(labels.arm(arm), (*_four(value, decimals), *after), indent=1))
    return rows


def _is_baseline(places: Mapping[tuple[str, str], Numbers], arms: Sequence[str]) -> bool:
    """Whether every change is nought or absent: at baseline there is none to show."""
    changes = [places[arm, "change"] for arm in arms]
    return all(not n["n"] or (n["min"] == 0 and n["max"] == 0) for n in changes)


def _four(numbers: Numbers, decimals: int) -> list[Cell]:
    return [
        numbers.count(),
        numbers.mean_sd(decimals),
        numbers.median(decimals),
        numbers.span("min", "max", decimals),
    ]
