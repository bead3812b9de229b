"""Tables of estimates: bias, standard errors, coverage and width of intervals."""

from collections.abc import Callable

from ....report.tables.table import Cell, Column, Row, Table
from ..characteristics import Quantity
from ..words import Measure, Words
from .cells import cell_of

COLUMNS = (
    "True value",
    "Mean estimate",
    "Bias",
    "SD of estimates",
    "Mean SE",
    "Coverage",
    "Mean width",
    "Joint coverage",
    "Joint width",
)
STATISTICS = (
    "truth",
    "mean_estimate",
    "bias",
    "empirical_se",
    "mean_se",
    "coverage",
    "width",
    "adjusted_coverage",
    "adjusted_width",
)


def tabulate_accuracy(words: Words) -> Table | None:
    """Tabulate bias, errors and intervals of the planned analysis, scenario by scenario."""
    name, say = words.planned, words.say
    if name is None:
        return None
    rows = _rows(words, name, 0)
    title = say("Bias, standard error and intervals: {analysis}", analysis=words.analysis(name))
    return _table(words, "accuracy", name, title, rows, [words.measure(name).unit]) if rows else None


def tabulate_other_accuracy(words: Words) -> Table | None:
    """Tabulate the same of all other analyses."""
    say, rows, units = words.say, list[Row](), list[str]()
    for name in words.analyses.names:
        if name == words.planned:
            continue
        own = _rows(words, name, 1)
        if own:
            measure = words.measure(name)
            units.append(measure.unit)
            head = f"{words.analysis(name)} ({measure.unit})" if measure.unit else words.analysis(name)
            rows += [Row(head, heading=True), *own]
    title = say("Bias, standard error and intervals of the other analyses")
    return _table(words, "accuracy-of-others", "", title, rows, []) if rows else None


def _rows(words: Words, name: str, indent: int) -> list[Row]:
    """Return, for each scenario, its heading and a row for each comparison or arm whose truth is known."""
    measure, found, rows = words.measure(name), words.found, list[Row]()
    several = len({place.visit for place in found.of(name) if place.visit}) > 1
    for scenario in found.scenarios:
        places = [p for p in found.of(name) if p.arm and found.at(scenario, p, "truth") is not None]
        if places:
            rows.append(Row(words.scenario(scenario), indent=indent, heading=indent == 0))
        for place in places:
            label = words.comparison(place)
            if several:
                label = words.say("{what}, {visit}", what=label, visit=words.visit(place.visit))
            cells = (
                cell_of(found.at(scenario, place, statistic), place, _writer(words, measure, statistic))
                for statistic in STATISTICS
            )
            rows.append(Row(label, tuple(cells), indent=indent + 1))
    return rows


def _writer(words: Words, measure: Measure, statistic: str) -> Callable[[Quantity], str]:
    if statistic.endswith("coverage"):
        return words.share
    if statistic == "bias":
        return lambda q: f"{measure.write(q.value, 1)} ({measure.write(q.error, 1)})"
    extra = 0 if statistic in ("truth", "mean_estimate") else 1
    return lambda quantity: measure.write(quantity.value, extra)


def _table(words: Words, name: str, analysis: str, title: str, rows: list[Row], units: list[str]) -> Table:
    """Lay out the rows; columns that no row fills are left out."""
    say = words.say
    used = [k for k in range(len(STATISTICS)) if any(row.cells and row.cells[k].reference for row in rows)]
    kept = tuple(Row(r.label, tuple(_pick(r.cells, used)), r.indent, r.heading) for r in rows)
    notes = [
        say("Bias and coverage: in brackets the Monte Carlo error, that of a coverage in percentage points."),
        say(
            "SD of estimates: standard deviation between trials, which the standard error SE of a trial estimates."
        ),
    ]
    if any(STATISTICS[k] == "adjusted_coverage" for k in used):
        notes.append(say("Joint: of the intervals adjusted for the number of arms, each taken by itself."))
    unit = [say("Unit: {unit}.", unit=unit) for unit in units if unit]
    columns = tuple(Column(say(COLUMNS[k])) for k in used)
    return Table(
        name, analysis, title, words.partial, "", columns, kept, footnotes=(*unit, *notes), stub_width=3.0
    )


def _pick(cells: tuple[Cell, ...], used: list[int]) -> list[Cell]:
    return [cells[k] for k in used] if cells else []
