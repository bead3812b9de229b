"""Whatever a dataset holds, it comes back from every format as it was written."""

import shutil
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from equipoise.datasets import DataFolder, Dataset
from equipoise.datasets.formats import (
    read_csv,
    read_dataset_json,
    read_parquet,
    read_xpt,
    write_csv,
    write_dataset_json,
    write_parquet,
    write_xpt,
)

LOCK = datetime(2026, 3, 31, 12, 0, 0)
ASCII = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20).map(str.strip)
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), max_size=20)
NUMBERS = st.floats(-1e70, 1e70, allow_nan=False).filter(lambda x: x == 0 or abs(x) > 1e-70)
DATES = st.dates(date(1900, 1, 1), date(2099, 12, 31))


def word(text: str) -> str | None:
    """Text that no reader may take for a number or a date, or a missing value."""
    return f"x{text}" if text else None


def frames(text: st.SearchStrategy[str]) -> st.SearchStrategy[pl.DataFrame]:
    row = st.tuples(text.map(word), st.none() | NUMBERS, st.none() | DATES)
    schema = {"USUBJID": pl.String, "TERM": pl.String, "AVAL": pl.Float64, "ADT": pl.Date}
    # A first row that is full, so that the kinds can be inferred from a file that has none of its own.
    full = ("x", 0.5, date(2020, 2, 29))
    return st.lists(row, max_size=20).map(
        lambda rows: pl.DataFrame(
            [(f"01-{number:03}", *values) for number, values in enumerate([full, *rows])],
            schema=schema,
            orient="row",
        )
    )


def dataset(frame: pl.DataFrame) -> Dataset:
    return Dataset("adx", frame, labels={"AVAL": "Analysis Value"}, label="Analysis Dataset")


WRITERS = {
    "csv": (write_csv, read_csv),
    "parquet": (write_parquet, read_parquet),
    "json": (lambda d, p: write_dataset_json(d, p, at=LOCK), read_dataset_json),
    "ndjson": (lambda d, p: write_dataset_json(d, p, at=LOCK, lines=True), read_dataset_json),
    "xpt": (lambda d, p: write_xpt(d, p, at=LOCK), read_xpt),
}
rounds = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)


@pytest.mark.parametrize("kind", ["csv", "parquet", "json", "ndjson"])
@rounds
@given(frame=frames(TEXT))
def test_any_text_returns_unchanged_from_the_formats_of_today(
    kind: str, frame: pl.DataFrame, tmp_path: Path
) -> None:
    write, read = WRITERS[kind]
    write(dataset(frame), tmp_path / "ADX.any")
    back = read(tmp_path / "ADX.any")
    assert back.name == "adx"
    assert_frame_equal(back.frame, frame, check_exact=True)


@rounds
@given(frame=frames(ASCII))
def test_ascii_returns_unchanged_from_every_format_and_all_frames_are_identical(
    frame: pl.DataFrame, tmp_path: Path
) -> None:
    for kind, (write, read) in WRITERS.items():
        write(dataset(frame), tmp_path / f"adx.{kind}")
        back = read(tmp_path / f"adx.{kind}").frame
        # The mantissa of IBM floating point has 53 to 56 bits, so that every double fits.
        assert_frame_equal(back, frame, check_exact=True)


@pytest.mark.parametrize("kind", sorted(WRITERS))
def test_the_same_dataset_gives_the_same_bytes(kind: str, tmp_path: Path) -> None:
    frame = pl.DataFrame({"USUBJID": ["1", "2"], "ADT": [date(2020, 1, 1), None], "AVAL": [0.1, None]})
    write, _ = WRITERS[kind]
    write(dataset(frame), tmp_path / "one")
    write(dataset(frame), tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize("kind", ["parquet", "json", "ndjson", "xpt"])
def test_labels_moments_and_empty_datasets_survive(kind: str, tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "USUBJID": ["1", "2"],
            "ADTM": [datetime(2020, 1, 1, 8, 30, 15), None],
            "AVAL": [0.5, None],
        }
    )
    write, read = WRITERS[kind]
    for rows in (2, 0):
        write(dataset(frame.head(rows)), tmp_path / "adx")
        back = read(tmp_path / "adx")
        assert back.labels["AVAL"] == "Analysis Value"
        assert back.label == "Analysis Dataset"
        assert back.frame.height == rows
        assert_frame_equal(back.frame.head(2 if rows else 0), frame.head(rows), check_dtypes=rows > 0)


@pytest.mark.parametrize("kind", sorted(WRITERS))
def test_a_folder_knows_each_format_whatever_the_file_is_called(kind: str, tmp_path: Path) -> None:
    frame = pl.DataFrame({"USUBJID": ["a", "b"], "AVAL": [0.5, None]})
    WRITERS[kind][0](dataset(frame), tmp_path / "adx")
    shutil.copy(tmp_path / "adx", tmp_path / "ADY.TXT")
    folder = DataFolder(tmp_path)
    assert folder.names == ("adx", "ady")
    assert_frame_equal(folder.read("ADY").frame, frame)
    assert folder.path("ady") == tmp_path / "ADY.TXT"
