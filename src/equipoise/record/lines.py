"""The record as files that can be read without this program: JSON Lines, and Parquet.

JSON Lines (https://jsonlines.org) is the copy for the archive: a first line that says whose record it is, each
event with all its fields, a last line with the head. The chain can be verified from the file alone, and no byte of
it can be changed unnoticed: each line must be exactly as this module writes it. An empty record can be filled from
such a file: the same events with the same times, the same chain. Parquet is for analysis.
"""

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier

from equipoise.errors import DataError, RecordCorrupt
from equipoise.record.book import Book
from equipoise.record.event import Event, Head, first_hash
from equipoise.record.gate import shut_gate
from equipoise.record.verify import verify_book, verify_chain

if TYPE_CHECKING:
    import polars as pl

_FORMAT = "equipoise record 1"
_ROWS = 50_000
T = TypeVar("T")


class Title(msgspec.Struct, frozen=True):
    """The first line: whose record it is."""

    format: str
    schema: str
    trial: str
    mode: str


class _End(msgspec.Struct, frozen=True):
    events: int
    hash: str


class _Line(msgspec.Struct, frozen=True, gc=False):
    sequence: int
    at: datetime
    zone: str
    actor: str
    role: str
    site: str | None
    participant: str | None
    kind: str
    version: int
    payload: msgspec.Raw
    reason: str | None
    request: str
    part: int
    previous: str
    hash: str


_encode = msgspec.json.Encoder().encode
_decode_line = msgspec.json.Decoder(_Line).decode


