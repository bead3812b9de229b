"""Datasets of the record in every format: read back as they were, with hashes that hang on the content alone."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from equipoise.datasets import DataFolder, Dataset
from equipoise.datasets.from_record import count_rows, write_datasets, write_sdtm

AT = datetime(2028, 1, 31, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def sdtm(inr: Any) -> dict[str, Dataset]:
    trial, opened = inr.play(*(script for script in inr.all_arms() if script.arm != "low"))
    return write_sdtm(inr.protocol, trial, opened=opened)


@pytest.mark.parametrize("kind", ["dataset-json", "xpt", "parquet", "csv"])
def test_what_was_written_is_read_back(sdtm: dict[str, Dataset], tmp_path: Path, kind: Any) -> None:
    hashes = write_datasets(tmp_path / "sdtm", sdtm, kind, at=AT)
    back = DataFolder(tmp_path / "sdtm")
    assert set(back.names) == set(sdtm) == set(hashes)
    for name in ("dm", "lb", "ae", "suppec"):
        told = back.read(name).frame
        assert told.columns == sdtm[name].frame.columns
        assert told.height == sdtm[name].frame.height
    assert back.read("lb").frame["LBSTRESN"].to_list() == sdtm["lb"].frame["LBSTRESN"].to_list()


def test_a_hash_is_that_of_the_file(sdtm: dict[str, Dataset], tmp_path: Path) -> None:
    hashes = write_datasets(tmp_path, {"dm": sdtm["dm"]}, at=AT)
    assert hashes == {"dm": hashlib.sha256((tmp_path / "dm.json").read_bytes()).hexdigest()}


def test_the_same_content_has_the_same_hash_and_another_content_another(
    sdtm: dict[str, Dataset], tmp_path: Path
) -> None:
    one, again = (write_datasets(tmp_path / name, {"vs": sdtm["vs"]}, at=AT) for name in ("one", "again"))
    shorter = Dataset("vs", sdtm["vs"].frame.head(-1), labels=sdtm["vs"].labels, label=sdtm["vs"].label)
    assert one == again
    assert write_datasets(tmp_path / "other", {"vs": shorter}, at=AT) != one


def test_rows_are_counted_by_dataset(sdtm: dict[str, Dataset]) -> None:
    assert count_rows({name: sdtm[name] for name in ("dm", "ae")}) == {"dm": 3, "ae": 0}
