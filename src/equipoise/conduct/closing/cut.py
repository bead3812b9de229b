"""The state as it was: a data cut is nothing but the record read up to one of its events."""

from collections.abc import Iterable

from ...record.event import Event
from ..door.chapters import evolve
from ..door.state import Trial


def trial_as_of(events: Iterable[Event], through: int) -> Trial:
    """Return the state after the event with the sequence `through`; `events` are all, in their order.

    Raises RecordCorrupt where an event does not follow from those before it.
    """
    trial = Trial()
    for event in events:
        if event.sequence > through:
            break
        evolve(trial, event)
    return trial
