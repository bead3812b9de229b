"""The output folder is written whole or not at all, says what it holds, and replaces nothing that is not ours."""

import csv
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from equipoise.analysis.ars import results_ars
from equipoise.analysis.result import TrialResults
from equipoise.datasets.analysis_data import AnalysisData
from equipoise.errors import DataError
from equipoise.protocol import Protocol
from equipoise.report import write
from equipoise.report.write import data_fingerprint, require_free, write_report

from .small import small_data, small_protocol

Trial = tuple[Protocol, AnalysisData, TrialResults]


@pytest.fixture(scope="module")
def out(trial: Trial, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the report of the small trial, in Chinese, which needs the most fonts and words."""
    folder = tmp_path_factory.mktemp("made") / "out"
    write_report(*trial, folder, ars=results_ars(trial[0], trial[2]), language="zh")
    return folder


@pytest.fixture(scope="module")
def short(trial: Trial) -> Trial:
    """The small trial with two analyses done and no figure of them, for what is about the folder."""
    protocol, data, results = trial
    return protocol, data, TrialResults({name: results.done[name] for name in ("baseline", "deaths")}, {})


def files(folder: Path) -> dict[str, str]:
    paths = (p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in paths}


def test_the_folder_holds_what_the_reference_names(out: Path, trial: Trial) -> None:
    found = set(files(out))
    assert {"results.csv", "results.ars.json", "index.html", "report.pdf", "manifest.json"} <= found
    assert {f"records/{name}.csv" for name in trial[2].done} <= found
    assert {"figures/flow.svg", "figures/curves.svg", "tables/count_ancova.rtf"} <= found


def test_results_are_kept_at_full_precision(out: Path, trial: Trial) -> None:
    with (out / "results.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == trial[2].table.columns
    assert [None if r["value"] == "" else float(r["value"]) for r in rows] == trial[2].table["value"].to_list()


def test_the_manifest_names_every_file_with_its_hash_and_no_time(out: Path, trial: Trial) -> None:
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    made = files(out)
    del made["manifest.json"]
    assert manifest["files"] == made
    assert set(manifest) == {
        "made_by", "version", "trial", "protocol_version", "data_fingerprint", "language", "synthetic", "files",
    }  # fmt: skip
    assert manifest["data_fingerprint"] == data_fingerprint(trial[1])


PROGRAM = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from report.small import small_trial
from equipoise.analysis.ars import results_ars
from equipoise.report.write import write_report
protocol, data, results = small_trial()
write_report(protocol, data, results, Path({out!r}), ars=results_ars(protocol, results), language="zh")
"""


def test_another_process_writes_the_same_bytes(out: Path, tmp_path: Path) -> None:
    program = PROGRAM.format(tests=str(Path(__file__).parents[1]), out=str(tmp_path / "again"))
    subprocess.run([sys.executable, "-c", program], env={**os.environ, "PYTHONHASHSEED": "4711"}, check=True)
    assert files(tmp_path / "again") == files(out)


def test_a_folder_of_ours_is_replaced_as_a_whole(short: Trial, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    protocol, data, results = short
    write_report(*short, folder, ars={})
    assert "records/deaths.csv" in files(folder)
    fewer = TrialResults({"baseline": results.done["baseline"]}, {})
    write_report(protocol, data, fewer, folder, ars={})
    assert "records/deaths.csv" not in files(folder)
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("name", ["notes.txt", "tables/mine.rtf", "manifest.json"])
def test_files_of_others_are_never_replaced(trial: Trial, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "out"
    target = folder / name
    target.parent.mkdir(parents=True)
    target.write_text("{}", encoding="utf-8")
    with pytest.raises(DataError, match="did not write"):
        write_report(*trial, folder, ars={})
    assert files(folder).keys() == {name}


def test_a_file_added_to_our_folder_is_not_lost(short: Trial, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    write_report(*short, folder, ars={})
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(DataError, match=r"notes\.txt"):
        require_free(folder)


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.write_text("x", encoding="utf-8")
    with pytest.raises(DataError, match="must be a folder"):
        require_free(target)


def test_where_no_folder_can_be_made_it_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(DataError, match=rf"no folder can be made in {tmp_path / 'file'} \(.+\); name another"):
        require_free(tmp_path / "file" / "deeper" / "out")
    require_free(tmp_path / "out")
    assert [one.name for one in tmp_path.iterdir()] == ["file"], "nothing stays of the trial"


def test_an_empty_or_absent_folder_is_free(tmp_path: Path) -> None:
    require_free(tmp_path)
    require_free(tmp_path / "new" / "deeper")


def test_nothing_half_written_stays_behind(short: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bytes:
        raise OSError("disk full")

    folder = tmp_path / "out"
    write_report(*short, folder, ars={})
    before = files(folder)
    monkeypatch.setattr(write, "render_pdf", fail)
    with pytest.raises(OSError, match="disk full"):
        write_report(*short, folder, ars={})
    assert files(folder) == before
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_invented_participants_are_called_so_in_every_document(short: Trial, tmp_path: Path) -> None:
    write_report(*short, tmp_path / "out", ars={}, synthetic=True)
    said = "These participants are invented"
    assert said in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert said in (tmp_path / "out" / "tables" / "baseline.rtf").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))["synthetic"] is True


def test_the_fingerprint_changes_with_any_value_and_not_with_the_folder() -> None:
    protocol = small_protocol()
    data = small_data(protocol)
    moved = AnalysisData(**{**vars(data), "origin": {"participants": "elsewhere"}})
    aged = AnalysisData(**{**vars(data), "participants": data.participants.with_columns(pl.col("age") + 1e-9)})
    assert data_fingerprint(moved) == data_fingerprint(data)
    assert data_fingerprint(aged) != data_fingerprint(data)
