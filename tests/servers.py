"""Real PostgreSQL servers for the tests: the one in the wheel (18) and the one that Debian ships (15).

A test asks for `database` (a fresh, empty database on the wheel's server, roles and grants set up) or for
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
from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import count
from pathlib import Path

import pytest
from psycopg import Connection, sql
from psycopg.rows import TupleRow

from equipoise.record.server import Role, Server, open_server

DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
NO_DEBIAN = "no PostgreSQL of Debian is installed (package postgresql)"
_numbers = count(1)


@cache
def running_server(kind: str) -> Server:
    """Give the server of this test process, `wheel` or `debian`; it is started when first asked for."""
    folder = Path(tempfile.mkdtemp(prefix=f"equipoise-{kind}-"))
    if kind == "wheel":
        running: WheelServer | DebianServer = WheelServer(folder)
    else:
        running = DebianServer(folder / "data")
    server = running.start()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(partial(running.stop, immediate=True))
    with server.connect_admin() as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    return server


def fresh_database(server: Server, template: str = "template0") -> Iterator[Server]:
    """Give a new database of this server; afterwards close the connections that it gave, and drop it."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    fresh = server.database(name, template=template)
    close = remember_connections(fresh)
    yield fresh
    close()
    with server.connect_admin() as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


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


@pytest.fixture
def database() -> Iterator[Server]:
    """A fresh database on the server of the wheel."""
    yield from fresh_database(running_server("wheel"))


@pytest.fixture(params=["wheel", "debian"])
def each_database(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A fresh database, once on the server of the wheel and once on Debian's."""
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
    server = WheelServer(folder) if request.param == "wheel" else DebianServer(folder / "data")
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
        """Start it where it does not run."""
        if self.server is None:
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

    def __init__(self, data: Path) -> None:
        self.data = data
        self.sockets = data.parent
        self.programs = DEBIAN[-1].parent
        self.user = "postgres" if os.geteuid() == 0 else None
        self.server: Server | None = None

    def start(self) -> Server:
        """Create the cluster where there is none, start it where it does not run."""
        if self.server is None:
            if not self.data.exists():
                self.data.mkdir()
                if self.user is not None:
                    for folder in (self.data, self.sockets):
                        shutil.chown(folder, self.user)
                self._run("initdb", "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync")
            options = f"-c listen_addresses='' -c unix_socket_directories={self.sockets}"
            self._run("pg_ctl", "-w", "-l", str(self.data / "log"), "-o", options, "start")
            self.server = Server(f"postgresql://postgres@/postgres?host={self.sockets}")
            self.server.set_up()
            self.close = remember_connections(self.server)
        return self.server

    def stop(self, *, immediate: bool = False) -> None:
        """Stop it; `immediate` without a checkpoint, as after a loss of power."""
        if self.server is not None:
            self._run("pg_ctl", "-w", "-m", "immediate" if immediate else "fast", "stop")
            self.close()
            self.server = None

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self.programs / program, "-D", self.data, *arguments],
            user=self.user,
            cwd=self.data,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
