"""Tables of deaths and of protocol deviations, with a listing where every case matters."""

from ..language import Labels
from ..rounding import format_count
from .disposition import reason_words
from .layout import (
    arm_columns,
    arms_in,
    heading,
    note_of,
    population_line,
    present,
    row_over,
    set_counts,
    title_of,
)
from .lookup import Lookup
from .table import Cell, Column, Row, Table

LONGEST_LISTING = 200


def tabulate_deaths(lookup: Lookup, labels: Labels) -> list[Table]:
    """Make the table of deaths by arm and cause, and the listing of those who died."""
    result, say = lookup.result, labels.say
    arms = arms_in(lookup, labels)
    died = {arm: lookup.at(arm=arm, group="status=died") for arm in arms}
    rows = present(row_over(say("Died"), died, lambda n: n.share(), 0))
    causes = lookup.select(keys={"cause"})
    if causes:
        rows.append(heading(say("Cause of death")))
    for group in dict.fromkeys(n.reference.group for n in causes):
        places = {arm: lookup.at(arm=arm, group=group) for arm in arms}
        cause = lookup.select(group=group)[0].group["cause"]
        rows += present(row_over(reason_words(cause, labels), places, lambda n: n.share()))
    counted = Table(
        name=result.name,
        analysis=result.name,
        title=title_of(result, labels, say("Deaths")),
        population=population_line(result, labels),
        stub="",
        columns=arm_columns(labels, arms, set_counts(lookup, labels)),
        rows=tuple(rows),
        footnotes=note_of(result, labels),
    )
    return [counted, *_listing(lookup, labels, counted.title)]


def _listing(lookup: Lookup, labels: Labels, title: str) -> list[Table]:
    records = lookup.result.records
    if records.is_empty() or records.height > LONGEST_LISTING:
        return []
    say, result = labels.say, lookup.result
    rows = []
    for record in records.iter_rows(named=True):
        day = "" if record.get("day") is None else format_count(record["day"])
        cause = record.get("cause") or say("not recorded")
        cells = (Cell(labels.arm(str(record["arm"]))), Cell(day), Cell(reason_words(cause, labels)))
        rows.append(Row(str(record["participant"]), cells))
    return [
        Table(
            name=f"{result.name}_listing",
            analysis=result.name,
            title=say("{title}: listing", title=title),
            population=population_line(result, labels),
            stub=say("Participant"),
            columns=(
                Column(say("Arm"), align="left", width=1.4),
                Column(say("Study day of death")),
                Column(say("Cause"), align="left", width=2),
            ),
            rows=tuple(rows),
        )
    ]


def tabulate_deviations(lookup: Lookup, labels: Labels) -> list[Table]:
    """Make the table of protocol deviations: participants and deviations by category."""
    result, say = lookup.result, labels.say
    arms = arms_in(lookup, labels)
    rows: list[Row] = []
    for group in dict.fromkeys(n.reference.group for n in lookup if n.reference.group):
        levels = lookup.select(group=group)[0].group
        places = {arm: lookup.at(arm=arm, group=group) for arm in arms}
        is_any = "deviation" in levels
        label = say("Any deviation") if is_any else reason_words(levels["category"], labels)
        rows += present(row_over(label, places, lambda n: n.share(events=True), 0 if is_any else 1))
    return [
        Table(
            name=result.name,
            analysis=result.name,
            title=title_of(result, labels, say("Protocol deviations")),
            population=population_line(result, labels),
            stub=say("Category"),
            columns=arm_columns(labels, arms, set_counts(lookup, labels)),
            rows=tuple(rows),
            footnotes=(
                say("Participants with at least one deviation, n (%), and number of deviations, [deviations]."),
                *note_of(result, labels),
            ),
            stub_width=2.6,
        )
    ]
