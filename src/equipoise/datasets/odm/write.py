"""Writes the clinical data of a trial, or of one site of it, as a transactional file of ODM 1.3.2 or 2.0.

The root says in its description the hash of what the file holds (`clinical_hash`), and a comment after it the
SHA-256 of all bytes before. Participants are written one by one, so that the file may be larger than the memory.
The same record and protocols give the same bytes: the file bears the time of the newest event, not that of now.
"""

import hashlib
import os
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version as version_of
from pathlib import Path
from typing import BinaryIO
from xml.sax.saxutils import quoteattr

import msgspec

from ...conduct.door.state import Trial
from ...conduct.organisation.joined import join_versions
from ...errors import DataError
from ...protocol import Protocol
from ...record.event import Event
from .admin import admin_element
from .clinical import Subject
from .facts import FORMS
from .metadata import study_element
from .names import version_oid
from .spelling import NAMESPACES, Version, spell
from .state import clinical_events, clinical_hash

SYSTEM = "Equipoise"
Progress = Callable[[str], object]


@dataclass(frozen=True)
class Written:
    """What an ODM file holds: participants, events about them, changes of items; its clinical and byte hashes."""

    participants: int
    events: int
    items: int
    clinical: str
    sha256: str


def write_odm(
    file: Path,
    events: Sequence[Event],
    trial: Trial,
    protocols: Mapping[str, Protocol],
    *,
    site: str | None = None,
    version: Version = "1.3.2",
    progress: Progress = lambda _: None,
) -> Written:
    """Write what the record says of participants; the file appears when it is complete.

    events: the whole record, in its order. trial: the state after it. protocols: every version by its hash.
    site: only the participants of this site. version: that of ODM. Raises DataError where nothing is recorded of
    participants, or the file of a protocol version is not at hand.
    """
    concerned = list(clinical_events(events, site))
    if not concerned:
        where = "in the trial" if site is None else f"at site {site}"
        raise DataError(f"nobody has been screened {where}, so there is nothing to write as ODM")
    versions = _joined(trial, protocols)
    by_version = _by_version(concerned, versions)
    meanings = _meanings(concerned)
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    out = _Out(clinical_hash(concerned), version)
    try:
        with unfinished.open("wb") as stream:
            out.stream = stream
            out.begin(_root(events[-1], trial, out.clinical, len(concerned), site))
            kinds = sorted({event.kind for event in concerned} - set(FORMS))
            newest = versions[trial.versions[-1]]
            out.element(_tree(study_element(newest, versions, kinds)))
            out.element(_tree(admin_element(trial, concerned, meanings)))
            subjects: dict[str, Subject] = {}
            for name, people in by_version.items():
                attributes = f"StudyOID={quoteattr(trial.trial)} MetaDataVersionOID={quoteattr(version_oid(name))}"
                out.write(f"<ClinicalData {attributes}>\n")
                for participant, theirs in people.items():
                    progress(f"writing {participant} as ODM")
                    subject = subjects.setdefault(participant, Subject(participant, meanings))
                    out.element(subject.element(versions[name], theirs))
                out.write("</ClinicalData>\n")
            out.write("</ODM>\n")
            digest = out.digest.hexdigest()
            out.write(f"<!-- SHA-256 of all bytes before this comment: {digest} -->\n")
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
    return Written(len(subjects), len(concerned), out.items, out.clinical, out.digest.hexdigest())


class _Out:
    """The file as it grows, in the words of its version, and its hash."""

    stream: BinaryIO

    def __init__(self, clinical: str, version: Version) -> None:
        self.clinical, self.digest, self.items = clinical, hashlib.sha256(), 0
        self._version = version

    def begin(self, root: ET.Element) -> None:
        """Write the start of the root, with what it holds before all else."""
        root = spell(root, self._version)
        said = "\n  ".join(f"{name}={quoteattr(value)}" for name, value in root.items())
        self.write(f'<?xml version="1.0" encoding="UTF-8"?>\n<ODM {said}>\n')
        for first in root:
            self.write(ET.tostring(first, encoding="unicode") + "\n")

    def write(self, text: str) -> None:
        raw = text.encode()
        self.digest.update(raw)
        self.stream.write(raw)

    def element(self, element: ET.Element) -> None:
        self.items += sum(1 for _ in element.iter("ItemData"))
        self.write(ET.tostring(spell(element, self._version), encoding="unicode") + "\n")


def _root(newest: Event, trial: Trial, clinical: str, events: int, site: str | None) -> ET.Element:
    at = newest.at.isoformat(timespec="seconds")
    attributes = {
        "xmlns": NAMESPACES["1.3.2"],
        "ODMVersion": "1.3.2",
        "FileType": "Transactional",
        "Archival": "Yes",
        "Granularity": "All" if site is None else "SingleSite",
        "FileOID": f"{trial.trial}.{newest.sequence}.{newest.hash.hex()[:12]}{'' if site is None else f'.{site}'}",
        "CreationDateTime": at,
        "AsOfDateTime": at,
        "Originator": trial.trial,
        "SourceSystem": SYSTEM,
        "SourceSystemVersion": version_of("equipoise"),
        "Description": f"Events of participants: {events}, clinical hash {clinical}, "
        f"record up to event {newest.sequence} {newest.hash.hex()}",
    }
    return ET.Element("ODM", attributes)


def _joined(trial: Trial, protocols: Mapping[str, Protocol]) -> dict[str, Protocol]:
    """Return each version with what only those before it have, in the order of their issue."""
    if missing := [version for version in trial.versions if version not in protocols]:
        raise DataError(f"the protocol file of version {missing[0][:12]} is not at hand")
    issued = [protocols[version] for version in trial.versions]
    return {name: join_versions(issued[: place + 1]) for place, name in enumerate(trial.versions)}


def _by_version(events: Iterable[Event], versions: Mapping[str, Protocol]) -> dict[str, dict[str, list[Event]]]:
    """Return the events by the version that the participant was on when they happened, then by participant."""
    present: dict[str, str] = {}
    found: dict[str, dict[str, list[Event]]] = {name: {} for name in versions}
    for event in events:
        assert event.participant is not None
        if event.kind in ("ParticipantScreened", "ParticipantMoved"):
            present[event.participant] = msgspec.json.decode(event.payload)["protocol"]
        found[present[event.participant]].setdefault(event.participant, []).append(event)
    return {name: people for name, people in found.items() if people}


def _meanings(events: Iterable[Event]) -> dict[str, str]:
    """Return an OID for each meaning of a signature, numbered in the order in which they first occur."""
    found: dict[str, str] = {}
    for event in events:
        if event.kind == "Signed":
            found.setdefault(msgspec.json.decode(event.payload)["meaning"], f"SD.{len(found) + 1}")
    return found


def _tree(element: object) -> ET.Element:
    """Return an element of odmlib as one of the standard library."""
    made = element.to_xml()  # type: ignore[attr-defined]
    assert isinstance(made, ET.Element)
    return made
