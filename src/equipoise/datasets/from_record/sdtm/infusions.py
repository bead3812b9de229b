"""Infusions as the forms tell them: given or not, when, how much, from which bag.

The forms are those that go to EC or EX; whether an infusion was given is said by an item that goes to --OCCUR, and
a form without such an item is filled in only for an infusion that was given.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from ....protocol.model import Intervention

if TYPE_CHECKING:
    from .study import Course, Entry

DOMAINS = ("EC", "EX")


@dataclass(frozen=True)
class Administration:
    """A form of an infusion; `start` and `end` in ISO 8601 as far as they were recorded, `volume` in mL."""

    entry: "Entry"
    given: bool
    start: str
    end: str | None
    bag: str | None
    volume: Decimal | None


def find_administrations(course: "Course") -> Iterator[Administration]:
    """Give each infusion of which a form of the participant tells."""
    for entry in course.entries(course.study.forms_of(*DOMAINS)):
        told = {}
        for name, item in entry.form.items.items():
            if item.sdtm is not None and name in entry.values:
                told[item.sdtm[2:]] = entry.values[name].value
        start, end, bag, volume = (told.get(name) for name in ("STDTC", "ENDTC", "REFID", "DOSE"))
        asked = any(item.sdtm is not None and item.sdtm[2:] == "OCCUR" for item in entry.form.items.values())
        yield Administration(
            entry=entry,
            given=told.get("OCCUR") == "Y" if asked else True,
            start=entry.on.isoformat() if start is None else str(start),
            end=None if end is None else str(end),
            bag=None if bag is None else str(bag),
            volume=None if volume is None else Decimal(str(volume)),
        )


def intervention_of(course: "Course", visit: str | None) -> tuple[str, Intervention] | None:
    """Return the intervention that is given at a visit, else the only one there is, with its id."""
    plans = course.study.protocol.interventions
    at_visit = [(name, plan) for name, plan in plans.items() if visit in plan.at]
    if at_visit or len(plans) != 1:
        return at_visit[0] if at_visit else None
    return next(iter(plans.items()))
