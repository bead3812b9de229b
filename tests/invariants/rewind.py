"""A scripted trial taken back to where it stood, so that many examples can begin at the same place.

No guard of the database lets anybody do this: it takes a superuser who has switched the triggers off.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from psycopg import Connection, sql
from psycopg.rows import TupleRow

from equipoise.conduct.door.state import Trial
from equipoise.record.server import Server

from .scripted import Scripted

_TABLES = """
SELECT schemaname, tablename FROM pg_tables
WHERE schemaname IN ('record', 'vault', 'vault_record', 'guard', 'identity') ORDER BY 1, 2
"""


class Rewind:
    """Keeps how a trial stands now: its database, its state at work, its clock, its anchors."""

    def __init__(self, script: Scripted, admin: Connection[TupleRow]) -> None:
        self.script, self.admin = script, admin
        self.tables = [sql.Identifier(*row) for row in admin.execute(_TABLES)]
        self.kept = [sql.Identifier(f"kept {number}") for number, _ in enumerate(self.tables)]
        for table, kept in zip(self.tables, self.kept, strict=True):
            admin.execute(sql.SQL("CREATE TEMPORARY TABLE {} AS TABLE {}").format(kept, table))
        self._state, self._clock = msgspec.msgpack.encode(script.trial), script.clock
        anchors = script.running.folder.anchors
        self._anchors = anchors.read_bytes() if anchors.exists() else None

    def stored(self) -> list[TupleRow]:
        """Return what tells whether anything in the database has changed: number and hash of the rows by table."""
        one = sql.SQL("SELECT {}, count(*), sum(hashtextextended(t::text, 0)) FROM {} t")
        every = sql.SQL(" UNION ALL ").join(
            one.format(sql.Literal(table.as_string()), table) for table in self.tables
        )
        return sorted(self.admin.execute(every).fetchall())  # a server may gather them in any order

    def back(self) -> None:
        """Take the trial back."""
        with self.admin.transaction():
            self.admin.execute("SET LOCAL session_replication_role = replica")
            for table, kept in zip(self.tables, self.kept, strict=True):
                self.admin.execute(sql.SQL("DELETE FROM {}").format(table))
                self.admin.execute(sql.SQL("INSERT INTO {} TABLE {}").format(table, kept))
        script = self.script
        script.running.door.trial = msgspec.msgpack.decode(self._state, type=Trial)
        script.clock = self._clock
        script.running.folder.anchors.unlink(missing_ok=True)
        if self._anchors is not None:
            script.running.folder.anchors.write_bytes(self._anchors)
        if "vault" in script.__dict__:  # it has read its record
            script.vault.close()
            del script.__dict__["vault"]

    @contextmanager
    def example(self) -> Iterator[Scripted]:
        """Give the trial for one example, and take it back."""
        try:
            yield self.script
        finally:
            self.back()


@contextmanager
def rewinding(script: Scripted, server: Server) -> Iterator[Rewind]:
    """Keep how a trial stands, through a superuser's connection that is closed at the end."""
    with server.connect_admin() as admin:
        yield Rewind(script, admin)
