"""Anchors: what was noted outside shows what the chain alone cannot."""

from pathlib import Path

import msgspec
import pytest
from nacl.signing import SigningKey
from tests.record.books import append, as_superuser, draft, fill, new_book

from equipoise.errors import DataError, RecordCorrupt
from equipoise.record import (
    Book,
    Head,
    Server,
    check_anchors,
    check_heads,
    read_anchors,
    read_witness_line,
    verify_book,
    witness_line,
    write_anchor,
)

KEY = SigningKey(bytes(range(32)))


@pytest.fixture
def book(database: Server) -> Book:
    book = new_book(database)
    fill(book, 5)
    return book


@pytest.fixture
def file(book: Book, tmp_path: Path) -> Path:
    file = tmp_path / "anchors.jsonl"
    write_anchor(file, KEY, book)
    append(book, "r-6", draft())
    write_anchor(file, KEY, book)
    return file


def test_a_record_that_nobody_touched_agrees_with_its_anchors(book: Book, file: Path) -> None:
    append(book, "r-7", draft())
    assert [anchor.sequence for anchor in read_anchors(file, KEY.verify_key)] == [5, 6]
    assert read_anchors(file, KEY.verify_key)[1].head() == Head(6, book.event(6).hash, book.event(6).at)  # type: ignore[union-attr]
    assert check_anchors(file, KEY.verify_key, book) == ()


def test_events_cut_off_at_the_end_are_missed(database: Server, book: Book, file: Path) -> None:
    with as_superuser(database) as connection:
        connection.execute("DELETE FROM record.event WHERE sequence > 4")
    assert verify_book(book).sequence == 4
    missed = check_anchors(file, KEY.verify_key, book)
    assert [sentence.split(" was ")[0] for sentence in missed] == ["event 5", "event 6"]
    assert "ends at event 4" in missed[0]


def test_an_end_written_anew_is_named(database: Server, book: Book, file: Path) -> None:
    with as_superuser(database) as connection:
        connection.execute("DELETE FROM record.event WHERE sequence > 5")
    append(book, "another", draft(99))
    assert verify_book(book).sequence == 6
    (sentence,) = check_anchors(file, KEY.verify_key, book)
    assert sentence.startswith("event 6 (WeightMeasured) is not the one that was witnessed")


def test_an_empty_record_is_anchored_by_its_beginning(database: Server, tmp_path: Path) -> None:
    book = new_book(database)
    write_anchor(tmp_path / "a", KEY, book)
    append(book, "r-1", draft())
    assert check_anchors(tmp_path / "a", KEY.verify_key, book) == ()


def test_anchors_of_another_record_are_not_taken_for_those_of_this(database: Server, file: Path) -> None:
    other = new_book(database, schema="other")
    fill(other, 6)
    sentences = check_anchors(file, KEY.verify_key, other)
    assert any("another record" in sentence for sentence in sentences)


def test_one_flipped_byte_in_the_file_is_found_with_its_line(book: Book, file: Path) -> None:
    whole = file.read_bytes()
    lines = whole.splitlines(keepends=True)
    for place, byte in enumerate(whole):
        bit = 0x20 if chr(byte).isalpha() else 0x01
        file.write_bytes(whole[:place] + bytes([byte ^ bit]) + whole[place + 1 :])
        with pytest.raises(RecordCorrupt, match=f":{1 if place < len(lines[0]) else 2} "):
            check_anchors(file, KEY.verify_key, book)


def test_an_anchor_signed_by_somebody_else_is_refused(book: Book, file: Path) -> None:
    with pytest.raises(RecordCorrupt, match="signed"):
        read_anchors(file, SigningKey.generate().verify_key)


def test_a_line_that_a_crash_left_unfinished_is_said_and_then_overwritten(book: Book, file: Path) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole + b'{"schema":"rec')
    with pytest.raises(RecordCorrupt, match=":3 "):
        read_anchors(file, KEY.verify_key)
    write_anchor(file, KEY, book)
    assert file.read_bytes().startswith(whole)
    assert [anchor.sequence for anchor in read_anchors(file, KEY.verify_key)] == [5, 6, 6]


def test_after_a_reconciled_restore_anchors_of_what_was_lost_no_longer_count(
    database: Server, book: Book, file: Path
) -> None:
    with as_superuser(database) as connection:
        connection.execute("DELETE FROM record.event WHERE sequence > 5")
    write_anchor(file, KEY, book, restart="restored from the backup of 1 March, one event was lost")
    append(book, "another", draft(99))
    write_anchor(file, KEY, book)
    assert check_anchors(file, KEY.verify_key, book) == ()
    assert [anchor.sequence for anchor in read_anchors(file, KEY.verify_key)] == [5, 5, 6]


def test_a_witness_line_can_be_kept_on_paper_and_read_back(book: Book) -> None:
    head = book.head()
    assert head.at is not None
    line = witness_line(head)
    assert line.startswith(f"event 5 · {head.at:%Y-%m-%d %H:%M:%S} UTC · {head.hash.hex()[:8]} ")
    read = read_witness_line(f"  {line.upper()}\n")
    assert read == msgspec.structs.replace(head, at=head.at.replace(microsecond=0))
    assert check_heads([read], book) == ()
    assert read_witness_line(witness_line(book.beginning)).sequence == 0


@pytest.mark.parametrize(
    "line", ["", "event 5", "event 5 · 2026-03-01 08:00:00 UTC · 01234567", "event x · y UTC · z"]
)
def test_another_text_is_no_witness_line(line: str) -> None:
    with pytest.raises(DataError, match="witness line"):
        read_witness_line(line)
