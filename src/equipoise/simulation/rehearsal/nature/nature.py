"""The nature of a virtual trial: what is measured of a person, and what happens to a participant.

The value that is measured is that of the arm which the vault has given. The body knows, the staff do not: nature
answers from inside the vault's process, where the arm can be looked up, and what it answers holds no arm.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import msgspec
import numpy as np

from ....errors import ProtocolError
from ....protocol import Protocol
from ...population import Population, Streams, require_assumptions
from .columns import Column, as_typed, empty_column, has_value, places_of
from .endings import draw_endings
from .habits import Habits
from .happenings import Happening, draw_happenings
from .outcomes import OutcomeDrawer
from .persons import CONSENT, criteria_of, draw_persons
from .records import RecordDrawer
from .sheet import Occasion, Sheet
from .stopping import stopping_days

ArmOf = Callable[[str], str]
"""Gives the arm of an allocated participant, by the participant's id."""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A person on the way to a site: position of the site, day of screening, and the visits up to day 1.

    judged: what the investigator finds of each criterion without a rule.
    """

    index: int
    site: int
    comes_on: date
    consents: bool
    judged: dict[str, bool]
    visits: dict[str, date]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A record of a form that may be filled in at any time: first made, and later settled, on the days given."""

    form: str
    on: date
    values: dict[str, Any]
    settled_on: date | None = None
    settled: dict[str, Any] | None = None
    urgent: bool = False


class End(msgspec.Struct, frozen=True, kw_only=True):
    """The form that says what ended; `after`: the visit at which that was plain, None where at none."""

    what: str
    form: str
    values: dict[str, Any]
    after: str | None = None


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """What is to come for a participant once the arm is given.

    visits: day of each visit to come, None for one that is missed. last_on: day last seen. why: why participation
    ended; `withdraws`: with it, consent. stops_on: day from which the participant gets no more infusions.
    """

    visits: dict[str, date | None]
    last_on: date
    why: str
    withdraws: bool = False
    stops_on: date | None = None
    records: tuple[Record, ...] = ()
    ends: tuple[End, ...] = ()


