"""Tables of comparisons of arms: analysis of covariance, t and rank tests, change within an arm.

The layout is that of a clinical study report: arms side by side; below each other the summaries of baseline, value
and change, the least-squares means, the differences with interval and p, the dose response. The tests of the
model's terms and the subgroups have tables of their own.
"""

import re
from collections.abc import Sequence

from ...analysis.rows import read_group
from ..language import Labels
from .layout import (
    ADJUSTMENTS,
    SUMMARY_LABELS,
    adjusted_at,
    arm_columns,
    arms_in,
    asked_visits,
    confidence_label,
    endpoint_heading,
    heading,
    in_last,
    note_of,
    outcome_decimals,
    population_line,
    present,
    row_over,
    set_counts,
    summary_rows,
    title_of,
)
from .lookup import Lookup, Numbers
from .table import Cell, Column, Row, Spanner, Table


def tabulate_comparison(lookup: Lookup, labels: Labels) -> list[Table]:
    """Make the main table of a comparison of means, medians or shifts, then its terms and subgroups."""
    result, say = lookup.result, labels.say
    arms = arms_in(lookup, labels)
    rows: list[Row] = []
    footnotes: list[str] = []
    for parameter in lookup.parameters():
        visits = asked_visits(lookup, labels, parameter)
        for visit in visits:
            if len(visits) > 1:
                rows.append(heading(labels.visit(visit)))
            rows += _summaries(lookup, labels, arms, parameter, visit)
            rows += _means(lookup, labels, arms, parameter, visit)
            rows += _differences(lookup, labels, arms, parameter, visit)
            rows += _trend(lookup, labels, arms, parameter, visit)
    if any(row.label == say("Least-squares mean (SE)") for row in rows):
        terms = ", ".join(_term_label(term, labels) for term in getattr(result.spec, "terms", ()))
        footnotes.append(say("Least-squares means and differences from the model with {terms}.", terms=terms))
    footnotes += _adjustment(lookup, labels)
    method = say(_METHOD_TITLES.get(result.spec.method, result.spec.method))
    title = title_of(result, labels, f"{method}: {endpoint_heading(result, labels)}")
    main = Table(
        name=result.name,
        analysis=result.name,
        title=title,
        population=population_line(result, labels),
        stub="",
        columns=arm_columns(labels, arms, set_counts(lookup, labels)),
        rows=tuple(rows),
        footnotes=(*footnotes, *note_of(result, labels)),
        stub_width=2.4,
    )
    return [main, *_terms(lookup, labels, title), *_subgroups(lookup, labels, title)]


_METHOD_TITLES = {
    "ancova": "Analysis of covariance",
    "mmrm": "Mixed model for repeated measures",
    "t test": "t test",
    "rank-sum": "Wilcoxon rank-sum test",
    "within-arm change": "Change within arms",
}


def _summaries(lookup: Lookup, labels: Labels, arms: Sequence[str], parameter: str, visit: str) -> list[Row]:
    """Make a block for each summary of the outcome; the number of participants alone where there is none."""
    result = lookup.result
    decimals = outcome_decimals(result, labels, parameter)
    rows: list[Row] = []
    groups = dict.fromkeys(
        n.group["summary"] for n in lookup.select(parameter=parameter, visit=visit, keys={"summary"})
    )
    for summary in groups:
        label = (
            labels.visit(visit)
            if summary == "value" and visit
            else labels.say(SUMMARY_LABELS.get(summary, summary))
        )
        places = {arm: lookup.at(parameter, visit, arm, group=f"summary={summary}") for arm in arms}
        of_summary = 0 if summary == "percent_change" else labels.decimals(parameter)
        rows += [heading(label), *summary_rows(labels, places, of_summary)]
    if not groups:
        bare = {arm: lookup.at(parameter, visit, arm) for arm in arms}
        rows += summary_rows(labels, bare, decimals, indent=0)
    return rows


def _means(lookup: Lookup, labels: Labels, arms: Sequence[str], parameter: str, visit: str) -> list[Row]:
    """Make the rows of estimates inside each arm."""
    result, say = lookup.result, labels.say
    decimals = outcome_decimals(result, labels, parameter) + 1
    places = {arm: lookup.at(parameter, visit, arm) for arm in arms}
    estimated = any("estimate" in numbers for numbers in places.values())
    if not estimated:
        return []
    with_error = any(numbers["se"] is not None for numbers in places.values())
    name = "Least-squares mean" if result.spec.method in ("ancova", "mmrm") else "Estimate"
    return present(
        heading(say("Estimate by arm")),
        row_over(
            say(f"{name} (SE)" if with_error else name), places, lambda n: n.with_error("estimate", decimals)
        ),
        row_over(confidence_label(result, labels), places, lambda n: n.interval(decimals)),
        row_over(say("p-value"), places, lambda n: n.p()),
    )


