"""What came from paper, at the command line: entered by a step, listed by site, told in the audit trail."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.command_line import equipoise
from tests.invariants.conftest import TrialAt, protocols_are_read_once
from tests.invariants.scripted import Scripted

from equipoise.conduct.forms.entry import SaveForm
from equipoise.conduct.quality.late_entry import FromPaper

__all__ = ["protocols_are_read_once"]

WHO, WHY = "01-001", "no network at the site"


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripted]:
    """Two participants on the day of randomisation."""
    trials = TrialAt("wheel", tmp_path, monkeypatch)
    yield trials("eligible", 2)
    trials.close()


def test_a_form_from_paper_is_listed_for_its_site_and_told_in_the_trail(
    script: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    on = script.today("01")
    script.wait(3)
    written = FromPaper(f"{on}T13:05", WHY)
    values = {"weight": 61.3, "pulse": 71}
    script.do(
        SaveForm(participant=WHO, form="vitals", visit="W0", on=on, values=values, from_paper=written), "nurse"
    )
    script.running.book.flush()
    (row,) = json.loads(equipoise(capsys, "quality", "paper", script.folder, "--json").said)
    assert row == {
        "participant": WHO,
        "record": "W0/vitals/1",
        "day": str(on),
        "written on": f"{on}T13:05",
        "entered on": str(script.today("01")),
        "days": 3,
        "why": WHY,
        "late": "",
    }
    assert equipoise(capsys, "quality", "paper", script.folder, "--site", "02").said == "nothing"
    looked = ("--by", "nurse.02", "--role", "nurse")
    assert equipoise(capsys, "quality", "paper", script.folder, *looked).said == "nothing"
    told = equipoise(capsys, "history", script.folder, "--last", "1").said
    assert f"first written on paper on {on} 13:05 ({WHY})" in told


def test_a_step_reads_what_is_said_of_the_paper(script: Scripted, capsys: pytest.CaptureFixture[str]) -> None:
    paper = json.dumps({"written_on": "yesterday", "why": WHY})
    fields = (f"participant={WHO}", "form=vitals", "visit=W0", f"on={script.today('01')}", f"from_paper={paper}")
    ended = equipoise(
        capsys, "step", script.folder, "SaveForm", *fields, 'values={"weight": 61.3, "pulse": 71}',
        "--by", "nurse.01", "--role", "nurse",
    )  # fmt: skip
    assert ended.status == 2
    assert "say when it was written on paper by the clock at the site" in ended.error
    unknown = equipoise(capsys, "step", script.folder, "SaveForm", *fields[:-1], 'from_paper={"when": "now"}')
    assert unknown.status == 2
