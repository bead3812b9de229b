"""When things happen: epochs, visits with windows, activities at visits.

Study day 1 is the day named by `day_1`; there is no day 0 (SDTMIG 3.4, --DY). Week w falls on day 7w + 1.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema, core_schema

from .element import Element, Identifier, Refers, Text

_DAY = re.compile(r"^\s*[+-]?\d+\s*$")
_RANGE = re.compile(r"^\s*([+-]?\d+)\s+to\s+([+-]?\d+)\s*(?:d|days?)?\s*$")
_DAYS = re.compile(r"^\s*(\d+)\s*(d|days?|w|weeks?)\s*$")


@dataclass(frozen=True, slots=True)
class DayRange:
    """Days from `first` to `last`, both included; read from `29`, `-30 to -1` or `7 d` (seven either way)."""

    first: int
    last: int

    @classmethod
    def parse_days(cls, text: object) -> "DayRange":
        """Read one study day, or `-30 to -1`; ValueError says what is expected."""
        if isinstance(text, DayRange):
            return text
        if not isinstance(text, bool) and _DAY.match(str(text)):
            return cls(int(str(text)), int(str(text)))
        match = _RANGE.match(str(text))
        if match is None or int(match.group(1)) > int(match.group(2)):
            raise ValueError(
                "must be a study day, such as 29, or days from the earlier to the later, such as -30 to -1"
            )
        return cls(int(match.group(1)), int(match.group(2)))

    @classmethod
    def parse_window(cls, text: object) -> "DayRange":
        """Read `7 d` (before and after), or `-3 to 7 d`; ValueError says what is expected."""
        if isinstance(text, DayRange):
            return text
        if str(text).strip() == "0":
            return cls(0, 0)
        if match := _DAYS.match(str(text)):
            days = int(match.group(1)) * (7 if match.group(2).startswith("w") else 1)
            return cls(-days, days)
        match = _RANGE.match(str(text))
        if match is None or int(match.group(1)) > 0 or int(match.group(2)) < 0:
            raise ValueError("must be a window, such as 7 d (before and after) or -3 to 7 d")
        return cls(int(match.group(1)), int(match.group(2)))

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first} to {self.last}"


def _string_schema(parse: Any, description: str) -> type:
    class _Annotation:
        @classmethod
        def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
            return core_schema.no_info_plain_validator_function(
                parse, serialization=core_schema.to_string_ser_schema()
            )

        @classmethod
        def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
            return {"type": ["integer", "string"], "description": description}

    return _Annotation


StudyDays = Annotated[DayRange, _string_schema(DayRange.parse_days, "A study day, or days as in: -30 to -1.")]
Window = Annotated[DayRange, _string_schema(DayRange.parse_window, "Days allowed: 7 d, or -3 to 7 d.")]


class Epoch(Element):
    """A period of the trial, from its first visit up to the next epoch."""

    label: Text
    starts: Annotated[str, Refers("visit")]


class Visit(Element):
    """A planned visit: its target by day or week, and the window around the target."""

    label: Text | None = None
    day: StudyDays | None = None
    week: int | None = None
    window: Window = DayRange(0, 0)

    @model_validator(mode="after")
    def _day_or_week(self) -> Self:
        if (self.day is None) == (self.week is None):
            raise ValueError("needs its target by `day` or by `week`, one of them")
        if self.day == DayRange(0, 0):
            raise ValueError("cannot be on study day 0, which does not exist; the day before day 1 is day -1")
        return self

    @property
    def target(self) -> int:
        """The study day aimed at; the last of the days where a range is given."""
        if self.day is not None:
            return self.day.last
        assert self.week is not None
        return 7 * self.week + 1 if self.week >= 0 else 7 * self.week

    @property
    def allowed(self) -> DayRange:
        """First and last study day on which the visit is within its window."""
        first = self.day.first if self.day is not None else self.target
        return DayRange(first + self.window.first, self.target + self.window.last)


class Schedule(Element):
    """The schedule of activities (ICH M11 section 1.3)."""

    day_1: str = Field(description="What happens on study day 1, such as: first infusion.")
    epochs: Mapping[Identifier, Epoch] = {}
    visits: Mapping[Identifier, Visit]
    activities: Mapping[Annotated[str, Refers("activity")], tuple[Annotated[str, Refers("visit")], ...]] = {}
    at_any_time: tuple[Annotated[str, Refers("form")], ...] = ()
