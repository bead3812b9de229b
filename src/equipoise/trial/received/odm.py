"""Clinical data in an ODM file, 1.3.2 or 2.0, as the forms to be saved that they are.

Read are the OIDs of the files that `equipoise odm` writes (`datasets/odm/names.py`): SE.<visit>, FO.<form>,
IT.<form>.<item>, MU.<unit>. Whatever else a file says and the record would not keep (who entered a value in
another system, signatures, comments, facts that are no forms) is refused, not passed over. Values are read as if
they were typed, in the step that saves them.
"""

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

from ...conduct.door.state import Participant, Scalar, Trial, form_key
from ...conduct.forms.entry import SaveForm
from ...datasets.odm import NAMESPACES, Version, unspell, version_of, visit_key
from ...datasets.odm.names import CONDUCT, MISSING, RECORD, read_location, read_oid, unit_oid, version_oid
from ...errors import DataError
from ...protocol import Protocol

RECORD_ITEMS = ("on", "late")
"""What a file may say of a record as a whole: its day, and why it is entered late."""
MOST_SAID = 100
"""Problems that are named at most."""
_WRITES = (None, "Insert", "Update", "Upsert", "Context")
"""Transactions that say what a form holds; a removal is a step of its own."""
_REFUSED = {
    "AuditRecord": "holds audit records of another system, which this record would lose; send the data without "
    "them, the values are recorded as entered by who sends them",
    "AuditRecords": "holds audit records of another system, which this record would lose; send the data without "
    "them, the values are recorded as entered by who sends them",
    "Signature": "holds a signature; people sign here, with their password",
    "Signatures": "holds a signature; people sign here, with their password",
    "Query": "holds a query; queries are raised here",
}
_CHILDREN = {
    "SubjectData": ("SiteRef", "InvestigatorRef", "StudyEventData"),
    "StudyEventData": ("FormData",),
    "FormData": ("ItemGroupData",),
    "ItemGroupData": ("ItemData",),
    "ItemData": ("MeasurementUnitRef", "Annotation"),
    "ClinicalData": ("SubjectData",),
    "ODM": ("Description", "Study", "AdminData", "ClinicalData"),
}
"""What is read of each element; the metadata that count are those of the trial."""


class _Wrong(Exception):
    """Something in a file cannot be taken; the sentence says what."""


@dataclass(frozen=True)
class Receiving:
    """What a file is read by.

    site: the only one whose participants are known to who sends it; None for all. protocol_of: the version of a
    participant. today: the day of who sends it. reason: why values are changed.
    """

    trial: Trial
    site: str | None
    protocol_of: Callable[[str], Protocol]
    today: date
    reason: str | None = None

    def participant(self, number: str) -> Participant | None:
        """Return a participant; one of another site is as unknown as nobody."""
        known = self.trial.participants.get(number)
        return known if known is not None and self.site in (None, known.site) else None


@dataclass
class _Form:
    """What a form holds, as far as it was read; record: what is said of it as a whole."""

    name: str
    items: dict[str, str | None]
    """Unit by item of the form."""
    values: dict[str, Scalar] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    record: dict[str, Scalar] = field(default_factory=dict)


def read_forms(name: str, content: bytes, receiving: Receiving) -> tuple[SaveForm, ...]:
    """Return the forms of an ODM file in its order.

    Raises DataError, with everything that is wrong and where, for what is no ODM file, is of another trial, or
    says what a form has no place for.
    """
    version = version_of(name, content)
    try:
        root = ET.fromstring(content)
    except ET.ParseError as error:
        raise DataError(f"{name}: this is no well-formed XML ({error})") from error
    reader = _Reader(receiving, version)
    forms = tuple(reader.read(root))
    if reader.problems:
        more = len(reader.problems) - MOST_SAID
        said = [*reader.problems[:MOST_SAID], *([f"and {more} more such places"] if more > 0 else [])]
        raise DataError("\n".join(f"{name}: {one}" for one in said))
    if not forms:
        raise DataError(f"{name}: there is no form of any participant in this file")
    return forms


