"""Records of forms that belong to no visit, filled in for all participants of a virtual trial at once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ....protocol import Protocol
from ....protocol.model import Item
from ...population import Population, Streams
from .columns import Column, as_typed, has_value
from .habits import Habits
from .persons import Persons, offset_of
from .sheet import Occasion, Sheet, Wanted


@dataclass(frozen=True, eq=False)
class RecordDrawer:
    """Fills in records, a row a participant; `opening` is the day from which calendar days are counted."""

    population: Population
    streams: Streams
    persons: Persons
    opening: np.datetime64

    @property
    def protocol(self) -> Protocol:
        """The protocol."""
        return self.population.protocol

    @property
    def rows(self) -> int:
        """The number of participants."""
        return self.persons.enrolled

    @cached_property
    def habits(self) -> Habits:
        """What values usually are."""
        return Habits(self.protocol)

    def items(self, form: str) -> Mapping[str, Item]:
        """Return the items of a form."""
        return self.protocol.forms[form].items

    def calendar(self, days: Column) -> Column:
        """Return the calendar day of each participant's study day."""
        return np.asarray(self.persons.day_1[: self.rows] + offset_of(np.asarray(days).astype(np.int64)))

    def dates(self, calendar: Column) -> Column:
        """Return the dates of calendar days."""
        return np.asarray(self.opening + np.asarray(calendar).astype("timedelta64[D]"))

    def fill(
        self,
        form: str,
        purpose: str,
        on: Column,
        given: Mapping[str, Column],
        wanted: Collection[Wanted] = (),
        until: Column | None = None,
    ) -> dict[str, Column]:
        """Fill in a record of a form for everybody; `given` is kept. on, until: calendar days."""
        occasion = Occasion(purpose, self.dates(on), until=None if until is None else self.dates(until))
        sheet = Sheet(self.habits, [form])
        return sheet.fill(self.streams, occasion, given=given, kept=given, wanted=wanted)

    def typed(self, form: str, filled: Mapping[str, Column], person: int) -> dict[str, Any]:
        """Return what is typed into the record of a participant; values that are not there are left out."""
        items = self.items(form)
        there = {name: column for name, column in filled.items() if has_value(column[person : person + 1])[0]}
        return {name: as_typed(items[name], column[person]) for name, column in there.items()}

    def latest(self, form: str, filled: Mapping[str, Column], person: int) -> int | None:
        """Return the last calendar day that the record of a participant names."""
        dates = [filled[name][person] for name, item in self.items(form).items() if item.type == "date"]
        days = [int((one - self.opening).astype(np.int64)) for one in dates if not np.isnat(one)]
        return max(days, default=None)


def variable_of(item: Item) -> str:
    """Return the SDTM variable that an item goes to, without its domain: `TERM` of AETERM; empty where none."""
    return (item.sdtm or "")[2:]


def can_say(item: Item, values: Collection[Any]) -> bool:
    """Return whether an item can hold these values: free, or codes that it has."""
    return not item.codes or all(value in item.codes for value in values)
