"""Reads an ODM file, 1.3.2 or 2.0, that `write_odm` wrote back into the events of participants, all or nothing.

Whatever is missing, contradicts itself or was changed is said with its place: the participant, the form, the
item. What was read is hashed and compared with the hash in the file, so that nothing is taken for what it is not.
"""

import hashlib
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ...conduct.door.chapters import FACTS
from ...errors import DataError, RecordCorrupt
from ...record.event import Event, canonical
from . import facts
from .metadata import NUMBERS
from .names import (
    ANY_TIME,
    CONDUCT,
    FACT,
    MISSING,
    NOTE,
    RECORD,
    UNSCHEDULED,
    read_location,
    read_oid,
    read_user,
)
from .schema import version_of
from .spelling import NAMESPACES, Version, unspell
from .state import clinical_hash
from .text import from_xml, number_from_xml

_AFTER_DESCRIPTION = ("Study", "AdminData", "ClinicalData")
"""What comes after the description of the file, which ODM 2.0 has as an element."""
_TAIL = re.compile(rb"<!-- SHA-256 of all bytes before this comment: ([0-9a-f]{64}) -->\n\Z")
_SAID = re.compile(r"Events of participants: (\d+), clinical hash ([0-9a-f]{64}), record up to event (\d+) (\w+)")
_SOURCE = re.compile(r"event (\d+)")


@dataclass(frozen=True)
class ClinicalRecord:
    """What an ODM file says of participants: their events, which lack request keys and chain, and their hash.

    trial: id of the trial. head, head_hash: the newest event of the record that the file was written from.
    """

    trial: str
    events: tuple[Event, ...]
    clinical: str
    head: int
    head_hash: str


def read_odm(file: Path) -> ClinicalRecord:
    """Read the events of participants from a file of `write_odm`, in the order in which they happened.

    Raises DataError for a file that is no such ODM, with the place, and RecordCorrupt for one that was changed
    since it was written.
    """
    content = file.read_bytes()
    _require_whole(file, content)
    return _Reader(file, version_of(str(file), content)).read()


def _require_whole(file: Path, content: bytes) -> None:
    tail = _TAIL.search(content)
    if tail is not None and hashlib.sha256(content[: tail.start()]).hexdigest() != tail[1].decode():
        raise RecordCorrupt(f"{file} was changed since it was written: its bytes do not give the hash at its end")