class _Reader:
    """Reads one file; problems: what is wrong, each with its place."""

    def __init__(self, receiving: Receiving, version: Version) -> None:
        self._by, self._version = receiving, version
        self.problems: list[str] = []

    def read(self, root: ET.Element) -> Iterator[SaveForm]:
        """Give the forms, as far as they can be read."""
        prefix = f"{{{NAMESPACES[self._version]}}}"
        for part in root:
            part.tag = part.tag.removeprefix(prefix)
        try:
            _require_known(root, "ODM")
        except _Wrong as wrong:
            self.problems.append(str(wrong))
        for data in root.iterfind("ClinicalData"):
            try:
                for part in data:
                    part.tag = part.tag.removeprefix(prefix)
                _require_known(data, "ClinicalData")
                self._require_ours(data)
            except _Wrong as wrong:
                self.problems.append(str(wrong))
                continue
            for subject in data.iterfind("SubjectData"):
                yield from self._subject(subject)

    def _require_ours(self, data: ET.Element) -> None:
        trial = self._by.trial
        if (study := data.get("StudyOID")) != trial.trial:
            raise _Wrong(f"StudyOID must be {trial.trial}, as the data are of this trial. Got {study}")
        known = [version_oid(version) for version in trial.versions]
        if (version := data.get("MetaDataVersionOID")) not in known:
            raise _Wrong(
                f"MetaDataVersionOID must be a version of the protocol: {', '.join(known)}. Got {version}"
            )

    def _subject(self, subject: ET.Element) -> Iterator[SaveForm]:
        participant = subject.get("SubjectKey", "")
        place = f"participant {participant}"
        try:
            subject = _untyped(unspell(subject, self._version))
            _require_known(subject, "SubjectData")
            self._require_site(subject, participant)
        except (_Wrong, ValueError) as wrong:
            self.problems.append(f"{place}: {wrong}")
            return
        for event in subject.iterfind("StudyEventData"):
            at = f"{place}, {event.get('StudyEventOID')}"
            try:
                _require_known(event, "StudyEventData")
                visit = _visit(event)
            except _Wrong as wrong:
                self.problems.append(f"{at}: {wrong}")
                continue
            for form in event.iterfind("FormData"):
                try:
                    yield self._form(participant, visit, form)
                except _Wrong as wrong:
                    self.problems.append(f"{at}, {form.get('FormOID')}: {wrong}")

    def _require_site(self, subject: ET.Element, participant: str) -> None:
        """Refuse a participant whom the file has at another site; who is not known is refused at the door."""
        ref, known = subject.find("SiteRef"), self._by.participant(participant)
        if ref is None or known is None:
            return
        try:
            site, _ = read_location(oid := ref.get("LocationOID", ""))
        except ValueError:
            site = oid
        if site != known.site:
            raise _Wrong(f"the site of the file is not that of the participant. Got {site}")

    def _form(self, participant: str, visit: str, form: ET.Element) -> SaveForm:
        _require_known(form, "FormData")
        name = _read(form, "FormOID", "FO")
        known = self._by.protocol_of(participant).forms.get(name)
        key = form.get("FormRepeatKey")
        if key is not None and not (key.isascii() and key.isdecimal() and 0 < int(key[:9]) < 100_000):
            raise _Wrong(f"FormRepeatKey must be the number of the record, from 1. Got {key}")
        if key is None and known is not None and known.repeats:
            raise _Wrong("FormRepeatKey must be the number of the record, as there may be more than one")
        read = _Form(name, {} if known is None else {item: one.unit for item, one in known.items.items()})
        for group in form.iterfind("ItemGroupData"):
            _require_known(group, "ItemGroupData")
            if _read(group, "ItemGroupOID", "IG") not in (name, RECORD):
                raise _Wrong(f"its item groups must be IG.{name} and IG.{RECORD}. Got {group.get('ItemGroupOID')}")
            for item in group.iterfind("ItemData"):
                try:
                    _take(read, item)
                except _Wrong as wrong:
                    raise _Wrong(f"{item.get('ItemOID')}: {wrong}") from None
        return SaveForm(
            participant=participant,
            form=name,
            visit=visit,
            repeat=int(key or 1),
            on=self._day(participant, form_key(visit, name, int(key or 1)), visit, read.record.get("on")),
            values=read.values,
            missing=read.missing,
            reason=self._by.reason,
            late=None if (late := read.record.get("late")) is None else str(late),
        )

    def _day(self, participant: str, record: str, visit: str, said: Scalar) -> date:
        """Return the day of a record: as the file says, else as it bears already, else that of its visit."""
        if said is not None:
            try:
                return date.fromisoformat(str(said))
            except ValueError:
                raise _Wrong(f"IT.{RECORD}.on must be a date as in 2026-05-31. Got {said}") from None
        known = self._by.participant(participant)
        entry = None if known is None else known.forms.get(record)
        if entry is not None and entry.removed is None:
            return entry.on
        if not visit:
            raise _Wrong(f"needs its day as the item IT.{RECORD}.on, as it belongs to no visit")
        held = None if known is None else known.visits.get(visit)
        # where the visit was not held, the step that saves the form says so
        return self._by.today if held is None or held.on is None else held.on


