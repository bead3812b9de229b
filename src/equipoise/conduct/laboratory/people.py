"""Sex and age of a participant on a day, by the items of demography: what reference ranges and grades depend on.

With a date of birth the age is exact. Without one it is the age that was recorded, and whole years since are
added; it may be a year too low then, which matters where a range changes at a birthday.
"""

from dataclasses import dataclass
from datetime import date

from ...protocol import Protocol
from ..door.state import Participant, Scalar
from .ranges import DAYS_A_YEAR, Age

_DAYS = {"year": float(DAYS_A_YEAR), "month": float(DAYS_A_YEAR) / 12, "week": 7.0, "day": 1.0}


@dataclass(frozen=True)
class Person:
    """What is recorded of a participant: sex, date of birth, and the age in days on the day it was recorded."""

    sex: str | None = None
    born: date | None = None
    age_days: float | None = None
    recorded_on: date | None = None

    def age_on(self, on: date) -> Age | None:
        """Return the age on a day; None where neither birth nor age is recorded."""
        if self.born is not None:
            before = (on.month, on.day) < (self.born.month, self.born.day)
            return Age(on.year - self.born.year - before, (on - self.born).days)
        if self.age_days is None or self.recorded_on is None:
            return None
        days = self.age_days + max(0, (on - self.recorded_on).days)
        return Age(int(days / float(DAYS_A_YEAR) + 1e-9), int(days))


def read_person(protocol: Protocol, participant: Participant) -> Person:
    """Return what the forms of demography say of a participant."""
    sex: str | None = None
    born: date | None = None
    age: tuple[float, date] | None = None
    for entry in participant.forms.values():
        form = protocol.forms.get(entry.form)
        if form is None or form.sdtm != "DM" or entry.removed is not None:
            continue
        for name, item in form.items.items():
            value = entry.values[name].value if name in entry.values else None
            if value is None:
                continue
            if item.sdtm == "SEX":
                sex = str(value)
            elif item.sdtm == "BRTHDTC":
                born = _day(value)
            elif item.sdtm == "AGE":
                age = float(value) * _DAYS.get(item.unit or "year", float(DAYS_A_YEAR)), entry.on
    return Person(sex, born, *(age or (None, None)))


def _day(value: Scalar) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
