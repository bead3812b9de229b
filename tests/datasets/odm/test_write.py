"""ODM as written: valid by the schema, in the places that the standard has, and whole."""

import xml.etree.ElementTree as ET
from datetime import datetime
from pathlib import Path

import pytest
from tests.datasets.odm.records import Record, full_record, small_protocol

from equipoise.datasets.odm import check_schema, write_odm
from equipoise.errors import DataError
from equipoise.protocol import protocol_version, read_protocol

NS = {"o": "http://www.cdisc.org/ns/odm/v1.3"}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("odm") / "odm.xml"
    full_record().write(file)
    return file


@pytest.fixture(scope="module")
def root(file: Path) -> ET.Element:
    return ET.parse(file).getroot()


def test_it_is_valid_by_the_schema_of_cdisc(file: Path) -> None:
    check_schema(file)


def test_what_the_schema_forbids_is_named_with_its_place(file: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.xml"
    for old, new in (('FileType="Transactional"', 'FileType="Sometimes"'), ("SourceID>", "Origin>")):
        wrong.write_text(file.read_text("utf-8").replace(old, new), "utf-8")
        with pytest.raises(DataError, match=r"is no valid ODM 1.3.2, at .*(Sometimes|Origin)"):
            check_schema(wrong)


def test_a_long_protocol_in_two_languages_is_valid(tmp_path: Path) -> None:
    protocol = read_protocol("hucmsc_inr")
    record = Record(protocol)
    record.screen()
    write_odm(tmp_path / "odm.xml", record.events, record.trial, {protocol_version(protocol): protocol})
    check_schema(tmp_path / "odm.xml")
    root = ET.parse(tmp_path / "odm.xml").getroot()
    languages = {
        text.get("{http://www.w3.org/XML/1998/namespace}lang") for text in root.iterfind(".//o:TranslatedText", NS)
    }
    assert languages == {"en", "zh"}
    items = {item.get("OID") for item in root.iterfind(".//o:ItemDef", NS)}
    assert {f"IT.{f}.{i}" for f, form in protocol.forms.items() for i in form.items} <= items


def test_every_reference_leads_to_its_definition(root: ET.Element) -> None:
    defined = {element.get("OID") for element in root.iter() if element.get("OID")}
    referred = {
        value
        for element in root.iter()
        for name, value in element.attrib.items()
        if name.endswith("OID") and name not in ("OID", "FileOID")
    }
    assert referred - defined == set()


def items(root: ET.Element, oid: str) -> list[ET.Element]:
    return root.findall(f".//o:ClinicalData//o:ItemData[@ItemOID='{oid}']", NS)


def test_each_change_has_its_audit_record_and_the_first_is_an_insert(root: ET.Element) -> None:
    first, second = items(root, "IT.demography.age")
    assert [(one.get("TransactionType"), one.get("Value")) for one in (first, second)] == [
        ("Insert", "41"),
        ("Update", "42"),
    ]
    audit = second.find("o:AuditRecord", NS)
    assert audit is not None
    user, location, stamp, reason, source = audit
    assert user.get("UserOID") == "USR/li/coordinator"
    assert location.get("LocationOID") == "LOC/01/Asia/Shanghai"
    assert stamp.text == "2026-03-02T12:00:09.000009+08:00"
    assert reason.text == "copied wrongly <&>"
    assert source.text == "event 9"
    assert datetime.fromisoformat(stamp.text).utcoffset() is not None


def test_a_missing_value_has_its_code_and_its_audit_record(root: ET.Element) -> None:
    answered, refused = items(root, "IT.demography.pregnant")
    assert (answered.get("Value"), answered.get("IsNull")) == ("N", None)
    assert (refused.get("Value"), refused.get("IsNull")) == (None, "Yes")
    flag = refused.find("o:Annotation/o:Flag/o:FlagValue", NS)
    assert flag is not None
    assert (flag.text, flag.get("CodeListOID")) == ("REFUSED", "CL.EQ.MISSING")
    assert refused.find("o:AuditRecord/o:ReasonForChange", NS) is not None


def test_a_value_has_its_unit_and_what_was_typed(root: ET.Element) -> None:
    weight = items(root, "IT.vitals.weight")[0]
    unit = weight.find("o:MeasurementUnitRef", NS)
    comment = weight.find("o:Annotation/o:Comment", NS)
    assert unit is not None
    assert comment is not None
    assert (weight.get("Value"), unit.get("MeasurementUnitOID"), comment.text) == ("61.3", "MU.kg", "135.1 lb")


def test_what_a_save_says_of_the_record_as_a_whole_has_its_items(root: ET.Element) -> None:
    assert [one.get("Value") for one in items(root, "IT.EQ.RECORD.raised")] == ['["VS1"]']
    assert [one.get("Value") for one in items(root, "IT.EQ.RECORD.late")] == ["the <line> was down"]
    assert len(items(root, "IT.EQ.RECORD.on")) == len(
        root.findall(".//o:ItemGroupData[@ItemGroupOID='IG.EQ.RECORD']", NS)
    )


def test_visits_records_struck_out_and_signatures_have_their_places(root: ET.Element) -> None:
    visits = {
        (visit.get("StudyEventOID"), visit.get("StudyEventRepeatKey"))
        for visit in root.iterfind(".//o:StudyEventData", NS)
    }
    assert visits == {
        ("SE.CONDUCT", None),
        ("SE.SCR", None),
        ("SE.UNSCHEDULED", "U1"),
        ("SE.ANYTIME", None),
    }
    removed = root.findall(".//o:FormData[@TransactionType='Remove']", NS)
    assert [one.get("FormRepeatKey") for one in removed] == ["1"]
    signature = root.find(".//o:FormData/o:Signature/o:SignatureRef", NS)
    meaning = root.find(".//o:SignatureDef/o:Meaning", NS)
    assert signature is not None
    assert meaning is not None
    assert (signature.get("SignatureOID"), meaning.text) == ("SD.1", "I have reviewed these data")


def test_ranges_codes_and_derivations_stand_in_the_metadata(root: ET.Element) -> None:
    age = root.find(".//o:ItemDef[@OID='IT.demography.age']", NS)
    sex = root.find(".//o:CodeList[@OID='CL.demography.sex']", NS)
    assert age is not None
    assert sex is not None
    bounds = [(check.get("Comparator"), check[0].text) for check in age.iterfind("o:RangeCheck", NS)]
    assert bounds == [("GE", "16.0"), ("LE", "100.0")]
    assert [text.text for text in age.iterfind("o:Question/o:TranslatedText", NS)] == ["Age", "年龄"]
    assert [item.get("CodedValue") for item in sex.iterfind("o:CodeListItem", NS)] == ["M", "F"]


def test_the_same_record_gives_the_same_bytes(file: Path, tmp_path: Path) -> None:
    full_record().write(tmp_path / "again.xml")
    assert (tmp_path / "again.xml").read_bytes() == file.read_bytes()


def test_only_one_site_where_one_is_asked_for(tmp_path: Path) -> None:
    record = full_record()
    other = {"site": "02", "name": "Other", "country": "DEU", "zone": "Europe/Berlin"}
    record.add("SiteOpened", other, site="02")
    record.add("SiteActivated", {"site": "02", "protocol": record.version, "approved_on": "2026-01-01"}, site="02")
    record.add(
        "ParticipantScreened", {"protocol": record.version}, site="02", participant="02-001", zone="Europe/Berlin"
    )
    protocols = {record.version: small_protocol()}
    written = write_odm(tmp_path / "odm.xml", record.events, record.trial, protocols, site="01")
    assert written.participants == 1
    assert "02-001" not in (tmp_path / "odm.xml").read_text("utf-8")
    assert 'Granularity="SingleSite"' in (tmp_path / "odm.xml").read_text("utf-8")


def test_nobody_to_write_of_and_a_protocol_that_is_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nobody has been screened in the trial"):
        Record().write(tmp_path / "odm.xml")
    record = full_record()
    with pytest.raises(DataError, match=r"the protocol file of version .* is not at hand"):
        write_odm(tmp_path / "odm.xml", record.events, record.trial, {})
    assert list(tmp_path.iterdir()) == []
