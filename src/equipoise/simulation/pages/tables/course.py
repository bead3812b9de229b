"""Tables of the trial itself: participants, months, who stays; and of looks on the way."""

import math

from ....report.rounding import format_number
from ....report.tables.table import Row, Table
from ...analyses import Place
from ..characteristics import Quantity
from ..words import Words
from .cells import Write, row_over_scenarios, scenario_columns

TRIAL = Place("trial")
INTERIM = "interim"
NUMBERS = {
    "participants": "Participants",
    "screened": "Screened",
    "months_to_last_entry": "Months until the last participant enters",
    "months_to_planned_outcome": "Months until the planned outcome of the last participant",
    "months_to_last_visit": "Months until the last visit of the last participant",
    "months": "Months until the end",
}
SHARES = {"left": "Left before the end", "seen_at_planned_visit": "With a value at {visit}"}


def tabulate_course(words: Words) -> Table | None:
    """Tabulate how many are screened, how long the trial takes, and who stays."""
    say, statistics = words.say, words.found.statistics(TRIAL)
    rows = [
        row_over_scenarios(words, say(label), TRIAL, (name,), _number, indent=0)
        for name, label in NUMBERS.items()
        if name in statistics
    ]
    visit = words.analyses.planned_visit
    rows += [
        row_over_scenarios(
            words, say(label, visit=words.visit(visit or "")), TRIAL, (name,), _share(words), indent=0
        )
        for name, label in SHARES.items()
        if name in statistics
    ]
    rows += [
        row_over_scenarios(
            words,
            say("Had: {event}", event=words.event(name.removeprefix("had_"))),
            TRIAL,
            (name,),
            _share(words),
            indent=0,
        )
        for name in statistics
        if name.startswith("had_")
    ]
    if not rows:
        return None
    notes = (say("Mean over the trials; in brackets the standard deviation between trials."),)
    return Table(
        "course",
        "",
        say("Course of the trial"),
        words.partial,
        "",
        scenario_columns(words),
        tuple(rows),
        footnotes=notes,
        stub_width=3.0,
    )


def tabulate_interim(words: Words) -> Table | None:
    """Tabulate where trials with looks stop, what they conclude, and whom they need."""
    say, rows = words.say, list[Row]()
    for place in words.found.of(INTERIM):
        for name in words.found.statistics(place):
            if name.startswith("stop_at_look_"):
                label, write = say("Stops at look {look}", look=name.removeprefix("stop_at_look_")), words.share
            elif name.startswith("months_to_look_"):
                label, write = say("Months to look {look}", look=name.removeprefix("months_to_look_")), _number
            elif name.startswith("enrolled_at_look_"):
                look = name.removeprefix("enrolled_at_look_")
                label, write = say("Participants entered by look {look}", look=look), _number
            elif name in NUMBERS:
                label, write = say(NUMBERS[name]), _number
            else:
                label, write = say(INTERIM_SHARES.get(name, name)), words.share
            if place.arm:
                label = say("{who}: {what}", who=words.comparison(place), what=label)
            rows.append(row_over_scenarios(words, label, place, (name,), write, indent=0))
    if not rows:
        return None
    notes = (
        say("Share of trials; in brackets its Monte Carlo error in percentage points."),
        say("Participants and months: mean over the trials; in brackets the standard deviation between trials."),
    )
    return Table(
        "interim",
        "",
        say("With the planned looks"),
        words.partial,
        "",
        scenario_columns(words),
        tuple(rows),
        footnotes=notes,
        stub_width=3.0,
    )


INTERIM_SHARES = {
    "success": "Significant, on the side that is better",
    "any_success": "At least one arm significant, on the side that is better",
    "dropped": "Dropped",
}


def _number(quantity: Quantity) -> str:
    """Write a mean with the spread between trials, a number that never varies alone."""
    if not quantity.error or math.isnan(quantity.error):
        return format_number(quantity.value, 0 if quantity.value == round(quantity.value) else 1)
    return f"{format_number(quantity.value, 1)} ({format_number(quantity.spread, 1)})"


def _share(words: Words) -> Write:
    return lambda quantity: f"{words.percent(quantity.value)} ({words.points(quantity.spread)})"
