"""A chapter of conduct: its facts, what each does to the state, and the decisions that answer intents.

A decision is a pure function of (setting, trial, intent) that returns outcomes or raises `DecisionRefused`. An
evolution is a function of (trial, event, fact) that changes the state in place. A guard runs between decision and
append, inside the same transaction: it may complete the outcomes by what only the database can tell (the next
slot, that a person is not there twice).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...record.event import Event
from .fact import Fact, Intent, Outcome, Setting
from .state import Trial

Decision = Callable[[Setting, Trial, Any], list[Outcome]]
Evolution = Callable[[Trial, Event, Any], None]


@dataclass(frozen=True)
class Chapter:
    """What a chapter contributes: decisions by type of intent, evolutions by type of fact, roles by intent."""

    decisions: Mapping[type[Intent], Decision]
    evolutions: Mapping[type[Fact], Evolution]
    roles: Mapping[type[Intent], tuple[str, ...]] = field(default_factory=dict)
