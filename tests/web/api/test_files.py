"""What is given out and taken in as files: exports are events, results of laboratories come whole or not."""

import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from tests.invariants.laboratory_files import enter_laboratory, result, write_results
from tests.invariants.scripted import ARMS, CANARIES
from tests.web.portals import Portals

from equipoise.conduct.closing.exports import DataExported
from equipoise.conduct.door.chapters import read_fact
from equipoise.datasets.odm import check_schema, read_odm, version_of
from equipoise.record import verify_lines

from .conftest import Program, ProgramOf

PortalsAt = Callable[..., Portals]
WHY = {"purpose": "a review"}


def last_export(portals: Portals) -> DataExported:
    """Return what the newest event says was exported."""
    portals.running.door.refresh()
    fact = read_fact(list(portals.running.book.read())[-1])
    assert isinstance(fact, DataExported)
    return fact


def test_datasets_are_given_out_blinded_with_the_hashes_of_the_record(
    portals_at: PortalsAt, program: ProgramOf
) -> None:
    portals = portals_at("infused", 2)
    asking = program(portals, "data.manager")
    for kind in ("dataset-json", "csv"):
        answer = asking.post("/exports/sdtm", WHY | {"format": kind})
        assert answer.status_code == 200, answer.content
        said = last_export(portals)
        assert (said.blind, said.purpose) == ("blinded", "a review")
        packed = zipfile.ZipFile(io.BytesIO(answer.content))
        found = {name.split(".")[0]: packed.read(name) for name in packed.namelist() if name != "manifest.json"}
        assert {name: hashlib.sha256(content).hexdigest() for name, content in found.items()} == said.hashes
        # the plan names its arms, and the masked name of a product names all of them
        of_people = {name: content for name, content in found.items() if name not in ("ta", "ts", "ec")}
        assert "dm" in of_people
        assert not any(word.encode() in content for content in of_people.values() for word in CANARIES)


def test_odm_is_that_of_the_site_of_who_asks(portals_at: PortalsAt, program: ProgramOf, tmp_path: Path) -> None:
    portals = portals_at("infused", 2)
    for person, people, version in (
        ("investigator.01", {"01-001"}, "1.3.2"),
        ("auditor", {"01-001", "02-001"}, "1.3.2"),
        ("auditor", {"01-001", "02-001"}, "2.0"),
    ):
        answer = program(portals, person).post("/exports/odm", WHY | {"version": version})
        assert answer.status_code == 200, answer.content
        file = tmp_path / f"{person}.xml"
        file.write_bytes(answer.content)
        assert version_of(file.name, answer.content) == version
        check_schema(file)
        assert {event.participant for event in read_odm(file).events} == people
        assert last_export(portals).site == (None if person == "auditor" else "01")


def test_the_record_is_given_to_the_auditor_and_verifies(
    portals_at: PortalsAt, program: ProgramOf, tmp_path: Path
) -> None:
    portals = portals_at("allocated", 2)
    assert program(portals, "data.manager").post("/exports/record", WHY).status_code == 403
    before = portals.running.door.refresh().sequence
    answer = program(portals, "auditor").post("/exports/record", WHY)
    (tmp_path / "record.jsonl").write_bytes(answer.content)
    assert verify_lines(tmp_path / "record.jsonl").sequence == before
    assert not any(word.encode() in answer.content for word in (*CANARIES, *ARMS))
    assert last_export(portals).rows == {"record.jsonl": before}


def test_an_export_without_a_purpose_or_by_who_may_not_gives_nothing(
    portals_at: PortalsAt, program: ProgramOf
) -> None:
    portals = portals_at("screened", 1)
    before = portals.running.door.refresh().sequence
    assert program(portals, "data.manager").post("/exports/sdtm", {"purpose": " "}).status_code == 422
    assert program(portals, "data.manager").post("/exports/sdtm", WHY | {"blind": "unblinded"}).status_code == 400
    assert program(portals, "data.manager").post("/exports/odm", WHY | {"version": "3"}).status_code == 400
    assert program(portals, "coordinator.01").post("/exports/sdtm", WHY).status_code == 403
    assert program(portals, "investigator.01").post("/exports/sdtm", WHY).status_code == 422
    assert portals.running.door.refresh().sequence == before


def send(asking: Program, home: Path, portals: Portals, rows: Sequence[Any], query: str = "") -> Any:
    """Write a file of results and its manifest, and send both."""
    file, manifest = write_results(home, portals.script, rows)
    files = {
        "file": SimpleUploadedFile(file.name, file.read_bytes()),
        "manifest": SimpleUploadedFile(manifest.name, manifest.read_bytes()),
    }
    return asking.send("/laboratory/results", files, query=query)


def test_results_are_judged_imported_whole_and_once(
    portals_at: PortalsAt, program: ProgramOf, tmp_path: Path
) -> None:
    portals = portals_at("allocated", 1)
    script = portals.script
    enter_laboratory(script)
    asking, on = program(portals, "laboratory"), script.participant("01-001").visits["W0"].on
    rows = [result("01-001", f"{on}T08:00", "CD4", "240", "/uL")]
    before = script.running.door.refresh().sequence

    dry = send(asking, tmp_path, portals, rows, "?dry_run=true")
    assert json.loads(dry.content) == {
        "file": "results.csv", "rows": 1, "stored": False, "again": False, "said": "", "events": [],
    }  # fmt: skip
    wrong = send(asking, tmp_path, portals, [*rows, result("01-001", f"{on}T08:00", "CD99", "1", "/uL", "A2")])
    assert wrong.status_code == 422
    assert "CD99" in json.loads(wrong.content)["error"]
    assert script.running.door.refresh().sequence == before

    first, again = (send(asking, tmp_path, portals, rows) for _ in range(2))
    assert first.status_code == 200, first.content
    assert json.loads(first.content)["stored"]
    assert not json.loads(first.content)["again"]
    assert json.loads(again.content)["again"]
    assert json.loads(again.content)["events"] == json.loads(first.content)["events"]
    assert script.participant("01-001").forms["W0/immunology/1"].values["cd4"].value == 240


def test_files_that_do_not_belong_together_are_refused_without_a_path_of_ours(
    portals_at: PortalsAt, program: ProgramOf, tmp_path: Path
) -> None:
    portals = portals_at("screened", 1)
    asking = program(portals, "laboratory")
    good = SimpleUploadedFile("results.csv", b"participant\n")
    for files in (
        {},
        {"file": good},
        {"file": SimpleUploadedFile("../../x.exe", b"x"), "manifest": good},
        {
            "file": SimpleUploadedFile("results.csv", b"\xff\x00"),
            "manifest": SimpleUploadedFile("m.yaml", b"\xff"),
        },
        {
            "file": SimpleUploadedFile("results.csv", b"x"),
            "manifest": SimpleUploadedFile("m.yaml", b"laboratory: x"),
        },
    ):
        answer = asking.send("/laboratory/results", files)
        assert answer.status_code in (400, 422), answer.content
        assert tempfile.gettempdir().encode() not in answer.content
        assert b"Traceback" not in answer.content
