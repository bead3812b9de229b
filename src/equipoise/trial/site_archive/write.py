"""Writes the archive of one site: a folder that opens from disk, signed, and the same as a zip file beside it.

    index.html, README.txt                 what there is, how to read and check it without Equipoise
    participants/<number>.pdf              the casebook of each participant
    audit-trail.pdf                        every event that the site may see, as a sentence
    record.jsonl, anchors.jsonl, check.py  the record of the site with the chain of all hashes, and what checks it
    odm.xml                                the clinical data with their audit trail
    protocols/<hash>.yaml                  every version of the protocol
    identities.csv, arms.csv               only where asked for
    MANIFEST, MANIFEST.sig                 SHA-256 of every file, and the signature of that list
    signing-key.pem                        the key that checks it

The same record, protocols and key give the same bytes.
"""

import csv
import io
import json
import os
import shutil
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from nacl.signing import SigningKey

from ...conduct.door.state import Trial
from ...datasets.odm import write_odm
from ...errors import DataError
from ...protocol import Protocol
from ...record.event import Event
from ...report.folder import MAKER, fill_folder, hash_files, require_free, write_text
from . import check
from .casebook import derive_casebook, derive_trail
from .index import readme, render_index
from .pages import render_document
from .record import write_site_record
from .scope import seen_by_site

MANIFEST, SIGNATURE, KEY = "MANIFEST", "MANIFEST.sig", "signing-key.pem"
Progress = Callable[[str], object]
Table = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Kept:
    """What the archive of a site holds: rows and SHA-256 of its parts, by name of the file."""

    participants: int
    rows: Mapping[str, int]
    hashes: Mapping[str, str]


@dataclass(frozen=True)
class Source:
    """What the archive is made of: the whole record with the state after it, protocols and their files by hash.

    anchors: the file of the trial's signed positions, where it has one.
    """

    events: Sequence[Event]
    trial: Trial
    protocols: Mapping[str, Protocol]
    files: Mapping[str, Path]
    anchors: Path | None
    schema: str
    mode: str


def write_site_archive(
    out: Path,
    source: Source,
    site: str,
    key: SigningKey,
    *,
    language: str = "en",
    identities: Table | None = None,
    arms: Table | None = None,
    record: Callable[[Kept], object] = lambda _: None,
    progress: Progress = lambda _: None,
) -> Kept:
    """Write the archive of a site into a folder and beside it as a zip file; return what it holds.

    identities, arms: rows of these tables, where they are to be in it. record: called with what the archive holds
    before it takes its place; where it raises, nothing is left. Raises DataError where the folder or the zip file
    is there and not ours, and where nobody was screened at the site.
    """
    packed = out.with_name(f"{out.name}.zip")
    _require_ours(packed)
    require_free(out)
    about = {
        "trial": source.trial.trial,
        "site": site,
        "language": language,
        "sequence": source.events[-1].sequence if source.events else 0,
        "key": key.verify_key.encode().hex(),
    }
    with fill_folder(out, about) as folder:
        kept = _fill(folder, source, site, key, language, identities, arms, progress)
        record(kept)
    progress("packing")
    _pack(out, packed, source)
    return kept


