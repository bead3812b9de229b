"""Checks the archive of a site with nothing but Python (3.8 or newer): run `python3 check.py` in its folder.

Three things are computed: the SHA-256 of every file that MANIFEST lists; the hash of every event of record.jsonl
and the chain that they make, from the first event of the trial to the newest; and that the chain holds the
positions of anchors.jsonl, which were set down while the trial ran. That MANIFEST is the one that was signed, is
for openssl to say (README.txt). It prints what it found and ends with 0, or 1 at the first thing that is wrong.

The hash of an event is SHA-256 over: the hash of the event before (32 bytes), its number, its time in microseconds
since 1970 UTC (8 bytes each, signed, most significant byte first), version and part (4 bytes each), then zone,
actor, role, site, participant, kind, payload, reason and request, each as UTF-8 with its length in 4 bytes before
it, a length of -1 where there is none. The chain begins with the SHA-256 over schema, trial and mode, each with
its length before it.
"""

from __future__ import annotations

import hashlib
import json
import struct
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
TEXTS = ("zone", "actor", "role", "site", "participant", "kind", "payload", "reason", "request")
NOT_LISTED = ("MANIFEST", "MANIFEST.sig", "manifest.json")


class Wrong(Exception):
    """Something does not hold; the message says what."""


def check_files(folder: Path) -> int:
    """Compare every file with MANIFEST, line by line `SHA-256  name`; return their number."""
    listed = {}
    for line in (folder / "MANIFEST").read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition("  ")
        listed[name] = digest
    present = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
    for name in sorted(present.union(listed).difference(NOT_LISTED)):
        if name not in present:
            raise Wrong(f"{name} is missing")
        if name not in listed:
            raise Wrong(f"{name} is not part of the archive")
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != listed[name]:
            raise Wrong(f"{name} was changed: its SHA-256 is not that of MANIFEST")
    return len(listed)


def check_record(file: Path) -> tuple[dict[int, str], int]:
    """Check the chain of record.jsonl; return the hash of every event by its number, and how many stand whole."""
    lines = file.read_text(encoding="utf-8").split("\n")
    title, last = json.loads(lines[0]), json.loads(lines[-2])
    previous = hashlib.sha256(b"".join(framed(title[name]) for name in ("schema", "trial", "mode"))).hexdigest()
    hashes, whole = {0: previous}, 0
    for number, line in enumerate(lines[1:-2], start=1):
        event = json.loads(line)
        if event["sequence"] != number:
            raise Wrong(f"event {number} is missing: in its place stands event {event['sequence']}")
        if "kind" in event:
            whole += 1
            if event["previous"] != previous or hash_event(event) != event["hash"]:
                raise Wrong(f"event {number} ({event['kind']}) or one before it was changed")
        previous = hashes[number] = event["hash"]
    if last != {"events": len(hashes) - 1, "whole": whole, "hash": previous}:
        raise Wrong("record.jsonl does not end as its last line says; it was cut off or changed")
    return hashes, whole


def check_anchors(file: Path, hashes: dict[int, str]) -> int:
    """Compare the positions set down while the trial ran with the chain; return their number."""
    anchors: list[dict[str, Any]] = []
    for line in file.read_text(encoding="utf-8").splitlines():
        anchor = json.loads(line)
        if anchor["restart"] is not None:
            anchors = [earlier for earlier in anchors if earlier["sequence"] <= anchor["sequence"]]
        anchors.append(anchor)
    for anchor in anchors:
        # what was anchored after the archive was written is not in it
        if hashes.get(anchor["sequence"], anchor["hash"]) != anchor["hash"]:
            raise Wrong(f"event {anchor['sequence']} is not the one that was anchored while the trial ran")
    return len(anchors)


def hash_event(event: dict[str, Any]) -> str:
    """Compute the hash of an event that stands whole."""
    at = (datetime.fromisoformat(event["at"].replace("Z", "+00:00")) - EPOCH) // timedelta(microseconds=1)
    fixed = struct.pack(">qqii", event["sequence"], at, event["version"], event["part"])
    texts = b"".join(framed(event[name]) for name in TEXTS)
    return hashlib.sha256(bytes.fromhex(event["previous"]) + fixed + texts).hexdigest()


def framed(text: str | None) -> bytes:
    """Return a text as UTF-8 with its length before it."""
    if text is None:
        return struct.pack(">i", -1)
    raw = text.encode("utf-8")
    return struct.pack(">i", len(raw)) + raw


def main(folder: Path) -> int:
    """Check the archive in a folder, print what was found, and return the exit status."""
    try:
        files = check_files(folder)
        hashes, whole = check_record(folder / "record.jsonl")
        anchors = check_anchors(folder / "anchors.jsonl", hashes) if (folder / "anchors.jsonl").exists() else 0
    except (Wrong, OSError, ValueError, LookupError, TypeError) as error:
        sys.stdout.write(f"WRONG: {error}\n")
        return 1
    sys.stdout.write(
        f"all holds: {files} files; {len(hashes) - 1} events in one chain, {whole} of them whole; "
        f"{anchors} anchors; the newest event has the hash {hashes[len(hashes) - 1]}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent))
