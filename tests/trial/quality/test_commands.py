"""`equipoise quality` at the command line, on a trial with its database: queries, gaps, review, coding."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.command_line import equipoise
from tests.invariants.conftest import TrialAt, protocols_are_read_once
from tests.invariants.scripted import Scripted, let_in

from equipoise.conduct.forms.entry import SaveForm

__all__ = ["protocols_are_read_once"]

WHO, RECORD = "01-001", "W0/vitals/1"
BOOK = "term,code,decoded,decoded_code,body_system,synonym_of\nFever,1,Pyrexia,2,General disorders,\n"


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripted]:
    """Two eligible participants at the first infusion; the first has a fast pulse."""
    trials = TrialAt("wheel", tmp_path, monkeypatch)
    script = trials("eligible", 2)
    let_in(script, "zhao", "medical monitor")
    script.save(WHO, "W0", "vitals", weight=61.3, pulse=130)
    yield script
    trials.close()


def read_again(script: Scripted, **values: float) -> None:
    on = script.today("01")
    intent = SaveForm(participant=WHO, form="vitals", visit="W0", on=on, values=dict(values), reason="read again")
    script.do(intent, "nurse")


def test_queries_gaps_and_changes_are_listed(script: Scripted, capsys: pytest.CaptureFixture[str]) -> None:
    read_again(script, weight=62.3)
    script.running.book.flush()
    (query,) = json.loads(equipoise(capsys, "quality", "queries", script.folder, "--json").said)
    assert (query["participant"], query["query"], query["record"], query["waits for"]) == (
        *(WHO, "Q1", RECORD),
        "the site",
    )
    assert equipoise(capsys, "quality", "queries", script.folder, "--site", "02").said == "nothing"
    refused = equipoise(capsys, "quality", "queries", script.folder, "--site", "2")
    assert (refused.status, "site 2 has not joined the trial" in refused.error) == (2, True)
    refused = equipoise(capsys, "history", script.folder, "--participant", "09-001")
    assert (refused.status, "nobody has the screening number 09-001" in refused.error) == (2, True)
    told = equipoise(capsys, "quality", "complete", script.folder).said.splitlines()
    assert told[0].split() == ["site", "filled_in", "missing", "to_come", "due", "overdue"]
    assert ["2", "immunology", "missing"] in [line.split() for line in told]
    lacking = equipoise(capsys, "quality", "complete", script.folder, "--participant", WHO).said
    assert "immunology" in lacking and "vitals" not in lacking
    assert equipoise(capsys, "quality", "complete", script.folder, "--participant", "09-001").status == 2
    changed = equipoise(capsys, "quality", "review", script.folder).said
    assert "61.3 > 62.3" in changed and "read again" in changed
    waiting = equipoise(capsys, "quality", "verify", script.folder).said.splitlines()
    assert [WHO, RECORD, "weight"] in [line.split() for line in waiting]


def test_serious_events_are_compared_with_the_safety_database(
    script: Scripted, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    started = str(script.today("01") - timedelta(days=1))
    script.save(WHO, "", "adverse_event", ae_term="Embolism", ae_started=started, ae_serious="Y")
    script.running.book.flush()
    assert equipoise(capsys, "quality", "reconcile", script.folder).said == "nothing"
    (cases := tmp_path / "cases.csv").write_text(f"participant,term,started\n{WHO},Fever,{started}\n")
    told = equipoise(capsys, "quality", "reconcile", script.folder, cases).said
    assert "term: Embolism in the record, Fever in the safety database" in told
    cases.write_bytes(b"participant,term,started\n\xff")
    assert "must be text in UTF-8" in equipoise(capsys, "quality", "reconcile", script.folder, cases).error
    assert equipoise(capsys, "quality", "twice", script.folder).said == "nothing"


def test_a_dictionary_is_loaded_compared_and_used(
    script: Scripted, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    started = str(script.today("01") - timedelta(days=1))
    script.save(WHO, "", "adverse_event", ae_term="fever", ae_started=started, ae_serious="N")
    script.running.book.flush()
    (old := tmp_path / "old.csv").write_text(BOOK, encoding="utf-8")
    (new := tmp_path / "new.csv").write_text(BOOK.replace("Pyrexia", "Heat"), encoding="utf-8")
    load = ("quality", "dictionary", script.folder, "events")
    named = ("--name", "MedDRA", "--edition", "26.1", "--by", "zhao")
    assert "say which dictionary this is" in equipoise(capsys, *load, old).error
    assert "(1 terms" in _history(capsys, script, load, old, named)
    told = equipoise(capsys, "quality", "code", script.folder, "events", "--edition", "27.0", "--by", "zhao")
    assert told.error == "terms are coded with MedDRA 26.1. Got version 27.0"
    told = equipoise(capsys, "quality", "code", script.folder, "events", "--edition", "26.1", "--by", "zhao")
    assert told.said == "1 terms were coded\nnothing", told.error
    assert "changed  Pyrexia (General disorders)  Heat" in equipoise(capsys, *load, new, "--compare").said
    assert "in force with another content" in equipoise(capsys, *load, new, *named).error


def _history(
    capsys: pytest.CaptureFixture[str],
    script: Scripted,
    load: tuple[object, ...],
    file: Path,
    named: tuple[str, ...],
) -> str:
    told = equipoise(capsys, *load, file, *named)
    assert told.status == 0, told.error
    return equipoise(capsys, "history", script.folder, "--last", "1").said
