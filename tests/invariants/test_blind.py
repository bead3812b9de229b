"""Invariant 7: the blinded side can read no arm, lot or dose by any statement, and finds none in anything it has.

What can be asked of the database is taken from its own catalogue: every table, view and function of every schema,
and the ways round a refusal that PostgreSQL knows. What lies about is searched for canaries: the record, the
state, exports, refusals, answers of the vault, logs, names of files, dumps.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import msgspec
import polars as pl
import psycopg
import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from equipoise.record import Server
from equipoise.record.server import Role
from equipoise.trial.opened import Disclosed, opened_of
from equipoise.vault.bags import Bag
from equipoise.vault.ceremony.boxes import BLOCK
from equipoise.vault.ceremony.holders import read_key, unwrap_key
from equipoise.vault.disclosure import disclose_slots

from .canaries import (
    Canaried,
    blinded_side,
    canaried,
    dump,
    log_in,
    name_for_everybody,
    read_forms,
    rows_as_bytes,
    secrets_of,
)
from .conftest import TrialAt
from .refusals import FIRST, SECOND, THIRD, order, stamp
from .scanner import files_in, find
from .scripted import SECRETS, Scripted

BLINDED: tuple[Role, ...] = ("conduct", "reader")


@dataclass(frozen=True)
class World:
    """A copy of the trial with canaries, with its server and what was heard while it ran."""

    script: Scripted
    server: Server
    ran: Canaried

    def traces(self) -> list[str]:
        return find(self.ran.words, blinded_side(self.script, self.server, self.ran.heard))


@pytest.fixture
def world(each_server: str, trial_at: TrialAt) -> World:
    ran = canaried(each_server)
    return World(trial_at.copy(ran.database, ran.folder), trial_at.server, ran)


# --- any statement

RELATIONS = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f', 'S', 't') ORDER BY 1, 2
"""
COLUMNS = """
SELECT n.nspname, c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('vault', 'vault_record', 'guard') AND c.relkind IN ('r', 'v') AND NOT a.attisdropped
ORDER BY 1, 2, a.attnum
"""
FUNCTIONS = """
SELECT n.nspname, p.proname, p.proargtypes::regtype[]::text[] FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND p.prorettype <> 'trigger'::regtype
ORDER BY 1, 2
"""
OF_THE_SYSTEM = """
SELECT proname FROM pg_proc WHERE has_function_privilege(oid, 'EXECUTE') AND (
    proname ~ '^(pg_read_(?!file_old)|pg_ls_|pg_stat_file|pg_file_|lo_import|lo_export|pg_execute|dblink)'
    OR proname IN ('pg_reload_conf', 'pg_rotate_logfile', 'pg_switch_wal', 'pg_promote'))
"""
ATTRIBUTES = """
SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls
    OR EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid)
FROM pg_roles r WHERE rolname = current_user
"""
OF_A_TABLE = (
    "TABLE {}",
    "SELECT count(*) FROM {}",
    "SELECT ctid FROM {}",
    "SELECT FROM {} FOR UPDATE",
    "COPY {} TO STDOUT",
    "EXPLAIN ANALYZE TABLE {}",
    "CREATE TEMPORARY VIEW v AS TABLE {}; TABLE v",
    "CREATE TEMPORARY TABLE t AS TABLE {}; TABLE t",
    "DELETE FROM {} RETURNING *",
    "TRUNCATE {}",
    "LOCK TABLE {}",
    "ALTER TABLE {} DISABLE TRIGGER ALL",
    "GRANT SELECT ON {} TO PUBLIC",
    "CREATE RULE r AS ON SELECT TO {} DO INSTEAD SELECT 1",
    "CREATE TRIGGER t AFTER INSERT ON {} EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "CREATE INDEX ON {} ((true))",
    "CREATE POLICY p ON {}",
    "CREATE PUBLICATION p FOR TABLE {}",
    "COMMENT ON TABLE {} IS 'open'",
)
"""Ways to a table; `{}` is its name."""

