"""How treatment, participation and life end for each participant, as the forms that say so are filled in.

Infusions end when all are given, when an event stops them, or with participation. Who leaves early is lost, or
withdraws, or is taken out by the physician, by a number of their own; some of those who withdraw take back their
consent as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ....conduct.forms.planned import products_planned_at
from ...population import Streams, VirtualTrials
from .columns import Column
from .persons import Persons
from .records import RecordDrawer
from .stopping import death_days, stopping_days

LEAVING = ((0.5, "LOST TO FOLLOW-UP"), (0.85, "WITHDRAWAL BY SUBJECT"), (1.0, "PHYSICIAN DECISION"))
REFUSALS = {"ADVERSE EVENT": "ADVERSE EVENT", "PARTICIPANT REFUSED": "WITHDRAWAL BY SUBJECT"}
"""Why the infusions end, by the code of why an infusion is not given."""

_CONSENT_TOO = 0.5


@dataclass(frozen=True)
class Ending:
    """What ended, as its form says; `after`: the visit at which that was plain, None where at none."""

    what: Literal["treatment", "participation", "life"]
    form: str
    values: Mapping[str, Any]
    after: str | None = None


@dataclass(frozen=True, eq=False)
class Endings:
    """How everything ended for each participant; `why`: participation; `withdraws`: who takes back consent."""

    found: list[list[Ending]]
    why: list[str]
    withdraws: list[bool]


def draw_refusals(streams: Streams, persons: Persons) -> Column:
    """Return why each person would get no more infusions, as on the form of an infusion."""
    codes = np.array(list(REFUSALS), dtype=object)
    return np.asarray(codes[streams("why no more infusions").integers(0, len(codes), persons.number)])


def draw_endings(drawer: RecordDrawer, trial: VirtualTrials) -> Endings:
    """Return how treatment, participation and life end for each participant under an arm."""
    rows, protocol = drawer.rows, drawer.protocol
    rng = drawer.streams("how participation ends")
    chance, consent = rng.random(rows), rng.random(rows) < _CONSENT_TOO
    died, completed = np.isfinite(death_days(protocol, trial)), trial.completed[0]
    left = [next(why for top, why in LEAVING if one <= top) for one in chance]
    why = ["DEATH" if died[i] else "COMPLETED" if completed[i] else left[i] for i in range(rows)]
    last = drawer.calendar(trial.last_day[0])
    found: list[list[Ending]] = [[] for _ in range(rows)]
    for form, spec in protocol.forms.items():
        if spec.ends is None or form not in protocol.schedule.at_any_time:
            continue
        reasons, on, after = why, last, list[str | None]([None] * rows)
        if spec.ends == "treatment":
            reasons, on, after = _treatment(drawer, trial, why)
        filled = drawer.fill(form, f"end {form}", on, _given(drawer, form, on, reasons))
        for person in range(rows):
            if spec.ends != "life" or died[person]:
                values = drawer.typed(form, filled, person)
                found[person].append(Ending(spec.ends, form, values, after[person]))
    withdraws = [bool(consent[i]) and why[i] == "WITHDRAWAL BY SUBJECT" for i in range(rows)]
    return Endings(found, why, withdraws)


def _treatment(
    drawer: RecordDrawer, trial: VirtualTrials, why: list[str]
) -> tuple[list[str], Column, list[str | None]]:
    """Return why the infusions ended, the day of the last one, and the visit at which that was plain."""
    persons, rows = drawer.persons, drawer.rows
    planned = [v for v, visit in enumerate(persons.visits) if products_planned_at(drawer.protocol, visit)]
    stops, refused = stopping_days(drawer.protocol, trial), draw_refusals(drawer.streams, persons)
    reasons, after = list(why), list[str | None]([None] * rows)
    last = drawer.calendar(np.ones(rows))
    for person in range(rows):
        held = [v for v in planned if trial.seen[0, person, v]]
        given = [v for v in held if persons.days[person, v] < stops[person]]
        not_given = [v for v in held if persons.days[person, v] >= stops[person]]
        if given:
            last[person] = persons.calendar[person, given[-1]]
        if not_given:
            reasons[person], after[person] = REFUSALS[refused[person]], persons.visits[not_given[0]]
        elif given and given[-1] == planned[-1]:
            reasons[person], after[person] = "COMPLETED", persons.visits[planned[-1]]
    return reasons, last, after


def _given(drawer: RecordDrawer, form: str, on: Column, reasons: list[str]) -> dict[str, Column]:
    """Return the day and the reason as the form has them; a reason without a code becomes another of its codes."""
    items = drawer.items(form)
    given: dict[str, Column] = {}
    day = next((name for name, item in items.items() if item.type == "date"), None)
    code = next((name for name, item in items.items() if item.type == "code"), None)
    if day is not None:
        given[day] = drawer.dates(on)
    if code is not None:
        codes = list(items[code].codes)
        other = next((one for one in codes if one not in ("COMPLETED", "DEATH")), codes[0])
        given[code] = np.array([one if one in codes else other for one in reasons], dtype=object)
    return given
