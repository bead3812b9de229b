"""The same content in the words of ODM 2.0: valid, whole, in its places, and the same when it is read again."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from tests.datasets.odm.records import Record, full_record

from equipoise.datasets.odm import NAMESPACES, check_schema, read_odm, unspell, version_of, write_odm
from equipoise.errors import DataError
from equipoise.protocol import protocol_version, read_protocol

NS = {"o": NAMESPACES["2.0"]}
DATA = ".//o:ClinicalData//o:ItemData[@ItemOID='{}']"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("odm") / "odm.xml"
    full_record().write(file, version="2.0")
    return file


@pytest.fixture(scope="module")
def root(file: Path) -> ET.Element:
    return ET.parse(file).getroot()


def test_it_is_valid_by_the_schema_of_cdisc(file: Path, tmp_path: Path) -> None:
    check_schema(file)
    wrong = tmp_path / "wrong.xml"
    for old, new in (('FileType="Transactional"', 'FileType="Sometimes"'), ("SourceID>", "Origin>")):
        wrong.write_text(file.read_text("utf-8").replace(old, new), "utf-8")
        with pytest.raises(DataError, match=r"is no valid ODM 2.0, at .*(Sometimes|Origin)"):
            check_schema(wrong)


def test_a_long_protocol_in_two_languages_is_valid_and_keeps_every_item(tmp_path: Path) -> None:
    protocol = read_protocol("hucmsc_inr")
    record = Record(protocol)
    record.screen()
    file = tmp_path / "odm.xml"
    write_odm(file, record.events, record.trial, {protocol_version(protocol): protocol}, version="2.0")
    check_schema(file)
    root = ET.parse(file).getroot()
    items = {item.get("OID") for item in root.iterfind(".//o:ItemDef", NS)}
    assert {f"IT.{f}.{i}" for f, form in protocol.forms.items() for i in form.items} <= items
    with_unit = {f"UN.{f}.{i}" for f, form in protocol.forms.items() for i, one in form.items.items() if one.unit}
    assert with_unit == {oid for oid in items if oid and oid.startswith("UN.")}
    texts = root.iterfind(".//o:TranslatedText", NS)
    assert {"en", "zh"} <= {str(text.get("{http://www.w3.org/XML/1998/namespace}lang")) for text in texts}


def test_every_reference_leads_to_its_definition(root: ET.Element) -> None:
    defined = {element.get("OID") for element in root.iter() if element.get("OID")}
    referred = {
        value
        for element in root.iter()
        for name, value in element.attrib.items()
        if name.endswith("OID") and name not in ("OID", "FileOID")
    }
    assert referred - defined == set()


def test_a_form_is_an_item_group_of_item_groups_in_definition_and_data(root: ET.Element) -> None:
    form = root.find(".//o:ItemGroupDef[@OID='FO.vitals']", NS)
    assert form is not None
    assert (form.get("Type"), form.get("Repeating")) == ("Form", "No")
    assert [ref.get("ItemGroupOID") for ref in form.iterfind("o:ItemGroupRef", NS)] == [
        "IG.vitals",
        "IG.EQ.RECORD",
    ]
    repeats = root.find(".//o:ItemGroupDef[@OID='FO.adverse_event']", NS)
    assert repeats is not None
    assert repeats.get("Repeating") == "Simple"
    data = root.find(".//o:StudyEventData[@StudyEventOID='SE.SCR']/o:ItemGroupData", NS)
    assert data is not None
    assert data.get("ItemGroupOID") == "FO.demography"
    assert [group.get("ItemGroupOID") for group in data.iterfind("o:ItemGroupData", NS)] == [
        "IG.demography",
        "IG.EQ.RECORD",
    ]


def test_a_unit_is_an_item_that_the_item_names_with_a_code_list_of_its_own(root: ET.Element) -> None:
    ref = root.find(".//o:ItemRef[@ItemOID='IT.vitals.weight']", NS)
    unit = root.find(".//o:ItemDef[@OID='UN.vitals.weight']/o:CodeListRef", NS)
    codes = root.findall(".//o:CodeList[@OID='MU.kg']/o:CodeListItem", NS)
    assert ref is not None
    assert unit is not None
    assert (ref.get("UnitsItemOID"), unit.get("CodeListOID")) == ("UN.vitals.weight", "MU.kg")
    assert [code.get("CodedValue") for code in codes] == ["kg"]
    weight, said = (root.findall(DATA.format(oid), NS)[0] for oid in ("IT.vitals.weight", "UN.vitals.weight"))
    assert (weight.findtext("o:Value", "", NS), said.findtext("o:Value", "", NS)) == ("61.3", "kg")
    assert weight.findtext(".//o:Comment/o:TranslatedText", "", NS) == "135.1 lb"


def test_audit_records_codes_of_missing_values_and_signatures_are_there(root: ET.Element) -> None:
    _, changed = root.findall(DATA.format("IT.demography.age"), NS)
    said = [(part.tag.rpartition("}")[2], part.text) for part in changed.find("o:AuditRecord", NS) or ()]
    assert said[2:] == [
        ("DateTimeStamp", "2026-03-02T12:00:09.000009+08:00"),
        ("ReasonForChange", "copied wrongly <&>"),
        ("SourceID", "event 9"),
    ]
    _, refused = root.findall(DATA.format("IT.demography.pregnant"), NS)
    assert refused.get("IsNull") == "Yes"
    assert refused.find("o:Value", NS) is None
    assert refused.findtext("o:Annotation/o:Flag/o:FlagValue", "", NS) == "REFUSED"
    assert root.find(".//o:ItemGroupData/o:Signature/o:SignatureRef[@SignatureOID='SD.1']", NS) is not None
    assert root.find(".//o:AdminData/o:User/o:UserName", NS) is not None


def test_both_spellings_say_the_same(file: Path, tmp_path: Path) -> None:
    written = full_record().write(tmp_path / "odm.xml")
    again = full_record().write(tmp_path / "again.xml", version="2.0")
    assert (tmp_path / "again.xml").read_bytes() == file.read_bytes()
    assert (written.items, written.events, written.clinical) == (again.items, again.events, again.clinical)
    assert read_odm(file).events == read_odm(tmp_path / "odm.xml").events
    subjects = []
    for one, version in ((tmp_path / "odm.xml", "1.3.2"), (file, "2.0")):
        found = ET.parse(one).getroot().find(f".//{{{NAMESPACES[version]}}}SubjectData")  # type: ignore[index]
        assert found is not None
        subjects.append(sorted(flat(unspell(found, version))))  # type: ignore[arg-type]
    assert subjects[0] == subjects[1]


def flat(element: ET.Element, path: str = "") -> list[str]:
    """Say every element with its path, attributes and text, in whatever order they stand."""
    own = f"{path}/{element.tag} {sorted(element.attrib.items())} {element.text or ''}"
    return [own, *[line for child in element for line in flat(child, own)]]


def test_the_version_is_told_by_the_namespace_of_the_root(file: Path) -> None:
    assert version_of("a.xml", file.read_bytes()) == "2.0"
    utf_16 = "<?xml version='1.0' encoding='UTF-16'?>{}<ODM xmlns='http://www.cdisc.org/ns/odm/v1.3'/>"
    assert version_of("a.xml", utf_16.format("").encode("utf-16")) == "1.3.2"
    for content, why in (
        (utf_16.format("<!DOCTYPE ODM [<!ENTITY a 'b'>]>").encode("utf-16"), "needs no document type"),
        (b"<ODM/>", "in the namespace .* Got ODM in none"),
        (b"<MetaDataVersion xmlns='http://www.cdisc.org/ns/odm/v2.0'/>", "Got MetaDataVersion in"),
        (b"", "no well-formed XML"),
        (b"ODM", "no well-formed XML"),
        (b"<?xml version='1.0' encoding='gb18030'?><ODM/>", "must be written in UTF-8"),
        (b"<?xml version='1.0' encoding='none'?><ODM/>", "must be written in UTF-8"),
    ):
        with pytest.raises(DataError, match=rf"^a.xml:? .*{why}"):
            version_of("a.xml", content)


def test_what_odm_2_can_say_and_no_form_can_hold_is_refused() -> None:
    item = (
        "<ItemGroupData ItemGroupOID='FO.a'><ItemGroupData ItemGroupOID='IG.a'>{}</ItemGroupData></ItemGroupData>"
    )
    for said, why in (
        ("<ItemData ItemOID='IT.a.b'><Value>1</Value><Value>2</Value></ItemData>", "more than one value"),
        ("<ItemData ItemOID='UN.a.b'><Value>kg</Value></ItemData>", "without the value that it is the unit of"),
    ):
        text = f"<SubjectData xmlns='{NS['o']}'><StudyEventData>{item.format(said)}</StudyEventData></SubjectData>"
        with pytest.raises(ValueError, match=why):
            unspell(ET.fromstring(text), "2.0")
