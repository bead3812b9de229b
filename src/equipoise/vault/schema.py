"""The tables of the vault and the one door through which the blinded side takes a slot, as SQL.

`vault.take_next` runs with the rights of the owner and a fixed search path (PostgreSQL manual, CREATE FUNCTION,
"Writing SECURITY DEFINER Functions Safely"): it locks the row of the stratum, so slots are taken in the order of
the list, and gives a participant who has a slot the same answer again. The blinded role may execute it and
`vault.places`, and has no other right in the schema; what it could read there is sealed besides.

A database that was restored may have forgotten slots that were given out: while the gate of the vault's own record
is shut, or another that is named (`record/gate.py`), nothing is given out.

SQLSTATEs of our own: QV001 no slot is left; QV002 the gate is shut; QV003 there is no such list; QV004 the request
belongs to another participant; QV005 what is stored in the vault is not changed.
"""

from collections.abc import Sequence

from psycopg import Connection, errors
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier, Literal

from ..errors import DataError
from ..record import create_book, role_name
from ..record.schema import Mode
from .ceremony.sealing import SealedSchedule
from .supply.tables import create_supply

OWN_RECORD = "vault_record"
"""Schema of the record that the vault keeps of every opening."""

TABLES = """
CREATE SCHEMA vault;

CREATE TABLE vault.ceremony (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    method text NOT NULL,
    generator text NOT NULL,
    protocol text NOT NULL,
    public_key bytea NOT NULL CHECK (octet_length(public_key) = 32),
    list_hash text NOT NULL,
    numbers_hash text NOT NULL,
    seed_box bytea
);

CREATE TABLE vault.stratum (
    place integer NOT NULL UNIQUE,
    name text PRIMARY KEY,
    places integer NOT NULL CHECK (places > 0),
    taken integer NOT NULL DEFAULT 0 CHECK (taken BETWEEN 0 AND places),
    as_they_come boolean NOT NULL
);

CREATE TABLE vault.slot (
    stratum text NOT NULL REFERENCES vault.stratum,
    position integer NOT NULL CHECK (position > 0),
    number text NOT NULL UNIQUE,
    box bytea NOT NULL,
    commitment bytea NOT NULL CHECK (octet_length(commitment) = 32),
    reserved_for text UNIQUE,
    PRIMARY KEY (stratum, position)
);

CREATE TABLE vault.allocation (
    number text PRIMARY KEY REFERENCES vault.slot (number),
    stratum text NOT NULL,
    place integer NOT NULL,
    participant text NOT NULL UNIQUE CHECK (btrim(participant) <> ''),
    request text NOT NULL UNIQUE CHECK (btrim(request) <> ''),
    UNIQUE (stratum, place)
);
"""

FUNCTIONS = """
CREATE FUNCTION vault.gates() RETURNS SETOF text LANGUAGE sql IMMUTABLE
RETURN unnest(ARRAY[{gates}]);

CREATE FUNCTION vault.take_next(of_stratum text, for_participant text, by_request text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    list vault.stratum;
    next vault.slot;
    given vault.allocation;
BEGIN
    IF NOT ({open}) THEN
        RAISE EXCEPTION 'the vault gives out no slot until it is reconciled' USING ERRCODE = 'QV002';
    END IF;
    SELECT * INTO list FROM vault.stratum s WHERE s.name = of_stratum FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the vault has no list of this name' USING ERRCODE = 'QV003';
    END IF;
    SELECT * INTO given FROM vault.allocation a WHERE a.participant = for_participant;
    IF FOUND THEN
        RETURN given.number;
    END IF;
    IF EXISTS (SELECT FROM vault.allocation a WHERE a.request = by_request) THEN
        RAISE EXCEPTION 'this request was answered for another participant' USING ERRCODE = 'QV004';
    END IF;
    IF list.as_they_come THEN
        SELECT * INTO next FROM vault.slot s WHERE s.stratum = of_stratum AND s.reserved_for = for_participant;
    ELSE
        SELECT * INTO next FROM vault.slot s WHERE s.stratum = of_stratum AND s.position = list.taken + 1;
    END IF;
    IF next.number IS NULL OR list.taken >= list.places THEN
        RAISE EXCEPTION 'no slot is left' USING ERRCODE = 'QV001';
    END IF;
    INSERT INTO vault.allocation AS a VALUES (next.number, of_stratum, list.taken + 1, for_participant, by_request)
    ON CONFLICT (participant) DO NOTHING RETURNING * INTO given;
    IF given.number IS NULL THEN  -- the same participant at the same moment in another stratum: the first stands
        RETURN (SELECT a.number FROM vault.allocation a WHERE a.participant = for_participant);
    END IF;
    UPDATE vault.stratum s SET taken = list.taken + 1 WHERE s.name = of_stratum;
    RETURN given.number;
END $$;

CREATE FUNCTION vault.places() RETURNS TABLE (stratum text, taken integer, places integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT s.name, s.taken, s.places FROM vault.stratum s ORDER BY s.place
$$;

CREATE FUNCTION vault.reserve(
    of_stratum text, at_position integer, as_number text, its_box bytea, its_commitment bytea, for_participant text
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM vault.stratum s WHERE s.name = of_stratum AND s.as_they_come) THEN
        RAISE EXCEPTION 'a list that was sealed beforehand takes no further slot' USING ERRCODE = 'QV005';
    END IF;
    INSERT INTO vault.slot
    VALUES (of_stratum, at_position, as_number, its_box, its_commitment, for_participant);
END $$;

CREATE FUNCTION vault.void_up_to(of_stratum text, last integer) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE vault.stratum s SET taken = last WHERE s.name = of_stratum AND s.taken < last
$$;

CREATE FUNCTION vault.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what is stored in the vault is not changed: % of % is refused', tg_op, tg_table_name
        USING ERRCODE = 'QV005';
END $$;

CREATE FUNCTION vault.refuse_going_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF new.taken <= old.taken OR (new.place, new.name, new.places, new.as_they_come)
        IS DISTINCT FROM (old.place, old.name, old.places, old.as_they_come) THEN
        RAISE EXCEPTION 'the slots of a list are only taken, one after the other' USING ERRCODE = 'QV005';
    END IF;
    RETURN new;
END $$;

CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON vault.ceremony
    FOR EACH STATEMENT EXECUTE FUNCTION vault.refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON vault.slot
    FOR EACH STATEMENT EXECUTE FUNCTION vault.refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON vault.allocation
    FOR EACH STATEMENT EXECUTE FUNCTION vault.refuse_change();
CREATE TRIGGER refuse_change BEFORE DELETE OR TRUNCATE ON vault.stratum
    FOR EACH STATEMENT EXECUTE FUNCTION vault.refuse_change();
CREATE TRIGGER refuse_going_back BEFORE UPDATE ON vault.stratum
    FOR EACH ROW EXECUTE FUNCTION vault.refuse_going_back();
"""

