"""Records for tests: a new one in a database, and events to put in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from psycopg import Connection
from psycopg.rows import TupleRow

from equipoise.record import Book, Draft, Event, Server, Stamp, canonical, create_book

MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)


def new_book(server: Server, mode: str = "live", schema: str = "record") -> Book:
    """Create a record that conduct may append to, the reader read and the vault open the gate of."""
    create_book(
        server.connect("owner"),
        schema,
        trial="demo",
        mode=mode,  # type: ignore[arg-type]
        writers=["equipoise_conduct"],
        readers=["equipoise_reader"],
        gatekeepers=["equipoise_vault"],
    )
    return Book(server.connect("conduct"), schema)


def stamp(request: str, at: datetime | None = None, **changed: str) -> Stamp:
    """A stamp of a coordinator in Shanghai."""
    who = {"actor": "nurse 7", "role": "coordinator", "zone": "Asia/Shanghai", **changed}
    return Stamp(request=request, at=at, **who)


def draft(number: int = 1, kind: str = "WeightMeasured", participant: str | None = "01-007") -> Draft:
    """A draft that tells one number from another."""
    return Draft(kind, 1, canonical({"kg": str(number)}), site="01", participant=participant)


def append(book: Book, request: str, *drafts: Draft, at: datetime | None = None) -> tuple[Event, ...]:
    """Append in a turn of its own."""
    with book.turn(0, request) as turn:
        return turn.append(stamp(request, at), drafts)


def fill(book: Book, count: int) -> list[Event]:
    """Append events one by one, a minute apart in a rehearsal, and give them."""
    return [
        append(book, f"r-{number}", draft(number), at=MIDNIGHT + timedelta(minutes=number))[0]
        for number in range(1, count + 1)
    ]


@contextmanager
def as_superuser(server: Server) -> Iterator[Connection[TupleRow]]:
    """Change the events as someone can who has every right: the triggers switched off."""
    with server.connect_admin() as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection
