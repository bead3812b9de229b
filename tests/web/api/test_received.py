"""Clinical data as ODM at the interface: the decisions of forms on the pages, all or nothing, once under a key."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.invariants.scripted import Scripted
from tests.trial.received.files import file, form, visit
from tests.web.portals import Portals

from equipoise.datasets.odm import NAMESPACES, Version

from .conftest import Program, ProgramOf

PortalsAt = Callable[..., Portals]
WHO, ELSEWHERE = "01-001", "02-001"
DEMOGRAPHY = {"age": "41", "sex": "F", "pregnant": "!REFUSED"}
VITALS: dict[str, Any] = {"weight": ("61.3", "kg"), "pulse": "70"}


def send(asking: Program, content: bytes, key: str = "k", query: str = "", name: str = "data.xml") -> Any:
    """Send a file under a key; return the answer."""
    headers = {"Authorization": f"Bearer {asking.secret}"} | ({"Idempotency-Key": key} if key else {})
    files = {"file": SimpleUploadedFile(name, content)}
    return asking.browser.post(f"/api/v1/forms/odm{query}", files, headers=headers)


def error(answer: Any) -> str:
    assert answer.status_code == 422, answer.content
    said = json.loads(answer.content)
    assert set(said) == {"error"}
    return str(said["error"])


@pytest.fixture
def portals(portals_at: PortalsAt) -> Portals:
    """Two participants who have consented, whose screening visit was held today."""
    portals = portals_at("consented", 2)
    for who in (WHO, ELSEWHERE):
        portals.script.hold(who, "SCR")
    return portals


def screening(script: Scripted, version: Version, who: str = WHO, **changed: Any) -> bytes:
    """A file with two forms of a screening visit and an adverse event."""
    today = str(script.today())
    event = {
        "ae_term": "Cough",
        "ae_started": today,
        "ae_serious": "N",
    }
    said = visit(
        "SCR", form("demography", DEMOGRAPHY, version), form("vitals", VITALS | changed, version)
    ) + visit("", form("adverse_event", event, version, repeat=1, on=today))
    return file(script.version, {who: said}, version)


@pytest.mark.parametrize("version", NAMESPACES)
def test_a_file_is_saved_as_forms_once_under_its_key(
    portals: Portals, program: ProgramOf, version: Version
) -> None:
    script, asking = portals.script, program(portals, "coordinator.01")
    content = screening(script, version)
    before = script.running.door.refresh().sequence

    dry = send(asking, content, "", "?dry_run=true")
    assert json.loads(dry.content) == {
        **{"file": "data.xml", "forms": 3, "stored": False, "again": False, "events": []}
    }
    assert script.running.door.refresh().sequence == before

    first, again = (send(asking, content) for _ in range(2))
    assert first.status_code == again.status_code == 200, first.content
    done, same = json.loads(first.content), json.loads(again.content)
    assert (done["forms"], done["again"], same["again"]) == (3, False, True)
    assert done["events"] == same["events"]
    assert [event["kind"] for event in done["events"]] == ["FormSaved"] * 3
    forms = script.participant(WHO).forms
    assert forms["SCR/vitals/1"].values["weight"].value == 61.3
    assert forms["SCR/demography/1"].values["pregnant"].missing == "REFUSED"
    assert forms["/adverse_event/1"].values["ae_term"].value == "Cough"
    (event,) = [one for one in script.running.book.read(after=before) if one.part == 1]
    assert (event.actor, event.role) == ("coordinator.01", "coordinator")
    assert "by program (a test) k" in event.request

    assert send(asking, screening(script, version, pulse="80")).status_code == 409
    unchanged = send(asking, content, "another")
    assert json.loads(unchanged.content)["events"] == []


def test_a_change_needs_its_reason_and_a_unit_must_be_one_of_the_item(
    portals: Portals, program: ProgramOf
) -> None:
    script, asking = portals.script, program(portals, "coordinator.01")
    assert send(asking, screening(script, "1.3.2")).status_code == 200
    other = screening(script, "2.0", weight=("62600", "g"))
    assert "alone or in kg. Got 62600 g" in error(send(asking, other, "a"))
    heavier = screening(script, "2.0", weight=("62.6", "kg"))
    assert "please say why Weight is changed" in error(send(asking, heavier, "b"))
    answer = send(asking, heavier, "c", "?reason=copied%20wrongly")
    (event,) = json.loads(answer.content)["events"]
    assert script.participant(WHO).forms["SCR/vitals/1"].values["weight"].value == 62.6
    assert next(script.running.book.read(after=event["sequence"] - 1)).reason == "copied wrongly"


def test_everything_that_is_wrong_is_named_and_nothing_is_stored(portals: Portals, program: ProgramOf) -> None:
    script, asking = portals.script, program(portals, "coordinator.01")
    before = script.running.door.refresh().sequence
    said = visit(
        "SCR",
        form("demography", DEMOGRAPHY),
        form("vitals", {"weight": "3000", "pulls": "70"}),
        form("vitalls", {"weight": "60"}),
    ) + visit("W4", form("vitals", VITALS))
    lines = error(send(asking, file(script.version, {WHO: said}))).splitlines()
    assert lines[0] == "nothing was stored, as 3 of 4 forms cannot be saved:"
    assert "pulls is not an item" in lines[1]
    assert "Weight must lie between 30 and 200 kg" in lines[1]
    assert "did you mean vitals?" in lines[2]
    assert "visit W4 has not been recorded as held" in lines[3]
    assert script.running.door.refresh().sequence == before


BOMB = '<!DOCTYPE ODM [<!ENTITY a "x"><!ENTITY b "&a;&a;">]>'
AUDIT = "<AuditRecord/>"


@pytest.mark.parametrize(
    ("how", "says"),
    [
        (lambda text: text[:-8], "no well-formed XML"),
        (lambda _: "", "no well-formed XML"),
        (lambda _: "age,sex\n41,F\n", "no well-formed XML"),
        (lambda text: text.replace("\n<ODM", f"{BOMB}\n<ODM"), "needs no document type and no entities"),
        (lambda text: text.replace("odm/v1.3", "odm/v9"), "must be ODM, in the namespace"),
        (lambda text: text.replace('"scripted"', '"another"'), "StudyOID must be scripted, .* Got another"),
        (lambda text: text.replace("MDV.", "MDV.0"), "MetaDataVersionOID must be a version of the protocol"),
        (lambda text: text.replace("SE.SCR", "SCR"), "a visit must be SE.<visit>"),
        (lambda text: text.replace("SE.SCR", "SE.CONDUCT"), "recorded by steps of its own"),
        (lambda text: text.replace("FO.vitals", "vitals"), r"FormOID must begin with FO\."),
        (lambda text: text.replace("IG.vitals", "IG.other"), r"its item groups must be IG\.vitals"),
        (lambda text: text.replace("IT.vitals.pulse", "IT.other.pulse"), r"must be IT\.vitals\.<item>"),
        (lambda text: text.replace("IT.vitals.pulse", "IT.vitals.weight"), "stands there twice"),
        (lambda text: text.replace("MU.kg", "kilogram"), r"its unit must be MU\.<unit>"),
        (lambda text: text.replace(' Value="70"', ""), "needs either a value, or IsNull"),
        (lambda text: text.replace(' FormRepeatKey="1"', ""), "FormRepeatKey must be the number"),
        (lambda text: text.replace('FormRepeatKey="1"', 'FormRepeatKey="0"'), "from 1. Got 0"),
        (lambda text: text.replace('IT.EQ.RECORD.on"', 'IT.EQ.RECORD.off"'), r"or IT\.EQ\.RECORD\.on"),
        (lambda text: text.replace("<MeasurementUnitRef", f"{AUDIT}<MeasurementUnitRef"), "audit records of"),
        (lambda text: text.replace("</FormData>", "<Signature/></FormData>"), "people sign here"),
        (lambda text: text.replace("<FormData ", '<FormData TransactionType="Remove" '), "Got Remove"),
        (lambda text: text.replace("CL.EQ.MISSING", "CL.OTHER"), "has an annotation that is no code"),
        (lambda text: text.replace("<ItemData ", "<Item ").replace("</ItemData>", "</Item>"), "holds Item,"),
        (lambda text: text.replace("<SubjectData ", "<Subject ").replace("</SubjectData", "</Subject"), "Subject"),
        (lambda text: text.replace("<ClinicalData ", "<X ").replace("</ClinicalData", "</X"), "holds X,"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_taken_is_refused_in_a_sentence_and_leaves_nothing(
    portals: Portals, program: ProgramOf, how: Callable[[str], str], says: str
) -> None:
    script = portals.script
    asking, before = program(portals, "coordinator.01"), script.running.door.refresh().sequence
    said = error(send(asking, how(screening(script, "1.3.2").decode()).encode()))
    assert re.search(says, said), said
    assert all(line.startswith("data.xml: ") for line in said.splitlines())
    assert script.running.door.refresh().sequence == before


def test_a_participant_of_another_site_is_refused_as_nobody_is(portals: Portals, program: ProgramOf) -> None:
    script, asking = portals.script, program(portals, "coordinator.01")
    elsewhere, nobody = (
        error(send(asking, screening(script, "1.3.2", who))).replace(who, "N") for who in (ELSEWHERE, "99-999")
    )
    assert elsewhere == nobody
    assert "nobody has the screening number N" in elsewhere


def test_only_who_fills_in_forms_may_send_them_and_a_reading_token_may_not(
    portals: Portals, program: ProgramOf
) -> None:
    script = portals.script
    content, before = screening(script, "1.3.2"), script.running.door.refresh().sequence
    for person in ("monitor", "data.manager", "statistician", "auditor", "sponsor", "administrator"):
        assert send(program(portals, person), content).status_code == 403
    assert send(program(portals, "coordinator.01", records=False), content).status_code == 403
    assert "is filled in by an investigator or coordinator" in error(send(program(portals, "nurse.01"), content))
    assert send(program(portals, "coordinator.01"), content, "").status_code == 400
    nothing = program(portals, "coordinator.01").send("/forms/odm", {})
    assert nothing.status_code == 400
    assert script.running.door.refresh().sequence == before


def test_the_name_of_a_file_brings_no_path(portals: Portals, program: ProgramOf, tmp_path: Path) -> None:
    answer = send(program(portals, "coordinator.01"), b"<ODM/>", name=f"../..{tmp_path}/x.xml")
    assert error(answer).startswith("x.xml: ")
    assert str(tmp_path) not in answer.content.decode()


def test_a_masked_value_is_refused_without_being_told(portals_at: PortalsAt, program: ProgramOf) -> None:
    portals = portals_at("allocated", 1)
    script, asking = portals.script, program(portals, "investigator.01")
    content = file(script.version, {WHO: visit("W0", form("antibodies", {"hla_class_1": "87"}))})
    answer = send(asking, content)
    assert "recorded by the vault" in error(answer)
    assert b"87" not in answer.content
