"""A backup brought back elsewhere: into the embedded server with its data in a folder of its own, or a given one.

The trial's server is only read (pg_dump takes what was stored when it began). The embedded server takes a backup
of any version up to its own; for a trial on a newer one, or to practise on the machine to be used, an empty
database is given by its URL. What was restored there is taken away in the end.
"""

import hashlib
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier

from ...conduct.door.state import Trial
from ...errors import DataError
from ...record import Book, Head, Server, back_up, open_embedded, restore
from ...vault.schema import OWN_RECORD
from ..running import RunningTrial

_SCHEMAS = "SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$|public$)' ORDER BY 1"


@dataclass
class RestoredCopy:
    """The copy of a running trial: made in `folder`, on the server of `into` (None: the embedded one).

    heads: the newest event of each record in it. A context manager that takes the copy away.
    """

    running: RunningTrial
    folder: Path
    into: str | None
    heads: dict[str, Head] = field(default_factory=dict)
    _opened: ExitStack = field(default_factory=ExitStack)
    _server: Server | None = None

    def back_up(self) -> Path:
        """Write the backup; DataError where pg_dump fails."""
        file = self.folder / "drill.backup"
        back_up(self.running.server, file)
        return file

    def restore(self) -> None:
        """Restore the backup into the empty database; raises as `record.restore` does."""
        server = self._open_server()
        self.heads.update(restore(server, self.folder / "drill.backup"))
        self._server = server
        if {"record", OWN_RECORD} - set(self.heads):
            raise DataError(f"the backup does not hold both records. Got {', '.join(self.heads) or 'none'}")

    @property
    def server(self) -> Server:
        """The server of the copy; DataError before it was restored."""
        if self._server is None:
            raise DataError("nothing was restored that could be tried")
        return self._server

    def connect(self, role: str) -> Connection[TupleRow]:
        """Connect to the copy as a role, `admin` for its superuser, until the copy is taken away."""
        server = self.server
        connection = server.connect_admin() if role == "admin" else server.connect(role)  # type: ignore[arg-type]
        return self._opened.enter_context(closing(connection))

    def book(self, schema: str = "record") -> Book:
        """Open a record of the copy, as the role that writes it."""
        return Book(self.connect("vault" if schema == OWN_RECORD else "conduct"), schema)

    def __enter__(self) -> "RestoredCopy":
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def _open_server(self) -> Server:
        if self.into is None:
            server = open_embedded(self.folder)
            self._opened.callback(server.stop, immediate=True)
            self._require_not_older(server)
            return server
        server = Server(self.into)
        server.set_up()
        self._require_not_older(server)
        self._opened.callback(remove_schemas, server, schemas_of(server))
        return server

    def _require_not_older(self, server: Server) -> None:
        ours, theirs = version_of(self.running.server), version_of(server)
        if theirs // 10_000 < ours // 10_000:
            raise DataError(
                f"a backup of PostgreSQL {ours // 10_000} cannot be restored by an older one; give an empty "
                f"database of a server that is as new (--into). Got {theirs // 10_000}"
            )


def version_of(server: Server) -> int:
    """Return the version of a server as PostgreSQL counts it, such as 180004."""
    with closing(server.connect_admin()) as connection:
        return connection.info.server_version


def hash_state(trial: Trial) -> str:
    """Return the SHA-256 of the whole state of a trial, participants in the order of screening."""
    encoder = msgspec.json.Encoder(order="sorted")
    digest = hashlib.sha256(encoder.encode(msgspec.structs.replace(trial, participants={})))
    for participant in trial.participants.values():
        digest.update(encoder.encode(participant))
    return digest.hexdigest()


def schemas_of(server: Server) -> set[str]:
    """Return the schemas of a database, but for those of PostgreSQL itself."""
    with closing(server.connect_admin()) as connection:
        return {str(name) for (name,) in connection.execute(_SCHEMAS)}


def remove_schemas(server: Server, kept: set[str]) -> None:
    """Remove the schemas of a database, with what is in them, but for those that are kept."""
    with closing(server.connect_admin()) as connection:
        for (name,) in connection.execute(_SCHEMAS).fetchall():
            if name not in kept:
                connection.execute(SQL("DROP SCHEMA {} CASCADE").format(Identifier(name)))
