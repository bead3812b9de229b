"""ODM read back: the same events, or one sentence that says what is wrong and where; nothing in between."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.datasets.odm.records import Record, full_record

from equipoise.conduct.forms.reading import MISSING
from equipoise.datasets.odm import NAMESPACES, Version, clinical_hash, read_odm
from equipoise.errors import DataError, EquipoiseError, RecordCorrupt
from equipoise.record.event import Event

AUDIT = "<AuditRecord>(?:(?!</AuditRecord>).)*</AuditRecord>"
KEPT = ("sequence", "at", "zone", "actor", "role", "site", "participant", "kind", "version", "payload", "reason")
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200)


def said(event: Event) -> tuple[Any, ...]:
    return tuple(getattr(event, name) for name in KEPT)


@pytest.mark.parametrize("version", NAMESPACES)
def test_the_events_of_participants_come_back_as_they_were(tmp_path: Path, version: Version) -> None:
    record = full_record()
    written = record.write(tmp_path / "odm.xml", version=version)
    found = read_odm(tmp_path / "odm.xml")
    assert list(map(said, found.events)) == [said(event) for event in record.events if event.participant]
    assert found.clinical == written.clinical == clinical_hash(record.events)
    assert (found.trial, found.head, found.head_hash) == (
        "scripted",
        len(record.events),
        record.events[-1].hash.hex(),
    )
    assert read_odm(tmp_path / "odm.xml") == found


VALUES = st.fixed_dictionaries(
    {},
    optional={
        "age": st.integers(16, 100),
        "sex": st.sampled_from(["M", "F"]),
        "pregnant": st.sampled_from(["Y", "N"]),
        "remark": TEXTS | st.text(min_size=3990, max_size=4000, alphabet="长&<\n") | st.none(),
        "ratio": st.floats(-1e15, 1e15, allow_nan=False) | st.integers(-(10**14), 10**14) | st.none(),
        "fasting_since": st.just("08:30"),
    },
)
GONE = st.dictionaries(st.sampled_from(["age", "sex", "pregnant", "remark"]), st.sampled_from(MISSING), max_size=3)
SAVES = st.lists(st.tuples(VALUES, GONE, st.none() | TEXTS.filter(str.strip)), min_size=1, max_size=4)


@pytest.mark.parametrize("version", NAMESPACES)
def test_whatever_was_recorded_comes_back(tmp_path: Path, version: Version) -> None:
    @given(SAVES, TEXTS.filter(str.strip), TEXTS)
    def holds(saves: list[tuple[dict[str, Any], dict[str, str], str | None]], actor: str, entered: str) -> None:
        record = Record()
        record.screen()
        for values, missing, reason in saves:
            present = {name: value for name, value in values.items() if name not in missing}
            typed = {"entered": {"ratio": entered}} if present.get("ratio") is not None else {}
            record.save(values=present, missing=missing, reason=reason, **typed)
        record.of("QueryRaised", {"query": "Q1", "record": "SCR/demography/1", "question": entered}, actor=actor)
        record.write(tmp_path / "odm.xml", version=version)
        found = read_odm(tmp_path / "odm.xml")
        assert list(map(said, found.events)) == [said(event) for event in record.events if event.participant]

    holds()


@pytest.fixture(params=NAMESPACES)
def each(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    full_record().write(tmp_path / "odm.xml", version=request.param)
    return tmp_path / "odm.xml"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    full_record().write(tmp_path / "odm.xml")
    return tmp_path / "odm.xml"


def change(file: Path, old: str, new: str) -> None:
    """Change the file as another program would, which writes no hash: the clinical data, else what is before."""
    text = re.sub(r"<!-- SHA-256 .* -->\n\Z", "", file.read_text(encoding="utf-8"))
    before, mark, after = text.partition("<ClinicalData")
    clinical, found = re.subn(old, new, mark + after, count=1, flags=re.DOTALL)
    if not found:
        before, found = re.subn(old, new, before, count=1, flags=re.DOTALL)
    assert found, old
    file.write_text(before + clinical, encoding="utf-8")


def test_a_changed_byte_anywhere_is_found(each: Path) -> None:
    file, whole = each, each.read_bytes()
    end = whole.rfind(b"<!-- SHA-256")  # a comment that is spoilt itself leaves the content as it is

    @given(st.integers(0, end - 1), st.integers(1, 255))
    def holds(at: int, by: int) -> None:
        file.write_bytes(whole[:at] + bytes([whole[at] ^ by]) + whole[at + 1 :])
        with pytest.raises(EquipoiseError):
            read_odm(file)

    holds()


def test_a_file_that_was_cut_off_is_found(each: Path) -> None:
    file, whole = each, each.read_bytes()

    @given(st.integers(0, whole.rfind(b"</ODM>")))
    def holds(at: int) -> None:
        file.write_bytes(whole[:at])
        with pytest.raises(EquipoiseError):
            read_odm(file)

    holds()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('Value="42"', 'Value="43"'),
        (">REFUSED<", ">UNKNOWN<"),
        ("copied wrongly", "typed wrongly"),
        ("USR/li/investigator", "USR/li/coordinator"),
        (r"12:00:09\.000009", "12:00:09.000008"),
        (r"\+08:00", "+07:00"),
        (">135.1 lb<", ">135.2 lb<"),
        ('SubjectKey="01-001"', 'SubjectKey="01-002"'),
        (r'<FormData FormOID="FO.EQ.VisitHeld".*?</FormData>', ""),
    ],
)
def test_what_another_program_has_changed_is_seen_by_the_hash(file: Path, old: str, new: str) -> None:
    change(file, old, new)
    with pytest.raises((RecordCorrupt, DataError), match=r"is not what was written|differ within one step"):
        read_odm(file)


def test_a_file_written_anew_by_another_program_is_read(file: Path) -> None:
    before = read_odm(file)
    change(file, '<Study OID="scripted">', '<Study  OID="scripted">')
    assert read_odm(file) == before


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (
            AUDIT + "(?=<MeasurementUnitRef)",
            "",
            "FO.demography at SE.SCR: .*without its audit record",
        ),
        (AUDIT + "(?=<Signature)", "", "FO.EQ.Signed at SE.CONDUCT: .*no audit record"),
        ("<SourceID>event 9</SourceID>", "", "AuditRecord without SourceID"),
        ("event 9<", "event 10<", "audit records that differ within one step"),
        ('Value="42"', 'Value="forty"', "FO.demography at SE.SCR.*forty"),
        ("USR/li/coordinator", "li", "Got li"),
        ("IT.demography.age", "IT.demography.aeg", "IT.demography.aeg"),
        ("FO.EQ.VisitHeld", "FO.EQ.VisitHold", "Got"),
        ("<ODM ", "<!DOCTYPE ODM><ODM ", "needs no document type"),
        ("<ODM ", '<!DOCTYPE ODM [<!ENTITY a "b"><!ENTITY b "&a;&a;">]><ODM ', "needs no document type"),
        ("</ODM>", "", "no well-formed XML"),
        ("cdisc.org/ns/odm/v1.3", "cdisc.org/ns/odm/v9", "must be ODM, in the namespace .*v1.3 or .*v2.0"),
        ("cdisc.org/ns/odm/v1.3", "cdisc.org/ns/odm/v2.0", "FormData, which ODM 2.0 has no more"),
        ("Events of participants: ", "Subjects: ", "its description must name"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(file: Path, old: str, new: str, why: str) -> None:
    change(file, old if "(" in old or "*" in old else re.escape(old), new)
    with pytest.raises((DataError, RecordCorrupt), match=why):
        read_odm(file)
