"""The table of adverse events: participants with an event and events, by system organ class and preferred term."""

from ...analysis.context import TOTAL
from ..language import Labels
from .layout import arms_in, heading, note_of, population_line, set_counts, title_of
from .lookup import Lookup
from .table import Cell, Column, Row, Table

_KINDS = {
    "any": "Any adverse event",
    "serious": "Serious adverse event",
    "fatal": "Fatal adverse event",
    "special interest": "Adverse event of special interest",
}
SEVERITIES = {
    "MILD": "Mild",
    "MODERATE": "Moderate",
    "SEVERE": "Severe",
    "LIFE THREATENING": "Life-threatening",
    "FATAL": "Fatal",
}


def tabulate_adverse_events(lookup: Lookup, labels: Labels) -> list[Table]:
    """Make the table: a column an arm with n (%) [events], then p of each arm that was tested."""
    result, say = lookup.result, labels.say
    arms = arms_in(lookup, labels)
    tested = [(n.reference.arm, n.reference.versus) for n in lookup.select(group="event=any", having="p")]
    counts = set_counts(lookup, labels)
    rows: list[Row] = []
    severity_seen = False
    for group in dict.fromkeys(n.reference.group for n in lookup if n.reference.group):
        levels = lookup.select(group=group)[0].group
        cells = [lookup.at(arm=arm, group=group).share(events=True) for arm in arms]
        cells += [lookup.at(arm=arm, versus=versus, group=group).p() for arm, versus in tested]
        if "event" in levels:
            rows.append(Row(say(_KINDS.get(levels["event"], levels["event"])), tuple(cells)))
        elif "severity" in levels:
            if not severity_seen:
                rows.append(heading(say("Worst severity")))
                severity_seen = True
            name = levels["severity"]
            rows.append(Row(say(SEVERITIES.get(name, name)), tuple(cells), indent=1))
        elif "term" in levels:
            indent = 1 if "system_organ_class" in levels else 0
            rows.append(Row(levels["term"], tuple(cells), indent=indent))
        else:
            rows.append(Row(levels.get("system_organ_class", group), tuple(cells), heading=True))
    nothing = all(not n["count"] for n in lookup.select(group="event=any"))
    if nothing:
        blank = tuple(Cell() for _ in range(len(arms) + len(tested)))
        rows.append(Row(say("No events"), blank))
    columns = [Column(labels.arm(arm), f"(N={counts[arm]})" if arm in counts else "", width=1.25) for arm in arms]
    columns += [
        Column(
            say("p-value"),
            say("{arm} against {versus}", arm=labels.arm(arm), versus=labels.arm(versus)),
            width=0.9,
        )
        for arm, versus in tested
    ]
    notes = [say("Participants with at least one event, n (%), and number of events, [events].")]
    if tested:
        notes.append(say("p-value: Fisher's exact test of participants; not adjusted for the number of tests."))
    if TOTAL in arms:
        notes.append(say("Percentages are of the participants of the analysis set in the column (N)."))
    return [
        Table(
            name=result.name,
            analysis=result.name,
            title=title_of(result, labels, say("Adverse events")),
            population=population_line(result, labels),
            stub=say("System organ class / preferred term"),
            columns=tuple(columns),
            rows=tuple(rows),
            footnotes=(*notes, *note_of(result, labels)),
            stub_width=3.0,
        )
    ]
