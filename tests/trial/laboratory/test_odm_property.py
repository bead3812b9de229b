"""ODM files of laboratories: a result an item group, or an item; lines; nothing that is declared is expanded."""

from datetime import UTC, datetime
from typing import Any

import pytest

from equipoise.conduct.laboratory.manifest import Manifest
from equipoise.errors import DataError
from equipoise.trial.laboratory.odm import read_rows


def manifest(**said: Any) -> Manifest:
    told: dict[str, Any] = {
        "laboratory": "central",
        "file": "r.xml",
        "sha256": "",
        "rows": 0,
        "code_list": "",
        "created_at": datetime(2024, 1, 1, tzinfo=UTC),
    }
    return Manifest(**{**told, **said})


BY_GROUP = """<?xml version="1.0" encoding="UTF-8"?>
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:own="urn:own" FileType="Snapshot" ODMVersion="1.3.2">
  <ClinicalData StudyOID="S" MetaDataVersionOID="M">
    <SubjectData SubjectKey="01-001">
      <StudyEventData StudyEventOID="W4">
        <FormData FormOID="LB">
          <ItemGroupData ItemGroupOID="LB" ItemGroupRepeatKey="1">
            <ItemData ItemOID="LBTESTCD" Value="HGB"/>
            <ItemData ItemOID="LBORRES" Value="13.5"><MeasurementUnitRef MeasurementUnitOID="g/dL"/></ItemData>
            <ItemData ItemOID="LBDTC" Value="2024-04-15T08:10"/>
            <ItemData ItemOID="LBREFID" Value="A&amp;1"/>
            <own:ItemData ItemOID="LBORRES" Value="99"/>
          </ItemGroupData>
          <ItemGroupData ItemGroupOID="LB" ItemGroupRepeatKey="2">
            <ItemDataString ItemOID="LBTESTCD">PLAT</ItemDataString>
            <ItemDataFloat ItemOID="LBORRES">210</ItemDataFloat>
            <ItemDataString ItemOID="LBORRESU">10*9/L</ItemDataString>
            <ItemDataDatetime ItemOID="LBDTC">2024-04-15T08:10</ItemDataDatetime>
          </ItemGroupData>
        </FormData>
      </StudyEventData>
    </SubjectData>
    <SubjectData SubjectKey="01-002">
      <StudyEventData StudyEventOID="W4"><FormData FormOID="LB">
        <ItemGroupData ItemGroupOID="LB">
          <ItemData ItemOID="LBTESTCD" Value="HGB"/>
          <ItemData ItemOID="LBORRES" IsNull="Yes"/>
          <ItemData ItemOID="LBREASND" Value="NOT DONE"/>
        </ItemGroupData>
      </FormData></StudyEventData>
    </SubjectData>
  </ClinicalData>
</ODM>
"""

BY_ITEM = """<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3">
 <ClinicalData><SubjectData SubjectKey="01-001"><StudyEventData StudyEventOID="SE.4"><FormData>
  <ItemGroupData ItemGroupOID="IG.BLOOD">
   <ItemData ItemOID="DRAWN" Value="2024-04-15"/>
   <ItemData ItemOID="I.HGB" Value="13.5"><MeasurementUnitRef MeasurementUnitOID="g/dL"/></ItemData>
   <ItemData ItemOID="I.PLAT" Value="210"/>
   <ItemData ItemOID="I.OTHER" Value="1"/>
  </ItemGroupData></FormData></StudyEventData></SubjectData></ClinicalData>
</ODM>"""


AUDIT = """<AuditRecord><UserRef UserOID="u"/><LocationRef LocationOID="l"/>
<DateTimeStamp>2024-04-16T08:00:00</DateTimeStamp><ReasonForChange>typing error</ReasonForChange></AuditRecord>"""
IN_ODM_2 = f"""<ODM xmlns="http://www.cdisc.org/ns/odm/v2.0" FileType="Snapshot" ODMVersion="2.0">
 <ClinicalData StudyOID="S" MetaDataVersionOID="M"><SubjectData SubjectKey="01-001">
  <StudyEventData StudyEventOID="W4"><ItemGroupData ItemGroupOID="LB">
   <ItemGroupData ItemGroupOID="LB.1" ItemGroupRepeatKey="1">
    <ItemData ItemOID="LBTESTCD"><Value>HGB</Value></ItemData>
    <ItemData ItemOID="LBORRES"><Value>13.5</Value>{AUDIT}</ItemData>
    <ItemData ItemOID="LBORRESU"><Value>g/dL</Value></ItemData>
    <ItemData ItemOID="LBDTC"><Value>2024-04-15T08:10</Value></ItemData>
   </ItemGroupData>
   <ItemGroupData ItemGroupOID="LB.1" ItemGroupRepeatKey="2">
    <ItemData ItemOID="LBTESTCD"><Value>PLAT</Value></ItemData>
    <ItemData ItemOID="LBORRES"><Value>210</Value><own:Note xmlns:own="urn:own">99</own:Note>
     <Query OID="Q"><Value>Is it so?</Value>{AUDIT}</Query></ItemData>
   </ItemGroupData>
  </ItemGroupData></StudyEventData>
 </SubjectData></ClinicalData>
</ODM>"""


