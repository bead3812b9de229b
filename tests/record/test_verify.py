"""Who has every right in the database can change the record, but not without `verify` naming the event."""

import re
from collections.abc import Iterator
from datetime import timedelta

import msgspec
import pytest
from psycopg import Connection
from psycopg.rows import TupleRow
from tests.record.books import MIDNIGHT, append, as_superuser, draft, fill, new_book
from tests.servers import fresh_database, running_server

from equipoise.errors import RecordCorrupt
from equipoise.record import Book, Event, Head, Server, hash_event, verify_book, verify_chain

INSERT = "INSERT INTO record.event VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"


def sealed(event: Event, previous: bytes, **changed: object) -> Event:
    event = msgspec.structs.replace(event, previous=previous, **changed)
    return msgspec.structs.replace(event, hash=hash_event(event))


@pytest.fixture(scope="module")
def filled() -> Iterator[tuple[Server, Book]]:
    """A rehearsed record of ten events; what a test does to it is rolled back."""
    for database in fresh_database(running_server("wheel")):
        book = new_book(database, "rehearsal")
        fill(book, 10)
        yield database, book


@pytest.fixture
def tampering(filled: tuple[Server, Book]) -> Iterator[tuple[Connection[TupleRow], Book]]:
    database, _ = filled
    with as_superuser(database) as connection, connection.transaction(force_rollback=True):
        yield connection, Book(connection)


def test_a_record_that_nobody_touched_verifies_to_its_head(each_database: Server) -> None:
    book = new_book(each_database)
    assert verify_book(book) == book.beginning
    fill(book, 5)
    assert verify_book(book) == book.head()


@pytest.mark.parametrize(
    "change",
    [
        "at = at + interval '1 microsecond'",
        "zone = 'UTC'",
        "actor = actor || ' '",
        "role = 'investigator'",
        "site = NULL",
        "participant = '01-008'",
        "kind = 'WeightMeasurec'",
        "version = 2",
        """payload = '{"kg":"7.0"}'""",
        "reason = 'x'",
        "request = 'r-77'",
        "part = 2",
        "previous = hash",
        "hash = set_byte(hash, 0, get_byte(hash, 0) # 1)",
    ],
)
def test_an_event_that_was_changed_is_named(tampering: tuple[Connection[TupleRow], Book], change: str) -> None:
    connection, book = tampering
    connection.execute(f"UPDATE record.event SET {change} WHERE sequence = 7".encode())
    with pytest.raises(RecordCorrupt, match=r"^event 7 \(WeightMeasure.\) was changed"):
        verify_book(book)


def test_an_event_that_was_removed_is_named(tampering: tuple[Connection[TupleRow], Book]) -> None:
    connection, book = tampering
    connection.execute("DELETE FROM record.event WHERE sequence = 7")
    with pytest.raises(RecordCorrupt, match=r"^event 7 is missing"):
        verify_book(book)


def test_the_first_event_is_missed_too(tampering: tuple[Connection[TupleRow], Book]) -> None:
    connection, book = tampering
    connection.execute("DELETE FROM record.event WHERE sequence = 1")
    with pytest.raises(RecordCorrupt, match=r"^event 1 is missing"):
        verify_book(book)


def test_an_event_that_was_exchanged_with_a_new_hash_is_named(
    tampering: tuple[Connection[TupleRow], Book],
) -> None:
    connection, book = tampering
    event = book.event(7)
    assert event is not None
    connection.execute("DELETE FROM record.event WHERE sequence = 7")
    connection.execute(INSERT, msgspec.structs.astuple(sealed(event, event.previous, payload='{"kg":"99"}')))
    with pytest.raises(RecordCorrupt, match=r"^event 7 \(WeightMeasured\) was put in or changed"):
        verify_book(book)


def test_an_event_that_was_removed_with_those_after_it_renumbered_is_named(
    tampering: tuple[Connection[TupleRow], Book],
) -> None:
    connection, book = tampering
    connection.execute("DELETE FROM record.event WHERE sequence = 7")
    for sequence in (8, 9, 10):
        connection.execute("UPDATE record.event SET sequence = sequence - 1 WHERE sequence = %s", (sequence,))
    with pytest.raises(RecordCorrupt, match=r"^event 7 .* was changed"):
        verify_book(book)


def test_a_record_written_anew_from_an_event_on_leaves_a_chain_that_only_a_witness_can_deny(
    tampering: tuple[Connection[TupleRow], Book],
) -> None:
    connection, book = tampering
    head = book.head()
    event = book.event(7)
    assert event is not None
    connection.execute("DELETE FROM record.event WHERE sequence >= 7")
    connection.execute(INSERT, msgspec.structs.astuple(sealed(event, event.previous, payload='{"kg":"99"}')))
    assert verify_book(book) != head


@pytest.fixture(scope="module")
def events(filled: tuple[Server, Book]) -> list[Event]:
    return list(filled[1].read())


def test_an_event_that_was_put_in_shifts_the_numbers_and_is_named(
    filled: tuple[Server, Book], events: list[Event]
) -> None:
    put_in = sealed(events[3], events[2].hash)
    with pytest.raises(RecordCorrupt, match=r"^event 5 is missing: after event 4 .* stands event 4 "):
        verify_chain([*events[:4], put_in, *events[4:]], filled[1].beginning)


def test_events_that_were_swapped_are_named(filled: tuple[Server, Book], events: list[Event]) -> None:
    with pytest.raises(RecordCorrupt, match=r"^event 4 is missing"):
        verify_chain([*events[:3], events[4], events[3], *events[5:]], filled[1].beginning)


def test_an_event_with_an_earlier_time_and_a_proper_hash_is_named(
    filled: tuple[Server, Book], events: list[Event]
) -> None:
    early = sealed(events[9], events[8].hash, at=MIDNIGHT)
    with pytest.raises(RecordCorrupt, match=r"^event 10 .* earlier time"):
        verify_chain([*events[:9], early], filled[1].beginning)


def test_the_events_of_another_record_do_not_follow_its_beginning(events: list[Event]) -> None:
    with pytest.raises(RecordCorrupt, match="beginning"):
        verify_chain(events, Head(0, bytes(32), None))


def test_a_part_of_the_record_verifies_from_a_head_that_is_trusted(
    filled: tuple[Server, Book], events: list[Event]
) -> None:
    trusted = Head(6, events[5].hash, events[5].at)
    assert verify_chain(filled[1].read(6), trusted) == filled[1].head()
    assert verify_chain([], trusted) == trusted


def test_the_words_say_what_to_compare_with_and_end_with_what_was_found(
    filled: tuple[Server, Book], events: list[Event]
) -> None:
    moved = msgspec.structs.replace(events[2], at=events[2].at + timedelta(hours=1))
    with pytest.raises(RecordCorrupt) as refused:
        verify_chain([*events[:2], moved], filled[1].beginning)
    assert re.search(r"backup, an export or the printed witness lines\. Got [0-9a-f]{64}$", str(refused.value))


def test_a_turn_on_a_record_that_was_cut_goes_on_where_it_ends(database: Server) -> None:
    book = new_book(database)
    fill(book, 3)
    with as_superuser(database) as connection:
        connection.execute("DELETE FROM record.event WHERE sequence = 3")
    (event,) = append(book, "after", draft())
    assert event.sequence == 3
    assert verify_book(book).sequence == 3  # the chain is whole: only an anchor knows of what was cut off
