"""The server: embedded in the trial's folder, or one's own by DATABASE_URL; four roles on either."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg.conninfo import make_conninfo
from tests.record.books import append, draft, new_book
from tests.servers import remember_connections

from equipoise.errors import DataError, DecisionRefused
from equipoise.record import ROLES, Role, Server, open_server, role_name

ROOT = Path(__file__).parents[2]


def who_am_i(server: Server, role: Role) -> tuple[object, ...]:
    with server.connect(role) as connection:
        return connection.execute("SELECT current_user::text, session_user::text").fetchone() or ()


@pytest.mark.parametrize("role", ROLES)
def test_each_role_of_the_embedded_server_is_a_login_of_its_own(database: Server, role: Role) -> None:
    assert who_am_i(database, role) == (role_name(role), role_name(role))


@pytest.mark.parametrize("role", ROLES)
def test_no_role_is_a_superuser_or_may_create_roles_or_databases(each_database: Server, role: Role) -> None:
    rights = each_database.connect("owner").execute(
        "SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles WHERE rolname = %s",
        (role_name(role),),
    )
    assert rights.fetchone() == (False, False, False, False)


def test_with_database_url_the_roles_are_taken_on(each_database: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", each_database.admin_url)
    server = open_server(Path("/nowhere"))
    assert [who_am_i(server, role) for role in ROLES] == [(role_name(role), "postgres") for role in ROLES]


def test_a_role_with_a_url_of_its_own_logs_in_by_it(
    each_database: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", each_database.admin_url)
    monkeypatch.setenv("EQUIPOISE_CONDUCT_URL", make_conninfo(each_database.admin_url, user="equipoise_conduct"))
    server = open_server(Path("/nowhere"))
    assert who_am_i(server, "conduct") == ("equipoise_conduct", "equipoise_conduct")
    assert who_am_i(server, "reader") == ("equipoise_reader", "postgres")


def test_stopping_leaves_a_server_of_ones_own_running(
    each_database: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", each_database.admin_url)
    with open_server(Path("/nowhere")) as server:
        pass
    assert who_am_i(server, "conduct")


@pytest.fixture
def plain(database: Server) -> Iterator[Server]:
    """The database as a login sees it that may do nothing yet."""
    with database.connect_admin() as connection:
        connection.execute("CREATE ROLE plain LOGIN")
        connection.execute(f"GRANT CONNECT ON DATABASE {connection.info.dbname} TO plain".encode())
        connection.execute(f"REVOKE ALL ON DATABASE {connection.info.dbname} FROM equipoise_owner".encode())
    server = Server(make_conninfo(database.admin_url, user="plain"))
    close = remember_connections(server)
    yield server
    close()
    with database.connect_admin() as connection:
        connection.execute("DROP OWNED BY plain")
        connection.execute("DROP ROLE plain")


def test_a_login_that_may_not_set_up_says_what_somebody_else_has_to_do(database: Server, plain: Server) -> None:
    asked = 0
    while True:
        try:
            plain.set_up()
            break
        except DataError as refused:
            asked += 1
            assert asked <= len(ROLES) + 1
            _, statements = str(refused).split("let whoever runs the server execute: ")
            with database.connect_admin() as connection:
                connection.execute(statements.encode())
    assert asked > 0
    assert who_am_i(plain, "conduct") == ("equipoise_conduct", "plain")
    append(new_book(plain), "r-1", draft())


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A trial's folder whose server has been set up and stopped; not below pytest's, which is shut to others."""
    folder = Path(tempfile.mkdtemp(prefix="equipoise-server-"))
    open_server(folder).stop(immediate=True)
    yield folder
    shutil.rmtree(folder)


def test_a_server_is_found_again_with_what_was_stored(folder: Path) -> None:
    with open_server(folder) as server, server.connect("owner") as connection:
        connection.execute("CREATE SCHEMA kept")
    with open_server(folder) as server, server.connect("owner") as connection:
        assert connection.execute("SELECT to_regnamespace('kept')").fetchone() != (None,)


def test_the_last_to_use_a_server_stops_it_even_after_another_was_killed(folder: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from equipoise.record import open_server\n"
        "server = open_server(Path(sys.argv[1])); print('open', flush=True); time.sleep(600)"
    )
    with (
        open_server(folder) as first,
        subprocess.Popen([sys.executable, "-c", program, folder], cwd=ROOT, stdout=subprocess.PIPE) as other,
    ):
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        first.stop()
        assert who_am_i(first, "conduct")
        second = open_server(folder)
        other.kill()
    second.stop()
    with pytest.raises(DecisionRefused, match="cannot be reached"):
        second.connect("conduct")


def test_a_server_starts_after_a_loss_of_power_left_the_number_of_a_process_that_lives(folder: Path) -> None:
    stale = folder / "database" / "postmaster.pid"
    stale.write_text(f"1\n{folder / 'database'}\n1\n5432\n{folder / 'database'}\n\n\nready\n", encoding="ascii")
    shutil.chown(stale, *(["pgserver"] if os.geteuid() == 0 else [os.getuid()]))
    with open_server(folder) as server:
        assert who_am_i(server, "conduct")


def test_a_path_too_long_for_a_socket_is_no_hindrance(folder: Path) -> None:
    long = folder / ("a" * 100) / "trial"
    long.mkdir(parents=True)
    shutil.move(folder / "database", long)
    with open_server(long) as server:
        assert who_am_i(server, "conduct")
    shutil.move(long / "database", folder)


def test_a_server_that_does_not_start_says_where_its_log_is(folder: Path) -> None:
    settings = folder / "database" / "postgresql.conf"
    sound = settings.read_bytes()
    settings.write_bytes(sound + b"\nno_such_setting_at_all = 1\n")
    with pytest.raises(DecisionRefused, match=r"does not start, its log is .*log; nothing was stored"):
        open_server(folder)
    settings.write_bytes(sound)


def test_a_server_too_old_is_refused(database: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("equipoise.record.server.OLDEST", 99)
    with pytest.raises(DataError, match=r"must be PostgreSQL 99 or newer. Got 18"):
        database.set_up()


def test_programs_of_another_version_are_not_used(database: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(DataError, match="must be installed"):
        Server(database.admin_url).binary("pg_dump_of_nobody")


def test_nobody_at_large_may_enter_the_database(each_database: Server) -> None:
    with each_database.connect_admin() as connection:
        rights = connection.execute(
            "SELECT count(*) FROM pg_database, aclexplode(datacl) a "
            "WHERE datname = current_database() AND a.grantee = 0"
        )
        assert rights.fetchone() == (0,)


def test_a_database_that_exists_is_opened_and_not_made_again(database: Server) -> None:
    append(new_book(database), "r-1", draft())
    with database.connect_admin() as connection:
        again = database.database(connection.info.dbname)
    with again.connect("conduct") as connection:
        assert connection.execute("SELECT count(*) FROM record.event").fetchone() == (1,)
