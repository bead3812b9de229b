"""The command of the drill: its report, what it says, and when the next is due."""

import json
from pathlib import Path

import pytest
from tests.command_line import equipoise
from tests.invariants.conftest import TrialAt

from equipoise.report.evidence import check_report


def test_a_drill_by_its_command(trial_at: TrialAt, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = trial_at("allocated", 1, mode="live")
    folder, before = script.folder, script.trial.sequence
    script.close()
    ended = equipoise(capsys, "drill", folder, "--due")
    assert ended.status == 1
    assert ended.said.startswith("no drill was held yet; the next is due by ") and ended.said.endswith(": overdue")
    ended = equipoise(capsys, "drill", folder, "--out", tmp_path / "drill", "--by", "administrator")
    assert ended.status == 0, ended
    assert f"10 of 10 checks passed, 0 failed; event {before + 1} says so" in ended.said
    said = check_report(tmp_path / "drill")
    assert said["passed"] and said["about"]["Held by"] == "administrator (administrator)"
    ended = equipoise(capsys, "qualify", "--check", tmp_path / "drill")
    assert "is unaltered: Restore drill, Trial scripted" in ended.said
    ended = equipoise(capsys, "drill", folder, "--due", "--json")
    assert (ended.status, json.loads(ended.said)["overdue"]) == (0, False)


def test_a_drill_that_fails_names_the_step(
    trial_at: TrialAt, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = trial_at("allocated", 1, mode="live")
    script.running.folder.vault_key.unlink()
    script.close()
    ended = equipoise(
        capsys, "drill", script.folder, "--out", tmp_path / "drill", "--by", "administrator", "--json"
    )
    assert ended.status == 1
    assert json.loads(ended.said)["failed"] == ["code break"]
    assert check_report(tmp_path / "drill")["failed"] == ["code break"]


def test_a_drill_needs_a_report_and_a_name_and_leaves_other_files_alone(
    trial_at: TrialAt, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = trial_at()
    ended = equipoise(capsys, "drill", script.folder, "--by", "administrator")
    assert (ended.status, ended.error[:32]) == (2, "a drill needs --out FOLDER for i")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    before = script.trial.sequence
    ended = equipoise(capsys, "drill", script.folder, "--out", tmp_path / "mine", "--by", "administrator")
    assert ended.status == 2 and "holds files that Equipoise did not write" in ended.error
    assert script.running.door.refresh().sequence == before
