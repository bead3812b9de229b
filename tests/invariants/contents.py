"""Everything that the database of a trial holds, row by row, as a superuser sees it."""

from psycopg import Connection, sql
from psycopg.rows import TupleRow

_TABLES = """
SELECT schemaname, tablename FROM pg_tables
WHERE schemaname IN ('record', 'vault', 'vault_record', 'guard', 'identity') ORDER BY 1, 2
"""


def tables(connection: Connection[TupleRow]) -> list[str]:
    """Name the tables of the trial, with their schemas."""
    return [f"{schema}.{table}" for schema, table in connection.execute(_TABLES)]


def contents(connection: Connection[TupleRow]) -> dict[str, list[str]]:
    """Return the rows of every table."""
    return {
        name: sorted(map(repr, connection.execute(sql.SQL("TABLE {}").format(sql.Identifier(*name.split("."))))))
        for name in tables(connection)
    }
