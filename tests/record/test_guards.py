"""What the database itself refuses, whoever comes and by whatever statement."""

from collections.abc import Iterator
from contextlib import suppress

import psycopg
import pytest
from psycopg import Connection, errors
from tests.record.books import MIDNIGHT, append, draft, new_book
from tests.servers import fresh_database, running_server

from equipoise.record import ROLES, Book, Role, Server

CHANGES = [
    "UPDATE record.event SET payload = '{}'",
    "UPDATE record.event SET payload = '{}' WHERE false",
    "DELETE FROM record.event",
    "DELETE FROM record.event WHERE sequence = 1",
    "TRUNCATE record.event",
    "TRUNCATE record.event CASCADE",
    "UPDATE record.book SET trial = 'x'",
    "DELETE FROM record.book",
    "TRUNCATE record.book",
    "UPDATE record.asked SET hash = sha256('x')",
    "DELETE FROM record.asked",
    "TRUNCATE record.asked",
    "INSERT INTO record.event SELECT * FROM record.event ON CONFLICT (sequence) DO UPDATE SET payload = '{}'",
    "MERGE INTO record.event e USING (VALUES (1)) v (n) ON e.sequence = v.n WHEN MATCHED THEN DELETE",
    "COPY record.event FROM PROGRAM 'cat'",
]
BLINDED: list[Role] = ["conduct", "vault", "reader"]


@pytest.fixture(scope="module")
def guarded() -> Iterator[Server]:
    """A record with one event, for what is refused and so changes nothing."""
    for database in fresh_database(running_server("wheel")):
        append(new_book(database), "r-1", draft())
        yield database


@pytest.mark.parametrize("role", ROLES)
def test_no_role_short_of_superuser_changes_or_removes_an_event(each_database: Server, role: Role) -> None:
    book = new_book(each_database)
    before = append(book, "r-1", draft(1), draft(2))
    connection = each_database.connect(role)
    for statement in CHANGES:
        with pytest.raises(psycopg.DatabaseError) as refused:
            connection.execute(statement.encode())
        assert refused.value.sqlstate in ("QR001", "42501"), statement
    assert tuple(book.read()) == before


@pytest.mark.parametrize("statement", [change for change in CHANGES if not change.startswith(("INSERT", "COPY"))])
def test_even_a_superuser_must_first_switch_the_guard_off(database: Server, statement: str) -> None:
    append(new_book(database), "r-1", draft())
    with database.connect_admin() as connection, pytest.raises(errors.DatabaseError, match="only added to"):
        connection.execute(statement.encode())


def test_without_its_guard_the_table_would_be_changed(database: Server) -> None:
    append(new_book(database), "r-1", draft())
    with database.connect_admin() as connection:
        connection.execute("DROP TRIGGER refuse_change ON record.event")
        assert connection.execute("UPDATE record.event SET payload = '{}'").rowcount == 1


@pytest.mark.parametrize("role", BLINDED)
@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE record.event DISABLE TRIGGER ALL",
        "DROP TABLE record.event",
        "DROP SCHEMA record CASCADE",
        "CREATE TABLE record.other (n int)",
        "CREATE TABLE public.other (n int)",
        "CREATE TEMPORARY TABLE event (n int)",
        "SET session_replication_role = replica",
        "SET ROLE equipoise_owner",
        "UPDATE record.gate SET open = true",
        "SELECT record.set_gate(true, 'x')",
        "SELECT record.hash_event(e) FROM record.event e",
        "LOCK TABLE record.event IN ACCESS EXCLUSIVE MODE",
    ],
)
def test_the_working_roles_cannot_get_round_it(guarded: Server, role: Role, statement: str) -> None:
    with guarded.connect(role) as connection, pytest.raises(psycopg.DatabaseError):
        connection.execute(statement.encode())


@pytest.mark.parametrize("role", BLINDED)
def test_a_role_cannot_give_on_what_it_was_not_given(guarded: Server, role: Role) -> None:
    with guarded.connect(role) as connection:
        with suppress(errors.InsufficientPrivilege):
            connection.execute("GRANT ALL ON record.event TO PUBLIC")
        given = connection.execute(
            "SELECT has_table_privilege('equipoise_reader', 'record.event', 'INSERT, UPDATE, DELETE, TRUNCATE')"
        )
        assert given.fetchone() == (False,)


