"""The database gone in the middle: what was acknowledged is stored, the rest is not, and the words say which."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event as Signal

import pytest
from tests.record.books import append, draft, fill, new_book, stamp
from tests.servers import DebianServer, WheelServer

from equipoise.errors import DecisionRefused
from equipoise.record import Book, Server, verify_book

CLIENTS = 6
BULK = 20


def test_what_was_acknowledged_before_the_power_failed_is_stored_once(
    crash_server: WheelServer | DebianServer,
) -> None:
    prepare(crash_server)
    acknowledged: dict[str, int] = {}
    for crash in range(2):
        acknowledged |= write_bulk(crash_server.start(), crash)
        acknowledged |= write_until_the_power_fails(crash_server, crash)
    book = Book(crash_server.start().connect("conduct"))
    stored = {event.request: event.sequence for event in book.read()}
    assert acknowledged.items() <= stored.items()
    assert len(acknowledged) >= 2 * (BULK + 10)
    assert verify_book(book).sequence == len(stored) <= len(acknowledged) + 2 * CLIENTS
    repeat(book, [*stored, *(f"lost-{number}" for number in range(5))])
    assert verify_book(book).sequence == len(stored) + 5


def prepare(running: WheelServer | DebianServer) -> Book:
    """Create a record on a server that writes nothing to disk of its own accord for a while."""
    with running.start().connect_admin() as connection:
        connection.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
    running.stop()
    return new_book(running.start())


def test_without_the_flush_steps_would_be_acknowledged_and_lost(
    crash_server: WheelServer | DebianServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = prepare(crash_server)
    monkeypatch.setattr("equipoise.record.book._FLUSH", "SELECT 1")
    fill(book, 20)
    crash_server.stop(immediate=True)
    assert Book(crash_server.start().connect("conduct")).head().sequence < 20


def write_bulk(server: Server, crash: int) -> dict[str, int]:
    """Append without waiting for the disk each time; one flush makes all of it acknowledged."""
    bulk = Book(server.connect("conduct"), flush=False)
    told = {}
    for number in range(BULK):
        request = f"bulk-{crash}-{number}"
        told[request] = append(bulk, request, draft(number))[0].sequence
    bulk.flush()
    return told


def write_until_the_power_fails(running: WheelServer | DebianServer, crash: int) -> dict[str, int]:
    """Let clients append as fast as they can, stop the server under them; give what they were told is stored."""
    server = running.start()
    books = [Book(server.connect("conduct")) for _ in range(CLIENTS)]
    enough = Signal()

    def client(place: int) -> dict[str, int]:
        told: dict[str, int] = {}
        while True:
            request = f"{crash}-{place}-{len(told)}"
            try:
                (event,) = append(books[place], request, draft(place))
            except DecisionRefused as refused:
                assert "with the same key" in str(refused)
                return told
            told[request] = event.sequence
            if len(told) == 10:
                enough.set()

    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [pool.submit(client, place) for place in range(CLIENTS)]
        assert enough.wait(30)
        running.stop(immediate=True)
        return {request: sequence for done in clients for request, sequence in done.result().items()}


def repeat(book: Book, requests: list[str]) -> None:
    """Send steps again whose answer may have been lost: a step that was stored is not stored twice."""
    for request in requests:
        with book.turn(book.head().sequence, request) as turn:
            if not turn.answered:
                turn.append(stamp(request), [draft()])


def cut_off(server: Server, book: Book) -> None:
    with server.connect_admin() as connection:
        connection.execute("SELECT pg_terminate_backend(%s)", (book.connection.info.backend_pid,))


def test_a_database_gone_before_the_turn_says_that_nothing_was_stored(database: Server) -> None:
    book = new_book(database)
    cut_off(database, book)
    with pytest.raises(DecisionRefused, match="nothing was stored by this step"):
        append(book, "r-1", draft())


def test_a_database_gone_within_the_turn_says_that_nothing_was_stored(database: Server) -> None:
    book = new_book(database)
    with pytest.raises(DecisionRefused, match="nothing was stored by this step"), book.turn(0, "r-1") as turn:
        cut_off(database, book)
        turn.append(stamp("r-1"), [draft()])
    assert Book(database.connect("conduct")).head().sequence == 0


def test_a_database_gone_at_the_end_of_the_turn_does_not_claim_to_know(database: Server) -> None:
    book = new_book(database)
    with pytest.raises(DecisionRefused, match=r"is not known.* with the same key"), book.turn(0, "r-1") as turn:
        turn.append(stamp("r-1"), [draft()])
        cut_off(database, book)


@pytest.mark.parametrize(
    "call", [Book.head, Book.flush, lambda book: list(book.read()), lambda book: book.event(1)]
)
def test_a_database_gone_while_reading_is_said_in_the_same_words(
    database: Server, call: Callable[[Book], object]
) -> None:
    book = new_book(database)
    cut_off(database, book)
    with pytest.raises(DecisionRefused, match="the database cannot be reached"):
        call(book)


def test_a_server_that_is_not_there_is_said_in_the_same_words(database: Server) -> None:
    gone = Server("postgresql://nobody@/none?host=/nowhere")
    with pytest.raises(DecisionRefused, match="the database cannot be reached"):
        gone.connect("conduct")
