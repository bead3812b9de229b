"""Checkpoints: quick where they fit, passed over where they do not, missed by nobody."""

import shutil
from pathlib import Path

import pytest
from tests.record.books import append, as_superuser, draft, fill, new_book

from equipoise.record import Book, Server, read_checkpoint, write_checkpoint

BLOBS = {"trial": b"whole", "01-002": b"", "01-001": bytes(range(256)) * 40}


@pytest.fixture
def book(database: Server) -> Book:
    book = new_book(database)
    fill(book, 3)
    return book


def test_what_was_written_is_read_in_its_order(book: Book, tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "checkpoints", book.head(), BLOBS)
    found = read_checkpoint(tmp_path / "checkpoints", book)
    assert found is not None
    head, blobs = found
    assert head == book.head()
    assert list(blobs.items()) == list(BLOBS.items())
    assert len(blobs) == 3
    with pytest.raises(KeyError):
        blobs["01-009"]


def test_the_newest_is_used_and_two_are_kept(book: Book, tmp_path: Path) -> None:
    for number in range(4):
        append(book, f"more-{number}", draft())
        write_checkpoint(tmp_path, book.head(), {"n": bytes([number])})
    append(book, "after", draft())
    head, blobs = read_checkpoint(tmp_path, book) or (None, {})
    assert head is not None
    assert (head.sequence, blobs["n"]) == (7, b"\x03")
    assert len(list(tmp_path.iterdir())) == 2


def test_there_may_be_none(book: Book, tmp_path: Path) -> None:
    assert read_checkpoint(tmp_path / "never", book) is None
    path = write_checkpoint(tmp_path, book.head(), BLOBS)
    path.unlink()
    assert read_checkpoint(tmp_path, book) is None


def test_one_of_the_beginning_is_good_too(book: Book, tmp_path: Path) -> None:
    write_checkpoint(tmp_path, book.beginning, BLOBS)
    assert read_checkpoint(tmp_path, book) is not None


def test_one_flipped_byte_and_the_one_before_is_used(book: Book, tmp_path: Path) -> None:
    small = {"a": b"one", "b": b"two"}
    write_checkpoint(tmp_path, book.head(), small)
    append(book, "more", draft())
    newest = write_checkpoint(tmp_path, book.head(), small)
    whole = newest.read_bytes()
    for place, byte in enumerate(whole):
        newest.write_bytes(whole[:place] + bytes([byte ^ 1]) + whole[place + 1 :])
        head, blobs = read_checkpoint(tmp_path, book) or (None, {})
        assert head is not None
        assert (head.sequence, dict(blobs)) == (3, small)


@pytest.mark.parametrize("kept", [0, 10, 60, -1])
def test_one_that_was_cut_off_is_passed_over(book: Book, tmp_path: Path, kept: int) -> None:
    path = write_checkpoint(tmp_path, book.head(), BLOBS)
    path.write_bytes(path.read_bytes()[:kept])
    assert read_checkpoint(tmp_path, book) is None


def test_one_of_another_shape_is_passed_over(book: Book, tmp_path: Path) -> None:
    write_checkpoint(tmp_path, book.head(), BLOBS, shape="state 1")
    assert read_checkpoint(tmp_path, book, shape="state 2") is None
    assert read_checkpoint(tmp_path, book, shape="state 1") is not None


def test_one_that_the_record_does_not_know_is_passed_over(database: Server, book: Book, tmp_path: Path) -> None:
    write_checkpoint(tmp_path, book.head(), BLOBS)
    with as_superuser(database) as connection:
        connection.execute("DELETE FROM record.event WHERE sequence = 3")
    assert read_checkpoint(tmp_path, book) is None
    append(book, "another", draft(99))
    assert read_checkpoint(tmp_path, book) is None


def test_one_that_was_copied_from_another_trial_is_passed_over(
    database: Server, book: Book, tmp_path: Path
) -> None:
    other = new_book(database, schema="other")
    fill(other, 3)
    path = write_checkpoint(tmp_path / "other", other.head(), BLOBS)
    (tmp_path / "own").mkdir()
    shutil.copy(path, tmp_path / "own")
    assert read_checkpoint(tmp_path / "own", book) is None
