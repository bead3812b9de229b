"""From events to state: the fold, and the lifting of events of an old version to the present one.

State is never stored, only folded from the record (a cache of it is a checkpoint). When the payload of a kind of
event changes, old events stay as they are; an upcaster says how each version reads in the next, and the program
knows only the present one. A stored sample of every version ever written is kept with the tests.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import reduce
from typing import Any, TypeVar

import msgspec

from equipoise.errors import DataError
from equipoise.record.event import Event, canonical

State = TypeVar("State")
Upcast = Callable[[dict[str, Any]], dict[str, Any]]


def fold(state: State, events: Iterable[Event], evolve: Callable[[State, Event], State]) -> State:
    """Give the state after these events, one `evolve` after the other."""
    return reduce(evolve, events, state)


class Upcasters:
    """Functions by (kind, version) that turn a payload of that version into one of the next.

    Raises `ValueError` where the versions of a kind leave one out.
    """

    def __init__(self, upcasts: Mapping[tuple[str, int], Upcast]) -> None:
        self._upcasts = dict(upcasts)
        self._present = {kind: 1 + count for kind, count in Counter(kind for kind, _ in upcasts).items()}
        for kind, version in upcasts:
            if not 0 < version < self._present[kind]:
                raise ValueError(f"the upcasters of {kind} must go from version 1 on without a gap. Got {version}")

    def present(self, kind: str) -> int:
        """Give the version in which events of a kind are written now."""
        return self._present.get(kind, 1)

    def lift(self, event: Event) -> Event:
        """Give the event as it would be written now. It keeps the hash under which it is stored.

        Raises `DataError` where a newer program wrote it.
        """
        present = self.present(event.kind)
        if event.version == present:
            return event
        if event.version > present:
            raise DataError(
                f"event {event.sequence} ({event.kind}) was written by a newer program; this one reads it up to "
                f"version {present}, use the newer one. Got version {event.version}"
            )
        payload = msgspec.json.decode(event.payload)
        for version in range(event.version, present):
            payload = self._upcasts[event.kind, version](payload)
        return msgspec.structs.replace(event, version=present, payload=canonical(payload))

    def lift_all(self, events: Iterable[Event]) -> Iterator[Event]:
        """Give events as they would be written now, in their order."""
        return map(self.lift, events)
