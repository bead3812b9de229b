"""Tables of what definitions of a response measure, and how often a trial gives what was published."""

from ....report.rounding import format_p
from ....report.tables.table import Cell, Column, Row, Spanner, Table
from ...analyses import Place
from ..figures.definitions import PATTERNS, nothing_first
from ..words import Words
from .cells import cell_of, row_over_scenarios, scenario_columns


def tabulate_responders(words: Words) -> Table | None:
    """Tabulate the share of participants who respond, by definition, scenario and arm."""
    say, found = words.say, words.found
    names, scenarios = words.analyses.definitions, nothing_first(words)
    arms = [arm for arm in words.protocol.arms if any(p.arm == arm for name in names for p in found.of(name))]
    if not arms:
        return None
    rows = []
    for name in names:
        places = {p.arm: p for p in found.of(name) if p.arm and not p.versus}
        cells = [
            cell_of(found.at(s, places[arm], "mean_estimate"), places[arm], lambda q: words.percent(q.value))
            if arm in places
            else Cell("–")
            for s in scenarios
            for arm in arms
        ]
        rows.append(Row(words.analysis(name), tuple(cells)))
    plan = words.protocol.design
    if plan is not None and plan.reported is not None:
        published = say.listing(
            [
                say("{share} in {arm}", share=words.percent(share), arm=words.arm(arm))
                for arm, share in plan.reported.shares.items()
            ]
        )
        rows.append(Row(say("Published, not simulated: {list}", list=published), heading=True))
    columns = tuple(Column(words.arm(arm)) for _ in scenarios for arm in arms)
    spanners = tuple(
        Spanner(words.scenario(s), k * len(arms), (k + 1) * len(arms) - 1) for k, s in enumerate(scenarios)
    )
    notes = (say("Mean over the trials of the share of an arm's participants who respond."),)
    return Table(
        "responders",
        "",
        say("Who responds by each definition"),
        words.partial,
        say("Definition"),
        columns,
        tuple(rows),
        spanners,
        notes,
        2.5,
    )


def tabulate_definition_tests(words: Words) -> Table | None:
    """Tabulate how often the test of each definition is significant."""
    say, found, rows = words.say, words.found, list[Row]()
    for name in words.analyses.definitions:
        rows.append(Row(words.analysis(name), heading=True))
        for place in found.comparisons(name):
            rows.append(row_over_scenarios(words, words.comparison(place), place, ("rejected",), words.share))
        for place in found.families(name):
            rows.append(row_over_scenarios(words, say("At least one arm"), place, ("any_rejected",), words.share))
    if not rows:
        return None
    notes = (
        say(
            "Times to a response: log-rank test; responses at a visit: Fisher's exact test. Not adjusted for arms."
        ),
        say("Share of trials; in brackets its Monte Carlo error in percentage points."),
    )
    title = say("How often the test of each definition has p < {alpha}", alpha=f"{words.alpha:g}")
    return Table(
        "definition-tests",
        "",
        title,
        words.partial,
        "",
        scenario_columns(words),
        tuple(rows),
        footnotes=notes,
        stub_width=3.0,
    )


def tabulate_reported(words: Words) -> Table | None:
    """Tabulate how often a trial gives what was published, or more."""
    say, found, plan = words.say, words.found, words.protocol.design
    if plan is None or plan.reported is None:
        return None
    rows = list[Row]()
    for name in words.analyses.definitions:
        own = list[Row]()
        for place in found.of(name):
            if "as_reported" in found.statistics(place):
                own.append(row_over_scenarios(words, _claim(words, place), place, ("as_reported",), words.share))
        together = say("All of this at once")
        own += [
            row_over_scenarios(words, together, place, ("all_as_reported",), words.share)
            for place in found.of(name)
            if "all_as_reported" in found.statistics(place)
        ]
        rows += [Row(words.analysis(name), heading=True), *own] if own else []
    if not rows:
        return None
    notes = (say("Share of trials; in brackets its Monte Carlo error in percentage points."),)
    return Table(
        "as-reported",
        "",
        say("How often a trial gives what was published, or more"),
        words.partial,
        "",
        scenario_columns(words),
        tuple(rows),
        footnotes=notes,
        stub_width=3.0,
    )


def _claim(words: Words, place: Place) -> str:
    plan = words.protocol.design
    assert plan is not None
    assert plan.reported is not None
    if place.versus:
        p = plan.reported.p[place.arm]
        return words.say("{who}: p ≤ {p}", who=words.comparison(place), p=format_p(p, 3))
    share = plan.reported.shares[place.arm]
    return words.say("{who}: at least {share} respond", who=words.arm(place.arm), share=words.percent(share))


def tabulate_within_arms(words: Words, name: str) -> Table | None:
    """Tabulate how often the change within each arm is significant."""
    say, found, rows = words.say, words.found, list[Row]()
    for statistic, level in (
        ("rejected", f"{words.alpha:g}"),
        ("p_below_0.01", "0.01"),
        ("p_below_0.001", "0.001"),
    ):
        rows.append(Row(say("p < {alpha} within the arm", alpha=level), heading=True))
        for place in found.of(name):
            if place.arm and not place.versus:
                label = say("{what}, {visit}", what=words.arm(place.arm), visit=words.visit(place.visit))
                rows.append(row_over_scenarios(words, label, place, (statistic,), words.share))
    for place in found.of(name):
        if not place.arm and not place.versus:
            rows.append(Row(say("All arms together, {visit}", visit=words.visit(place.visit)), heading=True))
            for statistic, label in PATTERNS.items():
                rows.append(row_over_scenarios(words, say(label), place, (statistic,), words.share))
    notes = (say("Share of trials; in brackets its Monte Carlo error in percentage points."),)
    title = say("How often the change within an arm is significant: {analysis}", analysis=words.analysis(name))
    return Table(
        "within-arms",
        name,
        title,
        words.partial,
        "",
        scenario_columns(words),
        tuple(rows),
        footnotes=notes,
        stub_width=3.0,
    )
