"""An item as it is asked: what stands in the field, what is expected, and what is said of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpRequest

from .....conduct.door.dates import time_at
from .....conduct.door.state import Query, Scalar, Value
from .....conduct.forms.elsewhere import previous_values
from .....conduct.forms.judgement import judge
from .....conduct.forms.typed import decimals_of, read_typed
from .....protocol import names_in
from .....protocol.expression import previous_name
from .....protocol.model import Form, Item
from ....shell.requests import here
from ....shell.said import said
from ....shell.templatetags.words import weekday
from ....words import language, say
from .place import Place

_FEW = 6
"""So many codes, or fewer, are shown all at once."""
_COMMA = re.compile(r"-?\d+,\d+")


@dataclass(frozen=True)
class Typed:
    """What stands in the fields of a form by item, and the codes of why there is no value."""

    values: Mapping[str, str]
    missing: Mapping[str, str]

    def of(self, name: str) -> tuple[str, str]:
        """Return both for one item."""
        return self.values.get(name, ""), self.missing.get(name, "")


@dataclass(frozen=True)
class Question:
    """An item as it is asked; `meanwhile` says what somebody else has saved since it was opened."""

    name: str
    item: Item
    typed: str
    missing: str
    before: Scalar = None
    derived: Scalar = None
    is_masked: bool = False
    changes: int = 0
    queries: tuple[tuple[str, Query], ...] = ()
    problem: str = ""
    warnings: tuple[str, ...] = ()
    meanwhile: str = ""

    @property
    def shape(self) -> str:
        """How the item is asked: derived, masked, choices, list, text or field."""
        if self.item.derive is not None:
            return "derived"
        if self.is_masked:
            return "masked"
        if self.item.type == "yes or no" or 0 < len(self.item.codes) <= _FEW:
            return "choices"
        if self.item.codes:
            return "list"
        return "field"

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Codes with their labels."""
        if self.item.type == "yes or no":
            return [("Y", say("Yes")), ("N", say("No"))]
        return [(code, label.say(language())) for code, label in self.item.codes.items()]

    @property
    def expected(self) -> str:
        """What is said of what is expected."""
        return expected_of(self.item)

    @property
    def last(self) -> str:
        """What is said of the value at the visit before."""
        return "" if self.before is None else say("last {value}", value=self.before)

    @property
    def echo(self) -> str:
        """A day that was typed, with the name of its day of the week."""
        if self.item.type not in ("date", "date and time"):
            return ""
        try:
            return weekday(date.fromisoformat(self.typed[:10]))
        except ValueError:
            return ""

    @property
    def is_long(self) -> bool:
        """Whether a text has several lines; else the key Enter saves the form."""
        return "\n" in self.typed

    @property
    def has_day(self) -> bool:
        """Whether a day is typed here."""
        return self.item.type in ("date", "date and time")

    @property
    def mode(self) -> str:
        """Which keyboard a tablet shows."""
        if not self.item.is_number or self.item.also_in:
            return "text"
        return "numeric" if decimals_of(self.item) == 0 else "decimal"


def expected_of(item: Item) -> str:
    """Return in words what may be typed for an item."""
    parts = []
    if item.range is not None:
        low, high = (f"{bound:.15g}" for bound in item.range)
        parts.append(say("Expected {low} to {high}", low=low, high=high))
    if item.also_in:
        parts.append(say("or with its unit: {units}", units=", ".join(item.also_in)))
    shapes = {
        "date": say("year-month-day"),
        "time": say("as in 14:30"),
        "date and time": say("as in 2026-03-05T14:30"),
    }
    if item.type in shapes:
        parts.append(shapes[item.type])
    return "; ".join(parts)


def questions_of(
    request: HttpRequest, place: Place, typed: Typed, *, judged: bool, refused: bool = False
) -> list[Question]:
    """Return the items with what is to be said of each.

    judged: what is wrong is said, else only warnings. refused: after a save that failed, what lacks is said too.
    """
    looking, person, form = here(request), place.person, place.form
    masked, stands = place.masked, place.stands
    before = previous_values(person, place.name, place.visit, form.items)
    now = time_at(looking.trial, looking.by, person.site)
    values, problems = _read(form, typed, masked, now)
    found = judge(place.protocol, person, place.name, place.visit, values)
    warned = _warnings(form, found.failed)
    lacking = set(found.lacking) - problems.keys() if refused else set()
    return [
        Question(
            name=name,
            item=item,
            typed=typed.values.get(name, ""),
            missing=typed.missing.get(name, ""),
            before=before.get(previous_name(name)),
            derived=found.derived.get(name),
            is_masked=name in masked,
            changes=stands[name].changes if name in stands else 0,
            queries=_queries(place, name),
            problem=problems.get(name, "") if judged else "",
            warnings=(*warned.get(name, ()), *((say("still to be answered"),) if name in lacking else ())),
        )
        for name, item in form.items.items()
    ]


def _queries(place: Place, name: str) -> tuple[tuple[str, Query], ...]:
    return tuple(
        (query, one)
        for query, one in place.person.queries.items()
        if (one.record, one.item) == (place.key, name) and one.closed_at is None
    )


def _read(
    form: Form, typed: Typed, masked: frozenset[str], now: datetime
) -> tuple[dict[str, Value], dict[str, str]]:
    """Return the values that can be read, and by item what is wrong with the others."""
    values, problems = {}, {}
    for name, item in form.items.items():
        if item.derive is not None or name in masked:
            continue
        value, missing = typed.of(name)
        if value and missing:
            problems[name] = say("There is a value, and a reason why there is none; leave one of them out.")
        elif missing:
            values[name] = Value(missing=missing)
        elif value:
            try:
                reading = read_typed(item, value, now)
                values[name] = Value(value=reading.value, entered=reading.entered)
            except ValueError as error:
                problems[name] = _problem(item, value, str(error))
    return values, problems


def _problem(item: Item, typed: str, error: str) -> str:
    """Return what is wrong with a value as typed, and what was probably meant."""
    label, typed = item.label.say(language()), typed[:80]
    if item.is_number and _COMMA.fullmatch(typed):
        meant = typed.replace(",", ".")
        return say(
            "Use a point for decimals. You typed “{typed}”; did you mean {meant}?", typed=typed, meant=meant
        )
    if language() == "en":
        return f"{label} {error}. {say('You typed “{typed}”.', typed=typed)}"
    return said(f"{item.label.say()} {error}. Got {typed}")


def _warnings(form: Form, failed: tuple[str, ...]) -> dict[str, list[str]]:
    """Return, by the last item that each check names, what checks say that do not hold."""
    found: dict[str, list[str]] = {}
    for check_id in failed:
        check = form.checks[check_id]
        named = [name for name in form.items if name in names_in(check.rule)]
        if named:
            found.setdefault(named[-1], []).append(check.say.say(language()))
    return found