def _untyped(subject: ET.Element) -> ET.Element:
    """Let the values of typed items of ODM 1.3.2, such as ItemDataFloat, stand as those of the others do."""
    for item in subject.iter():
        if item.tag.startswith("ItemData") and item.tag != "ItemData":
            item.tag = "ItemData"
            item.set("Value", item.text or "")
    return subject


def _take(form: _Form, item: ET.Element) -> None:
    """Take in an item: its value with its unit, or the code of why there is none."""
    _require_known(item, "ItemData")
    oid = _read(item, "ItemOID", "IT")
    of_record, of_form = (oid.removeprefix(f"{group}.") for group in (RECORD, form.name))
    if of_record in RECORD_ITEMS:
        target, name = form.record, of_record
    elif of_form != oid:
        target, name = form.values, of_form
    else:
        raise _Wrong(
            f"must be IT.{form.name}.<item>, or {' or '.join(f'IT.{RECORD}.{one}' for one in RECORD_ITEMS)}"
        )
    if name in target or (target is form.values and name in form.missing):
        raise _Wrong("stands there twice")
    code, unit = _code(item), item.find("MeasurementUnitRef")
    if item.get("IsNull") == "Yes":
        if target is form.values and code is not None:
            form.missing[name] = code
        elif target is form.values:
            form.values[name] = None
        return
    value = item.get("Value")
    if value is None or code is not None:
        raise _Wrong("needs either a value, or IsNull with the code of why there is none")
    given = "" if unit is None else unit.get("MeasurementUnitOID", "")
    if unit is not None and not given.startswith(unit_oid("")):
        raise _Wrong(f"its unit must be {unit_oid('')}<unit>. Got {given}")
    said = given.removeprefix(unit_oid(""))
    target[name] = value if said in ("", form.items.get(name)) else f"{value} {said}"


def _code(item: ET.Element) -> str | None:
    """Return the code of why an item has no value; refused are other annotations."""
    found = None
    for note in item.iterfind("Annotation"):
        flag = note.find("Flag/FlagValue")
        if flag is None or flag.get("CodeListOID") != MISSING or note.find("Comment") is not None:
            raise _Wrong(f"has an annotation that is no code of {MISSING}; comments have no place in a form")
        found = flag.text or ""
    return found


def _visit(event: ET.Element) -> str:
    try:
        visit = visit_key(event)
    except (KeyError, ValueError):
        raise _Wrong("a visit must be SE.<visit>, or SE.UNSCHEDULED with its key, or SE.ANYTIME") from None
    if event.get("StudyEventOID") == CONDUCT:
        raise _Wrong("what is no form is recorded by steps of its own, each by its name")
    return visit


def _read(element: ET.Element, attribute: str, kind: str) -> str:
    try:
        return read_oid(element.get(attribute), kind)
    except ValueError:
        raise _Wrong(f"{attribute} must begin with {kind}. and go on as in the protocol") from None


def _require_known(element: ET.Element, tag: str) -> None:
    """Refuse what would be passed over."""
    if (said := element.get("TransactionType")) not in _WRITES:
        raise _Wrong(f"nothing is removed by a file; strike a record out by the step RemoveForm. Got {said}")
    for child in element:
        if child.tag not in _CHILDREN[tag]:
            what = _REFUSED.get(child.tag, f"holds {child.tag}, which has no place here")
            raise _Wrong(what)
