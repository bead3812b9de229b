"""Passwords of those who sign, kept in the trial's folder and outside the record.

Only a hash is kept: Argon2id (RFC 9106) with a salt of its own for each person. After three wrong passwords in a
row nobody signs in this person's name for a quarter of an hour, whatever is typed (21 CFR 11.300(d)). Only its
owner may read the file; who may write it could put in a password of their own, so that right is for the
administrator of the machine alone.
"""

import fcntl
import os
import tempfile
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from nacl import pwhash
from nacl.exceptions import InvalidkeyError

from ...errors import DataError, DecisionRefused

if TYPE_CHECKING:
    from ...vault.ceremony.holders import Cost

SHORTEST_PASSWORD = 12
FAILURES, PAUSE = 3, timedelta(minutes=15)
"""After so many wrong passwords in a row, how long nothing is accepted."""

_COSTS: dict[str, tuple[int, int]] = {
    "sensitive": (pwhash.argon2id.OPSLIMIT_SENSITIVE, pwhash.argon2id.MEMLIMIT_SENSITIVE),
    "moderate": (pwhash.argon2id.OPSLIMIT_MODERATE, pwhash.argon2id.MEMLIMIT_MODERATE),
    "minimal": (pwhash.argon2id.OPSLIMIT_MIN, pwhash.argon2id.MEMLIMIT_MIN),
}


class Credential(msgspec.Struct, kw_only=True):
    """The hash of a person's password, when it was set, and wrong tries since the last right one."""

    hash: str
    set_at: datetime
    failures: int = 0
    failed_at: datetime | None = None


class PasswordWrong(DecisionRefused):
    """A wrong password was typed; `failures` counts them since the last right one."""

    def __init__(self, text: str, failures: int) -> None:
        super().__init__(text)
        self.failures = failures


def set_password(
    file: Path,
    person: str,
    password: str,
    at: datetime,
    *,
    present: str | None = None,
    cost: "Cost" = "moderate",
    before: Callable[[], object] = lambda: None,
) -> None:
    """Keep the hash of a person's password; where there is one already, `present` must be it.

    before: called when nothing speaks against it any more, before the hash is kept.

    Raises DataError for a password shorter than twelve characters or the same as the short name, DecisionRefused
    where the present password is wrong or missing.
    """
    _require_strong(person, password)
    if has_password(file, person):
        check_password(file, person, present or "", at)
    before()
    put_password(file, person, password, at, cost=cost)


def put_password(file: Path, person: str, password: str, at: datetime, *, cost: "Cost" = "moderate") -> None:
    """Keep the hash of a person's password, whatever it was before: the caller has made sure whose it is.

    Raises DataError for a password shorter than twelve characters or the same as the short name.
    """
    _require_strong(person, password)
    hashed = _hash(password, cost)
    with _alone(file):
        _write(file, {**_read(file), person: Credential(hash=hashed, set_at=at)})


def take_as_long(password: str) -> None:
    """Take as long as a password takes, where there is nobody whose it could be; nothing is kept or counted."""
    _hash(password, "moderate")


def _require_strong(person: str, password: str) -> None:
    if len(password) < SHORTEST_PASSWORD or password.casefold() == person.casefold():
        raise DataError(
            f"a password needs {SHORTEST_PASSWORD} characters or more, and is not the name of the person. "
            f"Got {len(password)} characters"
        )


def set_at(file: Path, person: str) -> datetime | None:
    """Return when a person's password was set; None where there is none."""
    known = _read(file).get(person)
    return None if known is None else known.set_at


def has_password(file: Path, person: str) -> bool:
    """Return whether a person has set a password."""
    return person in _read(file)


def check_password(file: Path, person: str, password: str, at: datetime) -> None:
    """Raise PasswordWrong unless this is the password of the person; the third wrong one in a row pauses.

    A try counts before it is looked at, so that many at the same time are no more than three either.

    Raises DecisionRefused where there is none, and during the pause.
    """
    with _alone(file):
        credential, failures = _count_try(file, person, at)
    if _is_right(credential, password):
        with _alone(file):
            known = _read(file)
            if known[person].hash == credential.hash:
                _write(file, {**known, person: msgspec.structs.replace(credential, failures=0, failed_at=None)})
        return
    left = FAILURES - failures
    raise PasswordWrong(
        f"this is not the password of {person}; nothing was signed, "
        + (f"{left} more tries are left" if left else f"and nothing is for {PAUSE.seconds // 60} minutes"),
        failures,
    )


def _count_try(file: Path, person: str, at: datetime) -> tuple[Credential, int]:
    """Count a try as a wrong one; return the credential, and how many there are in a row with this one."""
    known = _read(file)
    credential = known.get(person)
    if credential is None:
        raise DecisionRefused(
            f"{person} has no password to sign with yet; set one with `equipoise password`, then sign"
        )
    paused = credential.failed_at is not None and credential.failures >= FAILURES
    until = PAUSE + (credential.failed_at or at)
    if paused and at < until:
        raise DecisionRefused(
            f"after {credential.failures} wrong passwords nothing is signed as {person} before "
            f"{until:%Y-%m-%d %H:%M} UTC; try again then, or ask the administrator"
        )
    failures = 1 + (0 if paused else credential.failures)
    _write(file, {**known, person: msgspec.structs.replace(credential, failures=failures, failed_at=at)})
    return credential, failures


def _hash(password: str, cost: "Cost") -> str:
    return pwhash.argon2id.str(_typed(password), *_COSTS[cost]).decode()


def _is_right(credential: Credential, password: str) -> bool:
    try:
        return bool(pwhash.verify(credential.hash.encode(), _typed(password)))
    except InvalidkeyError:
        return False


def _read(file: Path) -> dict[str, Credential]:
    if not file.exists():
        return {}
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, Credential])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise DataError(f"{file} is damaged; take it from a backup: {error}") from error


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Let nobody else change the file meanwhile, in this process or in another."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _write(file: Path, known: dict[str, Credential]) -> None:
    """Write the file anew and put it in place; only its owner may read it."""
    handle, name = tempfile.mkstemp(dir=file.parent)  # made with the rights of its owner alone
    with os.fdopen(handle, "wb") as out:
        out.write(msgspec.json.format(msgspec.json.encode(known, order="sorted"), indent=1) + b"\n")
    Path(name).replace(file)


def _typed(password: str) -> bytes:
    """Give the same bytes whichever way a keyboard composes an accented or Chinese character."""
    return unicodedata.normalize("NFKC", password).encode()
