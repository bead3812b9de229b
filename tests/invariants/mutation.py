"""Taking a guard out of a test's own database or program, to see that the check of its invariant then fails."""

from typing import Any

import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from equipoise.record import Turn


def rewrite_function(connection: Connection[TupleRow], function: str, *changes: tuple[str, str]) -> None:
    """Replace parts of a function; it is named with the types of its arguments, as in `record.take_turn()`."""
    row = connection.execute("SELECT pg_get_functiondef(%s::regprocedure)", (function,)).fetchone()
    assert row is not None
    text = row[0]
    for old, new in changes:
        assert old in text, f"{function} does not say {old}"
        text = text.replace(old, new)
    connection.execute(text)


def drop_trigger(connection: Connection[TupleRow], trigger: str, table: str) -> None:
    """Drop a trigger, which must be there."""
    connection.execute(f"DROP TRIGGER {trigger} ON {table}".encode())


def forget_keys(patch: pytest.MonkeyPatch) -> None:
    """Let no turn know what its request has led to before."""
    begin = Turn.__init__

    def forgetful(turn: Turn, *given: Any, **others: Any) -> None:
        begin(turn, *given, **{**others, "answered": ()})

    patch.setattr(Turn, "__init__", forgetful)
