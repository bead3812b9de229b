"""Tables of categorical outcomes: counts by level and arm, differences and ratios, tests of association."""

from collections.abc import Sequence

from ...analysis.rows import read_group
from ..language import Labels
from ..rounding import format_interval, format_number
from .layout import (
    arm_columns,
    arms_in,
    confidence_label,
    endpoint_heading,
    heading,
    in_last,
    note_of,
    population_line,
    present,
    row_over,
    set_counts,
    title_of,
)
from .lookup import Lookup, Numbers
from .table import Cell, Row, Table

TESTS = {
    "fisher": "Fisher's exact test",
    "chi-square": "Pearson chi-square test",
    "cochran-mantel-haenszel": "Cochran-Mantel-Haenszel test",
}


def tabulate_categorical(lookup: Lookup, labels: Labels) -> list[Table]:
    """Make the table: levels or response by arm, comparisons in the column of their arm, tests."""
    result, say = lookup.result, labels.say
    arms = arms_in(lookup, labels)
    rows: list[Row] = []
    for parameter in lookup.parameters():
        visits = lookup.visits(parameter)
        for visit in visits:
            if len(visits) > 1:
                rows.append(heading(labels.visit(visit)))
            rows += _levels(lookup, labels, arms, parameter, visit)
            rows += _responses(lookup, labels, arms, parameter, visit)
            rows += _comparisons(lookup, labels, arms, parameter, visit)
            rows += _tests(lookup, labels, arms, parameter, visit)
    strata = ", ".join(labels.variable(name) for name in getattr(result.spec, "strata", ()))
    return [
        Table(
            name=result.name,
            analysis=result.name,
            title=title_of(result, labels, endpoint_heading(result, labels)),
            population=population_line(result, labels),
            stub="",
            columns=arm_columns(labels, arms, set_counts(lookup, labels)),
            rows=tuple(rows),
            footnotes=(
                *((say("Stratified by {strata}.", strata=strata),) if strata else ()),
                *note_of(result, labels),
            ),
            stub_width=2.4,
        )
    ]


def _levels(lookup: Lookup, labels: Labels, arms: Sequence[str], parameter: str, visit: str) -> list[Row]:
    groups = dict.fromkeys(
        n.reference.group for n in lookup.select(parameter=parameter, visit=visit, keys={"level"})
    )
    if not groups:
        return []
    rows = [heading(labels.parameter(parameter))]
    rows += present(row_over("n", {arm: lookup.at(parameter, visit, arm) for arm in arms}, lambda n: n.count()))
    for group in groups:
        places = {arm: lookup.at(parameter, visit, arm, group=group) for arm in arms}
        rows += present(row_over(read_group(group)["level"], places, lambda n: n.share()))
    return rows


def _responses(lookup: Lookup, labels: Labels, arms: Sequence[str], parameter: str, visit: str) -> list[Row]:
    places = {arm: lookup.at(parameter, visit, arm) for arm in arms}
    if not any("count" in numbers for numbers in places.values()):
        return []
    say = labels.say
    interval = confidence_label(lookup.result, labels)
    return present(
        row_over("n", places, lambda n: n.count(), 0),
        row_over(say("With response, n (%)"), places, lambda n: n.share(), 0),
        row_over(interval, places, _percent_interval),
    )


def _percent_interval(numbers: Numbers) -> Cell:
    lower, upper = (_times_100(numbers[s]) for s in ("lower", "upper"))
    return numbers.cell(f"{format_interval(lower, upper, 1)}%", "lower", "upper")


def _times_100(value: float | None) -> float | None:
    return None if value is None else 100 * value


def _comparisons(lookup: Lookup, labels: Labels, arms: Sequence[str], parameter: str, visit: str) -> list[Row]:
    say = labels.say
    interval = confidence_label(lookup.result, labels)
    rows: list[Row] = []
    found = lookup.select(parameter=parameter, visit=visit, keys={"measure"})
    for versus in dict.fromkeys(n.reference.versus for n in found):
        rows.append(heading(say("Compared with {versus}", versus=labels.arm(versus))))
        difference, ratio = (
            {arm: lookup.at(parameter, visit, arm, versus, f"measure={m}") for arm in arms}
            for m in ("risk_difference", "odds_ratio")
        )
        rows += present(
            row_over(
                say("Difference, percentage points ({interval})", interval=interval),
                difference,
                _points,
            ),
            row_over(
                say("Odds ratio ({interval})", interval=interval),
                ratio,
                lambda n: n.with_interval("odds_ratio", 2),
            ),
        )
    return rows


def _points(numbers: Numbers) -> Cell:
    value, lower, upper = (_times_100(numbers[s]) for s in ("risk_difference", "lower", "upper"))
    return numbers.cell(
        f"{format_number(value, 1)} {format_interval(lower, upper, 1)}", "risk_difference", "lower", "upper"
    )


def _tests(lookup: Lookup, labels: Labels, arms: Sequence[str], parameter: str, visit: str) -> list[Row]:
    say = labels.say
    overall = lookup.at(parameter, visit)
    pairs = [
        n for n in lookup.select(parameter=parameter, visit=visit, group="", having="p") if n.reference.versus
    ]
    if "p" not in overall and not pairs:
        return []
    rows = [heading(say(TESTS.get(getattr(lookup.result.spec, "test", ""), "Test")))]
    if "chi2" in overall:
        text = f"{format_number(overall['chi2'], 2)} ({format_number(overall['df'], 0)})"
        chi = overall.cell(text, "chi2", "df")
        rows.append(in_last(say("Chi-square, all arms (df)"), arms, chi))
    if "p" in overall:
        p = overall.p()
        rows.append(in_last(say("p-value, all arms"), arms, p))
    for versus in dict.fromkeys(n.reference.versus for n in pairs):
        places = {arm: lookup.at(parameter, visit, arm, versus) for arm in arms}
        rows += present(
            row_over(say("p-value against {versus}", versus=labels.arm(versus)), places, lambda n: n.p())
        )
    return rows
