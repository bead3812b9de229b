"""What happens between visits: adverse events, and records of other forms.

Whether something happens to a person is decided by a number of that person's own, held against the share of the
arm: where two arms have the same share, the same persons are struck.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ....protocol.model import ParticipantVariable
from ....protocol.model.planning.assumptions import ExpectedEvent
from ...population import VirtualTrials
from .columns import Column
from .records import RecordDrawer, can_say, variable_of
from .sheet import Wanted
from .stopping import death_days, recorded_events

_SERIOUS_GRADE = "3"
"""Grade of an event that is serious by its stay in hospital (CTCAE 5.0: severe, hospitalisation indicated)."""

_FATAL = {"OUT": "FATAL", "TOXGR": "5", "SDTH": "Y", "REL": "NOT RELATED", "ACN": "NOT APPLICABLE"}
"""What a fatal adverse event says, by the end of its SDTM variable."""
_BEFORE_DEATH = {"SDTH": "N", "TOXGR": _SERIOUS_GRADE}
"""What it said before it was fatal, besides its outcome."""

_OPEN = ("NOT RECOVERED/NOT RESOLVED", "RECOVERING/RESOLVING", "UNKNOWN")
_GRADES = ((0.6, "1"), (0.9, "2"), (1.0, "3"))
_OPEN_FIRST = 0.4
_LONGEST = 15


@dataclass(frozen=True)
class Happening:
    """A record as it is first made on day `known_on`, and what is added to it on day `settled_on`, if anything.

    Days count from the opening. urgent: a serious adverse event, to be reported at once.
    """

    form: str
    known_on: int
    values: Mapping[str, Any]
    settled_on: int | None = None
    settled: Mapping[str, Any] | None = None
    urgent: bool = False


def draw_happenings(drawer: RecordDrawer, arm: str, trial: VirtualTrials) -> list[list[Happening]]:
    """Return what happens to each participant under an arm, in the order of time."""
    found: list[list[Happening]] = [[] for _ in range(drawer.rows)]
    for source in (_adverse_events(drawer, arm, trial), _events(drawer, trial), _records(drawer, trial)):
        for person, happening in source:
            found[person].append(happening)
    return [sorted(one, key=lambda h: (h.known_on, h.form)) for one in found]


def _adverse_events(drawer: RecordDrawer, arm: str, trial: VirtualTrials) -> Iterator[tuple[int, Happening]]:
    forms = [name for name in drawer.protocol.schedule.at_any_time if drawer.protocol.forms[name].sdtm == "AE"]
    expected = drawer.population.given.adverse_events
    if not forms:
        return
    for name, event in expected.items():
        rng = drawer.streams(f"adverse event {name}")
        struck = rng.random(drawer.rows) < event.arms.get(arm, event.share)
        start = drawer.calendar(1 + np.floor(rng.random(drawer.rows) * trial.last_day[0]))
        yield from _adverse_event(drawer, forms[0], event, trial, struck, start, f"adverse event {name}")
    died = death_days(drawer.protocol, trial)
    worst = max(expected.values(), key=lambda event: event.serious, default=None)
    if worst is not None and np.isfinite(died).any():
        start = drawer.calendar(np.maximum(np.where(np.isfinite(died), died, 1) - 2, 1))
        yield from _adverse_event(drawer, forms[0], worst, trial, np.isfinite(died), start, "death", fatal=True)


def _adverse_event(
    drawer: RecordDrawer,
    form: str,
    event: ExpectedEvent,
    trial: VirtualTrials,
    struck: Column,
    start: Column,
    purpose: str,
    *,
    fatal: bool = False,
) -> Iterator[tuple[int, Happening]]:
    rows, items, rng = drawer.rows, drawer.items(form), drawer.streams(f"course of {purpose}")
    drawn = rng.integers(0, _LONGEST, rows)
    left = drawer.calendar(trial.last_day[0]) - start
    lasts = left if fatal else np.minimum(drawn, left)
    serious = (rng.random(rows) < event.serious) | fatal
    grade, opened = rng.random(rows), (rng.random(rows) < _OPEN_FIRST) | serious
    said: dict[str, list[Any]] = {
        "TERM": [event.term] * rows,
        "SER": ["Y" if one else "N" for one in serious],
        "TOXGR": [
            _SERIOUS_GRADE if severe else next(code for top, code in _GRADES if one <= top)
            for severe, one in zip(serious, grade, strict=True)
        ],
        "OUT": ["RECOVERED/RESOLVED"] * rows,
        **{criterion: ["N"] * rows for criterion in ("SDTH", "SLIFE", "SDISAB", "SCONG", "SMIE")},
        "SHOSP": ["Y"] * rows,
        "ACN": ["DOSE NOT CHANGED"] * rows,
    }
    if event.related is not None:
        said["REL"] = ["POSSIBLY RELATED" if one < event.related else "NOT RELATED" for one in rng.random(rows)]
    if fatal:
        said |= {end: [code] * rows for end, code in _FATAL.items()}
    given: dict[str, Column] = {}
    for name, item in items.items():
        words = said.get(variable_of(item))
        if words is not None and can_say(item, words):
            given[name] = np.array(words, dtype=object)
        elif variable_of(item) in ("STDTC", "ENDTC"):
            given[name] = drawer.dates(start if variable_of(item) == "STDTC" else start + lasts)
    filled = drawer.fill(form, purpose, start, given)
    before = {
        n: _BEFORE_DEATH[variable_of(i)] for n, i in items.items() if fatal and variable_of(i) in _BEFORE_DEATH
    }
    ends = {name for name, item in items.items() if variable_of(item) in ("OUT", "ENDTC")} | set(before)
    outcome = next((name for name in ends if variable_of(items[name]) == "OUT"), None)
    still = [code for code in _OPEN if outcome is not None and code in items[outcome].codes]
    for person in map(int, np.flatnonzero(struck)):
        values = drawer.typed(form, filled, person)
        known, over = int(start[person]) + 1, int(start[person] + lasts[person]) + 1
        if opened[person] and still and outcome is not None and over > known:
            begun = {name: value for name, value in values.items() if name not in ends} | {outcome: still[0]}
            begun |= {name: value for name, value in before.items() if name in values}
            ended = {name: values[name] for name in sorted(ends) if name in values}
            yield person, Happening(form, known, begun, over, ended, bool(serious[person]))
        else:
            yield person, Happening(form, over, values, urgent=bool(serious[person]))


def _events(drawer: RecordDrawer, trial: VirtualTrials) -> Iterator[tuple[int, Happening]]:
    """Make the record of each intercurrent event that has one."""
    for name, variable in recorded_events(drawer.protocol).items():
        if name in trial.events and variable.recorded_in is not None:
            day = trial.events[name][0]
            yield from _recorded(drawer, variable.recorded_in, variable, trial, day, f"event {name}", holds=True)


def _records(drawer: RecordDrawer, trial: VirtualTrials) -> Iterator[tuple[int, Happening]]:
    """Make records of other forms, unlike those that stand for an intercurrent event."""
    taken = {variable.recorded_in: variable for variable in recorded_events(drawer.protocol).values()}
    for form, share in drawer.population.given.records.items():
        elsewhere = form in taken and taken[form].when is None
        if form not in drawer.protocol.schedule.at_any_time or elsewhere:
            continue
        rng = drawer.streams(f"record {form}")
        happens, place = rng.random(drawer.rows) < share, rng.random(drawer.rows)
        day = np.where(happens, 1 + np.floor(place * trial.last_day[0]), np.nan)
        yield from _recorded(drawer, form, taken.get(form), trial, day, f"record {form}", holds=False)


def _recorded(
    drawer: RecordDrawer,
    form: str,
    variable: ParticipantVariable | None,
    trial: VirtualTrials,
    day: Column,
    purpose: str,
    *,
    holds: bool,
) -> Iterator[tuple[int, Happening]]:
    on = drawer.calendar(np.where(np.isnan(day), 1, day))
    first = next((name for name, item in drawer.items(form).items() if item.type == "date"), None)
    given = {} if first is None else {first: drawer.dates(on)}
    wanted = []
    if variable is not None and variable.when is not None:
        always = np.ones(drawer.rows, dtype=bool)
        wanted = [Wanted(purpose, variable.when, np.full(drawer.rows, holds), always)]
    filled = drawer.fill(form, purpose, on, given, wanted, drawer.calendar(trial.last_day[0]))
    for person in map(int, np.flatnonzero(~np.isnan(day))):
        latest = max(int(on[person]), drawer.latest(form, filled, person) or 0)
        yield person, Happening(form, latest + 1, drawer.typed(form, filled, person))