def test_odm_2_says_the_same_with_groups_within_groups_and_values_as_elements() -> None:
    found = read_rows("r.xml", IN_ODM_2.encode(), manifest())
    assert [(one.line, one.visit, one.test, one.value, one.unit, one.collected) for one in found] == [
        (4, "W4", "HGB", "13.5", "g/dL", "2024-04-15T08:10"),
        (11, "W4", "PLAT", "210", "", ""),
    ]


def test_an_item_of_several_values_is_refused_with_its_line() -> None:
    twice = IN_ODM_2.replace("<Value>13.5</Value>", "<Value>13.5</Value><Value>14</Value>")
    with pytest.raises(DataError, match=r"^r\.xml:6 must have one value an item. Got more for LBORRES"):
        read_rows("r.xml", twice.encode(), manifest())


def test_the_text_of_an_audit_record_is_no_part_of_the_value() -> None:
    unit = '<MeasurementUnitRef MeasurementUnitOID="g/dL"/>'
    first = read_rows("r.xml", BY_GROUP.replace(unit, f"{AUDIT}{unit}").encode(), manifest())[0]
    assert (first.value, first.unit) == ("13.5", "g/dL")


def test_an_item_group_that_names_its_test_is_one_result() -> None:
    first, second, third = read_rows("r.xml", BY_GROUP.encode(), manifest())
    assert (first.line, first.participant, first.visit, first.test) == (7, "01-001", "W4", "HGB")
    assert (first.value, first.unit, first.collected) == ("13.5", "g/dL", "2024-04-15T08:10")
    assert (first.accession, first.status) == ("A&1", "")
    assert (second.line, second.test, second.value, second.unit) == (14, "PLAT", "210", "10*9/L")
    assert (third.participant, third.value, third.status) == ("01-002", "", "NOT DONE")


def test_else_every_item_that_the_manifest_calls_a_test_is_a_result() -> None:
    tests = {"I.HGB": "HGB", "I.PLAT": "PLAT"}
    found = read_rows("r.xml", BY_ITEM.encode(), manifest(tests=tests, columns={"collected": "DRAWN"}))
    assert [(one.line, one.test, one.value, one.unit, one.collected) for one in found] == [
        (5, "I.HGB", "13.5", "g/dL", "2024-04-15"),
        (6, "I.PLAT", "210", "", "2024-04-15"),
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('<!DOCTYPE ODM [<!ENTITY a "b">]>\n' + BY_ITEM, "r.xml:1 declares a type or entities"),
        (BY_ITEM.replace("</ODM>", ""), r"r.xml:\d+ is no well-formed XML"),
        ("<ODM/>", "r.xml must be ODM 1.3.2 or 2.0"),
        (BY_ITEM.replace("v1.3", "v9"), "r.xml must be ODM 1.3.2 or 2.0"),
        ("plainly no XML", "r.xml:1 is no well-formed XML"),
        ("", "r.xml:1 is no well-formed XML"),
        ('<?xml version="1.0" encoding="gb18030"?><ODM/>', "r.xml:1 must be written in UTF-8"),
        ('<?xml version="1.0" encoding="none"?><ODM/>', "r.xml:1 must be written in UTF-8"),
    ],
)
def test_what_is_no_file_of_results_is_refused(text: str, says: str) -> None:
    with pytest.raises(DataError, match=says):
        read_rows("r.xml", text.encode(), manifest())


def test_a_bomb_of_entities_is_refused_before_it_goes_off() -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "x"><!ENTITY b "' + "&a;" * 1000 + '">]><ODM>&b;</ODM>'
    with pytest.raises(DataError, match="declares a type or entities"):
        read_rows("r.xml", bomb.encode(), manifest())
