"""What a rehearsal prints: what happened, and what was done for safety."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from equipoise.cli.app import app
from equipoise.simulation.rehearsal.rehearse import Rehearsed

COUNTS = {
    "serious adverse events": 6,
    "expedited reports made": 3,
    "clocks met": 9,
    "pauses of enrolment": 2,
    "reports for the safety board": 2,
    "restore drills held": 1,
}


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        (
            COUNTS,
            "6 serious adverse events, 3 reports to authorities, 9 clocks met in time, 2 pauses of enrolment, "
            "2 reports for the safety board, 1 restore drill; see ",
        ),
        ({"restore drills held": 1}, "\n1 restore drill; see "),
    ],
)
def test_what_was_done_for_safety_is_said_in_a_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, counts: Mapping[str, int], said: str
) -> None:
    def rehearsed(*_: Any, **__: Any) -> Rehearsed:
        return Rehearsed(100, 10, 9, 8, dict(counts), {})

    monkeypatch.setattr("equipoise.simulation.rehearsal.rehearse.rehearse", rehearsed)
    told = CliRunner().invoke(app, ["rehearse", "hucmsc_inr", "--out", str(tmp_path / "out")])
    assert told.exit_code == 0, told.output
    assert said + str(tmp_path / "out" / "documents") in told.output
    assert "9 screened, 8 allocated, 100 events and 10 of the vault" in told.output
