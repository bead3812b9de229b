"""Verifies the archive of a trial: from the signature of the manifest down to the last digit of the results.

In this order, so that the most telling sentence comes first: the chain of both records (a changed event is named);
the anchors; the opened list against its commitments; the replay against the lock; the kits, of which both records
must say the same; the signature; the hash of every file; the reports for the safety board against the data that
they name; and last the datasets, results and report, made again from the record and compared byte by byte.
"""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from ..conduct.closing.locks import data_hash
from ..conduct.door.chapters import replay
from ..conduct.door.state import Trial
from ..errors import DataError, RecordCorrupt
from ..line import read_places
from ..record import Event, check_anchors, read_anchors, read_lines, verify_book, verify_lines
from ..report.folder import MANIFEST, SIGNATURE, hash_files
from ..vault.events import ScheduleInstalled, read_said
from .archive import (
    ANCHORS,
    DOCUMENTS,
    OPENED,
    VAULT,
    Progress,
    derive_archive,
    made_here,
    read_disclosed,
)
from .folder import EVENTS, RECORD, is_archive
from .opened import check_disclosed
from .running import RunningTrial, signing_key
from .safety.archived import check_board
from .supply.agreement import check_kits


@dataclass(frozen=True)
class Verified:
    """What was found to hold: events of the two records, anchors, opened slots, files compared and made again.

    board_reports: reports for the safety board that are of the data they name. doses: those prepared from kits, of
    which both records say the same.
    """

    events: int
    vault_events: int
    anchors: int
    slots: int
    files: int
    made_again: int
    board_reports: int
    doses: int


def verify_archive(folder: Path, progress: Progress = lambda _: None) -> Verified:
    """Verify an archive and return what was checked.

    Raises DataError where the folder is no archive, RecordCorrupt with the first thing that does not hold.
    """
    manifest, text = _read_manifest(folder)
    key = VerifyKey(bytes.fromhex(manifest["key"]))
    kept = folder / RECORD
    progress("verifying the chain of the record")
    head = verify_lines(kept / EVENTS)
    vault_head = verify_lines(kept / VAULT)
    anchors = _check_anchors(kept, key)
    progress("verifying the opened list")
    disclosed = read_disclosed(kept / OPENED)
    check_disclosed(disclosed, _installed(kept / VAULT).list_hash)
    progress("replaying the record")
    doses = check_kits(_check_lock(folder), read_lines(kept / VAULT), disclosed)
    progress("comparing every file")
    _check_signature(folder, key, text)
    files = _check_files(folder, manifest["files"])
    progress("comparing the reports for the safety board")
    reports = check_board(folder / DOCUMENTS, lambda: read_lines(kept / EVENTS), lambda: read_lines(kept / VAULT))
    made_again = _make_again(folder, manifest, progress)
    slots = len(disclosed.slots)
    return Verified(head.sequence, vault_head.sequence, anchors, slots, files, made_again, reports, doses)


def _read_manifest(folder: Path) -> tuple[dict[str, Any], bytes]:
    if not is_archive(folder):
        raise DataError(f"the folder must be the archive of a trial, with its manifest and record. Got {folder}")
    text = (folder / MANIFEST).read_bytes()
    try:
        manifest = json.loads(text)
        bytes.fromhex(manifest["key"])
        dict(manifest["files"])
    except (ValueError, KeyError, TypeError) as error:
        raise RecordCorrupt(f"{folder / MANIFEST} was changed: it can no longer be read ({error})") from error
    return manifest, text


def _check_anchors(kept: Path, key: VerifyKey) -> int:
    if not (kept / ANCHORS).exists():
        return 0
    anchors = read_anchors(kept / ANCHORS, key)
    wanted = {anchor.sequence: anchor.hash for anchor in anchors}
    found = {event.sequence: event.hash.hex() for event in read_lines(kept / EVENTS) if event.sequence in wanted}
    for sequence, hash_ in wanted.items():
        if sequence and found.get(sequence) != hash_:
            raise RecordCorrupt(f"event {sequence} is not the one that was anchored while the trial ran")
    return len(anchors)


def _installed(file: Path) -> ScheduleInstalled:
    for event in read_lines(file):
        said = read_said(event)
        if isinstance(said, ScheduleInstalled):
            return said
    raise RecordCorrupt(f"{file} does not hold the sealing of the list")