def _differences(lookup: Lookup, labels: Labels, arms: Sequence[str], parameter: str, visit: str) -> list[Row]:
    """Make a block for each arm compared with, a comparison in the column of its arm."""
    result, say = lookup.result, labels.say
    decimals = outcome_decimals(result, labels, parameter) + 1
    rows: list[Row] = []
    found = lookup.select(parameter=parameter, visit=visit, group="")
    for versus in dict.fromkeys(n.reference.versus for n in found if n.reference.versus):
        places = {arm: lookup.at(parameter, visit, arm, versus) for arm in arms}
        adjusted = {arm: adjusted_at(lookup, parameter, visit, arm, versus) for arm in arms}
        with_error = any(numbers["se"] is not None for numbers in places.values())
        name = _DIFFERENCES.get(result.spec.method, "Difference")
        rows += present(
            heading(say("Difference from {versus}", versus=labels.arm(versus))),
            row_over(
                say(f"{name} (SE)" if with_error else name), places, lambda n: n.with_error("estimate", decimals)
            ),
            row_over(confidence_label(result, labels), places, lambda n: n.interval(decimals)),
            row_over(say("p-value"), places, lambda n: n.p()),
            row_over(
                say("Simultaneous {interval}", interval=confidence_label(result, labels)),
                adjusted,
                lambda n: n.interval(decimals),
            ),
            row_over(say("Adjusted p-value"), adjusted, lambda n: n.p()),
        )
    overall = lookup.at(parameter, visit)
    if overall["p"] is not None:
        rows.append(in_last(say("p-value, all arms"), arms, overall.p(), 0))
    return rows


def _adjustment(lookup: Lookup, labels: Labels) -> list[str]:
    """Say by which method p and limits were adjusted, for how many comparisons."""
    found = lookup.select(keys={"multiplicity", "comparisons"})
    if not found:
        return []
    method, number = (found[0].group[key] for key in ("multiplicity", "comparisons"))
    return [
        labels.say(
            "Adjusted for {number} comparisons with {versus} by the method {method}; other p-values and intervals "
            "are not adjusted.",
            number=number,
            versus=labels.arm(found[0].reference.versus),
            method=labels.say(ADJUSTMENTS[method]),
        )
    ]


_DIFFERENCES = {
    "ancova": "Difference of least-squares means",
    "mmrm": "Difference of least-squares means",
    "t test": "Difference of means",
    "rank-sum": "Hodges-Lehmann shift",
}


def _trend(lookup: Lookup, labels: Labels, arms: Sequence[str], parameter: str, visit: str) -> list[Row]:
    """Make the rows of the dose response, in the last column as the whole trial's."""
    slope = lookup.at(parameter, visit, group="trend=dose")
    if not slope:
        return []
    say = labels.say
    decimals = outcome_decimals(lookup.result, labels, parameter) + 3
    return [
        heading(say("Dose response")),
        in_last(say("Slope per unit of dose (SE)"), arms, slope.with_error("estimate", decimals)),
        in_last(say("p-value"), arms, slope.p()),
    ]


def _terms(lookup: Lookup, labels: Labels, title: str) -> list[Table]:
    """Make the table of the type III tests."""
    say = labels.say
    found = lookup.select(keys={"term"}, having="df")
    if not found:
        return []
    several = len({n.reference.visit for n in found}) > 1
    has_denominator = any("df_residual" in n for n in found)
    denominator = (Column(say("Denominator degrees of freedom")),) if has_denominator else ()
    rows: list[Row] = []
    seen = None
    for numbers in found:
        if several and numbers.reference.visit != seen:
            seen = numbers.reference.visit
            rows.append(heading(labels.visit(seen)))
        term = numbers.group["term"]
        is_residual = term == "Residual"
        label = say("Residual") if is_residual else _term_label(term, labels)
        statistic = Cell() if is_residual else numbers.number("f", 2)
        below = (numbers.number("df_residual", 1),) if has_denominator else ()
        cells = (numbers.number("df", 0), *below, statistic, Cell() if is_residual else numbers.p())
        rows.append(Row(label, cells, indent=1 if several else 0))
    residual = lookup.select(group="term=Residual", having="sd")
    decimals = labels.decimals(residual[0].reference.parameter) + 2 if residual else 2
    notes = tuple(
        say("Residual standard deviation: {sd}.", sd=numbers.number("sd", decimals).text)
        for numbers in residual[:1]
    )
    result = lookup.result
    return [
        Table(
            name=f"{result.name}_terms",
            analysis=result.name,
            title=say("{title}: tests of the model's terms", title=title),
            population=population_line(result, labels),
            stub=say("Term"),
            columns=(Column(say("Degrees of freedom")), *denominator, Column("F"), Column(say("p-value"))),
            rows=tuple(rows),
            footnotes=(say("Type III tests."), *(notes if len(residual) == 1 else ())),
        )
    ]


