"""Anchors: what the head of the chain was, signed and kept outside the database.

The chain shows that nothing was changed in between. That its end was not cut off, or all of it written anew by
someone with every right in the database, only a note kept elsewhere can show. An anchor is a line of a file: the
head, signed with Ed25519 (RFC 8032, by PyNaCl). A witness line is the same for paper: print it, and let someone
keep it who has no access to the database.
"""

import fcntl
import os
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from equipoise.errors import DataError, RecordCorrupt
from equipoise.record.book import Book
from equipoise.record.event import Head

_WITNESS = re.compile(r"event (\d+) · (\S+ \S+) UTC · ([0-9a-f ]+)")


class Anchor(msgspec.Struct, frozen=True):
    """A head as anchored; `restart` says why anchors of later events no longer count, after a restore."""

    schema: str
    trial: str
    sequence: int
    at: datetime | None
    hash: str
    restart: str | None
    signature: str

    def head(self) -> Head:
        """Give the head that was anchored."""
        return Head(self.sequence, bytes.fromhex(self.hash), self.at)

    def message(self) -> bytes:
        """Give the bytes that are signed: the anchor without its signature."""
        return msgspec.json.encode(msgspec.structs.replace(self, signature=""))


def write_anchor(file: Path, key: SigningKey, book: Book, *, restart: str | None = None) -> Anchor:
    """Append the present head of a record to the file of its anchors, and wait until it is on disk.

    `restart` is given once after a restore was reconciled: anchors of events beyond this one are from then on
    known to belong to what was lost. A line that a crash left unfinished is overwritten.
    """
    with file.open("ab+") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)  # one process at a time, so that none overwrites what another has added
        head = book.head()
        book.flush()  # what is anchored must not be lost by a crash
        anchor = Anchor(book.schema, book.trial, head.sequence, head.at, head.hash.hex(), restart, "")
        anchor = msgspec.structs.replace(anchor, signature=key.sign(anchor.message()).signature.hex())
        stream.seek(0)
        stream.truncate(stream.read().rfind(b"\n") + 1)
        stream.write(msgspec.json.encode(anchor) + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
    return anchor


def read_anchors(file: Path, key: VerifyKey) -> tuple[Anchor, ...]:
    """Read the anchors of a file in their order, those that count.

    Raises `RecordCorrupt` that names the line for one that was not signed by this key or was changed afterwards.
    """
    counting: list[Anchor] = []
    for number, line in enumerate(file.read_bytes().splitlines(keepends=True), start=1):
        try:
            anchor = msgspec.json.decode(line, type=Anchor)
            signature = bytes.fromhex(anchor.signature)
            key.verify(anchor.message(), signature)
            as_written = msgspec.structs.replace(anchor, signature=signature.hex())
            whole = msgspec.json.encode(as_written) + b"\n" == line
        except (BadSignatureError, ValueError, msgspec.MsgspecError):
            whole = False
        if not whole:
            raise RecordCorrupt(f"{file}:{number} is no anchor signed by the key of this trial, or it was changed")
        if anchor.restart is not None:
            counting = [earlier for earlier in counting if earlier.sequence <= anchor.sequence]
        counting.append(anchor)
    return tuple(counting)


def check_anchors(file: Path, key: VerifyKey, book: Book) -> tuple[str, ...]:
    """Compare the anchors of a file with the record: a sentence for each event that is not as anchored.

    Raises `RecordCorrupt` as `read_anchors` does.
    """
    anchors = read_anchors(file, key)
    others = [
        f"{file} holds an anchor of another record. Got {anchor.schema} of {anchor.trial}"
        for anchor in anchors
        if (anchor.schema, anchor.trial) != (book.schema, book.trial)
    ]
    return (*others, *check_heads((anchor.head() for anchor in anchors), book))


def check_heads(witnessed: Iterable[Head], book: Book) -> tuple[str, ...]:
    """Compare heads witnessed outside with the record: a sentence for each event that is not as it was."""
    findings = []
    for head in witnessed:
        if head.sequence == 0:
            stored, kind = book.beginning.hash, "the beginning"
        else:
            event = book.event(head.sequence)
            if event is None:
                findings.append(
                    f"event {head.sequence} was witnessed but is not in the record, which ends at event "
                    f"{book.head().sequence}: events were removed, or an old backup was put back"
                )
                continue
            stored, kind = event.hash, event.kind
        if stored != head.hash:
            findings.append(
                f"event {head.sequence} ({kind}) is not the one that was witnessed: it or one before it was "
                f"changed. Got {stored.hex()}"
            )
    return tuple(findings)


def witness_line(head: Head) -> str:
    """Write a head as a line to print and to be kept by a witness."""
    digits = head.hash.hex()
    groups = " ".join(digits[place : place + 8] for place in range(0, len(digits), 8))
    at = datetime.fromtimestamp(0, UTC) if head.at is None else head.at.astimezone(UTC)
    return f"event {head.sequence} · {at:%Y-%m-%d %H:%M:%S} UTC · {groups}"


def read_witness_line(line: str) -> Head:
    """Read a line that a witness kept, its time to the second. Raises `DataError` for another text."""
    found = _WITNESS.fullmatch(" ".join(line.split()).lower().replace("utc", "UTC"))
    digits = "" if found is None else found[3].replace(" ", "")
    if found is None or len(digits) != 64:
        raise DataError(
            "a witness line must read: event NUMBER · DATE TIME UTC · eight groups of eight digits 0-9 a-f. "
            f"Got {line.strip()}"
        )
    at = datetime.strptime(found[2], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    return Head(int(found[1]), bytes.fromhex(digits), at)
