"""Tables of what trials conclude: power and errors of every analysis, and the choice of an arm."""

from ....report.tables.table import Row, Table
from ...analyses import Place
from ..words import Words
from .cells import row_over_scenarios, scenario_columns

REJECTED = ("adjusted_rejected", "any_rejected", "rejected")


def tabulate_decisions(words: Words) -> Table | None:
    """Tabulate what the planned analysis decides under each scenario."""
    say, name, found = words.say, words.planned, words.found
    if name is None:
        return None
    rows = list[Row]()
    families = found.families(name)
    rows.append(Row(say("Significant, after adjustment for the number of arms"), heading=True))
    for place in found.against_control(name):
        rows.append(row_over_scenarios(words, words.comparison(place), place, REJECTED, words.share))
    rows += _rows(words, families, {"any_rejected": "At least one arm", "all_rejected": "Every arm"})
    rows.append(Row(say("Errors"), heading=True))
    rows += _rows(
        words, families, {"any_true_null_rejected": "Any comparison significant whose true difference is 0"}
    )
    rows.append(Row(say("Significant, on the side that is better"), heading=True))
    for place in found.against_control(name):
        rows.append(row_over_scenarios(words, words.comparison(place), place, ("success",), words.share))
    rows += _rows(words, families, {"any_success": "At least one arm", "all_success": "Every arm"})
    rows += _rows(words, families, {"right_arm": "The right decision on the arm"})
    rows.append(Row(say("Significant without adjustment"), heading=True))
    for statistic, level in (
        ("rejected", f"{words.alpha:g}"),
        ("p_below_0.01", "0.01"),
        ("p_below_0.001", "0.001"),
    ):
        for place in found.against_control(name):
            label = say("{who}: p < {level}", who=words.comparison(place), level=level)
            rows.append(row_over_scenarios(words, label, place, (statistic,), words.share))
    return Table(
        "decisions",
        name,
        say("What the planned analysis concludes: {analysis}", analysis=words.analysis(name)),
        words.partial,
        "",
        scenario_columns(words),
        _filled(rows),
        footnotes=(
            say("Share of trials; in brackets its Monte Carlo error in percentage points."),
            say(
                "The right decision: of the arms declared better, that with the best estimate is truly the best; "
                "where no arm is better, none is declared."
            ),
        ),
        stub_width=3.0,
    )


def tabulate_power(words: Words) -> Table | None:
    """Tabulate how often every analysis finds a difference under each scenario."""
    say, found, rows = words.say, words.found, list[Row]()
    names = [name for name in words.analyses.names if found.comparisons(name)]
    if not names:
        return None
    for name in names:
        rows.append(Row(words.analysis(name), heading=True))
        for place in found.comparisons(name):
            rows.append(row_over_scenarios(words, _label(words, place), place, REJECTED, words.share))
        whole = [p for p in found.of(name) if not p.arm and not p.versus and "rejected" in found.statistics(p)]
        rows += [
            row_over_scenarios(words, say("Test of all arms together"), p, ("rejected",), words.share)
            for p in whole
        ]
        if len(found.against_control(name)) > 1:
            rows += _rows(
                words, found.families(name), {"any_rejected": "At least one arm", "all_rejected": "Every arm"}
            )
    return Table(
        "power-of-all",
        "",
        say("How often each analysis finds a difference"),
        words.partial,
        "",
        scenario_columns(words),
        _filled(rows),
        footnotes=(
            say(
                "Share of trials with p below {alpha}, adjusted for the number of arms where the analysis "
                "adjusts.",
                alpha=f"{words.alpha:g}",
            ),
            say("Share of trials; in brackets its Monte Carlo error in percentage points."),
        ),
        stub_width=3.0,
    )


def _label(words: Words, place: Place) -> str:
    who = words.comparison(place)
    several = len({p.visit for p in words.found.comparisons(place.analysis)}) > 1
    return words.say("{what}, {visit}", what=who, visit=words.visit(place.visit)) if several else who


def _rows(words: Words, places: tuple[Place, ...], statistics: dict[str, str]) -> list[Row]:
    return [
        row_over_scenarios(words, words.say(label), place, (statistic,), words.share)
        for place in places
        for statistic, label in statistics.items()
        if statistic in words.found.statistics(place)
    ]


def _filled(rows: list[Row]) -> tuple[Row, ...]:
    """Leave out headings below which nothing stands, and rows without a number."""
    kept = [row for row in rows if row.heading or any(cell.reference is not None for cell in row.cells)]
    after = [*kept[1:], Row("", heading=True)]
    return tuple(
        row for row, following in zip(kept, after, strict=True) if not (row.heading and following.heading)
    )
