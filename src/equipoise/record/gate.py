"""The gate: after a restore, no allocation and no dose until someone has reconciled what was lost.

A backup that is put back does not know of the slots that were used after it was made, and would give them out
again. So the record remembers where it lives: the server, its timeline (recovery to a point in time begins
one), its table (a restored dump makes a new one). Where it finds itself elsewhere its gate is shut, by whatever
way it got there; a restore and an anchor ahead of the record shut it too. Reconciling against the witnessed
numbers opens it, which only the roles named as gatekeepers may do. A snapshot of the whole machine that was put
back shows by nothing but the anchors: check them at every start.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from psycopg import Connection, sql
from psycopg.rows import TupleRow

from equipoise.errors import DecisionRefused
from equipoise.record.book import Book, Turn, reachable
from equipoise.record.event import Head

GATE = """
CREATE TABLE {schema}.gate (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    open boolean NOT NULL,
    why text NOT NULL CONSTRAINT why CHECK (btrim(why) <> ''),
    since timestamptz NOT NULL,
    home text NOT NULL
);

CREATE FUNCTION {schema}.home() RETURNS text LANGUAGE sql STABLE
RETURN concat_ws('-', (SELECT system_identifier FROM pg_control_system()),
    left(pg_walfile_name(pg_current_wal_lsn()), 8), '{schema}.event'::regclass::oid);

CREATE FUNCTION {schema}.read_gate(OUT open boolean, OUT at_home boolean, OUT why text, OUT since timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT g.open, g.home = {schema}.home(), g.why, g.since FROM {schema}.gate g;
END;

CREATE FUNCTION {schema}.gate_is_open() RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp
RETURN coalesce((SELECT g.open AND g.at_home FROM {schema}.read_gate() g), false);

CREATE FUNCTION {schema}.set_gate(open boolean, why text) RETURNS void LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO {schema}.gate (open, why, since, home) VALUES (open, why, clock_timestamp(), {schema}.home())
    ON CONFLICT (single) DO UPDATE
        SET open = excluded.open, why = excluded.why, since = excluded.since, home = excluded.home;
END;

CREATE FUNCTION {schema}.open_gate(why text) RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC SELECT {schema}.set_gate(true, why); END;

CREATE FUNCTION {schema}.shut_gate(why text) RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC SELECT {schema}.set_gate(false, why); END;
"""

GRANTS_TO_SEE_GATE = "GRANT EXECUTE ON FUNCTION {schema}.read_gate(), {schema}.gate_is_open() TO {role};"
GRANTS_TO_SHUT_GATE = "GRANT EXECUTE ON FUNCTION {schema}.shut_gate(text) TO {role};"
GRANTS_TO_OPEN_GATE = """
GRANT USAGE ON SCHEMA {schema} TO {role};
GRANT EXECUTE ON FUNCTION {schema}.open_gate(text) TO {role};
"""

ELSEWHERE = "the database is not the one that the record was begun or last reconciled in"


class Gate(msgspec.Struct, frozen=True):
    """Whether participants may be allocated and doses prepared; `why` is for people, `since` is UTC."""

    open: bool
    why: str
    since: datetime | None


def read_gate(book: Book) -> Gate:
    """Read the gate of a record."""
    with reachable(book.connection):
        row = book.connection.execute(book.query("SELECT open, at_home, why, since FROM {schema}.read_gate()"))
        return _gate(row.fetchone())


def require_open_gate(turn: Turn, schema: str = "record") -> None:
    """Raise `DecisionRefused` where the gate of the record is shut; asked within the turn that would allocate."""
    query = sql.SQL("SELECT open, at_home, why, since FROM {}.read_gate()").format(sql.Identifier(schema))
    found = _gate(turn.connection.execute(query).fetchone())
    if not found.open:
        raise DecisionRefused(
            "allocation and dosing are shut until the numbers already used have been reconciled; call the trial's "
            f"coordinating centre. Shut because {found.why}"
        )


def shut_gate(connection: Connection[TupleRow], schema: str, why: str) -> None:
    """Shut the gate of a record; whoever may append may do it."""
    connection.execute(sql.SQL("SELECT {}.shut_gate(%s)").format(sql.Identifier(schema)), (why,))


def open_gate(connection: Connection[TupleRow], schema: str, why: str) -> None:
    """Open the gate after reconciling, here and now; only a gatekeeper may."""
    connection.execute(sql.SQL("SELECT {}.open_gate(%s)").format(sql.Identifier(schema)), (why,))


def shut_gate_if_behind(book: Book, witnessed: Iterable[Head]) -> Gate:
    """Shut the gate where an event was witnessed outside that the record does not reach; give the gate."""
    furthest = max((head.sequence for head in witnessed), default=0)
    stands = book.head().sequence
    if furthest > stands:
        shut_gate(
            book.connection,
            book.schema,
            f"event {furthest} was witnessed outside the database but the record ends at event {stands}",
        )
    return read_gate(book)


def _gate(row: TupleRow | None) -> Gate:
    if row is None or row[0] is None:
        return Gate(False, "the row that says whether it is open has been removed", None)
    is_open, at_home, why, since = row
    if is_open and not at_home:
        return Gate(False, ELSEWHERE, since)
    return Gate(is_open, why, since)