@pytest.mark.parametrize("role", ["vault", "reader"])
def test_who_may_not_append_does_not(guarded: Server, role: Role) -> None:
    connection = guarded.connect(role)
    for attempt in (lambda: insert(connection), lambda: connection.execute("SELECT record.take_turn()")):
        with pytest.raises(errors.InsufficientPrivilege):
            attempt()


def test_the_role_that_was_given_no_part_sees_nothing(guarded: Server) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        guarded.connect("vault").execute("SELECT * FROM record.event")


def insert(connection: Connection[tuple[object, ...]], **changed: object) -> tuple[object, ...] | None:
    """Insert an event by hand, past the book."""
    values = {
        "zone": "UTC",
        "actor": "a",
        "role": "b",
        "kind": "K",
        "version": 1,
        "payload": "{}",
        "request": "r",
        "part": 1,
        **changed,
    }
    names = ", ".join(values)
    places = ", ".join(f"%({name})s" for name in values)
    query = f"INSERT INTO record.event ({names}) VALUES ({places}) RETURNING sequence, at"
    return connection.execute(query.encode(), values).fetchone()


@pytest.mark.parametrize("field", ["sequence", "previous", "hash"])
def test_number_and_hashes_are_not_for_the_one_who_appends_to_say(guarded: Server, field: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        insert(guarded.connect("conduct"), **{field: 1 if field == "sequence" else bytes(32)})


def test_a_live_record_ignores_a_time_that_is_given(database: Server) -> None:
    new_book(database)
    connection = database.connect("conduct")
    connection.execute("SET timezone = 'UTC'")
    insert(connection, at=MIDNIGHT)
    (recent,) = connection.execute("SELECT now() - at < interval '1 minute' FROM record.event").fetchone() or ()
    assert recent


def test_a_rehearsal_refuses_a_time_that_goes_back_also_by_hand(database: Server) -> None:
    append(new_book(database, "rehearsal"), "r-1", draft(), at=MIDNIGHT)
    with pytest.raises(psycopg.DatabaseError, match="may not go back"):
        insert(database.connect("conduct"), at=MIDNIGHT.replace(year=2025))


@pytest.mark.parametrize("at", ["infinity", "-infinity"])
def test_a_rehearsal_refuses_a_time_without_end(database: Server, at: str) -> None:
    new_book(database, "rehearsal")
    with pytest.raises(psycopg.DatabaseError):
        insert(database.connect("conduct"), at=at)


def test_the_same_request_by_hand_is_refused_next_to_it_and_later(database: Server) -> None:
    book = new_book(database)
    connection = database.connect("conduct")
    assert insert(connection) is not None
    with pytest.raises(psycopg.DatabaseError, match="follow one another"):
        insert(connection)
    append(book, "between", draft())
    with pytest.raises(errors.UniqueViolation):
        insert(connection)
    with pytest.raises(psycopg.DatabaseError, match="follow one another"):
        insert(connection, part=2)


@pytest.mark.parametrize(
    "wrong",
    [
        {"payload": "[]"},
        {"payload": "{"},
        {"payload": ""},
        {"zone": "Asia/Atlantis"},
        {"part": 0},
        {"part": 2},
        {"actor": None},
        {"actor": "  "},
        {"kind": ""},
        {"version": 0},
        {"request": ""},
        {"site": ""},
        {"participant": ""},
        {"reason": ""},
    ],
)
def test_a_wrong_event_is_refused_also_by_hand(guarded: Server, wrong: dict[str, object]) -> None:
    with guarded.connect("conduct") as connection:
        with pytest.raises(psycopg.DatabaseError):
            insert(connection, **wrong)
        assert Book(connection).head().sequence == 1


def test_functions_with_the_rights_of_the_owner_keep_to_their_search_path(guarded: Server) -> None:
    loose = guarded.connect("owner").execute(
        "SELECT proname FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = 'record' "
        "AND prosecdef AND NOT 'search_path=pg_catalog, pg_temp' = ANY(coalesce(proconfig, '{}'))"
    )
    assert loose.fetchall() == []


def test_nobody_at_large_may_execute_or_read_anything(guarded: Server) -> None:
    connection = guarded.connect("owner")
    for query in (
        "SELECT proname FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace "
        "CROSS JOIN aclexplode(proacl) a WHERE nspname = 'record' AND a.grantee = 0",
        "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace "
        "CROSS JOIN aclexplode(relacl) a WHERE nspname = 'record' AND a.grantee = 0",
        "SELECT proname FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace "
        "WHERE nspname = 'record' AND proacl IS NULL",
    ):
        assert connection.execute(query.encode()).fetchall() == []
