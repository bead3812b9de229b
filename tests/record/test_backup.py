"""Backup and restore: the record comes back whole, and its gate shut."""

import subprocess
from pathlib import Path

import pytest
from tests.record.books import append, as_superuser, draft, fill, new_book
from tests.servers import DEBIAN, NO_DEBIAN, fresh_database, running_server

from equipoise.errors import DataError, RecordCorrupt
from equipoise.record import Book, Server, back_up, open_gate, read_gate, restore, verify_book
from equipoise.record.gate import ELSEWHERE


def test_a_restored_record_is_whole_and_its_gate_shut_until_reconciled(
    each_database: Server, tmp_path: Path
) -> None:
    book = new_book(each_database)
    other = new_book(each_database, schema="vault_record")
    fill(book, 5)
    back_up(each_database, tmp_path / "backup")
    lost = append(book, "after the backup", draft())
    for fresh in fresh_database(each_database):
        heads = restore(fresh, tmp_path / "backup")
        assert {schema: head.sequence for schema, head in heads.items()} == {"record": 5, "vault_record": 0}
        restored = Book(fresh.connect("conduct"))
        assert list(restored.read()) == list(book.read())[:-1]
        assert read_gate(restored).why == "the database was restored from backup"
        assert not read_gate(restored).open
        open_gate(fresh.connect("vault"), "record", "reconciled")
        assert read_gate(restored).open
        assert append(restored, "after the restore", draft())[0].sequence == lost[0].sequence
        assert verify_book(restored).sequence == 6
    assert read_gate(book).open
    assert other.head() == other.beginning


def test_what_the_roles_may_do_comes_back_with_it(database: Server, tmp_path: Path) -> None:
    append(new_book(database), "r-1", draft())
    back_up(database, tmp_path / "backup")
    question = (
        "SELECT c.relname, a.grantee::regrole::text, a.privilege_type FROM pg_class c "
        "JOIN pg_namespace n ON n.oid = relnamespace CROSS JOIN aclexplode(relacl) a WHERE nspname = 'record' "
        "UNION ALL SELECT p.proname, a.grantee::regrole::text, a.privilege_type FROM pg_proc p "
        "JOIN pg_namespace n ON n.oid = pronamespace CROSS JOIN aclexplode(proacl) a WHERE nspname = 'record' "
        "ORDER BY 1, 2, 3"
    )
    before = database.connect("owner").execute(question.encode()).fetchall()
    for fresh in fresh_database(running_server("wheel")):
        restore(fresh, tmp_path / "backup")
        assert fresh.connect("owner").execute(question.encode()).fetchall() == before
        assert len(before) > 10


def test_a_dump_put_back_by_hand_shuts_the_gate_too(database: Server, tmp_path: Path) -> None:
    new_book(database)
    back_up(database, tmp_path / "backup")
    for fresh in fresh_database(running_server("wheel")):
        restore_by_hand(fresh, tmp_path / "backup")
        found = read_gate(Book(fresh.connect("conduct")))
        assert (found.open, found.why) == (False, ELSEWHERE)


def restore_by_hand(server: Server, file: Path) -> None:
    """What an administrator does who does not know of `restore`."""
    subprocess.run([server.binary("pg_restore"), f"--dbname={server.admin_url}", file], check=True)


def test_a_backup_of_the_older_server_is_restored_on_the_newer(tmp_path: Path) -> None:
    if not DEBIAN:
        pytest.skip(NO_DEBIAN)
    for old in fresh_database(running_server("debian")):
        fill(new_book(old), 3)
        back_up(old, tmp_path / "backup")
    for new in fresh_database(running_server("wheel")):
        assert restore(new, tmp_path / "backup")["record"].sequence == 3
        assert not read_gate(Book(new.connect("conduct"))).open


def test_only_an_empty_database_is_restored_into(database: Server, tmp_path: Path) -> None:
    book = new_book(database)
    fill(book, 2)
    back_up(database, tmp_path / "backup")
    with pytest.raises(DataError, match="empty database"):
        restore(database, tmp_path / "backup")
    assert read_gate(book).open


def test_a_file_that_is_no_backup_is_refused_and_leaves_the_database_empty(
    database: Server, tmp_path: Path
) -> None:
    (tmp_path / "backup").write_bytes(b"no backup")
    with pytest.raises(DataError, match="pg_restore did not finish"):
        restore(database, tmp_path / "backup")
    assert new_book(database).head().sequence == 0


def test_a_record_that_was_changed_before_its_backup_is_named_when_restored(
    database: Server, tmp_path: Path
) -> None:
    fill(new_book(database), 3)
    with as_superuser(database) as connection:
        connection.execute("UPDATE record.event SET reason = 'x' WHERE sequence = 2")
    back_up(database, tmp_path / "backup")
    for fresh in fresh_database(running_server("wheel")):
        with pytest.raises(RecordCorrupt, match="event 2"):
            restore(fresh, tmp_path / "backup")
        assert not read_gate(Book(fresh.connect("conduct"))).open


def test_a_backup_that_fails_leaves_the_earlier_one(database: Server, tmp_path: Path) -> None:
    (tmp_path / "backup").write_bytes(b"earlier")
    gone = Server("postgresql://nobody@/none?host=/nowhere", embedded=database._embedded)
    with pytest.raises(DataError, match="pg_dump did not finish"):
        back_up(gone, tmp_path / "backup")
    assert [path.name for path in tmp_path.iterdir()] == ["backup"]
    assert (tmp_path / "backup").read_bytes() == b"earlier"