def write_lines(book: Book, file: Path) -> Head:
    """Write a whole record as JSON Lines and give its head. The file appears when it is complete."""

    def write(unfinished: Path) -> Head:
        head = book.beginning
        with unfinished.open("wb") as stream:
            stream.write(_encode(Title(_FORMAT, book.schema, book.trial, book.mode)) + b"\n")
            for event in book.read():
                stream.write(_encode(_to_line(event)) + b"\n")
                head = Head(event.sequence, event.hash, event.at)
            stream.write(_encode(_End(head.sequence, head.hash.hex())) + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        return head

    return _when_complete(file, write)


def read_title(file: Path) -> Title:
    """Read whose record a file of JSON Lines is; raises `RecordCorrupt` where the first line does not say."""
    with file.open("rb") as stream:
        return _title(file, stream.readline())


def read_lines(file: Path) -> Iterator[Event]:
    """Read the events of a file of JSON Lines.

    Raises `RecordCorrupt` that names line and event where a line is not as it was written, or the end is missing;
    whether the events are those that were stored is for `verify_lines` to say.
    """
    number, last = 0, b""
    with file.open("rb") as stream:
        _title(file, stream.readline())
        line = stream.readline()
        for following in stream:
            number += 1
            event = _event(file, number, line)
            last = event.hash
            yield event
            line = following
    end = _End(number, last.hex() if number else _first_hash(file).hex())
    if line != _encode(end) + b"\n":
        raise RecordCorrupt(
            f"{file}:{number + 2} the last line must give the number of events and the hash of event {number}, "
            "the newest; the file was cut off or changed"
        )


def verify_lines(file: Path) -> Head:
    """Verify a file of JSON Lines by itself and give its head; raises `RecordCorrupt` that names an event."""
    return verify_chain(read_lines(file), Head(0, _first_hash(file), None))


def fill_book(connection: Connection[TupleRow], file: Path, schema: str = "record") -> Head:
    """Put every event of a file of JSON Lines into an empty record and give its head; all events, or none.

    connection: that of the owner of the record, who alone can set the triggers aside that number and date events.
    The gate is shut, as after a restore. A record that holds just these events is left as it is. Raises
    `RecordCorrupt` for a file that does not verify, `DataError` for one of another trial and for a record that
    holds other events.
    """
    head, title = verify_lines(file), read_title(file)
    book = Book(connection, schema)
    if (title.schema, title.trial, title.mode) != (schema, book.trial, book.mode):
        raise DataError(
            f"{file} is the record {title.schema} of {title.trial} ({title.mode}), this one is {schema} of "
            f"{book.trial} ({book.mode})"
        )
    event, columns = Identifier(schema, "event"), SQL(", ").join(map(Identifier, Event.__struct_fields__))
    with connection.transaction():
        # waits for whoever appends, and lets nobody append meanwhile
        connection.execute(SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(event))
        present = book.head()
        if present.sequence and present != head:
            raise DataError(f"the record is not empty, it holds {present.sequence} events; {file} was not read in")
        if present != head:
            with connection.cursor().copy(SQL("COPY {} ({}) FROM STDIN").format(event, columns)) as copy:
                for one in read_lines(file):
                    copy.write_row([getattr(one, name) for name in Event.__struct_fields__])
            if verify_book(book) != head:
                raise RecordCorrupt(f"{file} was changed while it was read in; nothing was stored")
            shut_gate(connection, schema, f"the record was read in from {file.name}")
        connection.execute(SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(event))
    return head


def write_parquet(book: Book, file: Path) -> int:
    """Write the events of a record as Parquet, hashes as text, and give their number."""
    import polars as pl

    def write(unfinished: Path) -> int:
        frames = [_frame([])]
        rows: list[Event] = []
        for event in book.read():
            rows.append(event)
            if len(rows) == _ROWS:
                frames.append(_frame(rows))
                rows = []
        table = pl.concat([*frames, _frame(rows)])
        table.write_parquet(unfinished)
        return table.height

    return _when_complete(file, write)


def _frame(events: list[Event]) -> "pl.DataFrame":
    import polars as pl

    types: dict[str, Any] = dict.fromkeys(Event.__struct_fields__, pl.String)
    types |= {"sequence": pl.Int64, "at": pl.Datetime("us", "UTC"), "version": pl.Int32, "part": pl.Int32}
    columns = {name: [getattr(event, name) for event in events] for name in types}
    columns |= {name: [value.hex() for value in columns[name]] for name in ("previous", "hash")}
    return pl.DataFrame(columns, schema=types)


def _when_complete(file: Path, write: Callable[[Path], T]) -> T:
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        result = write(unfinished)
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
    return result


def _to_line(event: Event) -> _Line:
    return _Line(
        event.sequence,
        event.at,
        event.zone,
        event.actor,
        event.role,
        event.site,
        event.participant,
        event.kind,
        event.version,
        msgspec.Raw(event.payload.encode()),
        event.reason,
        event.request,
        event.part,
        event.previous.hex(),
        event.hash.hex(),
    )


def _event(file: Path, number: int, line: bytes) -> Event:
    try:
        found = _decode_line(line)
        event = Event(
            found.sequence,
            found.at,
            found.zone,
            found.actor,
            found.role,
            found.site,
            found.participant,
            found.kind,
            found.version,
            bytes(found.payload).decode(),
            found.reason,
            found.request,
            found.part,
            bytes.fromhex(found.previous),
            bytes.fromhex(found.hash),
        )
        if _encode(_to_line(event)) + b"\n" == line:
            return event
    except (ValueError, msgspec.MsgspecError) as error:
        raise RecordCorrupt(f"{file}:{number + 1} event {number} cannot be read: {error}") from error
    raise RecordCorrupt(f"{file}:{number + 1} event {number} ({event.kind}) is not written as it was exported")


def _title(file: Path, line: bytes) -> Title:
    try:
        title = msgspec.json.decode(line, type=Title)
        if title.format == _FORMAT and _encode(title) + b"\n" == line:
            return title
    except (ValueError, msgspec.MsgspecError) as error:
        raise RecordCorrupt(f"{file}:1 must say whose record this is, in the format '{_FORMAT}'") from error
    raise RecordCorrupt(f"{file}:1 must say whose record this is, in the format '{_FORMAT}'")


def _first_hash(file: Path) -> bytes:
    title = read_title(file)
    return first_hash(title.schema, title.trial, title.mode)
