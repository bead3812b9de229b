"""Data that cannot be right: one sentence, exit status 2, and nothing written, not even a folder."""

import signal
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from ..command_line import equipoise

HEAD = "id,time,censor,time_d,censor_d,tx,txgrp,strat2,sex,raceth,ivdrug,hemophil,karnof,cd4,priorzdv,age"


def rows() -> list[str]:
    """Twelve made-up participants in the columns of ACTG 320."""
    return [
        f"{i},{100 + 7 * i},{i % 3 == 0:d},{150 + 5 * i},{i % 5 == 0:d},{i % 2},{1 + i % 2},{i % 4 > 1:d},"
        f"{1 + i % 2},1,1,0,{(80, 90, 100)[i % 3]},{20 + 9 * i},{12 + i},{30 + i}"
        for i in range(1, 13)
    ]


def csv(folder: Path, lines: list[str], encoding: str = "utf-8") -> None:
    (folder / "actg320.csv").write_bytes("\n".join([HEAD, *lines, ""]).encode(encoding))


def sound(folder: Path) -> None:
    csv(folder, rows())


def one_arm(folder: Path) -> None:
    csv(folder, [row for row in rows() if row.split(",")[5] == "0"])


def unknown_arm(folder: Path) -> None:
    csv(folder, [*rows()[:-1], ",".join([*rows()[-1].split(",")[:5], "7", *rows()[-1].split(",")[6:]])])


def empty(folder: Path) -> None:
    (folder / "actg320.csv").write_bytes(b"")


def wrong_encoding(folder: Path) -> None:
    csv(folder, [*rows()[:3], rows()[3].replace("4,", "4é,", 1)], encoding="latin-1")


def duplicate(folder: Path) -> None:
    csv(folder, [*rows(), rows()[4]])


def missing_variable(folder: Path) -> None:
    sound(folder)
    frame = pl.read_csv(folder / "actg320.csv").rename({"strat2": "stratum2"})
    frame.write_csv(folder / "actg320.csv")


def text_for_a_number(folder: Path) -> None:
    csv(folder, [*rows()[:-1], rows()[-1].replace("12,184", "12,soon", 1)])


def truncated_xpt(folder: Path) -> None:
    head = b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!000000000000000000000000000000  "
    (folder / "actg320.xpt").write_bytes(head + b"SAS     SAS     SASLIB")


def no_data(folder: Path) -> None:
    (folder / "README.md").write_text("no data here")


CASES: list[tuple[Callable[[Path], None], str]] = [
    (one_arm, "Indinavir"),
    (unknown_arm, "7"),
    (empty, "empty"),
    (wrong_encoding, "UTF-8"),
    (duplicate, "5"),
    (missing_variable, "strat2"),
    (text_for_a_number, "soon"),
    (truncated_xpt, "actg320.xpt"),
    (no_data, "no dataset"),
]


@pytest.mark.parametrize(("damage", "word"), CASES, ids=[case[0].__name__ for case in CASES])
def test_it_is_refused_in_one_sentence_and_nothing_is_written(
    damage: Callable[[Path], None], word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    damage(folder)
    status, _, said = equipoise(capsys, "analyse", "actg320", "--data", folder, "--out", tmp_path / "out")
    assert status == 2, said
    assert word in said
    assert str(folder) in said
    assert "Traceback" not in said
    assert len(said.splitlines()) == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["data"]


def test_the_same_data_undamaged_are_analysed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    sound(folder)
    status, _, said = equipoise(capsys, "analyse", "actg320", "--data", folder, "--out", tmp_path / "out")
    assert status == 0, said
    assert (tmp_path / "out" / "results.csv").is_file()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_stopped_while_it_writes_says_so_and_leaves_nothing(
    number: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    sound(folder)
    monkeypatch.setattr("equipoise.report.write.render_pdf", lambda *_: signal.raise_signal(number))
    status, _, said = equipoise(
        capsys, "analyse", "actg320", "--data", folder, "--out", tmp_path / "out", "--only", "baseline"
    )
    assert status == 1
    assert said.endswith("stopped; nothing was written")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["data"]
