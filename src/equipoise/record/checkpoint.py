"""Checkpoints: the state as of some event, kept in files so that a long record need not be folded from its start.

A checkpoint is a convenience. It may be deleted at any time; it is used only where its own bytes are whole and the
record still holds the event it was made after, with the same hash, and else passed over. Its blobs are read one by
one. The layout: a magic line, a SHA-256 of all that follows, the length of the index, the index, the blobs.
"""

import hashlib
import mmap
import os
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from equipoise.record.book import Book
from equipoise.record.event import Head

_MAGIC = b"equipoise checkpoint 1\n"
_LENGTH = struct.Struct(">q")
_KEPT = 2


class _Index(msgspec.Struct, frozen=True):
    head: Head
    shape: str
    sizes: dict[str, int]


class Blobs(Mapping[str, bytes]):
    """The blobs of a checkpoint by name, in the order in which they were written, each read when asked for."""

    def __init__(self, stored: mmap.mmap, offset: int, sizes: Mapping[str, int]) -> None:
        self._stored = stored
        self._places: dict[str, slice] = {}
        for name, size in sizes.items():
            self._places[name] = slice(offset, offset + size)
            offset += size

    def __getitem__(self, name: str) -> bytes:
        return self._stored[self._places[name]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def write_checkpoint(folder: Path, head: Head, blobs: Mapping[str, bytes], *, shape: str = "") -> Path:
    """Write a checkpoint of the state after `head` and remove all but the newest two; give its path.

    `shape` names the layout of the blobs: a program that knows another one passes it over.
    """
    folder.mkdir(parents=True, exist_ok=True)
    index = msgspec.msgpack.encode(_Index(head, shape, {name: len(blob) for name, blob in blobs.items()}))
    parts = [_LENGTH.pack(len(index)), index, *blobs.values()]
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    path = folder / f"{head.sequence:012d}-{head.hash.hex()[:16]}.checkpoint"
    unfinished = path.with_suffix(f".{os.getpid()}")
    with unfinished.open("wb") as file:
        file.writelines([_MAGIC, digest.digest(), *parts])
    unfinished.replace(path)
    for old in _newest_first(folder)[_KEPT:]:
        old.unlink(missing_ok=True)
    return path


def read_checkpoint(folder: Path, book: Book, *, shape: str = "") -> tuple[Head, Mapping[str, bytes]] | None:
    """Open the newest checkpoint that is whole, of this shape and of this record; `None` where there is none."""
    for path in _newest_first(folder):
        found = _open(path)
        if found is None:
            continue
        index, blobs = found
        if index.shape == shape and _holds(book, index.head):
            return index.head, blobs
    return None


def _newest_first(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.checkpoint"), reverse=True)


def _open(path: Path) -> tuple[_Index, Blobs] | None:
    """Map a checkpoint into memory; `None` where its bytes are not those that were written."""
    start = len(_MAGIC) + hashlib.sha256().digest_size
    try:
        with path.open("rb") as file:
            stored = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):  # gone meanwhile, or empty
        return None
    with memoryview(stored) as view:
        written = view[:start].tobytes()
        if written != _MAGIC + hashlib.sha256(view[start:]).digest():
            return None
    (length,) = _LENGTH.unpack_from(stored, start)
    offset = start + _LENGTH.size
    index = msgspec.msgpack.decode(stored[offset : offset + length], type=_Index)
    return index, Blobs(stored, offset + length, index.sizes)


def _holds(book: Book, head: Head) -> bool:
    """Say whether the record holds this event under this hash."""
    if head.sequence == 0:
        return head.hash == book.beginning.hash
    event = book.event(head.sequence)
    return event is not None and event.hash == head.hash
