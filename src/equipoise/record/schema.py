"""The tables of a record and the rules that the database itself keeps, as SQL.

A record is one schema: `book` (whose it is; its one row is the lock on the head of the chain), `event`, `asked`
(what each request asked for, as a hash), and `gate` (after a restore: see `gate.py`). A trigger numbers, dates and
chains each event, whoever inserts it and by whatever door; others refuse to update, delete or truncate. Grants say
the same again, for the owner too. Functions that run with the rights of the owner have a fixed search path
(PostgreSQL manual, CREATE FUNCTION, "Writing SECURITY DEFINER Functions Safely").

SQLSTATEs of our own: QR001 the record is only added to; QR002 the time goes back; QR003 the request was answered.
"""

import re
from collections.abc import Sequence
from typing import Literal

from psycopg import Connection, errors
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier

from equipoise.errors import DataError
from equipoise.record.event import GIVEN, first_hash
from equipoise.record.gate import GATE, GRANTS_TO_OPEN_GATE, GRANTS_TO_SEE_GATE, GRANTS_TO_SHUT_GATE, open_gate

Mode = Literal["live", "rehearsal"]

TABLES = """
CREATE SCHEMA {schema};

CREATE TABLE {schema}.book (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    trial text NOT NULL CHECK (btrim(trial) <> ''),
    mode text NOT NULL CHECK (mode IN ('live', 'rehearsal')),
    first_hash bytea NOT NULL CHECK (octet_length(first_hash) = 32)
);

CREATE TABLE {schema}.event (
    sequence bigint PRIMARY KEY,
    at timestamptz NOT NULL CONSTRAINT at CHECK (isfinite(at)),
    zone text NOT NULL,
    actor text NOT NULL CONSTRAINT actor CHECK (btrim(actor) <> ''),
    role text NOT NULL CONSTRAINT role CHECK (btrim(role) <> ''),
    site text CONSTRAINT site CHECK (btrim(site) <> ''),
    participant text CONSTRAINT participant CHECK (btrim(participant) <> ''),
    kind text NOT NULL CONSTRAINT kind CHECK (btrim(kind) <> ''),
    version integer NOT NULL CONSTRAINT version CHECK (version > 0),
    payload text NOT NULL CONSTRAINT payload CHECK (jsonb_typeof(payload::jsonb) = 'object'),
    reason text CONSTRAINT reason CHECK (btrim(reason) <> ''),
    request text NOT NULL CONSTRAINT request CHECK (btrim(request) <> ''),
    part integer NOT NULL,
    previous bytea NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT answered_once UNIQUE (request, part)
);
CREATE INDEX event_of_participant ON {schema}.event (participant, sequence) WHERE participant IS NOT NULL;
CREATE INDEX event_of_kind ON {schema}.event (kind, sequence);

CREATE TABLE {schema}.asked (
    request text PRIMARY KEY,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32)
);
"""

CHAIN = """
CREATE FUNCTION {schema}.framed(value text) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN value IS NULL THEN int4send(-1)
    ELSE int4send(octet_length(value)) || convert_to(value, 'UTF8') END;

CREATE FUNCTION {schema}.hash_event(e {schema}.event) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN sha256(
    e.previous || int8send(e.sequence) || int8send((extract(epoch FROM e.at) * 1000000)::bigint)
    || int4send(e.version) || int4send(e.part)
    || {schema}.framed(e.zone) || {schema}.framed(e.actor) || {schema}.framed(e.role)
    || {schema}.framed(e.site) || {schema}.framed(e.participant)
    || {schema}.framed(e.kind) || {schema}.framed(e.payload) || {schema}.framed(e.reason)
    || {schema}.framed(e.request)
);

CREATE FUNCTION {schema}.chain_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    own record;
    last record;
BEGIN
    SELECT mode, first_hash INTO STRICT own FROM {schema}.book FOR UPDATE;
    SELECT sequence, at, hash, request, part INTO last FROM {schema}.event ORDER BY sequence DESC LIMIT 1;
    new.sequence := coalesce(last.sequence, 0) + 1;
    new.previous := coalesce(last.hash, own.first_hash);
    IF own.mode = 'live' THEN
        new.at := greatest(clock_timestamp(), last.at);
    ELSIF new.at < last.at THEN
        RAISE EXCEPTION 'the clock of a rehearsal may not go back, it stands at %. Got %', last.at, new.at
            USING ERRCODE = 'QR002';
    END IF;
    IF new.part <> (CASE WHEN last.request = new.request THEN last.part + 1 ELSE 1 END) THEN
        RAISE EXCEPTION 'the events of one request follow one another, numbered from 1. Got %', new.part
            USING ERRCODE = 'QR003';
    END IF;
    PERFORM new.at AT TIME ZONE new.zone;  -- refuses a zone that nobody could read later
    new.hash := {schema}.hash_event(new);
    RETURN new;
END $$;
CREATE TRIGGER chain_event BEFORE INSERT ON {schema}.event
    FOR EACH ROW EXECUTE FUNCTION {schema}.chain_event();

CREATE FUNCTION {schema}.take_turn() RETURNS TABLE (sequence bigint, hash bytea, at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true), set_config('lock_timeout', '30s', true),
        set_config('idle_in_transaction_session_timeout', '60s', true);
    PERFORM 1 FROM {schema}.book FOR UPDATE;
    RETURN QUERY SELECT e.sequence, e.hash, e.at FROM {schema}.event e ORDER BY e.sequence DESC LIMIT 1;
END $$;

CREATE FUNCTION {schema}.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the record is only added to: % of % is refused', tg_op, tg_table_name USING ERRCODE = 'QR001';
END $$;
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.event
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.asked
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.book
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse_change();
"""

