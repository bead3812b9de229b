"""The record as a file: whole, readable by others, and no byte of it can be changed unnoticed."""

import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from tests.record.books import MIDNIGHT, append, fill, new_book
from tests.servers import fresh_database, running_server

from equipoise.errors import RecordCorrupt
from equipoise.record import (
    Book,
    Draft,
    Server,
    canonical,
    read_lines,
    read_title,
    verify_book,
    verify_lines,
    write_lines,
    write_parquet,
)


@pytest.fixture(scope="module")
def book() -> Iterator[Book]:
    for database in fresh_database(running_server("wheel")):
        book = new_book(database, "rehearsal")
        payload = canonical({"name": "吴", "quote": '"\\', "deep": [1.5, None, {"a": True}]})
        append(book, "r-0", Draft("Named", 3, payload, None, None, "记错了"), at=MIDNIGHT.replace(microsecond=1))
        fill(book, 3)
        yield book


@pytest.fixture
def file(book: Book, tmp_path: Path) -> Path:
    write_lines(book, tmp_path / "record.jsonl")
    return tmp_path / "record.jsonl"


def test_what_was_written_is_read_and_verifies_to_the_same_head(book: Book, file: Path) -> None:
    assert list(read_lines(file)) == list(book.read())
    assert verify_lines(file) == verify_book(book) == book.head()
    title = read_title(file)
    assert (title.trial, title.mode, title.schema) == ("demo", "rehearsal", "record")


def test_any_reader_of_json_understands_it(file: Path) -> None:
    first, named, *others, last = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert first["format"] == "equipoise record 1"
    assert (named["kind"], named["payload"]["name"], named["at"]) == ("Named", "吴", "2026-03-01T00:00:00.000001Z")
    assert [event["payload"] for event in others] == [{"kg": "1"}, {"kg": "2"}, {"kg": "3"}]
    assert last == {"events": 4, "hash": others[-1]["hash"]}


def test_one_flipped_byte_anywhere_is_found(database: Server, tmp_path: Path) -> None:
    book = new_book(database)
    append(book, "r-1", Draft("Named", 1, canonical({"name": "吴", "deep": [1.5, None]}), "01", None, "记错了"))
    file = tmp_path / "small.jsonl"
    write_lines(book, file)
    assert verify_lines(file).sequence == 1
    whole = file.read_bytes()
    for place, byte in enumerate(whole):
        bit = 0x20 if chr(byte).isalpha() else 0x01  # a letter turns into the same in the other case
        file.write_bytes(whole[:place] + bytes([byte ^ bit]) + whole[place + 1 :])
        with pytest.raises(RecordCorrupt):
            verify_lines(file)


def test_a_flipped_byte_is_found_in_the_event_it_stands_in(file: Path) -> None:
    lines = file.read_bytes().splitlines(keepends=True)
    for number in range(1, 5):
        at = lines[number].index(b"Asia/Shanghai")
        changed = lines[number][:at] + b"B" + lines[number][at + 1 :]
        file.write_bytes(b"".join([*lines[:number], changed, *lines[number + 1 :]]))
        with pytest.raises(RecordCorrupt, match=rf"event {number} "):
            verify_lines(file)


@pytest.mark.parametrize("kept", [0, 1, 2, 4, 5])
def test_a_file_that_was_cut_off_is_found(file: Path, kept: int) -> None:
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:kept]))
    with pytest.raises(RecordCorrupt):
        verify_lines(file)


def test_a_file_that_was_cut_off_with_its_end_rewritten_shows_another_head(book: Book, file: Path) -> None:
    lines = file.read_bytes().splitlines(keepends=True)
    newest = json.loads(lines[3])
    file.write_bytes(b"".join(lines[:4]) + f'{{"events":3,"hash":"{newest["hash"]}"}}\n'.encode())
    assert verify_lines(file) != book.head()


def test_a_line_more_is_found(file: Path) -> None:
    whole = file.read_bytes()
    for more in (b"\n", b"{}\n", whole.splitlines(keepends=True)[-1]):
        file.write_bytes(whole + more)
        with pytest.raises(RecordCorrupt):
            verify_lines(file)


def test_an_empty_record_is_a_file_too(database: Server, tmp_path: Path) -> None:
    book = new_book(database)
    assert write_lines(book, tmp_path / "empty.jsonl") == book.beginning
    assert verify_lines(tmp_path / "empty.jsonl") == book.beginning
    assert write_parquet(book, tmp_path / "empty.parquet") == 0
    assert pl.read_parquet(tmp_path / "empty.parquet").height == 0


def test_the_same_record_gives_the_same_bytes(book: Book, file: Path, tmp_path: Path) -> None:
    write_lines(book, tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == file.read_bytes()
    for name in ("one.parquet", "two.parquet"):
        write_parquet(book, tmp_path / name)
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()


def test_an_export_that_broke_off_leaves_the_earlier_one(
    book: Book, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = file.read_bytes()

    def broken(*_: object) -> Iterator[object]:
        yield next(Book.read(book))
        raise OSError("no space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(book, "read", broken)
        for write in (write_lines, write_parquet):
            with pytest.raises(OSError, match="no space"):
                write(book, file)  # type: ignore[operator]
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_parquet_holds_every_event_with_typed_columns(
    book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("equipoise.record.lines._ROWS", 3)
    assert write_parquet(book, tmp_path / "record.parquet") == 4
    table = pl.read_parquet(tmp_path / "record.parquet")
    events = list(book.read())
    assert table["sequence"].to_list() == [1, 2, 3, 4]
    assert table["at"].to_list() == [event.at for event in events]
    assert table["payload"].to_list() == [event.payload for event in events]
    assert table["hash"].to_list() == [event.hash.hex() for event in events]
    assert table["participant"].to_list() == [None, "01-007", "01-007", "01-007"]