OF_THE_SERVER = (
    "SET ROLE equipoise_vault",
    "SET ROLE equipoise_owner",
    "SET SESSION AUTHORIZATION equipoise_vault",
    "SET session_replication_role = replica",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "GRANT equipoise_vault TO CURRENT_USER",
    "ALTER SCHEMA vault OWNER TO CURRENT_USER",
    "ALTER DEFAULT PRIVILEGES FOR ROLE equipoise_owner GRANT ALL ON TABLES TO PUBLIC",
    "CREATE SCHEMA mine",
    "CREATE EXTENSION dblink",
    "CREATE LANGUAGE plpython3u",
    "CREATE FUNCTION pg_temp.f() RETURNS text LANGUAGE internal AS 'x'",
    "CREATE TEMPORARY TABLE t (x text); COPY t FROM PROGRAM 'id'",
    "CREATE TEMPORARY TABLE t (x text); COPY t FROM '/etc/passwd'",
    "COPY (SELECT 1) TO '/dev/null'",
    "SELECT pg_read_file_old('PG_VERSION', 0, 3)",
    "LOAD 'auto_explain'",
    "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION pg_event_trigger_ddl_commands()",
    "ALTER SYSTEM SET log_statement = 'all'",
)
"""Ways round the tables."""

ARGUMENTS = {
    "text": ("'site=01'", "'01-001'", "'a request'"),
    "integer": ("1",),
    "bigint": ("1",),
    "boolean": ("true",),
    "bytea": ("''::bytea",),
}


def refused_or_rolled_back(connection: Connection[TupleRow], statement: str) -> list[TupleRow] | None:
    """Execute a statement and take it back; return what it gave, None where it was refused."""
    try:
        with connection.transaction(force_rollback=True):
            if statement.startswith("COPY ") and statement.endswith("TO STDOUT"):
                with connection.cursor().copy(statement.encode()) as copy:
                    return [(bytes(part),) for part in copy]
            cursor = connection.execute(statement.encode())
            while cursor.nextset():
                pass
            return cursor.fetchall() if cursor.description else []
    except psycopg.Error:
        return None


def read_though(server: Server, role: Role, words: tuple[str, ...], *, catalogue: bool = True) -> list[str]:
    """Ask the database for everything as a blinded role; return what was given that should not have been.

    catalogue: also for the tables and views of PostgreSQL itself.
    """
    with server.connect_admin() as admin:
        admin.execute("ANALYZE")  # statistics hold values of the tables
        kept = [form for secret in secrets_of(admin) for form in read_forms(secret)]
        relations, columns = admin.execute(RELATIONS).fetchall(), admin.execute(COLUMNS).fetchall()
        functions = admin.execute(FUNCTIONS).fetchall()
    found = []
    with log_in(server, role) as connection:

        def ask(statement: str, *, closed: bool) -> None:
            rows = refused_or_rolled_back(connection, statement)
            if rows is None:
                return
            given = rows_as_bytes(rows)
            if closed or any(secret in given for secret in kept) or find(words, {"": given}):
                found.append(f"{role}: {statement}")

        for schema, name in relations:
            if not catalogue and schema in ("pg_catalog", "information_schema", "pg_toast"):
                continue
            table = f'"{schema}"."{name}"'
            closed = schema in ("vault", "vault_record", "guard", "pg_toast")
            for way in OF_A_TABLE if schema in ("vault", "vault_record") else OF_A_TABLE[:1]:
                ask(way.format(table), closed=closed)
        for schema, name, column in columns:
            ask(f'SELECT "{column}" FROM "{schema}"."{name}"', closed=True)
            ask(f'UPDATE "{schema}"."{name}" SET "{column}" = NULL RETURNING *', closed=True)
        for schema, name, types in functions:
            for arguments in with_arguments(types):
                ask(f'SELECT * FROM "{schema}"."{name}"({", ".join(arguments)})', closed=False)
        for statement in OF_THE_SERVER:
            ask(statement, closed=True)
        system = connection.execute(OF_THE_SYSTEM).fetchall()
        found += [f"{role} may call {name}" for (name,) in system]
        if connection.execute(ATTRIBUTES).fetchone() != (False,):
            found.append(f"{role} has rights beyond those of its tables")
    return found


