"""The commands of laboratories, on the scripted trial: ranges, a dry run, an import, the abnormal results."""

import json
from pathlib import Path

import pytest
from tests.invariants.conftest import TrialAt
from tests.invariants.laboratory_files import NAME, enter_laboratory, result, write_results
from tests.invariants.scripted import Scripted
from typer.testing import CliRunner

from equipoise.cli.app import app
from equipoise.conduct.door.fact import By
from equipoise.errors import DataError, DecisionRefused, EquipoiseError
from equipoise.trial.laboratory.manifest import read_manifest
from equipoise.trial.laboratory.ranges import read_ranges

FIRST = "01-001"
RANGES = "test,valid_from,sex,age_from,low,high,unit\nCD4,2026-01-01,,18,500,1200,/uL\n"


@pytest.fixture
def script(trial_at: TrialAt, monkeypatch: pytest.MonkeyPatch) -> Scripted:
    script = trial_at("allocated", 2)
    enter_laboratory(script)
    monkeypatch.setattr("equipoise.cli.data.laboratory.acting_as", lambda who, role: By(who, role, script.now()))
    return script


def told(script: Scripted, *arguments: str) -> str:
    done = CliRunner().invoke(app, ["laboratory", arguments[0], str(script.folder), *arguments[1:]])
    if isinstance(done.exception, EquipoiseError):
        return f"refused: {done.exception}"
    assert done.exception is None, done.exception
    return done.stdout


def test_a_file_goes_from_the_dry_run_to_the_list_of_abnormal_results(script: Scripted, tmp_path: Path) -> None:
    at = f"{script.participant(FIRST).visits['W0'].on}T08:00"
    file, manifest = write_results(tmp_path, script, [result(FIRST, at, "CD4", "150", "/uL", "A7")])
    arguments = ("import", str(file), "--manifest", str(manifest), "--by", "laboratory")
    before = script.running.book.head()
    assert told(script, *arguments, "--dry-run") == f"{file}: all 1 results are right; nothing was stored\n"
    assert json.loads(told(script, *arguments, "--dry-run", "--json")) == {
        "file": "results.csv",
        "rows": 1,
        "wrong": 0,
        "stored": False,
    }
    assert script.running.book.head() == before
    first = told(script, *arguments)
    assert "results.csv of laboratory central was imported: 1 rows, 1 values new or changed in 1 records" in first
    assert told(script, *arguments) == first, "the same file again: the same answer"
    (tmp_path / "ranges.csv").write_text(RANGES)
    set_ranges = ("ranges", str(tmp_path / "ranges.csv"), "--laboratory", NAME, "--by", "data.manager")
    assert "1 reference ranges of laboratory central were set: CD4" in told(script, *set_ranges)
    (found,) = json.loads(told(script, "results", "--json"))
    assert (found["participant"], found["test"], found["result"], found["indicator"]) == (
        FIRST,
        "CD4",
        "150",
        "LOW",
    )
    assert (found["low"], found["high"], found["laboratory"]) == ("500", "1200", "Central laboratory")
    assert (found["accession"], found["collected"], found["grade"]) == ("A7", at, "")
    assert told(script, "results", "--grade", "3") == "nothing\n"
    assert told(script, "results", "--site", "02", "--json") == "[]\n"
    reads = ("results", "--by", "investigator.02", "--role", "investigator", "--json")
    assert told(script, *reads) == "[]\n", "the results of another site"


def test_a_bad_file_is_refused_by_the_dry_run_as_by_the_import(script: Scripted, tmp_path: Path) -> None:
    at = f"{script.participant(FIRST).visits['W0'].on}T08:00"
    file, manifest = write_results(tmp_path, script, [result(FIRST, at, "CD4", "150", "mg/L")])
    arguments = ("import", str(file), "--manifest", str(manifest), "--by", "laboratory")
    said = told(script, *arguments, "--dry-run")
    assert "line 2, unit: cannot be converted to cells/uL" in said
    assert told(script, *arguments) == said
    other = told(script, *arguments[:-1], "monitor")
    assert "is not laboratory at all sites" in other


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("laboratory: central\n", "the field file is missing"),
        ("- a\n", "must name the fields of a manifest"),
        ("a: [\n", "must be YAML or JSON"),
        ("created_at: yesterday\n", "created_at must be a date and time with its offset"),
        ("colour: red\n", "there is no field colour"),
    ],
)
def test_a_manifest_that_is_none_is_refused_with_its_field(text: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(text)
    with pytest.raises(DataError, match=says):
        read_manifest(path)


def test_a_time_in_yaml_keeps_its_offset(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(
        "laboratory: c\nfile: f\nsha256: x\nrows: 3\ncode_list: 12345678\ncreated_at: 2026-06-01T17:30+08:00\n"
        "columns: {test: CODE}\n"
    )
    found = read_manifest(path)
    assert found.created_at.isoformat() == "2026-06-01T17:30:00+08:00"
    assert (found.rows, found.code_list, found.columns) == (3, "12345678", {"test": "CODE"})
    path.write_text(path.read_text().replace("test: CODE", "tests: CODE"))
    with pytest.raises(DataError, match=r"none of ours; did you mean test\? Got tests"):
        read_manifest(path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("test,unit\n", r":1 has no column valid_from"),
        ("test,valid_from,unit,gender\n", r":1 has a column that ranges do not have"),
        ("test,valid_from,unit,sex\nCD4,2026-01-01,/uL,W\n", r":2 sex is none of the words that may stand there"),
        ("test,valid_from,unit\nCD4,January,/uL\n", r":2 valid_from must be a date as in 2026-05-31"),
        ("test,valid_from,unit\nCD4,2026-01-01,/uL,x\n", r":2 has more fields than the heading"),
    ],
)
def test_a_file_of_ranges_is_refused_with_its_line(text: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "ranges.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=says):
        read_ranges(path)


def test_without_its_laboratory_a_file_is_refused(trial_at: TrialAt, tmp_path: Path) -> None:
    script = trial_at("allocated", 1)
    at = f"{script.participant(FIRST).visits['W0'].on}T08:00"
    file, manifest = write_results(tmp_path, script, [result(FIRST, at, "CD4", "150", "/uL")])
    done = CliRunner().invoke(
        app,
        ["laboratory", "import", str(script.folder), str(file), "--manifest", str(manifest), "--by", "laboratory"],
    )
    assert isinstance(done.exception, DecisionRefused)
    assert "no such laboratory works for this trial; enter it first" in str(done.exception)