def _term_label(term: str, labels: Labels) -> str:
    words = {"arm": labels.say("Arm"), "baseline": labels.say("Baseline"), "visit": labels.say("Visit")}
    return " × ".join(words.get(part) or labels.variable(part) for part in re.split(r"\s*[:*]\s*", term))


def _subgroups(lookup: Lookup, labels: Labels, title: str) -> list[Table]:
    """Make the table of differences inside subgroups."""
    result, say = lookup.result, labels.say
    variables = set(getattr(result.spec, "subgroups", ()))
    inside = [n for n in lookup if len(n.group) == 1 and n.reference.versus and variables & set(n.group)]
    if not inside:
        return []
    compared = list(dict.fromkeys((n.reference.arm, n.reference.versus) for n in inside))
    versuses = list(dict.fromkeys(versus for _, versus in compared))
    interval = confidence_label(result, labels)
    three = (
        Column("n", width=0.45),
        Column(say("Difference ({interval})", interval=interval), width=1.5),
        Column(say("p-value"), width=0.7),
    )
    first = len(versuses)
    return [
        Table(
            name=f"{result.name}_subgroups",
            analysis=result.name,
            title=say("{title}: differences within subgroups", title=title),
            population=population_line(result, labels),
            stub=say("Subgroup"),
            columns=(
                *(Column("n", labels.arm(v), width=0.7) for v in versuses),
                *(c for _ in compared for c in three),
            ),
            spanners=tuple(
                Spanner(
                    say("{arm} against {versus}", arm=labels.arm(arm), versus=labels.arm(versus)),
                    first + 3 * i,
                    first + 3 * i + 2,
                )
                for i, (arm, versus) in enumerate(compared)
            ),
            rows=tuple(_subgroup_rows(lookup, labels, inside, compared, versuses)),
            footnotes=(say("Subgroups are exploratory; p-values are not adjusted for their number."),),
            stub_width=1.8,
        )
    ]


def _subgroup_rows(
    lookup: Lookup,
    labels: Labels,
    inside: Sequence[Numbers],
    compared: Sequence[tuple[str, str]],
    versuses: Sequence[str],
) -> list[Row]:
    """Make a row a level: n of those compared with, then n, difference and p of each arm; then the interaction."""
    rows: list[Row] = []
    places = list(dict.fromkeys((n.reference.parameter, n.reference.visit) for n in inside))
    for parameter, visit in places:
        decimals = outcome_decimals(lookup.result, labels, parameter) + 1
        if len(places) > 1:
            rows.append(heading(labels.visit(visit)))
        here = [n for n in inside if n.reference.visit == visit]
        for variable in dict.fromkeys(next(iter(n.group)) for n in here):
            rows.append(heading(labels.variable(variable)))
            for group in dict.fromkeys(n.reference.group for n in here if variable in n.group):
                cells = [lookup.at(parameter, visit, versus, group=group).count() for versus in versuses]
                for arm, versus in compared:
                    contrast = lookup.at(parameter, visit, arm, versus, group)
                    count = lookup.at(parameter, visit, arm, group=group).count()
                    cells += [count, contrast.with_interval("estimate", decimals), contrast.p()]
                level = labels.level(variable, read_group(group)[variable])
                rows.append(Row(level, tuple(cells), indent=1))
            test = lookup.at(parameter, visit, group=f"model=interaction;by={variable}")
            if test:
                blank = [Cell() for _ in range(len(versuses) + 3 * len(compared) - 1)]
                rows.append(Row(labels.say("p-value of the interaction"), (*blank, test.p()), indent=1))
    return rows
