"""The table of laboratory shifts: category at baseline across, worst category after it down."""

from collections.abc import Mapping

from ..language import Labels
from .layout import arms_in, heading, note_of, population_line, set_counts, title_of
from .lookup import Lookup
from .table import Cell, Column, Row, Spanner, Table

WORDS: Mapping[str, str] = {
    "LOW": "Low",
    "NORMAL": "Normal",
    "HIGH": "High",
    "LOW AND HIGH": "Low and high",
}


def tabulate_lab_shifts(lookup: Lookup, labels: Labels) -> list[Table]:
    """Make the table: a block a parameter, an arm a spanner, n (%) of those with the category at baseline."""
    result, say = lookup.result, labels.say
    arms = arms_in(lookup, labels)
    starts, ends = _categories(lookup, "baseline"), _categories(lookup, "worst")
    rows: list[Row] = []
    for parameter in lookup.parameters():
        rows.append(heading(labels.parameter(parameter)))
        below = [
            lookup.at(parameter, arm=arm, group=f"baseline={start}").count() for arm in arms for start in starts
        ]
        rows.append(Row("n", tuple(below), indent=1))
        for end in ends:
            places = [
                lookup.at(parameter, arm=arm, group=f"baseline={start};worst={end}")
                for arm in arms
                for start in starts
            ]
            if any(places):
                cells = tuple(numbers.share() if numbers else Cell() for numbers in places)
                if end == "LOW AND HIGH" and not any(numbers["count"] for numbers in places):
                    continue
                rows.append(Row(category_words(end, labels), cells, indent=1))
    counts = set_counts(lookup, labels)
    width = len(starts)
    by_grade = result.spec.method == "lab shifts" and result.spec.by == "grade"
    return [
        Table(
            name=result.name,
            analysis=result.name,
            title=title_of(result, labels, say("Laboratory shifts from baseline")),
            population=population_line(result, labels),
            stub=say("Parameter, worst grade after baseline" if by_grade else "Parameter, worst after baseline"),
            columns=tuple(Column(category_words(start, labels), width=0.9) for _ in arms for start in starts),
            spanners=tuple(
                Spanner(f"{labels.arm(arm)} (N={counts[arm]})", i * width, i * width + width - 1)
                for i, arm in enumerate(arms)
            ),
            rows=tuple(rows),
            footnotes=(
                say("Columns: category at baseline. Percentages are of those with the same category at baseline."),
                *note_of(result, labels),
            ),
            stub_width=2.6,
        )
    ]


def _categories(lookup: Lookup, key: str) -> list[str]:
    """List the categories in the order of the results."""
    order = ("LOW", "NORMAL", "HIGH", "LOW AND HIGH")
    found = {numbers.group[key] for numbers in lookup if key in numbers.group}
    return [c for c in order if c in found] + sorted(found - set(order))


def category_words(category: str, labels: Labels) -> str:
    """Return the words for a category of a range, or for a grade."""
    if category.isdigit():
        return labels.say("Grade {grade}", grade=category)
    return labels.say(WORDS.get(category, category))