class _Reader:
    """Reads one file."""

    def __init__(self, file: Path, odm: Version) -> None:
        self.file, self.odm = file, odm
        self.prefix = f"{{{NAMESPACES[odm]}}}"
        self.types: dict[str, dict[str, str]] = {}
        self.version = ""
        self.events: list[Event] = []
        self.place = ""

    def read(self) -> ClinicalRecord:
        root: ET.Element | None = None
        said: tuple[str, str, str, str] | None = None
        try:
            for moment, element in ET.iterparse(self.file, events=("start", "end")):
                root = element if root is None else root
                tag = element.tag.removeprefix(self.prefix)
                if said is None and moment == "start" and tag in _AFTER_DESCRIPTION:
                    said = self._description(root)
                if moment == "start" and tag == "MetaDataVersion":
                    self.version = element.attrib["OID"]
                elif moment == "start" and tag == "ClinicalData":
                    self.version = element.attrib["MetaDataVersionOID"]
                elif moment == "end" and tag == "ItemDef":
                    self.types.setdefault(self.version, {})[element.attrib["OID"]] = element.attrib["DataType"]
                elif moment == "end" and tag == "SubjectData":
                    self._subject(element)
                    element.clear()
        except ET.ParseError as error:
            raise DataError(f"{self.file}: this is no well-formed XML ({error})") from error
        except (ValueError, KeyError) as error:
            raise DataError(f"{self.file}: {self.place}: cannot be read. Got {error}") from error
        assert root is not None
        said = self._description(root) if said is None else said
        self.events.sort(key=lambda event: event.sequence)
        found, count = clinical_hash(self.events), len(self.events)
        if (str(count), found) != said[:2]:
            raise RecordCorrupt(
                f"{self.file}: what it says of participants is not what was written: it holds {count} events of "
                f"{said[0]}, and their hash is another. Got {found}"
            )
        study = root.find(f"{self.prefix}Study")
        trial = "" if study is None else study.get("OID", "")
        return ClinicalRecord(trial, tuple(self.events), found, int(said[2]), said[3])

    def _description(self, root: ET.Element) -> tuple[str, str, str, str]:
        as_element = root.findtext(f"{self.prefix}Description/{self.prefix}TranslatedText", "")
        said = _SAID.fullmatch(root.get("Description", as_element))
        if said is None:
            raise DataError(
                f"{self.file}: its description must name events and clinical hash, as Equipoise writes it"
            )
        return said[1], said[2], said[3], said[4]

    def _subject(self, element: ET.Element) -> None:
        participant = from_xml(element.get("SubjectKey", ""))
        self.place = f"participant {participant}"
        subject = unspell(element, self.odm)
        for visit in subject.iterfind("StudyEventData"):
            for form in visit.iterfind("FormData"):
                self.place = f"participant {participant}, {form.get('FormOID')} at {visit.get('StudyEventOID')}"
                if visit.get("StudyEventOID") == CONDUCT:
                    kind, payload = self._fact(form)
                else:
                    kind, payload = self._form(visit, form)
                self.events.append(self._event(participant, kind, payload, form))

    def _event(self, participant: str, kind: str, payload: dict[str, Any], form: ET.Element) -> Event:
        records = [*form.iterfind("AuditRecord"), *form.iterfind(".//ItemData/AuditRecord")]
        said = {self._audit(record) for record in records}
        if len(said) != 1:
            raise ValueError("no audit record" if not said else "audit records that differ within one step")
        sequence, at, zone, actor, role, site, reason = said.pop()
        return Event(
            sequence=sequence,
            at=at,
            zone=zone,
            actor=actor,
            role=role,
            site=site,
            participant=participant,
            kind=kind,
            version=FACTS[kind].VERSION,
            payload=canonical(payload),
            reason=reason,
            request="",
            part=0,
            previous=b"",
            hash=b"",
        )

    def _audit(self, record: ET.Element) -> tuple[int, datetime, str, str, str, str, str | None]:
        actor, role = read_user(from_xml(_child(record, "UserRef").get("UserOID", "")))
        site, zone = read_location(_child(record, "LocationRef").get("LocationOID", ""))
        at = datetime.fromisoformat(_child(record, "DateTimeStamp").text or "")
        source = _SOURCE.fullmatch(_child(record, "SourceID").text or "")
        if source is None or at.tzinfo is None:
            raise ValueError("an audit record without its event or its time zone")
        reason = record.find("ReasonForChange")
        why = None if reason is None else from_xml(reason.text or "")
        return int(source[1]), at.astimezone(UTC), zone, actor, role, site, why

    def _fact(self, form: ET.Element) -> tuple[str, dict[str, Any]]:
        kind = read_oid(form.get("FormOID"), "FO").removeprefix(FACT)
        payload = {}
        for item in form.iterfind(".//ItemData"):
            field = read_oid(item.get("ItemOID"), "IT").removeprefix(f"{FACT}{kind}.")
            null = item.get("IsNull") == "Yes"
            payload[field] = None if null else facts.field_from_xml(kind, field, from_xml(item.attrib["Value"]))
        return kind, payload

    def _form(self, visit: ET.Element, form: ET.Element) -> tuple[str, dict[str, Any]]:
        name = read_oid(form.get("FormOID"), "FO")
        payload: dict[str, Any] = {"form": name}
        if key := visit_key(visit):
            payload["visit"] = key
        if form.get("FormRepeatKey", "1") != "1":
            payload["repeat"] = int(form.attrib["FormRepeatKey"])
        if form.get("TransactionType") == "Remove":
            return "FormRemoved", payload
        for item in form.iterfind("ItemGroupData/ItemData"):
            oid = item.attrib["ItemOID"]
            if item.find("AuditRecord") is None:
                raise ValueError(f"{oid} without its audit record")
            if oid.startswith(record := facts.record_oid("")):
                field, null = oid.removeprefix(record), item.get("IsNull") == "Yes"
                text = "" if null else from_xml(item.attrib["Value"])
                payload[field] = None if null else facts.field_from_xml(facts.SAVED, field, text)
            else:
                self._value(payload, oid, read_oid(oid, "IT").removeprefix(f"{name}."), item)
        if "on" not in payload:
            raise ValueError(f"a record without its day ({RECORD})")
        return "FormSaved", payload

    def _value(self, payload: dict[str, Any], oid: str, name: str, item: ET.Element) -> None:
        for note in item.iterfind("Annotation"):
            flag = _child(_child(note, "Flag"), "FlagValue")
            if flag.get("CodeListOID") == MISSING:
                payload.setdefault("missing", {})[name] = from_xml(flag.text or "")
                return
            if flag.get("CodeListOID") == NOTE:
                payload.setdefault("entered", {})[name] = from_xml(_child(note, "Comment").text or "")
        values = payload.setdefault("values", {})
        if item.get("IsNull") == "Yes":
            values[name] = None
        else:
            text = from_xml(item.attrib["Value"])
            values[name] = number_from_xml(text) if self.types[self.version][oid] in NUMBERS else text


def _child(element: ET.Element, name: str) -> ET.Element:
    found = element.find(name)
    if found is None:
        raise ValueError(f"{element.tag} without {name}")
    return found


def visit_key(visit: ET.Element) -> str:
    """Return the key of the visit that a study event is; KeyError or ValueError where its OID is none of ours."""
    oid = visit.attrib["StudyEventOID"]
    if oid == ANY_TIME:
        return ""
    return visit.attrib["StudyEventRepeatKey"] if oid == UNSCHEDULED else read_oid(oid, "SE")
