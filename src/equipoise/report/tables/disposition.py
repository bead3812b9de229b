"""The table of disposition: randomised, treated, milestones, early ends with reasons, analysis sets."""

from ...analysis.context import TOTAL
from ..language import Labels
from .layout import arm_columns, arms_in, heading, note_of, present, row_over, title_of
from .lookup import Lookup
from .table import Cell, Row, Table

STEPS = {
    "randomised": "Randomised",
    "treated": "Treated",
    "discontinued": "Ended early",
    "analysed": "In the primary analysis",
    "not analysed": "Not in the primary analysis",
}


def tabulate_disposition(lookup: Lookup, labels: Labels) -> list[Table]:
    """Make the table: a row a milestone, the reasons below those who ended early, the analysis sets at the end."""
    result, say = lookup.result, labels.say
    arms = arms_in(lookup, labels)
    randomised = {arm: lookup.at(arm=arm, group="milestone=randomised") for arm in arms}
    counts = {arm: int(n["count"]) for arm, n in randomised.items() if n["count"] is not None}
    rows: list[Row] = []
    screened = lookup.at(group="milestone=screened")
    failed = lookup.at(group="milestone=screen failure")
    last = TOTAL if TOTAL in arms else arms[-1]
    if screened:
        rows.append(Row(say("Screened"), tuple(screened.count("count") if a == last else Cell() for a in arms)))
        rows.append(Row(say("Not enrolled"), tuple(failed.count("count") if a == last else Cell() for a in arms)))
    sets_begun = False
    for group in dict.fromkeys(n.reference.group for n in lookup if n.reference.arm):
        levels = lookup.select(group=group)[0].group
        places = {arm: lookup.at(arm=arm, group=group) for arm in arms}
        indent = 0
        if "reason" in levels:
            label, indent = reason_words(levels["reason"], labels), 1
            if levels["milestone"] == "not analysed" and not _has_heading(rows, say(STEPS["not analysed"])):
                rows.append(heading(say(STEPS["not analysed"])))
        elif "set" in levels:
            if not sets_begun:
                rows.append(heading(say("Analysis sets")))
                sets_begun = True
            label, indent = labels.analysis_set(levels["set"]), 1
        else:
            milestone = levels["milestone"]
            label = say(step_words(milestone, labels)) if milestone in STEPS else labels.variable(milestone)
        rows += present(row_over(label, places, lambda n: n.share(), indent))
    return [
        Table(
            name=result.name,
            analysis=result.name,
            title=title_of(result, labels, say("Disposition of participants")),
            population=say("All participants with an arm"),
            stub="",
            columns=arm_columns(labels, arms, counts),
            rows=tuple(rows),
            footnotes=(
                say("Percentages are of the participants randomised to the arm.")
                if is_randomised(labels)
                else say("Percentages are of the participants enrolled in the arm."),
                *note_of(result, labels),
            ),
            stub_width=2.6,
        )
    ]


def _has_heading(rows: list[Row], label: str) -> bool:
    return any(row.heading and row.label == label for row in rows)


def is_randomised(labels: Labels) -> bool:
    """Whether the trial randomises: then the word is randomised, else enrolled."""
    return labels.context.protocol.randomisation is not None


def step_words(milestone: str, labels: Labels) -> str:
    """Return the phrase for a milestone that every trial has."""
    return "Enrolled" if milestone == "randomised" and not is_randomised(labels) else STEPS[milestone]


def reason_words(reason: str, labels: Labels) -> str:
    """Write a reason for the eye: data in capitals as a sentence, anything else as it is, translated if known."""
    for name, declared in labels.context.protocol.analysis_sets.items():
        if reason == f"not in {name if declared.label is None else declared.label.say()}":
            return labels.say("Not in: {set}", set=labels.analysis_set(name))
    text = reason.capitalize() if reason.isupper() else reason[:1].upper() + reason[1:]
    return labels.say(text)
