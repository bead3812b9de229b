"""What is to be the same before and after a way through ODM: all that was recorded of participants, as one hash.

The state of a participant is a function of the events that concern them, so it is these that are hashed: what was
recorded, values and codes of missing ones among it, who did so, in which role, when, at which site, and why.
Left out is what only the record itself has: request keys and the chain.
"""

import hashlib
from collections.abc import Iterable, Iterator

from ...record.event import Event, canonical, microseconds


def clinical_events(events: Iterable[Event], site: str | None = None) -> Iterator[Event]:
    """Give the events that concern a participant, of all sites or of one, in their order."""
    return (event for event in events if event.participant is not None and site in (None, event.site))


def clinical_hash(events: Iterable[Event]) -> str:
    """Return the SHA-256, in hexadecimal digits, of what these events say of participants, in their order."""
    digest = hashlib.sha256()
    for event in clinical_events(events):
        said = [
            event.sequence,
            microseconds(event.at),
            event.zone,
            event.actor,
            event.role,
            event.site,
            event.participant,
            event.kind,
            event.version,
            event.payload,
            event.reason,
        ]
        digest.update(canonical(said).encode() + b"\n")
    return digest.hexdigest()
