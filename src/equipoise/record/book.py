"""The book: reading the record, and taking a turn to append to it.

A step of a trial is decided on the whole record so far. So whoever decides takes a turn: one transaction that
holds the lock on the head of the chain, sees every event that has come since, appends, and is over within
milliseconds. It is committed without waiting for the disk, which frees the lock; then the writer waits for one
flush, which PostgreSQL shares among all who wait (group commit). A step is acknowledged only after that flush, so
an acknowledged step is stored: all that a turn can see went to the log before what it writes itself.

The request key says which step was meant. A key that was answered before shows the events it led to, so that a
double click, a retry after a lost connection or a repeated import never does a thing twice. Beside it a hash of
what was asked is kept, where the stamp bears one: a key that was used for one step is none for another. A record
that was begun before such hashes were kept has no table for them, and goes on without.
"""

import logging
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import psycopg
from psycopg import Connection, Cursor, errors, sql
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow

from equipoise.errors import DataError, DecisionRefused, RecordCorrupt
from equipoise.record.event import (
    GIVEN,
    Draft,
    Event,
    Head,
    Stamp,
    first_hash,
    hash_event,
    require_canonical,
)

UNREACHABLE = "the database cannot be reached"
NOTHING_STORED = "nothing was stored by this step, repeat it with the same key when the database is back"
NOT_CONFIRMED = (
    "whether this step was stored is not known, repeat it with the same key when the database is back: "
    "it is stored once, never twice"
)
ANSWERED = "this step was stored before under the same key; nothing is added"

# what goes wrong with a connection is said by the error that is raised
logging.getLogger("psycopg").addHandler(logging.NullHandler())

_BATCH = 20_000
_EVENTS = "SELECT {columns} FROM {schema}.event WHERE "
_APPEND = """
INSERT INTO {schema}.event ({given}) SELECT {given} FROM unnest(
    %s::timestamptz[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
    %s::text[], %s::int[], %s::text[], %s::text[], %s::text[], %s::int[]
) WITH ORDINALITY AS draft ({given}, place) ORDER BY place RETURNING {columns}
"""
_KEEP_ASKED = "WITH kept AS (INSERT INTO {schema}.asked (request, hash) VALUES (%s, %s)) "
_FLUSH = "SELECT pg_logical_emit_message(true, 'equipoise', 'flush')"


