"""A step as data: what its page asks and shows, who may do it, and how its intent is made of what was typed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from django.http import HttpRequest

from .....conduct.door.fact import Intent
from .....conduct.door.state import Participant
from .....errors import DecisionRefused
from ....words import say


@dataclass(frozen=True)
class Field:
    """A field of a page: what stands in it at first, the choices where there are some.

    label, hint: as said to who looks.
    """

    name: str
    label: str
    kind: Literal["day", "line", "text", "choice", "fixed"] = "line"
    value: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    required: bool = True

    @property
    def on(self) -> date | None:
        """The day that stands in the field, where it is one."""
        try:
            return date.fromisoformat(self.value) if self.kind == "day" else None
        except ValueError:
            return None


@dataclass(frozen=True)
class Asked:
    """What a page asks before a step: its title, what it means, what is known, the fields.

    problem: why it cannot be done now; then nothing is asked.
    """

    title: str
    button: str
    said: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    fields: tuple[Field, ...] = ()
    problem: str = ""

    def filled(self, typed: Mapping[str, str]) -> "Asked":
        """Return the same with what was typed in its fields."""
        return replace(
            self, fields=tuple(replace(one, value=typed.get(one.name, one.value)) for one in self.fields)
        )


Ask = Callable[[HttpRequest, Participant, str], Asked]
Make = Callable[[Participant, str, Mapping[str, str]], Intent]


@dataclass(frozen=True)
class Step:
    """A step: its intent, what is asked before it, how it is made of that.

    Both are given what it is of: a visit, a record, a query; empty for the participant. grave: the number of the
    participant is typed again, since it cannot be taken back.
    """

    intent: type[Intent]
    ask: Ask
    make: Make
    grave: bool = False


def read_day(typed: Mapping[str, str], name: str = "on") -> date:
    """Return a day as typed. Raises DecisionRefused where it is none."""
    try:
        return date.fromisoformat(typed.get(name, ""))
    except ValueError:
        said = say("A date is typed as 2026-03-05 (year, month, day).")
        raise DecisionRefused(f"{said} {say('You typed “{typed}”.', typed=typed.get(name, '')[:80])}") from None
