"""Invariant 15: events are only added. UPDATE, DELETE and TRUNCATE fail for every role but the superuser's."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import Connection, sql
from psycopg.rows import TupleRow

from equipoise.record import Book, verify_book

from .conftest import TrialAt
from .mutation import drop_trigger

CHANGES = (
    "UPDATE {event} SET payload = '{{}}'",
    "UPDATE {event} SET actor = 'somebody else' WHERE sequence = 1",
    "UPDATE {event} SET reason = reason WHERE false",
    "DELETE FROM {event}",
    "DELETE FROM {event} WHERE sequence = (SELECT max(sequence) FROM {event})",
    "DELETE FROM {event} USING generate_series(1, 2) n WHERE sequence = n",
    "WITH gone AS (DELETE FROM {event} RETURNING *) SELECT count(*) FROM gone",
    "TRUNCATE {event}",
    "TRUNCATE {event} CASCADE",
    "MERGE INTO {event} e USING (VALUES (1)) v (n) ON e.sequence = v.n WHEN MATCHED THEN DELETE",
    "MERGE INTO {event} e USING (VALUES (1)) v (n) ON e.sequence = v.n WHEN MATCHED THEN UPDATE SET kind = 'x'",
    "INSERT INTO {event} SELECT * FROM {event} ON CONFLICT (sequence) DO UPDATE SET payload = '{{}}'",
)
RECORDS = ("record", "vault_record")
REFUSALS = ("QR001", "QR002", "QR003", "42501")
"""The record is only added to, its clock does not go back, its requests are numbered; no such right."""

_ROLES = """
SELECT rolname FROM pg_roles WHERE NOT rolsuper AND (rolname LIKE 'equipoise%' OR rolname = 'passer_by') ORDER BY 1
"""


@pytest.fixture
def passer_by(each_server: str, trial_at: TrialAt) -> Iterator[Connection[TupleRow]]:
    """A connection with every right, beside the roles of the trial another that nobody gave anything."""
    script = trial_at("allocated", 4)
    assert script.trial.sequence
    admin = trial_at.admin
    admin.execute("CREATE ROLE passer_by")
    yield admin
    admin.execute("DROP OWNED BY passer_by")
    admin.execute("DROP ROLE passer_by")


def let_through(admin: Connection[TupleRow]) -> list[str]:
    """Let every role try every change of every record; return those that were not refused."""
    found = []
    for (role,) in admin.execute(_ROLES).fetchall():
        for record in RECORDS:
            for change in CHANGES:
                statement = sql.SQL(change).format(event=sql.Identifier(record, "event"))
                with admin.transaction(force_rollback=True):
                    admin.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))
                    try:
                        with admin.transaction():
                            admin.execute(statement)
                    except psycopg.Error as error:
                        assert error.sqlstate in REFUSALS, error
                    else:
                        found.append(f"{role}: {statement.as_string()}")
    return found


def test_no_role_changes_or_removes_an_event_of_either_record(passer_by: Connection[TupleRow]) -> None:
    before = verify_book(Book(passer_by))
    assert len(passer_by.execute(_ROLES).fetchall()) == 6
    assert let_through(passer_by) == []
    assert verify_book(Book(passer_by)) == before


def test_the_grants_alone_would_refuse_it(passer_by: Connection[TupleRow]) -> None:
    for record in RECORDS:
        drop_trigger(passer_by, "refuse_change", f"{record}.event")
    assert let_through(passer_by) == []


def test_the_triggers_alone_would_refuse_it(passer_by: Connection[TupleRow]) -> None:
    for record in RECORDS:
        grant_all(passer_by, record)
    assert let_through(passer_by) == []


def test_without_grants_and_triggers_events_would_be_changed(passer_by: Connection[TupleRow]) -> None:
    for record in RECORDS:
        drop_trigger(passer_by, "refuse_change", f"{record}.event")
        grant_all(passer_by, record)
    assert len(let_through(passer_by)) >= 5 * len(RECORDS) * (len(CHANGES) - 1)


def grant_all(admin: Connection[TupleRow], record: str) -> None:
    for (role,) in admin.execute(_ROLES).fetchall():
        admin.execute(f"GRANT USAGE ON SCHEMA {record} TO {role}; GRANT ALL ON {record}.event TO {role}".encode())


@pytest.mark.parametrize("record", RECORDS)
def test_even_a_superuser_has_to_take_the_trigger_away_first(passer_by: Connection[TupleRow], record: str) -> None:
    for change in CHANGES:
        with pytest.raises(psycopg.Error) as refused:
            passer_by.execute(sql.SQL(change).format(event=sql.Identifier(record, "event")))
        assert refused.value.sqlstate in REFUSALS, change
