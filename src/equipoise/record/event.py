"""What the record holds: an event as stored, a draft of one, the stamp of who did it, and the chain of hashes.

An event is a sentence of the audit trail: who (actor, role), when (UTC, with the zone of the site beside it),
where, about whom, what, why (ICH E6(R3) 4.2.2; 21 CFR 11.10(e)). Its hash is SHA-256 over its own fields and the
hash of the event before, so that no event can be changed, taken out or put in unnoticed. Each text is preceded by
its length in bytes (four bytes, most significant first; -1 for a missing one): no two events have the same bytes.
The function in the database (`schema.py`) computes the same; the tests compare the two.
"""

import contextlib
import hashlib
import re
import struct
from datetime import UTC, datetime

import msgspec

from equipoise.errors import DataError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_FIXED = struct.Struct(">32sqqii")
_LENGTH = struct.Struct(">i")
_MISSING = _LENGTH.pack(-1)
_NOT_FINITE = re.compile(rb"\xcb[\x7f\xff][\xf0-\xff]")
"""How MessagePack writes a number that is not finite; other bytes may look like it."""


class Event(msgspec.Struct, frozen=True, gc=False):
    """An event as stored; `at` in UTC to the microsecond; `part` counts the events of a request from 1."""

    sequence: int
    at: datetime
    zone: str
    actor: str
    role: str
    site: str | None
    participant: str | None
    kind: str
    version: int
    payload: str
    reason: str | None
    request: str
    part: int
    previous: bytes
    hash: bytes


# what comes with an event; its sequence and its hashes are for the database to say
GIVEN = tuple(name for name in Event.__struct_fields__ if name not in ("sequence", "previous", "hash"))


class Draft(msgspec.Struct, frozen=True, gc=False):
    """An event to be appended; `payload` is canonical JSON of an object."""

    kind: str
    version: int
    payload: str
    site: str | None = None
    participant: str | None = None
    reason: str | None = None


class Stamp(msgspec.Struct, frozen=True, gc=False):
    """Who appends, in which time zone, by which request; `at` counts in a rehearsal only.

    asked: a hash of what was asked by the request, kept beside the events, so that its key serves no other step.
    """

    actor: str
    role: str
    zone: str
    request: str
    at: datetime | None = None
    asked: bytes | None = None


class Head(msgspec.Struct, frozen=True, gc=False):
    """The newest event of a record; where there is none, sequence 0 and the hash that the chain begins with."""

    sequence: int
    hash: bytes
    at: datetime | None


def canonical(payload: object) -> str:
    """Write a payload as canonical JSON: sorted keys, no blanks, UTF-8; equal payloads give equal text.

    Raises `ValueError` for what JSON cannot say: numbers not finite, text that is no Unicode, other types.
    """
    try:
        plain = msgspec.to_builtins(payload, order="sorted")
        _require_finite(plain)
        return msgspec.json.encode(msgspec.to_builtins(plain, str_keys=True), order="sorted").decode()
    except (TypeError, OverflowError, msgspec.MsgspecError) as error:
        raise ValueError(f"a payload must be made of what JSON can say: {error}") from error


def _require_finite(plain: object) -> None:
    """Raise `ValueError` for a number that is not finite; msgspec would write it as null."""
    with contextlib.suppress(OverflowError):  # JSON can say whole numbers that MessagePack cannot
        if _NOT_FINITE.search(msgspec.msgpack.encode(plain)) is None:
            return
    todo = [plain]
    while todo:
        item = todo.pop()
        if isinstance(item, float) and not -float("inf") < item < float("inf"):
            raise ValueError(f"a number in a payload must be finite. Got {item}")
        if isinstance(item, dict):
            todo.extend(item.values())
        elif isinstance(item, list | tuple):
            todo.extend(item)


def require_canonical(payload: str) -> None:
    """Raise `DataError` unless the text is an object in canonical JSON."""
    try:
        value = msgspec.json.decode(payload)
        same = isinstance(value, dict) and canonical(value) == payload
    except (ValueError, msgspec.MsgspecError):
        same = False
    if not same:
        raise DataError(
            "the payload of an event must be a JSON object in canonical form (keys sorted, no blanks); "
            f"write it with canonical(). Got {payload[:80]}"
        )


def first_hash(schema: str, trial: str, mode: str) -> bytes:
    """Give the hash that the chain of a record begins with, so that two records never share an event."""
    return hashlib.sha256(b"".join(map(_framed, (schema, trial, mode)))).digest()


def microseconds(at: datetime) -> int:
    """Count the microseconds since 1970 in UTC, exactly."""
    since = at - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def hash_event(event: Event) -> bytes:
    """Compute the hash of an event from its fields and the hash of the event before."""
    fixed = _FIXED.pack(event.previous, event.sequence, microseconds(event.at), event.version, event.part)
    texts = (
        event.zone,
        event.actor,
        event.role,
        event.site,
        event.participant,
        event.kind,
        event.payload,
        event.reason,
        event.request,
    )
    return hashlib.sha256(fixed + b"".join(map(_framed, texts))).digest()


def _framed(text: str | None) -> bytes:
    if text is None:
        return _MISSING
    raw = text.encode()
    return _LENGTH.pack(len(raw)) + raw
