"""Backup of the whole database to one file, and its restore into an empty one.

Both use PostgreSQL's own programs (pg_dump, pg_restore). What is restored is verified event by event, and the gate
of each record in it is shut: allocation and dosing wait until the numbers used since the backup are reconciled.
Arms are sealed in the database and so in its backup; the identities of people are encrypted in it.
"""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from equipoise.errors import DataError
from equipoise.record.book import Book
from equipoise.record.event import Head
from equipoise.record.gate import shut_gate
from equipoise.record.server import Server
from equipoise.record.verify import verify_book

_RECORDS = """
SELECT n.nspname FROM pg_namespace n
WHERE (SELECT count(*) FROM pg_class c WHERE c.relnamespace = n.oid AND c.relname IN ('book', 'event', 'gate')) = 3
ORDER BY 1
"""
_TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"


def back_up(server: Server, file: Path) -> None:
    """Write the whole database as it stands now to a file, which appears when it is complete and on disk.

    Work goes on meanwhile. Raises `DataError` where pg_dump fails, with what it says.
    """
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        _run(server, "pg_dump", "--format=custom", f"--file={unfinished}")
        with unfinished.open("rb") as written:
            os.fsync(written.fileno())
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def restore(server: Server, file: Path) -> Mapping[str, Head]:
    """Restore a backup into the empty database of a server; give the head of each record in it, its gate shut.

    Raises `DataError` where the database is not empty or pg_restore refuses the file, in which case it is left
    empty, and `RecordCorrupt` where a restored record does not verify.
    """
    with server.connect_admin() as connection:
        (tables,) = connection.execute(_TABLES).fetchone() or (0,)
        if tables:
            raise DataError(
                f"a backup is restored into an empty database, in a folder or under a name that is new. "
                f"Got {tables} tables in {connection.info.dbname}"
            )
    _run(server, "pg_restore", "--single-transaction", "--exit-on-error", str(file))
    heads = {}
    with server.connect_admin() as connection:
        for (schema,) in connection.execute(_RECORDS).fetchall():
            shut_gate(connection, schema, f"the database was restored from {file.name}")
            heads[schema] = verify_book(Book(connection, schema))
    return heads


def _run(server: Server, program: str, *arguments: str) -> None:
    """Run a program of PostgreSQL on the database; a password goes by the environment, unseen by others."""
    given = {name: str(value) for name, value in conninfo_to_dict(server.admin_url).items() if value is not None}
    password = given.pop("password", None)
    url = make_conninfo(**given)
    environment = os.environ if password is None else {**os.environ, "PGPASSWORD": password}
    done = subprocess.run(
        [server.binary(program), "--no-password", f"--dbname={url}", *arguments],
        check=False,
        env=environment,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise DataError(f"{program} did not finish; nothing was changed. It says: {done.stderr.strip()}")
