"""The command line: what it prints, and how it ends."""

import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from equipoise.errors import say_wrong_field
from equipoise.protocol import shipped_protocols

from .command_line import Ended
from .command_line import equipoise as run_command

MINIMAL = Path(__file__).parent / "protocol" / "minimal.yaml"


@pytest.fixture
def equipoise(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """The command line in this process."""
    return partial(run_command, capsys)


def test_help_imports_no_numbers_and_no_models() -> None:
    code = (
        "import sys, runpy\nsys.argv = ['equipoise', '--help']\n"
        "try: runpy.run_module('equipoise.cli', run_name='__main__')\nexcept SystemExit: pass\n"
        "print(sorted({'polars', 'numpy', 'pydantic', 'matplotlib', 'scipy'} & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.rstrip().endswith("[]")
    assert "analyse" in shown


@pytest.mark.parametrize(
    ("command", "without"),
    [
        (
            ("history", "nowhere"),
            ("equipoise.analysis", "equipoise.datasets", "equipoise.vault", "equipoise.report.write"),
        ),
        (("supply", "stock", "nowhere"), ("equipoise.analysis", "equipoise.datasets", "equipoise.report.labels")),
        (
            ("lock", "nowhere", "--check", "--by", "x"),
            ("equipoise.analysis", "equipoise.datasets", "equipoise.vault"),
        ),
    ],
)
def test_a_command_that_only_looks_imports_no_more_than_it_needs(
    command: tuple[str, ...], without: tuple[str, ...], tmp_path: Path
) -> None:
    code = (
        f"import sys, runpy\nsys.argv = ['equipoise', *{command!r}]\n"
        "try: runpy.run_module('equipoise.cli', run_name='__main__')\nexcept SystemExit: pass\n"
        f"print(sorted({set(without)!r} & set(sys.modules)), 'equipoise.trial.running' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert shown.stdout.rstrip() == "[] True", "nothing of these, and yet it came as far as the trial"


@pytest.mark.parametrize("name", shipped_protocols())
def test_check_accepts_every_shipped_protocol(name: str, equipoise: Callable[..., Ended]) -> None:
    done = equipoise("check", name, "--json")
    assert done.status == 0, done.error
    assert json.loads(done.said)["findings"] == []


def test_check_says_everything_that_is_wrong_and_ends_with_2(
    tmp_path: Path, equipoise: Callable[..., Ended]
) -> None:
    text = MINIMAL.read_text(encoding="utf-8")
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(text.replace("cd4 <= 250", "cd44 <= 250").replace("unit: cells/uL", "unit: cels/uL"))
    done = equipoise("check", wrong)
    assert done.status == 2
    lines = done.error.splitlines()
    assert len(lines) == 4
    assert all(line.startswith(f"{wrong}:") for line in lines[:3])
    assert "did you mean cd4?" in done.error
    assert lines[-1] == f"3 errors in {wrong}"


def test_a_process_of_its_own_names_the_nearest_protocol_and_ends_with_2() -> None:
    command = [sys.executable, "-m", "equipoise.cli", "check", "hucmsc_inn"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "hucmsc_inn is neither a file nor a shipped protocol; did you mean hucmsc_inr?" in done.stderr


def test_new_makes_a_folder_that_check_accepts_and_never_overwrites(
    tmp_path: Path, equipoise: Callable[..., Ended]
) -> None:
    folder = tmp_path / "mine"
    assert equipoise("new", folder, "--from", "hucmsc_pilot").status == 0
    assert equipoise("check", folder).status == 0
    before = (folder / "protocol.yaml").read_bytes()
    again = equipoise("new", folder)
    assert again.status == 2
    assert again.error == f"{folder / 'protocol.yaml'} exists already; choose another folder, or edit that file"
    assert (folder / "protocol.yaml").read_bytes() == before


def test_diff_names_what_changed_and_whether_data_are_touched(
    tmp_path: Path, equipoise: Callable[..., Ended]
) -> None:
    new = tmp_path / "new.yaml"
    new.write_text(MINIMAL.read_text(encoding="utf-8").replace("window: 7 d", "window: 5 d", 1))
    shown = equipoise("diff", MINIMAL, new)
    assert shown.status == 0, shown.error
    assert "1 changes, 1 of them touch data already collected" in shown.said
    (change,) = json.loads(equipoise("diff", MINIMAL, new, "--json").said)["changes"]
    assert (change["kind"], change["effect"]) == ("visit", "collected data")


def test_analyse_asks_for_data_or_for_drawn_participants(tmp_path: Path, equipoise: Callable[..., Ended]) -> None:
    done = equipoise("analyse", "hucmsc_inr", "--out", tmp_path / "out")
    assert done.status == 2
    assert "--data" in done.error
    assert "--synthetic" in done.error
    assert not (tmp_path / "out").exists()


def test_a_missing_folder_of_data_leaves_nothing_behind(tmp_path: Path, equipoise: Callable[..., Ended]) -> None:
    done = equipoise("analyse", "actg320", "--data", tmp_path / "nowhere", "--out", tmp_path / "out")
    assert done.status == 2
    assert str(tmp_path / "nowhere") in done.error
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_and_an_unknown_language_get_one_sentence(
    tmp_path: Path, equipoise: Callable[..., Ended]
) -> None:
    (tmp_path / "file").write_text("x")
    for arguments in (["new", tmp_path / "file"], ["schema", "--out", tmp_path]):
        done = equipoise(*arguments)
        assert done.status == 2
        assert done.error.startswith("a file or folder cannot be read or written: ")
        assert len(done.error.splitlines()) == 1
    done = equipoise("analyse", "hucmsc_inr", "--synthetic", "--language", "fr", "--out", tmp_path / "out")
    assert done.status == 2
    assert done.error == "the language of the report must be en or zh. Got fr"


def test_design_finds_before_its_work_that_the_folder_cannot_be_written(
    tmp_path: Path, equipoise: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("x")
    monkeypatch.setattr("equipoise.simulation.estimands.moments.measure_moments", pytest.fail)
    done = equipoise("design", "hucmsc_inr", "--out", tmp_path / "file" / "plan")
    assert done.status == 2
    assert done.error.startswith("the output cannot be written, since no folder can be made in ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["design", "--fo", "x"], "No such option: --fo"),
        (["design"], "Missing argument 'PROTOCOL'; see `equipoise design --help`"),
        (["simulate", "hucmsc_inr", "--trials", "many"], "Invalid value for '--trials'"),
        (["nonsense"], "No such command 'nonsense'; see `equipoise --help`"),
        (["quality", "nonsense"], "No such command 'nonsense'; see `equipoise quality --help`"),
        (["check"], "Missing argument"),
    ],
)
def test_wrong_words_of_a_command_get_one_sentence(
    words: list[str], said: str, equipoise: Callable[..., Ended]
) -> None:
    ended = equipoise(*words)
    assert (ended.status, ended.said) == (2, "")
    assert ended.error.startswith(said)
    assert "\n" not in ended.error


def test_without_words_help_is_shown(equipoise: Callable[..., Ended]) -> None:
    ended = equipoise()
    assert ended.status == 2
    assert ended.error.startswith("Usage: equipoise [OPTIONS] COMMAND")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Object missing required field `x` - at `$.values`", "in values the field x is missing"),
        ("Object contains unknown field `x`", "there is no field x"),
        (
            "Invalid RFC3339 encoded datetime - at `$.from_paper.written_on`",
            "from_paper.written_on must be a date and time as in 2026-05-31T14:30+08:00",
        ),
        (
            "Expected `int | str | null`, got `array` - at `$.values[...]`",
            "values must be a whole number or a text or nothing. Got a list",
        ),
        (
            "Invalid enum value 'SI' - at `$.unit_system`",
            "unit_system is none of the words that may stand there. Got SI",
        ),
        ("has more fields than the heading", "has more fields than the heading"),
    ],
)
def test_what_is_wrong_with_a_field_is_said_without_the_words_of_programs(said: str, words: str) -> None:
    assert say_wrong_field(said) == words
