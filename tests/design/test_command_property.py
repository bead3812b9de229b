"""The command `equipoise design`: what it prints and writes, and how it refuses."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from equipoise.cli import app
from equipoise.design import Moments
from equipoise.errors import DataError, ProtocolError
from equipoise.protocol import Protocol
from equipoise.simulation.estimands import moments as measured

from ..command_line import equipoise
from .trials import one_visit, responding, small_text


@pytest.fixture
def trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small trial on disk, whose virtual participants need not be drawn."""

    def measure(protocol: Protocol, analysis: str, scenario: str | None = None) -> Moments:
        effect = 0.0 if scenario == "none" else 0.5
        if analysis == "relapses":
            raise ProtocolError("no relapses here")
        return responding([0.3, 0.3 + effect / 2]) if analysis in ("responders", "fisher") else one_visit([effect])

    monkeypatch.setattr(measured, "measure_moments", measure)
    path = tmp_path / "trial.yaml"
    path.write_text(small_text("ancova"), encoding="utf-8")
    return path


def design(*arguments: object) -> Any:
    return CliRunner().invoke(app, ["design", *map(str, arguments)])


def test_it_prints_tables_and_the_paragraph(trial: Path) -> None:
    done = design(trial)
    assert done.exit_code == 0, done.output
    assert "Size" in done.output and "participants are to be" in done.output


def test_it_writes_a_page(trial: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = design(trial, "--out", out, "--language", "zh")
    assert done.exit_code == 0, done.output
    assert "样本量" in (out / "index.html").read_text(encoding="utf-8")
    assert (out / "figures" / "power.svg").exists()


def test_programs_get_every_number(trial: Path) -> None:
    done = design(trial, "--json", "--power", 0.8)
    found = json.loads(done.stdout)
    assert found["paragraph"].startswith("The planned analysis compares")
    wanted = [row["value"] for row in found["rows"] if row["statistic"] == "power_wanted"]
    assert wanted == [0.8]
    assert any(row["part"] == "other analyses" for row in found["rows"])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["--power", "90"],
            "power must lie between 0.5 and 1 (exclusive); did you mean 0.9? Got 90",
        ),
        (["--alpha", "-0.05"], "alpha must lie between 0 and 0.5 (exclusive); did you mean 0.05?"),
        (["--language", "fr"], "must be en or zh. Got fr"),
    ],
)
def test_what_is_impossible_is_refused(arguments: list[str], sentence: str, trial: Path) -> None:
    done = design(trial, *arguments)
    assert isinstance(done.exception, ProtocolError | DataError)
    assert sentence in str(done.exception)
    assert "\n" not in str(done.exception)


def test_a_trial_without_a_design_is_refused() -> None:
    done = design("actg320")
    assert isinstance(done.exception, ProtocolError)
    assert "has no `design`" in str(done.exception)


def test_a_refusal_is_one_sentence_and_exit_2(trial: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = equipoise(capsys, "design", trial, "--power", "90")
    assert done.status == 2
    assert done.error == "power must lie between 0.5 and 1 (exclusive); did you mean 0.9? Got 90"
