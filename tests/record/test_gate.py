"""The gate: shut wherever the record finds itself elsewhere than where it was, opened by the gatekeeper alone."""

from datetime import UTC, datetime, timedelta

import pytest
from psycopg import errors
from tests.record.books import append, as_superuser, draft, fill, new_book

from equipoise.errors import DecisionRefused
from equipoise.record import (
    Book,
    Head,
    Server,
    open_gate,
    read_gate,
    require_open_gate,
    shut_gate,
    shut_gate_if_behind,
)
from equipoise.record.gate import ELSEWHERE


@pytest.fixture
def book(database: Server) -> Book:
    return new_book(database)


def allocate(book: Book, request: str) -> None:
    """What upper layers do before they give out a slot."""
    with book.turn(0, request) as turn:
        require_open_gate(turn)


def test_the_gate_of_a_new_record_is_open(each_database: Server) -> None:
    book = new_book(each_database)
    found = read_gate(book)
    assert (found.open, found.why) == (True, "the record begins")
    assert found.since is not None
    assert abs(found.since - datetime.now(UTC)) < timedelta(minutes=1)
    allocate(book, "r-1")


def test_a_shut_gate_refuses_allocation_but_not_other_work(database: Server, book: Book) -> None:
    shut_gate(book.connection, "record", "the server was moved")
    assert not read_gate(book).open
    with pytest.raises(DecisionRefused, match=r"coordinating centre.* Shut because the server was moved"):
        allocate(book, "r-1")
    assert append(book, "r-2", draft())


def test_the_gatekeeper_opens_it_again(database: Server, book: Book) -> None:
    shut_gate(book.connection, "record", "the server was moved")
    open_gate(database.connect("vault"), "record", "reconciled by two signers")
    assert read_gate(book).open
    allocate(book, "r-1")


@pytest.mark.parametrize("role", ["conduct", "reader"])
def test_nobody_else_opens_it(database: Server, book: Book, role: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        open_gate(database.connect(role), "record", "because")  # type: ignore[arg-type]


def test_who_only_reads_does_not_shut_it_either(database: Server, book: Book) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        shut_gate(database.connect("reader"), "record", "because")
    assert read_gate(Book(database.connect("reader"))).open


@pytest.mark.parametrize(
    "elsewhere",
    [
        "regexp_replace(home, '^[0-9]+', '1')",
        "regexp_replace(home, '-[0-9A-F]+-', '-00000002-')",
        "regexp_replace(home, '[0-9]+$', '1')",
    ],
    ids=["another server", "another timeline", "another table"],
)
def test_a_record_that_finds_itself_elsewhere_is_shut(database: Server, book: Book, elsewhere: str) -> None:
    with as_superuser(database) as connection:
        connection.execute(f"UPDATE record.gate SET home = {elsewhere}".encode())
    assert (read_gate(book).open, read_gate(book).why) == (False, ELSEWHERE)
    assert book.connection.execute("SELECT record.gate_is_open()").fetchone() == (False,)
    with pytest.raises(DecisionRefused):
        allocate(book, "r-1")
    open_gate(database.connect("vault"), "record", "reconciled")
    allocate(book, "r-2")


def test_it_is_shut_where_its_row_was_removed(database: Server, book: Book) -> None:
    with as_superuser(database) as connection:
        connection.execute("DELETE FROM record.gate")
    assert not read_gate(book).open
    assert book.connection.execute("SELECT record.gate_is_open()").fetchone() == (False,)
    open_gate(database.connect("vault"), "record", "reconciled")
    assert read_gate(book).open


def test_a_witness_that_is_ahead_of_the_record_shuts_it(book: Book) -> None:
    fill(book, 3)
    known = book.head()
    assert shut_gate_if_behind(book, []).open
    assert shut_gate_if_behind(book, [Head(1, bytes(32), None), known]).open
    found = shut_gate_if_behind(book, [known, Head(5, bytes(32), None)])
    assert not found.open
    assert found.why == "event 5 was witnessed outside the database but the record ends at event 3"
