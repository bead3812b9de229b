"""A record filled from its archived lines: the same chain, all of it or nothing, once however often."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.record.books import as_superuser, draft, fill, new_book, stamp
from tests.servers import fresh_database, running_server

from equipoise.errors import DataError, RecordCorrupt
from equipoise.record import Book, Server, fill_book, lines, read_gate, verify_book, write_lines


@pytest.fixture(params=["live", "rehearsal"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def other() -> Iterator[Server]:
    yield from fresh_database(running_server("wheel"))


@pytest.fixture
def file(other: Server, mode: str, tmp_path: Path) -> Path:
    """The lines of a record in another database."""
    book = new_book(other, mode)
    fill(book, 5)
    write_lines(book, tmp_path / "record.jsonl")
    return tmp_path / "record.jsonl"


def events(book: Book) -> int:
    return book.head().sequence


def test_an_empty_record_gets_the_same_chain_and_its_gate_is_shut(
    each_database: Server, mode: str, file: Path, tmp_path: Path
) -> None:
    book = new_book(each_database, mode)
    head = fill_book(each_database.connect("owner"), file)
    assert book.head() == head == verify_book(book)
    write_lines(book, tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == file.read_bytes()
    gate = read_gate(book)
    assert not gate.open
    assert "record.jsonl" in gate.why


def test_the_record_goes_on_from_there_and_its_triggers_work(database: Server, file: Path, mode: str) -> None:
    book = new_book(database, mode)
    head = fill_book(database.connect("owner"), file)
    with book.turn(head.sequence, "next") as turn:
        (event,) = turn.append(stamp("next", head.at), [draft(6)])
    assert (event.sequence, event.previous) == (head.sequence + 1, head.hash)
    with pytest.raises(psycopg.errors.Error, match="permission denied"):
        database.connect("owner").execute("DELETE FROM record.event")


def test_the_same_file_again_changes_nothing_and_another_is_refused(
    database: Server, file: Path, mode: str
) -> None:
    book, owner = new_book(database, mode), database.connect("owner")
    head = fill_book(owner, file)
    assert fill_book(owner, file) == head == book.head()
    with book.turn(head.sequence, "more") as turn:
        turn.append(stamp("more", head.at), [draft(7)])
    with pytest.raises(DataError, match="is not empty, it holds 6 events"):
        fill_book(owner, file)
    assert events(book) == 6


@pytest.mark.parametrize("mode", ["rehearsal"], indirect=True)
def test_a_file_of_another_record_and_a_damaged_one_leave_nothing(database: Server, file: Path) -> None:
    book, owner = new_book(database, "live"), database.connect("owner")
    with pytest.raises(DataError, match=r"is the record record of demo \(rehearsal\), this one is .* \(live\)"):
        fill_book(owner, file)
    file.write_bytes(file.read_bytes().replace(b'"kg":"3"', b'"kg":"4"'))
    with pytest.raises(RecordCorrupt, match="event 3"):
        fill_book(owner, file)
    assert events(book) == 0


@pytest.mark.parametrize("mode", ["live"], indirect=True)
def test_what_fails_on_the_way_leaves_nothing(
    database: Server, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, owner = new_book(database, "live"), database.connect("owner")
    monkeypatch.setattr(lines, "verify_book", lambda book: book.beginning)
    with pytest.raises(RecordCorrupt, match="nothing was stored"):
        fill_book(owner, file)
    monkeypatch.undo()
    assert events(book) == 0
    assert read_gate(book).open


def fill_and_wait(url: str, path: str) -> None:
    """Fill a record as another process does, which never comes to the end of the file."""
    read, file = lines.read_lines, Path(path)

    def slowly(path: Path) -> Iterator[object]:
        for place, event in enumerate(read(path)):
            if place == 3:
                time.sleep(60)
            yield event

    checked = lines.verify_lines(file)
    lines.read_lines = slowly  # type: ignore[assignment]
    lines.verify_lines = lambda _: checked  # type: ignore[assignment]
    fill_book(Server(url).connect("owner"), file)


@pytest.mark.parametrize("mode", ["live"], indirect=True)
def test_a_process_that_is_killed_half_way_leaves_nothing(database: Server, file: Path) -> None:
    book = new_book(database, "live")
    lines_of_it = (
        f"from tests.record.test_fill import *\nfill_and_wait({database.admin_url!r}, Path({str(file)!r}))"
    )
    process = subprocess.Popen([sys.executable, "-c", lines_of_it], cwd=Path(__file__).parents[2])
    locked = "SELECT count(*) FROM pg_locks WHERE mode = 'ShareRowExclusiveLock' AND relation = %s::regclass"
    with as_superuser(database) as admin:
        (number,) = admin.execute("SELECT 'record.event'::regclass::oid").fetchone() or (0,)
        for _ in range(2400):
            if (admin.execute(locked, (number,)).fetchone() or (0,))[0]:
                break
            time.sleep(0.05)
        else:
            pytest.fail("the other process never came to the record")
    process.kill()
    process.wait()
    assert events(book) == 0
    assert fill_book(database.connect("owner"), file) == book.head()