def _check_lock(folder: Path) -> Trial:
    """Compare the data at the lock with the hash that it holds, and with those at the end; return these."""
    trial = replay(_until_locked(read_lines(folder / RECORD / EVENTS)))
    if trial.data_hash is None:
        raise RecordCorrupt("the record holds no lock of the trial")
    last = replay(read_lines(folder / RECORD / EVENTS))
    for when, state in (("at the lock", trial), ("at the end", last)):
        if data_hash(state) != last.data_hash:
            raise RecordCorrupt(f"the data {when} are not those that were locked. Got {data_hash(state)[:12]}")
    return last


def _until_locked(events: Iterator[Event]) -> list[Event]:
    found = list(events)
    last = max((n for n, event in enumerate(found) if event.kind == "TrialLocked"), default=len(found) - 1)
    return found[: last + 1]


def _check_signature(folder: Path, key: VerifyKey, text: bytes) -> None:
    try:
        key.verify(text, bytes.fromhex((folder / SIGNATURE).read_text(encoding="ascii")))
    except (OSError, ValueError, BadSignatureError) as error:
        raise RecordCorrupt(
            f"{folder / MANIFEST} is not the one that was signed with the trial's key, or {SIGNATURE} was changed"
        ) from error


def _check_files(folder: Path, listed: dict[str, str]) -> int:
    found = hash_files(folder)
    for own in (MANIFEST, SIGNATURE):
        found.pop(own, None)
    for name in sorted(found.keys() | listed.keys()):
        if name not in found:
            raise RecordCorrupt(f"{folder / name} is missing")
        if name not in listed:
            raise RecordCorrupt(f"{folder / name} is not part of the archive")
        if found[name] != listed[name]:
            raise RecordCorrupt(f"{folder / name} was changed: its hash is not that of the manifest")
    return len(found)


def _make_again(folder: Path, manifest: dict[str, Any], progress: Progress) -> int:
    """Make datasets, results and report again from the record; all must have the bytes that the archive has."""
    if not made_here(manifest):
        raise DataError(
            f"the archive was made by version {manifest.get('version')} of the program; its record and files are "
            "whole, but to make its results again install that version"
        )
    with tempfile.TemporaryDirectory(prefix="equipoise-") as again:
        derive_archive(folder, Path(again), manifest["language"], progress)
        made = hash_files(Path(again))
    for name, hash_ in made.items():
        if manifest["files"].get(name) != hash_:
            raise RecordCorrupt(f"{folder / name} does not follow from the record: made again it is otherwise")
    return len(made)


def _check_places(running: RunningTrial) -> None:
    """Compare the places that the vault has given out with those that the record knows as used."""
    trial, places = running.door.refresh(), read_places(running.book.connection)
    while trial.sequence != running.door.refresh().sequence:  # somebody was allocated in between
        places = read_places(running.book.connection)
    for stratum in sorted(places.keys() | trial.allocated.keys() | trial.given_up.keys()):
        taken = places[stratum].taken if stratum in places else 0
        allocated, given_up = trial.allocated.get(stratum, 0), trial.given_up.get(stratum, 0)
        if taken != allocated + given_up:
            raise RecordCorrupt(
                f"stratum {stratum}: the record has {allocated} places allocated and {given_up} given up, the "
                f"vault has used {taken}; allocate nobody until it is known why (after `equipoise reconcile` that "
                "was broken off: repeat it with the same key)"
            )


def verify_running(running: RunningTrial) -> dict[str, int]:
    """Verify a running trial: chain and replay of its record, its places, its anchors; return what was counted.

    Raises RecordCorrupt with the first thing that does not hold.
    """
    head = verify_book(running.book)
    replayed = replay(running.book.read())
    if data_hash(replayed) != data_hash(running.door.refresh()):
        raise RecordCorrupt(
            "the state at work is not the one that follows from the record; delete its checkpoints"
        )
    _check_places(running)
    anchors: tuple[str, ...] = ()
    counted = 0
    if running.folder.anchors.exists():
        key = signing_key(running.folder).verify_key
        anchors = check_anchors(running.folder.anchors, key, running.book)
        counted = len(read_anchors(running.folder.anchors, key))
    if anchors:
        raise RecordCorrupt(anchors[0])
    return {"events": head.sequence, "participants": len(replayed.participants), "anchors": counted}
