"""The history of every value: what it was, from when, by whom, why it was changed (ICH E6(R3) 4.2.2(c))."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from ...record.event import Event
from ..door.chapters import read_fact
from ..door.state import Scalar, form_key
from ..quality.late_entry import FromPaper
from .entry import FormRemoved, FormSaved

OF_FORMS = (FormSaved.__name__, FormRemoved.__name__)
"""Kinds of events that values come from."""


@dataclass(frozen=True)
class PastValue:
    """A value of an item as one event recorded it, with who did so, when (UTC; `zone` of the site) and why.

    missing: code of why there was no value. entered: what was typed, where another unit was. removed: True where
    the event struck out the record; the value itself then stays as it was. from_paper, late: what was said of an
    entry that was on paper first, or came long after its day.
    """

    sequence: int
    at: datetime
    zone: str
    actor: str
    role: str
    reason: str | None
    value: Scalar = None
    missing: str | None = None
    entered: str | None = None
    removed: bool = False
    from_paper: FromPaper | None = None
    late: str | None = None


def histories(events: Iterable[Event]) -> dict[tuple[str, str], tuple[PastValue, ...]]:
    """Return all values that items have had, oldest first, by key of the record (`form_key`) and item.

    events: those of one participant, in their order; others than those of forms are passed over.
    """
    found: dict[tuple[str, str], list[PastValue]] = {}
    for event in events:
        if event.kind not in OF_FORMS:
            continue
        fact = read_fact(event)
        if isinstance(fact, FormSaved):
            key = form_key(fact.visit, fact.form, fact.repeat)
            for item in {**fact.values, **fact.missing}:
                past = _past(event, fact.values.get(item), fact.missing.get(item), fact.entered.get(item))
                past = replace(past, from_paper=fact.from_paper, late=fact.late)
                found.setdefault((key, item), []).append(past)
        elif isinstance(fact, FormRemoved):
            key = form_key(fact.visit, fact.form, fact.repeat)
            for (record, _), values in found.items():
                if record == key:
                    last = values[-1]
                    values.append(_past(event, last.value, last.missing, last.entered, removed=True))
    return {where: tuple(values) for where, values in found.items()}


def history_of(
    events: Iterable[Event], item: str, form: str, visit: str = "", repeat: int = 1
) -> tuple[PastValue, ...]:
    """Return all values that one item of a record has had, oldest first; empty where it has had none."""
    return histories(events).get((form_key(visit, form, repeat), item), ())


def _past(
    event: Event, value: Scalar, missing: str | None, entered: str | None, *, removed: bool = False
) -> PastValue:
    return PastValue(
        sequence=event.sequence,
        at=event.at,
        zone=event.zone,
        actor=event.actor,
        role=event.role,
        reason=event.reason,
        value=value,
        missing=missing,
        entered=entered,
        removed=removed,
    )
