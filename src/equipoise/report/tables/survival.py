"""Tables of times to event: Kaplan-Meier summaries and tests, Cox regression."""

from collections.abc import Mapping, Sequence

from ...analysis.rows import read_group
from ..language import Labels
from ..rounding import NOT_ESTIMABLE, format_interval, format_number, format_percent, recorded_decimals
from .layout import (
    arm_columns,
    arms_in,
    confidence_label,
    endpoint_of,
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
from .table import Cell, Column, Row, Table

RATIO_DECIMALS = 2
TESTS: Mapping[str, str] = {
    "log-rank": "Log-rank test",
    "gehan-breslow": "Gehan-Breslow test",
    "fleming-harrington": "Fleming-Harrington test",
}
QUANTILES = (("0.25", "q1", "25%"), ("0.5", "median", "Median"), ("0.75", "q3", "75%"))


def tabulate_kaplan_meier(lookup: Lookup, labels: Labels) -> list[Table]:
    """Make the table of events, quantiles, survival at times and tests, arms side by side."""
    result, say = lookup.result, labels.say
    arms = arms_in(lookup, labels)
    parameter = lookup.parameters()[0]
    decimals = _time_decimals(lookup)
    interval = confidence_label(result, labels)
    at = {arm: lookup.at(parameter, arm=arm) for arm in arms}
    censored = {arm: lookup.at(parameter, arm=arm, group="status=censored") for arm in arms}

    rows = present(
        row_over(say("Participants"), at, lambda n: n.count(), 0),
        row_over(say("With event, n (%)"), at, _share_of_events, 0),
        row_over(say("Censored"), censored, lambda n: n.count("count"), 0),
        heading(say("Time to event ({unit})", unit=say(_unit(lookup, labels)))),
    )
    rows += [
        Row(
            f"{say(label)} ({interval})",
            tuple(
                lookup.at(parameter, arm=arm, group=f"quantile={quantile}").with_interval(statistic, decimals)
                for arm in arms
            ),
            1,
        )
        for quantile, statistic, label in QUANTILES
    ]
    rows += _at_times(lookup, labels, arms, parameter, interval)
    rows += _restricted(lookup, labels, arms, parameter, decimals + 1)
    rows += _tests(lookup, labels, arms, parameter)
    notes = [*note_of(result, labels)]
    if any(NOT_ESTIMABLE in cell.text for row in rows for cell in row.cells):
        notes.insert(0, say("NE: not estimable (not reached)."))
    return [
        Table(
            name=result.name,
            analysis=result.name,
            title=title_of(result, labels, say("Kaplan-Meier: {endpoint}", endpoint=labels.parameter(parameter))),
            population=population_line(result, labels),
            stub="",
            columns=arm_columns(labels, arms, set_counts(lookup, labels)),
            rows=tuple(rows),
            footnotes=tuple(notes),
            stub_width=2.2,
        )
    ]


def _share_of_events(numbers: Numbers) -> Cell:
    events, n = numbers["events"], numbers["n"]
    share = f" ({format_percent(100 * events / n)})" if events and n else ""
    return numbers.cell(f"{format_number(events, 0)}{share}", "events", "n")


def _unit(lookup: Lookup, labels: Labels) -> str:
    endpoint = endpoint_of(lookup.result, labels)
    return time_unit("d" if endpoint is None else endpoint.unit)


def time_unit(unit: str) -> str:
    """Spell a unit of time in English plural: `days` for `d`."""
    return {"d": "days", "day": "days", "week": "weeks", "month": "months", "year": "years", "h": "hours"}.get(
        unit, unit
    )


def _time_decimals(lookup: Lookup) -> int:
    records = lookup.result.records
    times = records["time"].to_list() if "time" in records.columns else []
    return min(recorded_decimals(times), 2)


def _at_times(lookup: Lookup, labels: Labels, arms: Sequence[str], parameter: str, interval: str) -> list[Row]:
    """Make a row a time: at risk, survival in percent with its interval."""
    groups = list(dict.fromkeys(n.reference.group for n in lookup.select(parameter=parameter, keys={"time"})))
    if not groups:
        return []
    rows = [heading(labels.say("Without event, % ({interval}) [at risk]", interval=interval))]
    unit = labels.say(_unit(lookup, labels))
    for group in groups:
        label = f"{read_group(group)['time']} {unit}"
        places = {arm: lookup.at(parameter, arm=arm, group=group) for arm in arms}
        rows += present(row_over(label, places, _survival))
    return rows


def _survival(numbers: Numbers) -> Cell:
    known = numbers["survival"]
    at_risk = f"[{format_number(numbers['at_risk'], 0)}]"
    if known is None:
        return numbers.cell(f"{NOT_ESTIMABLE} {at_risk}", "at_risk")
    lower, upper = (None if numbers[s] is None else 100 * (numbers[s] or 0) for s in ("lower", "upper"))
    interval = "" if lower is None and upper is None else f"{format_interval(lower, upper, 1)} "
    text = f"{format_number(100 * known, 1)} {interval}{at_risk}"
    return numbers.cell(text, "survival", "lower", "upper", "at_risk")


def _restricted(lookup: Lookup, labels: Labels, arms: Sequence[str], parameter: str, decimals: int) -> list[Row]:
    found = lookup.select(parameter=parameter, keys={"restricted_to"})
    if not found:
        return []
    say, group = labels.say, found[0].reference.group
    until = found[0].group["restricted_to"]
    rows = [heading(say("Restricted mean up to {time} {unit}", time=until, unit=say(_unit(lookup, labels))))]
    interval = confidence_label(lookup.result, labels)
    means = {arm: lookup.at(parameter, arm=arm, group=group) for arm in arms}
    rows += present(
        row_over(
            say("Mean ({interval})", interval=interval),
            means,
            lambda n: n.with_interval("estimate", decimals),
        )
    )
    for versus in dict.fromkeys(n.reference.versus for n in found if n.reference.versus):
        against = {arm: lookup.at(parameter, arm=arm, versus=versus, group=group) for arm in arms}
        rows += present(
            row_over(
                say("Difference from {versus} ({interval})", versus=labels.arm(versus), interval=interval),
                against,
                lambda n: n.with_interval("estimate", decimals),
            ),
            row_over(say("p-value"), against, lambda n: n.p()),
        )
    return rows


def _tests(lookup: Lookup, labels: Labels, arms: Sequence[str], parameter: str) -> list[Row]:
    """Make the rows of the tests: all arms in the last column, then each arm against the one compared with."""
    say = labels.say
    overall = lookup.at(parameter)
    name = TESTS.get(getattr(lookup.result.spec, "test", ""), "Test")
    if "chi2" not in overall:
        return []
    rows = [heading(say(name))]
    chi = overall.cell(f"{format_number(overall['chi2'], 2)} ({format_number(overall['df'], 0)})", "chi2", "df")
    rows += [
        in_last(say("Chi-square, all arms (df)"), arms, chi),
        in_last(say("p-value, all arms"), arms, overall.p()),
    ]
    for versus in dict.fromkeys(
        n.reference.versus for n in lookup.select(group="", having="chi2") if n.reference.versus
    ):
        places = {arm: lookup.at(parameter, arm=arm, versus=versus) for arm in arms}
        rows += present(
            row_over(say("p-value against {versus}", versus=labels.arm(versus)), places, lambda n: n.p())
        )
    return rows


def tabulate_cox(lookup: Lookup, labels: Labels) -> list[Table]:
    """Make the table of hazard ratios: arms, then subgroups, then the other terms of the model."""
    result, say = lookup.result, labels.say
    parameter = lookup.parameters()[0]
    compared = lookup.comparisons()
    rows = [
        _ratio_row(_against(numbers, labels), numbers, lookup, 0)
        for numbers in lookup.select(group="")
        if numbers.reference.versus
    ]
    inside = [n for n in lookup if n.reference.versus and n.reference.group]
    for variable in dict.fromkeys(next(iter(n.group)) for n in inside):
        rows.append(heading(labels.variable(variable)))
        for numbers in inside:
            if variable in numbers.group:
                level = labels.level(variable, numbers.group[variable])
                label = level if len(compared) == 1 else f"{level}: {_against(numbers, labels)}"
                rows.append(_ratio_row(label, numbers, lookup, 1))
        test = lookup.at(parameter, group=f"model=interaction;by={variable}")
        if test:
            rows.append(Row(say("p-value of the interaction"), (Cell(), Cell(), Cell(), test.p()), 1))
    others = lookup.select(keys={"term"})
    if others:
        rows.append(heading(say("Other terms of the model")))
        rows += [_ratio_row(_term(n.group["term"], labels), n, lookup, 1) for n in others]
    columns = (
        Column(say("Events / participants"), say("of the arm"), width=1.3),
        Column(say("Events / participants"), say("compared with"), width=1.3),
        Column(say("Hazard ratio ({interval})", interval=confidence_label(result, labels)), width=1.8),
        Column(say("p-value"), width=0.9),
    )
    strata = getattr(result.spec, "strata", ())
    stratified = say("Stratified by {strata}.", strata=", ".join(labels.variable(s) for s in strata))
    return [
        Table(
            name=result.name,
            analysis=result.name,
            title=title_of(
                result, labels, say("Cox regression: {endpoint}", endpoint=labels.parameter(parameter))
            ),
            population=population_line(result, labels),
            stub="",
            columns=columns,
            rows=tuple(rows),
            footnotes=((stratified,) if strata else ()) + note_of(result, labels),
            stub_width=2.6,
        )
    ]


def _against(numbers: Numbers, labels: Labels) -> str:
    return labels.say(
        "{arm} against {versus}",
        arm=labels.arm(numbers.reference.arm),
        versus=labels.arm(numbers.reference.versus),
    )


def _term(term: str, labels: Labels) -> str:
    """Write a coefficient's name: `Sex: Male` for `sex[T.M]`."""
    if "[T." in term:
        variable, level = term.removesuffix("]").split("[T.", 1)
        return f"{labels.variable(variable)}: {labels.level(variable, level)}"
    return labels.say("Baseline") if term == "baseline" else labels.variable(term)


def _ratio_row(label: str, numbers: Numbers, lookup: Lookup, indent: int) -> Row:
    place = numbers.reference
    counts = [
        lookup.at(place.parameter, place.visit, arm, group=place.group) for arm in (place.arm, place.versus) if arm
    ]
    cells = [
        c.cell(f"{format_number(c['events'], 0)} / {format_number(c['n'], 0)}", "events", "n") if c else Cell()
        for c in counts
    ]
    cells += [Cell()] * (2 - len(cells))
    ratio = numbers.with_interval("hazard_ratio", RATIO_DECIMALS)
    return Row(label, (*cells, ratio, numbers.p()), indent)