# for data managers and auditors with SQL alone; the planned review of the trail (E6(R3) 4.2.3) begins at activity
VIEWS = """
CREATE VIEW {schema}.trail AS
SELECT sequence, at AT TIME ZONE 'UTC' AS utc, at AT TIME ZONE zone AS local_time, zone, actor, role, site,
    participant, kind, version, payload::jsonb AS payload, reason, request, part, encode(hash, 'hex') AS hash
FROM {schema}.event;
COMMENT ON VIEW {schema}.trail IS 'The audit trail: time in UTC and by the clock of the site, content as JSON';

CREATE VIEW {schema}.activity AS
SELECT (at AT TIME ZONE zone)::date AS day, site, actor, role, kind,
    count(*) AS events, count(reason) AS with_reason
FROM {schema}.event GROUP BY 1, 2, 3, 4, 5;
COMMENT ON VIEW {schema}.activity IS 'Who did how much of what on which day, by the clock of the site';
"""

GRANTS = """
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {schema} FROM PUBLIC;
REVOKE UPDATE, DELETE, TRUNCATE ON {schema}.event, {schema}.asked FROM CURRENT_USER;
REVOKE DELETE, TRUNCATE ON {schema}.book FROM CURRENT_USER;  -- UPDATE is what locks its row
"""

GRANTS_TO_READ = """
GRANT USAGE ON SCHEMA {schema} TO {role};
GRANT SELECT ON {schema}.book, {schema}.event, {schema}.trail, {schema}.activity TO {role};
"""

GRANTS_TO_WRITE = """
GRANT INSERT ({given}) ON {schema}.event TO {role};
GRANT SELECT, INSERT ON {schema}.asked TO {role};
GRANT EXECUTE ON FUNCTION {schema}.take_turn() TO {role};
"""


def create_book(
    connection: Connection[TupleRow],
    schema: str = "record",
    *,
    trial: str,
    mode: Mode,
    writers: Sequence[str] = (),
    readers: Sequence[str] = (),
    gatekeepers: Sequence[str] = (),
) -> None:
    """Create an empty record as a schema of its own, and let roles append to it, read it, or open its gate.

    `connection` is the owner's. In a live book the database gives each event its time, in a rehearsal the caller
    does. Raises `DataError` where the schema exists already, a role is unknown or the database is not in UTF-8.
    """
    if not re.fullmatch("[a-z][a-z0-9_]*", schema):
        raise DataError(
            f"the schema of a record must be named in small letters, digits and underscores. Got {schema}"
        )
    if connection.info.parameter_status("server_encoding") != "UTF8":
        raise DataError(
            "the database of a record must be in the encoding UTF8; create it with ENCODING 'UTF8'. "
            f"Got {connection.info.parameter_status('server_encoding')}"
        )
    names = {"schema": Identifier(schema), "given": SQL(", ").join(map(Identifier, GIVEN))}
    try:
        with connection.transaction():
            for statements in (TABLES, CHAIN, GATE, VIEWS, GRANTS):
                connection.execute(SQL(statements).format(**names))
            connection.execute(
                SQL("INSERT INTO {schema}.book (trial, mode, first_hash) VALUES (%s, %s, %s)").format(**names),
                (trial, mode, first_hash(schema, trial, mode)),
            )
            open_gate(connection, schema, "the record begins")
            for grants, roles in (
                (GRANTS_TO_READ, dict.fromkeys([*writers, *readers])),
                (GRANTS_TO_SEE_GATE, dict.fromkeys([*writers, *readers, *gatekeepers])),
                (GRANTS_TO_WRITE, writers),
                (GRANTS_TO_SHUT_GATE, dict.fromkeys([*writers, *gatekeepers])),
                (GRANTS_TO_OPEN_GATE, gatekeepers),
            ):
                for role in roles:
                    connection.execute(SQL(grants).format(**names, role=Identifier(role)))
    except errors.DuplicateSchema as error:
        raise DataError(f"a new record needs a schema that does not exist yet. Got {schema}") from error
    except (errors.UndefinedObject, errors.CheckViolation) as error:
        raise DataError(f"the record of schema {schema} was not created: {error.diag.message_primary}") from error
