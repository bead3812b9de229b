"""The command that amends a running trial: a dry run by default, the issue when asked for."""

from pathlib import Path

import pytest
from tests.invariants.amended import AMENDMENT, PULSE, amended
from tests.invariants.conftest import TrialAt
from tests.invariants.scripted import Scripted
from typer.testing import CliRunner, Result

from equipoise.cli.app import app
from equipoise.conduct.organisation.versions import IssueProtocol
from equipoise.errors import DecisionRefused
from equipoise.protocol import protocol_version, read_protocol


@pytest.fixture
def script(trial_at: TrialAt) -> Scripted:
    return trial_at("infused", 2)


def run(script: Scripted, file: str, *words: str) -> Result:
    told = CliRunner().invoke(app, ["amend", str(script.folder), file, "--by", "sponsor", *words])
    script.running.door.refresh()
    return told


def test_without_more_it_is_a_dry_run(script: Scripted, tmp_path: Path) -> None:
    before, files = script.trial.sequence, sorted((script.folder / "protocols").iterdir())
    people = script.trial.participants.values()
    values = sum(len(entry.values) for person in people for entry in person.forms.values())
    told = run(script, amended(script, tmp_path, *AMENDMENT)).output
    assert "collected data  visit schedule.visits.W8 changed: visits already made may fall in or out" in told
    assert "re-consent      item forms.vitals.items.temperature added" in told
    assert f"2 participants, 2 of them on an older version; all {values} values recorded keep their place" in told
    assert "edit checks that would newly not hold, were they judged anew: vitals.VS1 (4)" in told
    assert "nothing was recorded" in told
    assert script.trial.sequence == before
    assert sorted((script.folder / "protocols").iterdir()) == files


def test_when_asked_it_issues_the_version_and_keeps_its_file(script: Scripted, tmp_path: Path) -> None:
    file = amended(script, tmp_path, *AMENDMENT)
    version = protocol_version(read_protocol(file))
    assert f"version {version[:12]} is issued, as in the dry run" in run(script, file, "--issue").output
    assert script.trial.versions[-1] == version
    assert script.running.folder.protocol_file(version).exists()
    assert "was issued before" in str(run(script, file, "--issue").exception)


def test_what_the_record_cannot_follow_is_refused(script: Scripted, tmp_path: Path) -> None:
    told = run(script, amended(script, tmp_path, (PULSE, PULSE.replace("/min", "/h"))))
    assert isinstance(told.exception, DecisionRefused)
    assert "item pulse of form vitals" in str(told.exception)


def test_who_is_not_the_sponsor_issues_nothing_and_leaves_no_file(script: Scripted, tmp_path: Path) -> None:
    files = sorted((script.folder / "protocols").iterdir())
    words = ["amend", str(script.folder), amended(script, tmp_path, *AMENDMENT), "--by", "monitor", "--issue"]
    told = CliRunner().invoke(app, words)
    assert "Monitor is not sponsor at all sites" in str(told.exception)
    assert sorted((script.folder / "protocols").iterdir()) == files


def test_a_version_whose_file_is_not_there_is_not_issued(script: Scripted) -> None:
    with pytest.raises(DecisionRefused, match=r"not in the trial's folder; issue it with `equipoise amend`"):
        script.do(IssueProtocol(protocol="c" * 64), "sponsor")