def with_arguments(types: list[str]) -> Iterator[list[str]]:
    """Give arguments for a function, a few times over so that texts of several kinds are tried."""
    for turn in range(3):
        yield [
            choices[(turn + place) % len(choices)]
            for place, kind in enumerate(types)
            for choices in [ARGUMENTS.get(kind, (f"NULL::{kind}",))]
        ]


@pytest.mark.parametrize("role", BLINDED)
def test_the_blinded_roles_read_no_arm_lot_or_dose_by_any_statement(world: World, role: Role) -> None:
    assert read_though(world.server, role, world.ran.words) == []


LEAKS: Mapping[str, tuple[str, str]] = {
    "a table that was granted": (
        "GRANT USAGE ON SCHEMA vault TO {role}; GRANT SELECT ON vault.slot TO {role}",
        "REVOKE SELECT ON vault.slot FROM {role}",
    ),
    "a column that was granted": (
        "GRANT SELECT (commitment) ON vault.slot TO {role}",
        "REVOKE SELECT (commitment) ON vault.slot FROM {role}",
    ),
    "a view over the list": (
        "CREATE VIEW record.places AS SELECT number, commitment FROM vault.slot; "
        "GRANT SELECT ON record.places TO {role}",
        "DROP VIEW record.places",
    ),
    "a function with the rights of the owner": (
        "CREATE FUNCTION record.peek(n integer) RETURNS bytea LANGUAGE sql SECURITY DEFINER "
        "AS 'SELECT box FROM vault.slot WHERE position = n LIMIT 1'; "
        "GRANT EXECUTE ON FUNCTION record.peek TO {role}",
        "DROP FUNCTION record.peek",
    ),
    "a role inside another": ("GRANT equipoise_vault TO {role}", "REVOKE equipoise_vault FROM {role}"),
    "the right to read files": (
        "GRANT pg_read_server_files TO {role}",
        "REVOKE pg_read_server_files FROM {role}",
    ),
    "the vault's own record": (
        "GRANT USAGE ON SCHEMA vault_record TO {role}; GRANT SELECT ON vault_record.event TO {role}",
        "REVOKE SELECT ON vault_record.event FROM {role}",
    ),
}
"""Rights too many, each with what takes it back; some are of the whole server."""


def test_a_right_too_many_would_be_found(world: World) -> None:
    with world.server.connect_admin() as admin:
        for leak, (grant, revoke) in LEAKS.items():
            admin.execute(grant.format(role="equipoise_conduct").encode())
            try:
                assert read_though(world.server, "conduct", world.ran.words, catalogue=False), leak
            finally:
                admin.execute(revoke.format(role="equipoise_conduct").encode())
    assert read_though(world.server, "conduct", world.ran.words, catalogue=False) == []


# --- anything that lies about


def test_canaries_are_nowhere_on_the_blinded_side(world: World) -> None:
    assert world.traces() == []


def test_the_canaries_are_where_they_belong(world: World) -> None:
    protocol = find(world.ran.words, files_in(world.script.folder / "protocols"))
    assert {trace.split()[0] for trace in protocol} >= {
        word for word in world.ran.words if word.startswith("z")
    } - {word for word in world.ran.words if word.startswith("zxmasked")}


def opened_too_early(world: World) -> Disclosed:
    wrapped = read_key(world.script.running.folder.vault_key.read_text())
    key = unwrap_key(wrapped, SECRETS)
    with world.server.connect("vault") as connection:
        return Disclosed(slots=tuple(disclose_slots(connection, key, as_they_came=False)))