def _fill(
    folder: Path,
    source: Source,
    site: str,
    key: SigningKey,
    language: str,
    identities: Table | None,
    arms: Table | None,
    progress: Progress,
) -> Kept:
    trial, events = source.trial, source.events
    protocol = source.protocols[trial.versions[-1]]
    progress("writing the clinical data as ODM")
    odm = write_odm(folder / "odm.xml", events, trial, source.protocols, site=site)
    people = _casebooks(folder, source, site, language, progress)
    progress("writing the record")
    seen = seen_by_site(events, site)
    whole = write_site_record(
        folder / "record.jsonl", events, seen, schema=source.schema, trial=trial.trial, mode=source.mode, site=site
    )
    progress("setting the audit trail")
    shown = [event for event in events if event.sequence in seen]
    trail = derive_trail(trial, site, shown, protocol=protocol, language=language)
    (folder / "audit-trail.pdf").write_bytes(render_document(trail))
    (folder / "protocols").mkdir()
    for name, file in source.files.items():
        shutil.copyfile(file, folder / "protocols" / f"{name}.yaml")
    if source.anchors is not None and source.anchors.exists():
        shutil.copyfile(source.anchors, folder / "anchors.jsonl")
    for name, table in (("identities.csv", identities), ("arms.csv", arms)):
        if table is not None:
            write_text(folder / name, _csv(table))
    shutil.copyfile(str(check.__file__), folder / "check.py")
    (folder / KEY).write_bytes(_pem(key))
    key_hash = hash_files(folder)[KEY]
    write_text(folder / "README.txt", readme(trial, site, events[-1], key_hash))
    present = ["README.txt", *sorted(hash_files(folder).keys() - {"README.txt"}), MANIFEST, SIGNATURE]
    page = render_index(
        trial, site, events[-1], protocol, present, rehearsed=source.mode == "rehearsal", language=language
    )
    write_text(folder / "index.html", page)
    hashes = hash_files(folder)
    listed = "".join(f"{digest}  {name}\n" for name, digest in sorted(hashes.items())).encode()
    (folder / MANIFEST).write_bytes(listed)
    (folder / SIGNATURE).write_bytes(key.sign(listed).signature)
    rows = {"record.jsonl": whole, "odm.xml": odm.items, MANIFEST: len(hashes)}
    digests = {**hashes, **hash_files(folder)}
    return Kept(people, rows, {name: digests[name] for name in rows})


def _casebooks(folder: Path, source: Source, site: str, language: str, progress: Progress) -> int:
    """Set the casebook of each participant of the site; return their number."""
    (folder / "participants").mkdir()
    theirs: dict[str, list[Event]] = {}
    for event in source.events:
        if event.participant is not None and event.site == site:
            theirs.setdefault(event.participant, []).append(event)
    for number, (name, events) in enumerate(theirs.items(), start=1):
        progress(f"setting the forms of {name} ({number} of {len(theirs)})")
        participant = source.trial.participants[name]
        book = derive_casebook(source.trial, source.protocols, participant, events, language=language)
        (folder / "participants" / f"{name}.pdf").write_bytes(render_document(book))
    return len(theirs)


def _pem(key: SigningKey) -> bytes:
    """Return the public key as openssl reads it."""
    public = Ed25519PublicKey.from_public_bytes(key.verify_key.encode())
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _csv(table: Table) -> str:
    """Return a table as CSV with a mark of its encoding, by which spreadsheets know UTF-8."""
    out = io.StringIO()
    names = list(dict.fromkeys(name for row in table for name in row))
    writer = csv.DictWriter(out, names, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(table)
    return "\ufeff" + out.getvalue()


def _require_ours(packed: Path) -> None:
    """Raise DataError where a file of the name of the zip is there that Equipoise did not make."""
    if not packed.exists():
        return
    try:
        with zipfile.ZipFile(packed) as there:
            manifest = next(name for name in there.namelist() if name.endswith("/manifest.json"))
            ours = json.loads(there.read(manifest)).get("made_by") == MAKER
    except (zipfile.BadZipFile, StopIteration, OSError, ValueError, AttributeError):
        ours = False
    if not ours:
        raise DataError(f"beside the folder a zip file is written, and a file of that name is there. Got {packed}")


def _pack(folder: Path, packed: Path, source: Source) -> None:
    """Write a folder as a zip file, which appears when complete; all files in it bear the time of the record."""
    at = source.events[-1].at
    unfinished = packed.with_name(f".{packed.name}.{os.getpid()}")
    try:
        with zipfile.ZipFile(unfinished, "w") as made:
            for file in sorted(path for path in folder.rglob("*") if path.is_file()):
                name = f"{folder.name}/{file.relative_to(folder).as_posix()}"
                entry = zipfile.ZipInfo(
                    name, (max(at.year, 1980), at.month, at.day, at.hour, at.minute, at.second)
                )
                entry.create_system, entry.external_attr = 3, 0o644 << 16
                made.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED, 6)
        unfinished.replace(packed)
    finally:
        unfinished.unlink(missing_ok=True)
