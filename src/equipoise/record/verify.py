"""Verifying the chain: no event was changed, taken out, put in or moved since it was stored.

What a chain alone cannot show is that its newest events were cut off, or that all of it was written anew from some
event on: that is what anchors outside the database are for (`anchor.py`).
"""

from collections.abc import Iterable

from equipoise.errors import RecordCorrupt
from equipoise.record.book import Book
from equipoise.record.event import Event, Head, hash_event

_SAID = "compare it with a backup, an export or the printed witness lines"


def verify_chain(events: Iterable[Event], start: Head) -> Head:
    """Verify events that follow `start` (`Book.beginning` for a whole record) and give the head they lead to.

    Raises `RecordCorrupt` that names the first event in the wrong.
    """
    sequence, previous, at, kind = start.sequence, start.hash, start.at, "the beginning"
    for event in events:
        if event.sequence != sequence + 1:
            raise RecordCorrupt(
                f"event {sequence + 1} is missing: after event {sequence} ({kind}) stands event "
                f"{event.sequence} ({event.kind}); {_SAID}"
            )
        if hash_event(event) != event.hash:
            raise RecordCorrupt(
                f"event {event.sequence} ({event.kind}) was changed after it was stored: its content does not "
                f"give its hash; {_SAID}. Got {event.hash.hex()}"
            )
        if event.previous != previous:
            raise RecordCorrupt(
                f"event {sequence} ({kind}) was put in or changed: event {event.sequence} ({event.kind}) was "
                f"stored after another one than that; {_SAID}. Got {previous.hex()}"
            )
        if at is not None and event.at < at:
            raise RecordCorrupt(
                f"event {event.sequence} ({event.kind}) bears an earlier time than event {sequence} ({kind}); "
                f"{_SAID}. Got {event.at.isoformat()}"
            )
        sequence, previous, at, kind = event.sequence, event.hash, event.at, event.kind
    return Head(sequence, previous, at)


def verify_book(book: Book) -> Head:
    """Verify the whole record in the database and give its head; raises `RecordCorrupt` as `verify_chain` does."""
    return verify_chain(book.read(), book.beginning)