def told_in_the_record(world: World) -> None:
    term = f"Cough after {world.ran.words[1]}"
    world.script.save(
        FIRST, "", "adverse_event", ae_term=term, ae_started=str(world.script.today()), ae_serious="N"
    )


def sealed_without_a_box(world: World) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("equipoise.vault.bags.seal", lambda content, _: msgspec.json.encode(content).ljust(BLOCK))
        assert isinstance(order(world.script, SECOND), Bag)


def named_by_the_arm(world: World) -> None:
    (world.script.folder / "exports" / f"{world.ran.words[0]}.csv").write_text("USUBJID\n")


def exported_with_arms(world: World) -> None:
    from equipoise.datasets.from_record import write_datasets, write_sdtm

    opened = opened_of(opened_too_early(world))
    datasets = write_sdtm(world.script.running.protocol, world.script.trial, opened=opened)
    assert world.script.trial.at is not None
    write_datasets(world.script.folder / "exports" / "open", datasets, "parquet", at=world.script.trial.at)


def written_into_the_database(world: World) -> None:
    with world.server.connect_admin() as admin:
        admin.execute(f"COMMENT ON TABLE record.event IS '{world.ran.words[0].upper()}'".encode())


TRACES: Mapping[str, tuple[Callable[[World], None], str]] = {
    case.__name__.replace("_", " "): (case, place)
    for case, place in (
        (told_in_the_record, "state at work"),
        (sealed_without_a_box, "dump of everything, sealed"),
        (named_by_the_arm, "names in"),
        (exported_with_arms, "exports/open/dm.parquet"),
        (written_into_the_database, "dump of all that is not the vault's"),
    )
}


def test_every_trace_of_an_arm_would_be_found(world: World) -> None:
    for leave, _ in TRACES.values():
        leave(world)
    found = world.traces()
    for name, (_, place) in TRACES.items():
        assert any(place in trace for trace in found), name


def test_an_arm_in_an_answer_a_refusal_or_a_log_would_be_found(world: World) -> None:
    word = world.ran.words[0]
    for place, heard in world.ran.heard.items():
        told = heard[:100] + word.encode("utf-16-le").hex().encode() + heard[100:200]
        assert find(world.ran.words, {place: told}) == [f"{word} in {place}"]


def test_an_infusion_has_one_name_whoever_it_is_given_to(world: World) -> None:
    given = pl.read_csv(world.script.folder / "exports" / "csv" / "ec.csv")["ECTRT"]
    assert set(given) == {name_for_everybody(world.script).decode()}
    assert given.len() == len([one for one in world.script.trial.participants.values() if one.infusions])


def test_two_participants_of_one_arm_have_nothing_in_common_in_the_dump(world: World) -> None:
    """Sealed afresh each time, the same arm gives other bytes: nothing in the dump sorts participants by arm."""
    everything = dump(world.server)
    with world.server.connect_admin() as admin:
        boxes = [box for (box,) in admin.execute("SELECT box FROM vault.slot")]
    assert len({len(box) for box in boxes}) == 1
    pieces = [box[at : at + 8] for box in boxes for at in range(0, len(box) - 8, 8)]
    assert len(set(pieces)) == len(pieces)
    assert all(everything.count(box.hex().encode()) == 1 for box in boxes)


def test_the_script_did_what_tells_most(world: World) -> None:
    kinds = {event.kind for event in world.script.running.door.book.read()}
    assert {"CodeBroken", "BagIssued", "ParticipantAllocated", "DataExported"} <= kinds
    own = {event.kind for event in world.script.vault.vault.book.read()}
    assert {"BagPrepared", "PreparationShown", "CodeBroken", "EnvelopesPrinted", "MaskedValueEntered"} <= own
    assert world.script.participant(THIRD).allocation is not None
    assert stamp(world.script, "pharmacist") is not None
