"""Adverse events as a coordinator fills them in, and who does what about them."""

from typing import Any

from tests.conduct.forms.desk import EVENT, WHO, Desk

from equipoise.conduct.door.fact import Fact, Intent
from equipoise.conduct.door.state import Clock

RECORD = "/adverse_event/1"
SERIOUS = {
    **EVENT,
    "ae_term": "Pulmonary embolism",
    "ae_grade": "3",
    "ae_serious": "Y",
    "ae_aware": "2024-03-27T22:15",
    "ae_death": "N",
    "ae_life_threatening": "N",
    "ae_hospital": "Y",
    "ae_disability": "N",
    "ae_congenital": "N",
    "ae_important": "N",
}
"""A hospital stay for a suspected, unexpected event of which the site knew at 22:15, at 14:15 UTC."""

GRAVE = {**SERIOUS, "ae_life_threatening": "Y", "ae_grade": "4"}


def report(desk: Desk, values: dict[str, Any] = SERIOUS, **changed: Any) -> list[Fact]:
    """Save the first adverse event, or change it."""
    known = RECORD in desk.participant.forms
    more = {"repeat": 1, "reason": "more is known"} if known else {}
    return desk.save("adverse_event", "", {**values, **changed}, **more)


def clock(desk: Desk, what: str, authority: str = "nmpa") -> Clock:
    return desk.participant.clocks[f"{RECORD}/{what}/{authority}"]


def as_monitor(desk: Desk, intent: Intent) -> list[Fact]:
    return desk.do(intent, person="zhao", role="medical monitor")


def names(facts: list[Fact]) -> list[str]:
    return [type(fact).__name__ for fact in facts]


__all__ = ["GRAVE", "RECORD", "SERIOUS", "WHO", "as_monitor", "clock", "names", "report"]