GRANTS = """
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA vault FROM PUBLIC;
GRANT USAGE ON SCHEMA vault TO {conduct}, {vault};
GRANT EXECUTE ON FUNCTION vault.take_next(text, text, text), vault.places() TO {conduct};
GRANT SELECT ON ALL TABLES IN SCHEMA vault TO {vault};
GRANT EXECUTE ON FUNCTION vault.gates(), vault.places(), vault.void_up_to(text, integer),
    vault.reserve(text, integer, text, bytea, bytea, text) TO {vault};
"""


def create_vault(
    connection: Connection[TupleRow],
    *,
    trial: str,
    mode: Mode,
    conduct: str = role_name("conduct"),
    vault: str = role_name("vault"),
    gates: Sequence[str] = (),
) -> None:
    """Create the empty schema of the vault and its own record, as their owner, with the rights of the two roles.

    `trial` and `mode` as in `create_book`; `gates` are the schemas of further records whose gate must be open
    before a slot is given out or a dose prepared. `DataError` where a schema exists already or a role is unknown.
    """
    try:
        with connection.transaction():
            create_book(connection, OWN_RECORD, trial=trial, mode=mode, writers=[vault], gatekeepers=[vault])
            connection.execute(TABLES)
            schemas = (OWN_RECORD, *gates)
            opened = [SQL("{}.gate_is_open()").format(Identifier(schema)) for schema in schemas]
            connection.execute(
                SQL(FUNCTIONS).format(gates=SQL(", ").join(map(Literal, schemas)), open=SQL(" AND ").join(opened))
            )
            connection.execute(SQL(GRANTS).format(conduct=Identifier(conduct), vault=Identifier(vault)))
            create_supply(connection, vault)
    except errors.DuplicateSchema as error:
        raise DataError("the database holds the vault of a trial already; take an empty database") from error
    except errors.UndefinedObject as error:
        raise DataError(f"the vault was not created: {error.diag.message_primary}") from error


def install_schedule(connection: Connection[TupleRow], sealed: SealedSchedule) -> None:
    """Store a sealed schedule, as the owner; from then on its slots may be taken. `DataError` the second time."""
    try:
        with connection.transaction(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO vault.ceremony (method, generator, protocol, public_key, list_hash, numbers_hash, "
                "seed_box) VALUES (%s, %s, %s, %s, %s, %s, %s)",
                (
                    sealed.method,
                    sealed.generator,
                    sealed.protocol,
                    sealed.public_key,
                    sealed.list_hash,
                    sealed.numbers_hash,
                    sealed.seed_box,
                ),
            )
            cursor.executemany(
                "INSERT INTO vault.stratum (place, name, places, as_they_come) VALUES (%s, %s, %s, %s)",
                [
                    (place, name, places, sealed.seed_box is not None)
                    for place, (name, places) in enumerate(sealed.places.items(), 1)
                ],
            )
            with cursor.copy("COPY vault.slot (stratum, position, number, box, commitment) FROM STDIN") as copy:
                for slot in sealed.slots:
                    copy.write_row((slot.stratum, slot.position, slot.number, slot.box, slot.commitment))
    except errors.UniqueViolation as error:
        raise DataError("the vault holds a sealed schedule already, which is never replaced") from error