class Book:
    """A record in the database, through an autocommit connection of a role that may read it, or append as well.

    A connection serves one thread at a time, and so does its book. With `flush=False` a turn is over when it is
    committed but perhaps not on disk: for bulk work, which calls `flush` before it tells anybody.
    """

    def __init__(self, connection: Connection[TupleRow], schema: str = "record", *, flush: bool = True) -> None:
        if not connection.autocommit:
            raise ValueError("a book needs a connection in autocommit mode")
        self.connection = connection
        self.schema = schema
        self._flush = flush
        self._newest = self.query("SELECT sequence, hash, at FROM {schema}.event ORDER BY sequence DESC LIMIT 1")
        self._news = self.query(_EVENTS + "sequence > %s ORDER BY sequence")
        self._one = self.query(_EVENTS + "sequence = %s")
        self._answered = self.query(_EVENTS + "request = %s ORDER BY part")
        self._take_turn = self.query("SELECT * FROM {schema}.take_turn()")
        self._append = self.query(_APPEND)
        self._append_asked = self.query(_KEEP_ASKED + _APPEND)
        self._asked = self.query("SELECT hash FROM {schema}.asked WHERE request = %s")
        with reachable(connection):
            self.trial, self.mode, first, self.keeps_asked = self._open()
        self.beginning = Head(0, first_hash(schema, self.trial, self.mode), None)
        if first != self.beginning.hash:
            raise RecordCorrupt(
                f"{schema}: the name of the trial or its mode was changed after the record began. "
                f"Got {self.trial}, {self.mode}"
            )

    def _open(self) -> tuple[str, str, bytes, bool]:
        """Read whose record this is, and whether it keeps what was asked; let the session tell UTC and wait."""
        self.connection.execute("SET timezone = 'UTC'")
        durable = self.connection.execute("SELECT current_setting('synchronous_commit') <> 'off'").fetchone()
        if durable != (True,):
            self.connection.execute("SET synchronous_commit = on")
        try:
            row = self.connection.execute(
                self.query(
                    "SELECT trial, mode, first_hash, EXISTS (SELECT FROM pg_tables WHERE schemaname = "
                    "{name} AND tablename = 'asked') FROM {schema}.book"
                )
            ).fetchone()
        except (errors.UndefinedTable, errors.InsufficientPrivilege) as error:
            user = self.connection.info.user
            raise DataError(f"no record that {user} may read is in this database. Got {self.schema}") from error
        if row is None:
            raise RecordCorrupt(f"{self.schema}: the row that says whose record this is has been removed")
        return row[0], row[1], row[2], row[3]

    def head(self) -> Head:
        """Read the newest event's sequence, hash and time."""
        with reachable(self.connection):
            row = self.connection.execute(self._newest).fetchone()
        return self.beginning if row is None else Head(*row)

    def event(self, sequence: int) -> Event | None:
        """Read one event; `None` where the record does not reach so far."""
        with reachable(self.connection), self.connection.cursor(binary=True) as cursor:
            row = cursor.execute(self._one, (sequence,)).fetchone()
        return None if row is None else Event(*row)

    def read(
        self,
        after: int = 0,
        *,
        participant: str | None = None,
        kinds: Collection[str] | None = None,
        batch: int = _BATCH,
    ) -> Iterator[Event]:
        """Read the events after `after` in their order; only of one participant, of some kinds, where given.

        They come in batches of `batch`, without a transaction held open: what was read cannot change.
        """
        query = self.query(
            _EVENTS
            + "sequence > %(after)s"
            + ("" if participant is None else " AND participant = %(participant)s")
            + ("" if kinds is None else " AND kind = ANY(%(kinds)s)")
            + " ORDER BY sequence LIMIT %(batch)s"
        )
        values = {"participant": participant, "kinds": list(kinds or ()), "batch": batch}
        while True:
            with reachable(self.connection), self.connection.cursor(binary=True) as cursor:
                rows = cursor.execute(query, {**values, "after": after}).fetchall()
            for row in rows:
                yield Event(*row)
            if len(rows) < batch:
                return
            after = rows[-1][0]

    def newest(
        self,
        most: int,
        *,
        before: int | None = None,
        actor: str | None = None,
        kind: str | None = None,
        participant: str | None = None,
        sites: Collection[str] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[Event]:
        """Return at most so many events that are meant, the newest first; each `None` leaves a choice open.

        before: only events with a lower sequence, for the next page. sites: only events at one of these. since:
        the first moment; until: the first that is too late.
        """
        wanted = {
            "sequence < %(before)s": before,
            "actor = %(actor)s": actor,
            "kind = %(kind)s": kind,
            "participant = %(participant)s": participant,
            "site = ANY(%(sites)s)": sites,
            "at >= %(since)s": since,
            "at < %(until)s": until,
        }
        chosen = [condition for condition, value in wanted.items() if value is not None] or ["true"]
        query = self.query(_EVENTS + " AND ".join(chosen) + " ORDER BY sequence DESC LIMIT %(most)s")
        values = {
            "before": before,
            "actor": actor,
            "kind": kind,
            "participant": participant,
            "sites": None if sites is None else list(sites),
            "since": since,
            "until": until,
            "most": most,
        }
        with reachable(self.connection), self.connection.cursor(binary=True) as cursor:
            return [Event(*row) for row in cursor.execute(query, values).fetchall()]

    @contextmanager
    def turn(self, after: int, request: str, *, in_order: bool = False) -> Iterator["Turn"]:
        """Take a turn: wait for the lock, show what is new after `after` and what `request` has already led to.

        in_order: in a rehearsal, a step that others have overtaken bears the time of the newest event, instead of
        being refused; for processes that share a record, each with a clock of its own.

        Leaving the block commits and waits until it is on disk; an exception rolls everything back. Raises
        `DecisionRefused` where the database goes away, is full, or busy for half a minute, saying whether
        anything can have been stored.
        """
        if self.connection.info.transaction_status in (TransactionStatus.INTRANS, TransactionStatus.INERROR):
            raise RuntimeError("a turn cannot begin inside another transaction of the same connection")
        turn = self._begin(after, request)
        turn.in_order = in_order
        with reachable(self.connection):
            try:
                yield turn
            except BaseException:
                self._roll_back()
                raise
            finally:
                turn.over = True
        self._commit()

    def flush(self) -> None:
        """Wait until everything that was committed so far is on disk; all who wait share one write."""
        with reachable(self.connection, NOT_CONFIRMED):
            self.connection.execute(_FLUSH)

    def query(self, text: str) -> bytes:
        """Write a query on this record.

        `{schema}` stands for it, `{name}` for its name as a text, `{columns}` for all of an event, `{given}` for
        those to append it.
        """
        return (
            sql.SQL(text)
            .format(
                schema=sql.Identifier(self.schema),
                name=sql.Literal(self.schema),
                columns=sql.SQL(", ").join(map(sql.Identifier, Event.__struct_fields__)),
                given=sql.SQL(", ").join(map(sql.Identifier, GIVEN)),
            )
            .as_bytes(self.connection)
        )

    def _begin(self, after: int, request: str) -> "Turn":
        connection = self.connection
        try:
            with reachable(connection), connection.pipeline():
                connection.execute("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
                newest = connection.execute(self._take_turn)
                news = connection.cursor(binary=True).execute(self._news, (after,))
                answered = connection.cursor(binary=True).execute(self._answered, (request,))
                row = newest.fetchone()
                return Turn(
                    self,
                    request,
                    head=self.beginning if row is None else Head(*row),
                    news=[Event(*row) for row in news],
                    answered=tuple(Event(*row) for row in answered),
                )
        except BaseException:
            self._roll_back()
            raise

    def _commit(self) -> None:
        connection = self.connection
        status = connection.info.transaction_status
        if status is not TransactionStatus.INTRANS:
            self._roll_back()
            if connection.closed:
                raise DecisionRefused(f"{UNREACHABLE}; {NOTHING_STORED}")
            raise RuntimeError(
                "a turn was left after one of its statements had failed or its transaction was ended inside; "
                f"its events are not stored. Got transaction status {status.name}"
            )
        with reachable(connection, NOT_CONFIRMED), connection.pipeline():
            connection.execute("COMMIT")
            if self._flush:
                connection.execute(_FLUSH)

    def _roll_back(self) -> None:
        """End the transaction, if there still is a connection that has one."""
        if not self.connection.closed:
            try:
                self.connection.rollback()
            except psycopg.OperationalError:
                self.connection.close()


class Turn:
    """One transaction that holds the lock on the head of the record.

    `connection` is for guard rows that are to be stored together with the events; `news` are the events after
    the ones the caller knew; `answered` those that this request has already led to, in which case nothing may be
    appended; `head` is the newest event, also of those appended in this turn.
    """

    def __init__(
        self, book: Book, request: str, *, head: Head, news: list[Event], answered: tuple[Event, ...]
    ) -> None:
        self.connection = book.connection
        self.head = head
        self.news = news
        self.answered = answered
        self.appended: list[Event] = []
        self.over = False
        self.in_order = False
        self._book = book
        self._request = request

    def was_for_another(self, asked: bytes | None) -> bool:
        """Say whether this request was answered before for something else than what is asked now, as a hash.

        False where either hash is missing: of a step of a record that kept none yet, nothing is known.
        """
        if not self.answered or asked is None or not self._book.keeps_asked:
            return False
        row = self.connection.execute(self._book._asked, (self._request,)).fetchone()
        return row is not None and bytes(row[0]) != asked

    def append(self, stamp: Stamp, drafts: Sequence[Draft]) -> tuple[Event, ...]:
        """Append events in their order and give them as stored (on disk when the turn has ended).

        Raises `DataError` for what the record cannot hold, `DecisionRefused` where the request was answered
        before or the clock of a rehearsal would go back, `RecordCorrupt` where database and program disagree on a
        hash.
        """
        at = self._require_stamp(stamp)
        for draft in drafts:
            require_canonical(draft.payload)
        first = len(self.appended) + 1
        rows = [
            (
                at,
                stamp.zone,
                stamp.actor,
                stamp.role,
                draft.site,
                draft.participant,
                draft.kind,
                draft.version,
                draft.payload,
                draft.reason,
                stamp.request,
                part,
            )
            for part, draft in enumerate(drafts, start=first)
        ]
        if not rows:
            return ()
        columns = [list(column) for column in zip(*rows, strict=True)]
        keeps = first == 1 and stamp.asked is not None and self._book.keeps_asked
        asked = (stamp.request, stamp.asked) if keeps else ()
        events = tuple(Event(*row) for row in self._insert(asked, columns))
        for event in events:
            if hash_event(event) != event.hash:
                raise RecordCorrupt(
                    f"{self._book.schema}: the database and this program disagree on the hash of event "
                    f"{event.sequence} ({event.kind}); nothing was stored"
                )
        self.appended.extend(events)
        self.head = Head(events[-1].sequence, events[-1].hash, events[-1].at)
        return events

    def _require_stamp(self, stamp: Stamp) -> datetime | None:
        """See that this turn may append under this stamp; give the time that counts, in a rehearsal only."""
        if self.over:
            raise RuntimeError("a turn that is over cannot append")
        if stamp.request != self._request:
            raise ValueError(f"the stamp must bear the request of the turn, {self._request}. Got {stamp.request}")
        if self.answered:
            raise DecisionRefused(f"{ANSWERED}. Got {stamp.request}")
        try:
            ZoneInfo(stamp.zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise DataError(
                f"the time zone of an event must be one of the IANA list, such as Asia/Shanghai. Got {stamp.zone}"
            ) from error
        if self._book.mode == "live":
            return None
        if stamp.at is None or stamp.at.tzinfo is None:
            raise DataError(f"in a rehearsal each step must bear its time, with its zone. Got {stamp.at}")
        return max(stamp.at, self.head.at or stamp.at) if self.in_order else stamp.at

    def _insert(self, asked: Sequence[object], columns: Sequence[list[object]]) -> Cursor[TupleRow]:
        name = self._book.schema
        query = self._book._append_asked if asked else self._book._append
        try:
            return self.connection.cursor(binary=True).execute(query, (*asked, *columns))
        except errors.CheckViolation as error:
            raise DataError(f"{name}: the {error.diag.constraint_name} of an event is empty or wrong") from error
        except (errors.DataError, errors.NotNullViolation) as error:
            raise DataError(f"{name}: the record cannot hold this event: {_sentence(error)}") from error
        except errors.UniqueViolation as error:
            raise DecisionRefused(ANSWERED) from error
        except psycopg.DatabaseError as error:
            if error.sqlstate in ("QR002", "QR003"):
                raise DecisionRefused(f"{_sentence(error)}; nothing was stored by this step") from error
            raise


@contextmanager
def reachable(connection: Connection[TupleRow], consequence: str = NOTHING_STORED) -> Iterator[None]:
    """Turn what goes wrong with the database inside the block into `DecisionRefused` with its consequence."""
    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        if connection.closed:
            raise DecisionRefused(f"{UNREACHABLE}; {consequence}") from error
        if isinstance(error, errors.LockNotAvailable):
            raise DecisionRefused(f"others have held the record for half a minute; {consequence}") from error
        if isinstance(error, psycopg.OperationalError):
            raise DecisionRefused(
                f"the database cannot go on; {consequence}. It says: {_sentence(error)}"
            ) from error
        raise


def _sentence(error: psycopg.Error) -> str:
    return error.diag.message_primary or str(error)
