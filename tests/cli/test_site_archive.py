"""The archive of a site and ODM by commands: what they print, what they refuse, what is on record."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.command_line import Ended, equipoise
from tests.invariants.conftest import TrialAt
from tests.invariants.scripted import Scripted

from equipoise.datasets.odm import read_odm, version_of

Run = Callable[..., Ended]


@pytest.fixture
def script(trial_at: TrialAt) -> Scripted:
    """A live trial after two infusions."""
    return trial_at("infused", 2, mode="live")


@pytest.fixture
def run(script: Scripted, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(command: str, *arguments: object, status: int = 0) -> Ended:
        ended = equipoise(capsys, command, script.folder, *arguments)
        assert ended.status == status, ended
        return ended

    return run


def test_the_investigator_gets_the_archive_of_the_site(run: Run, script: Scripted, tmp_path: Path) -> None:
    out = tmp_path / "kept"
    said = run("site-archive", "--site", "01", "--by", "investigator.01", "--out", out, "--language", "zh").said
    assert "1 participants" in said
    assert f"open {out / 'index.html'}" in said
    assert (out / "participants" / "01-001.pdf").exists()
    assert out.with_name("kept.zip").exists()
    asked = ("--site", "01", "--by", "data.manager", "--role", "data manager", "--out", out, "--json")
    counts = json.loads(run("site-archive", *asked).said)
    assert counts["participants"] == 1
    assert set(counts["hashes"]) == {"MANIFEST", "odm.xml", "record.jsonl"}
    kinds = [event.kind for event in script.running.book.read()]
    assert kinds.count("DataExported") == 2


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"--by": "investigator.02"}, "is not investigator at site 01"),
        ({"--by": "monitor", "--role": "monitor"}, "this step (export data) is for"),
        ({"--site": "09"}, "site 09 has not joined the trial"),
        ({"--language": "fr"}, "the language of the archive must be en or zh. Got fr"),
        ({"--purpose": " "}, "an export needs its purpose"),
        ({"--disclosed": "/dev/null"}, "is damaged"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_leaves_nothing(
    run: Run, tmp_path: Path, changed: dict[str, str], why: str
) -> None:
    options = {"--site": "01", "--by": "investigator.01", "--out": tmp_path / "kept", **changed}
    ended = run("site-archive", *(part for option in options.items() for part in option), status=2)
    assert why in ended.error
    assert not (tmp_path / "kept").exists()


def test_the_clinical_data_are_exported_as_odm(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "trial.xml"
    asked = ("--by", "data.manager", "--out", out, "--purpose", "a copy")
    said = run("odm", *asked).said
    assert "2 participants" in said
    assert f"clinical hash {read_odm(out).clinical}" in said
    assert "does not exist yet" in run("odm", *asked, status=2).error
    other = ("--by", "data.manager", "--out", tmp_path / "json.xml", "--purpose", "a copy", "--json")
    counts = json.loads(run("odm", *other).said)
    assert (counts["participants"], counts["clinical"]) == (2, read_odm(out).clinical)
    second = tmp_path / "second.xml"
    run("odm", "--by", "data.manager", "--out", second, "--purpose", "a copy", "--odm-version", "2.0")
    assert version_of(second.name, second.read_bytes()) == "2.0"
    assert read_odm(second).clinical == read_odm(out).clinical
    monitor = ("--by", "monitor", "--role", "monitor", "--out", tmp_path / "no.xml", "--purpose", "a copy")
    assert "is for" in run("odm", *monitor, status=2).error
    assert not (tmp_path / "no.xml").exists()