class Nature:
    """A virtual trial with the outcomes of everybody under every arm.

    opening: the first day of recruitment. size: participants, where it is not the planned number. scenario: by
    default the last of the protocol. Raises ProtocolError for a protocol from which nobody can be drawn.
    """

    def __init__(
        self,
        protocol: Protocol,
        *,
        seed: int,
        opening: date,
        arm_of: ArmOf,
        scenario: str | None = None,
        size: int | None = None,
    ) -> None:
        given = require_assumptions(protocol)
        if not protocol.forms:
            raise ProtocolError(
                f"protocol {protocol.trial.id} has no forms, so nothing can be filled in; add them to rehearse it"
            )
        scenario = scenario or next(reversed(list(given.scenarios)), None)
        population = Population(protocol, scenario, items=tuple(given.background), size=size)
        streams, first = Streams(np.random.SeedSequence(seed)), np.datetime64(opening)
        self.protocol, self.opening, self.arm_of = protocol, opening, arm_of
        self.drawn, self.trials = draw_persons(population, streams)
        self.outcomes = OutcomeDrawer(population, streams, self.drawn, first).draw(self.trials)
        drawer = RecordDrawer(population, streams, self.drawn, first)
        self.happenings = {arm: draw_happenings(drawer, arm, trial) for arm, trial in self.trials.items()}
        self.endings = {arm: draw_endings(drawer, trial) for arm, trial in self.trials.items()}
        self._any_arm, self._streams, self._habits = next(iter(protocol.arms)), streams, Habits(protocol)

    def persons(self) -> list[Person]:
        """Return everybody in the order in which they come to be screened."""
        return [self._person(index) for index in self.drawn.order()]

    def measure(
        self, index: int, visit: str, participant: str | None = None
    ) -> list[tuple[str, int, dict[str, Any]]]:
        """Return the forms of a visit as (form, number of the record, values), in the order of the schedule.

        participant: the id of the person; needed for visits after day 1, when the arm has a say.
        """
        early = self.protocol.schedule.visits[visit].target <= 1
        arm = self._any_arm if early or participant is None else self.arm_of(participant)
        found = self.outcomes[arm].of(index, visit)
        return [(form, repeat, values) for (form, repeat), values in found.items() if values or repeat == 1]

    def measure_again(self, index: int, visit: str, form: str, on: date, participant: str) -> dict[str, Any]:
        """Return a form of a visit as filled in once more on a later day: numbers move as within a person."""
        told = next(values for name, _, values in self.measure(index, visit, participant) if name == form)
        purpose = f"measured again {index} {visit} {form}"
        items, rng = self.protocol.forms[form].items, self._streams(purpose)
        given = {name: self._moved(name, told[name], rng.standard_normal()) for name in items if name in told}
        sheet = Sheet(self._habits, [form])
        filled = sheet.fill(self._streams, Occasion(purpose, np.array([on], dtype="datetime64[D]")), given=given)
        there = {name: column for name, column in filled.items() if has_value(column)[0]}
        return {name: as_typed(items[name], column[0]) for name, column in there.items()}

    def _moved(self, name: str, value: Any, score: float) -> Column:
        item, column = self.protocol.items[name], empty_column(self.protocol.items[name], 1)
        if item.is_number:
            usual = self._habits.usual(name)
            value = round(float(np.clip(value + usual.within * score, usual.low, usual.high)), places_of(item))
        column[0] = value
        return column

    def happens(self, index: int, participant: str) -> Course:
        """Return what is to come for a participant after allocation."""
        arm = self.arm_of(participant)
        trial, visits = self.trials[arm], self.drawn.visits
        last = int(trial.last_day[0, index])
        days, seen = self.drawn.days[index], trial.seen[0, index]
        to_come = {}
        for v, visit in enumerate(visits):
            if self.protocol.schedule.visits[visit].target > 1 and trial.days[0, index, v] <= last:
                to_come[visit] = self._date(index, int(days[v])) if seen[v] else None
        endings = self.endings[arm]
        stops = float(stopping_days(self.protocol, trial)[index])
        return Course(
            visits=to_come,
            last_on=self._date(index, last),
            why=endings.why[index],
            withdraws=endings.withdraws[index],
            stops_on=self._date(index, int(stops)) if stops <= last else None,
            records=tuple(self._record(happening) for happening in self.happenings[arm][index]),
            ends=tuple(
                End(what=one.what, form=one.form, values=dict(one.values), after=one.after)
                for one in endings.found[index]
            ),
        )

    def _person(self, index: int) -> Person:
        drawn, why = self.drawn, self.drawn.fails[index]
        early = [v for v, visit in enumerate(drawn.visits) if self.protocol.schedule.visits[visit].target <= 1]
        judged = {
            name: meets if name != why else not meets
            for name, (criterion, meets) in criteria_of(self.protocol).items()
            if criterion.rule is None
        }
        return Person(
            index=index,
            site=int(drawn.site[index]),
            comes_on=self._day(int(drawn.calendar[index, 0])),
            consents=why != CONSENT,
            judged=judged,
            visits={drawn.visits[v]: self._day(int(drawn.calendar[index, v])) for v in early},
        )

    def _record(self, happening: Happening) -> Record:
        return Record(
            form=happening.form,
            on=self._day(happening.known_on),
            values=dict(happening.values),
            settled_on=None if happening.settled_on is None else self._day(happening.settled_on),
            settled=None if happening.settled is None else dict(happening.settled),
            urgent=happening.urgent,
        )

    def _date(self, index: int, day: int) -> date:
        return self._day(int(self.drawn.day_1[index]) + (day - 1 if day > 0 else day))

    def _day(self, calendar: int) -> date:
        return self.opening + timedelta(days=calendar)
