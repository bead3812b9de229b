"""A folder of datasets: what is found, what is passed over, what is refused."""

from pathlib import Path

import polars as pl
import pytest

from equipoise.datasets import DataFolder, identify_format
from equipoise.errors import DataError


def refusal(*paths: Path) -> str:
    with pytest.raises(DataError) as caught:
        DataFolder(*paths)
    return str(caught.value)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "DM.csv").write_text("USUBJID,AGE\n1,60\n")
    return tmp_path


def test_finds_datasets_and_passes_over_what_goes_with_them(folder: Path) -> None:
    (folder / "README.txt").write_text("These are the data, as received.\n")
    (folder / "SOURCE.md").write_text("# Where from\n")
    (folder / ".DS_Store").write_bytes(b"\0\0\0\1")
    (folder / "define.xml").write_text('<?xml version="1.0"?><ODM/>')
    (folder / "guide.pdf").write_bytes(b"%PDF-1.4 ...")
    (folder / "older").mkdir()
    found = DataFolder(folder)
    assert found.names == ("dm",)
    assert "DM" in found
    assert "lb" not in found
    assert found.read("dm").frame.rows() == [("1", 60)]


def test_several_folders_and_files_are_one(folder: Path) -> None:
    other = folder / "more"
    other.mkdir()
    pl.DataFrame({"USUBJID": ["1"]}).write_parquet(other / "lb.dat")
    assert DataFolder(folder, other / "lb.dat").names == ("dm", "lb")


def test_a_dataset_is_read_when_asked_for_and_once(folder: Path) -> None:
    (folder / "lb.csv").write_bytes(b"USUBJID,TERM\n1,caf\xe9\n")
    found = DataFolder(folder)
    assert found.read("dm") is found.read("DM")
    with pytest.raises(DataError, match=r"line 2"):
        found.read("lb")


def test_refuses_a_name_that_two_files_bear(folder: Path) -> None:
    (folder / "dm.txt").write_text("USUBJID\tAGE\n1\t60\n")
    assert (
        refusal(folder) == f"dataset dm is in two files, {folder / 'DM.csv'} and {folder / 'dm.txt'}; take one out"
    )


def test_refuses_files_of_unknown_content_all_at_once(folder: Path) -> None:
    (folder / "lb.sas7bdat").write_bytes(b"\0\0\0\0\xc2\xea\x81\x60")
    (folder / "ae.csv").write_bytes(b"PK\3\4\0\0 a workbook in disguise")
    (folder / "usdm.json").write_text('{"study": {}}')
    (folder / "notes.txt").write_text("Dear all, please find enclosed: the data!\n")
    message = refusal(folder)
    assert "must be XPT, Dataset-JSON, Parquet or CSV" in message
    assert all(name in message for name in ("lb.sas7bdat", "ae.csv", "usdm.json", "notes.txt"))
    assert "DM.csv" not in message


def test_refuses_an_absent_and_an_empty_folder(tmp_path: Path) -> None:
    assert refusal(tmp_path / "datta").endswith(f"check its spelling. Got {tmp_path / 'datta'}")
    assert "the folder holds no dataset" in refusal(tmp_path)
    (tmp_path / "sdtm").mkdir()
    assert "did you mean one of its folders sdtm?" in refusal(tmp_path)


def test_names_what_there_is_where_a_dataset_is_absent(folder: Path) -> None:
    with pytest.raises(DataError, match=r"no file holds dataset lb; there are dm"):
        DataFolder(folder).read("LB")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "csv"),
        (b"USUBJID\na\n", "csv"),
        (b"patient id;Weight (kg)\n1;70\n", "csv"),
        ("USUBJID,AGE\n".encode("utf-16"), "csv"),
        (b'\n {"rows": [], "datasetJSONVersion": "1.1.0"}', "dataset-json"),
        (b"PAR1....", "parquet"),
        (b"[1, 2]", None),
        (b"\x1f\x8b\x08", None),
    ],
)
def test_content_decides(content: bytes, expected: str | None, tmp_path: Path) -> None:
    file = tmp_path / "any"
    file.write_bytes(content)
    assert identify_format(file) == expected
