"""What is found at the visits: every form of every person, under each arm, as the protocol's rules want it.

The same streams draw all arms, so a person is the same person under each: what differs between arms is what the
assumptions say differs. Visits up to study day 1 come before treatment and are the same under every arm.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ....conduct.forms.planned import GIVEN, forms_planned_at
from ....protocol import names_in
from ....protocol.model import Form
from ...population import Population, Streams, VirtualTrials
from .columns import Column, Columns, as_typed, empty_column, has_value, places_of
from .endings import draw_refusals
from .habits import Habits
from .persons import Persons, criteria_of
from .records import can_say, variable_of
from .sheet import Occasion, Sheet, Wanted
from .stopping import infusion_volume, stopping_days

Filled = dict[tuple[str, int], dict[str, Column]]
"""The values of the items by form and number of the record."""


@dataclass
class Outcomes:
    """The forms of each visit under one arm; `opening` is the day from which calendar days are counted."""

    persons: Persons
    opening: np.datetime64
    visits: dict[str, Filled] = field(default_factory=dict)

    def of(self, person: int, visit: str) -> dict[tuple[str, int], dict[str, object]]:
        """Return what is typed into each form of a visit; values that are not there are left out."""
        found: dict[tuple[str, int], dict[str, object]] = {}
        for (form, repeat), columns in self.visits[visit].items():
            items = self.persons.protocol.forms[form].items
            found[form, repeat] = {
                name: as_typed(items[name], column[person])
                for name, column in columns.items()
                if has_value(column[person : person + 1])[0]
            }
        return found


class OutcomeDrawer:
    """Fills in the forms of all persons, visit by visit."""

    def __init__(self, population: Population, streams: Streams, persons: Persons, opening: np.datetime64) -> None:
        self.population, self.protocol, self.streams = population, population.protocol, streams
        self.persons, self.opening = persons, opening
        self.habits = Habits(self.protocol)

    def draw(self, trials: Mapping[str, VirtualTrials]) -> dict[str, Outcomes]:
        """Return the outcomes under each arm."""
        found: dict[str, Outcomes] = {}
        before: dict[str, Column] = {}
        visits = self.persons.visits
        early = [v for v, visit in enumerate(visits) if self.protocol.schedule.visits[visit].target <= 1]
        shared = Outcomes(self.persons, self.opening)
        any_arm = next(iter(trials.values()))
        for v in early:
            before = self._visit(shared, v, any_arm, before)
        for arm, trial in trials.items():
            own = Outcomes(self.persons, self.opening, dict(shared.visits))
            last = dict(before)
            for v in range(len(visits)):
                if v not in early:
                    last = self._visit(own, v, trial, last)
            found[arm] = own
        return found

    def _visit(self, into: Outcomes, v: int, trial: VirtualTrials, before: Columns) -> dict[str, Column]:
        """Fill in the forms of a visit; return the last values of each item after it."""
        visit, persons = self.persons.visits[v], self.persons
        forms = forms_planned_at(self.protocol, visit)
        at = self.opening + persons.calendar[:, v].astype("timedelta64[D]")
        assessed = v == persons.eligibility_visit
        wanted = self._criteria() if assessed else []
        sheet = Sheet(self.habits, forms, {name for rule in wanted for name in names_in(rule.rule)})
        history = self.protocol.schedule.visits[visit].target < 1
        filled = sheet.fill(
            self.streams,
            Occasion(f"visit {visit}", at, before, history),
            given=self._given(sheet, v, trial),
            kept={self.population.main, *self._dosing(sheet)},
            wanted=wanted,
        )
        records: Filled = {}
        for form in forms:
            items = self.protocol.forms[form].items
            records[form, 1] = {name: filled[name] for name in items if name in filled}
            if self.protocol.forms[form].repeats:
                records |= self._repeats(form, visit, at)
        into.visits[visit] = records
        return self._last(filled, v, trial, before)

    def _repeats(self, form: str, visit: str, at: Column) -> Filled:
        """Fill in a second and a third record of a form that repeats, for some."""
        how_many = self.streams(f"records of {form} {visit}").integers(1, 4, self.persons.number)
        sheet, found = Sheet(self.habits, [form]), Filled()
        for repeat in (2, 3):
            filled = sheet.fill(self.streams, Occasion(f"visit {visit} {form} {repeat}", at, history=True))
            there = how_many >= repeat
            found[form, repeat] = {
                name: np.where(there, column, empty_column(sheet.items[name], len(at)))
                for name, column in filled.items()
            }
        return found

    def _criteria(self) -> list[Wanted]:
        """Return the criteria as they must come out for each person, none for who refuses consent."""
        rows = []
        for name, (criterion, meets) in criteria_of(self.protocol).items():
            if criterion.rule is not None:
                fails = np.array([why == name for why in self.persons.fails])
                gives = np.where(fails, not meets, meets)
                rows.append(Wanted(name, criterion.rule, gives, np.ones(len(fails), dtype=bool)))
        return rows

    def _given(self, sheet: Sheet, v: int, trial: VirtualTrials) -> dict[str, Column]:
        """Return what the virtual trial says of a visit, and of the infusion; nothing for those not enrolled."""
        given = {}
        for name, values in trial.values.items():
            if name in sheet.items:
                column = np.full(self.persons.number, np.nan)
                column[: self.persons.enrolled] = np.round(values[0, :, v], places_of(sheet.items[name]))
                given[name] = column
        stops = np.full(self.persons.number, np.inf)
        stops[: self.persons.enrolled] = stopping_days(self.protocol, trial)
        infused = self.persons.days[:, v] < stops
        why = draw_refusals(self.streams, self.persons)
        for form in sheet.forms:
            if self.protocol.forms[form].sdtm in GIVEN:
                given |= self._infusion(self.protocol.forms[form], v, infused, why)
        return given

    def _infusion(self, form: Form, v: int, infused: Column, why: Column) -> dict[str, Column]:
        given: dict[str, Column] = {}
        volume = infusion_volume(self.protocol, self.persons.visits[v])
        for name, item in form.items.items():
            variable = variable_of(item)
            if variable == "OCCUR":
                given[name] = np.where(infused, "Y", "N").astype(object)
            elif variable == "DOSE" and item.is_number and volume is not None:
                given[name] = np.full(len(infused), volume.to(item.unit) if item.unit else float(volume.value))
            elif variable in ("REASOC", "REASND") and can_say(item, set(why)):
                given[name] = why
        return given

    def _dosing(self, sheet: Sheet) -> list[str]:
        forms = [self.protocol.forms[form] for form in sheet.forms]
        return [
            name
            for form in forms
            if form.sdtm in GIVEN
            for name, item in form.items.items()
            if variable_of(item) in ("OCCUR", "DOSE")
        ]

    def _last(self, filled: Columns, v: int, trial: VirtualTrials, before: Columns) -> dict[str, Column]:
        seen = np.ones(self.persons.number, dtype=bool)
        seen[: self.persons.enrolled] = trial.seen[0, :, v]
        last = dict(before)
        for name, column in filled.items():
            now = seen & has_value(column)
            last[name] = np.where(now, column, before[name]) if name in before else column
        return last
