"""What XPT can hold, what is refused before it is written, and what is said of a damaged file."""

from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from equipoise.datasets import Dataset
from equipoise.datasets.formats import check_fits_xpt, read_xpt, write_xpt
from equipoise.errors import DataError

AT = datetime(2026, 11, 23, 9, 21, 47)
FRAME = pl.DataFrame({"USUBJID": [f"01-701-{n:04}" for n in range(50)], "AVAL": [n / 7 for n in range(50)]})


def written(tmp_path: Path, frame: pl.DataFrame = FRAME, **more: Any) -> Path:
    write_xpt(Dataset("adx", frame, **more), tmp_path / "adx.xpt", at=AT)
    return tmp_path / "adx.xpt"


def refusal(file: Path, content: bytes) -> str:
    file.write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_xpt(file)
    return str(caught.value).removeprefix(str(file))


def test_the_stamps_are_those_of_the_lock(tmp_path: Path) -> None:
    assert written(tmp_path).read_bytes().count(b"23NOV26:09:21:47") == 4


@pytest.mark.parametrize(
    ("frame", "more", "sentence"),
    [
        ({"USUBJIDXX": ["a"]}, {}, "variable name must be 1 to 8 of A-Z, 0-9 and _"),
        ({"usubjid": ["a"]}, {}, "Got usubjid"),
        ({"1X": ["a"]}, {}, "Got 1X"),
        ({"X": ["a" * 201]}, {}, "variable X must hold printable ASCII of at most 200 bytes"),
        ({"X": ["é"]}, {}, "Got 'é'"),
        ({"X": ["a\nb"]}, {}, "variable X must hold printable ASCII"),
        ({"X": [1.0]}, {"labels": {"X": "l" * 41}}, "label of X must be at most 40 ASCII characters"),
        ({"X": [1.0]}, {"label": "l" * 41}, "derived dataset adx label must be at most 40"),
        ({"X": [1e76]}, {}, "must be 0 or within 5.4e-79 and 7.2e75"),
        ({"X": [float("nan")]}, {}, "Got nan"),
        ({"X": [2**53 + 1]}, {}, "whole numbers to 2**53"),
        ({"X": [True]}, {}, "must be text, a number or a date for XPT. Got Boolean"),
        ({"X": ["a", None]}, {}, "ends with a row without any value, which XPT loses"),
    ],
)
def test_refuses_what_the_format_would_cut_or_change(
    frame: dict[str, list[Any]], more: dict[str, Any], sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError) as caught:
        written(tmp_path, pl.DataFrame(frame), **more)
    assert sentence in str(caught.value)
    assert not (tmp_path / "adx.xpt").exists()


def test_names_all_that_is_wrong_at_once() -> None:
    frame = pl.DataFrame({"lower": [1.0], "X": ["é"]})
    assert len(check_fits_xpt(Dataset("muchtoolong", frame))) == 3
    assert check_fits_xpt(Dataset("adx", FRAME)) == []


def test_refuses_a_file_cut_off_anywhere(tmp_path: Path) -> None:
    file = written(tmp_path)
    whole = file.read_bytes()
    assert len(whole) % 80 == 0
    assert "is cut off: an XPT file is a multiple of 80 bytes long" in refusal(file, whole[:-1])
    assert "is cut off within row" in refusal(file, whole[:-80])
    assert "damaged or truncated XPT file" in refusal(file, whole[:400])


def test_refuses_another_header_and_several_datasets(tmp_path: Path) -> None:
    file = written(tmp_path)
    whole = file.read_bytes()
    assert "does not begin with the header of SAS XPT" in refusal(file, b"X" + whole[1:])
    assert "must hold one dataset; write each to a file of its own. Got 2" in refusal(file, whole + whole[240:])


def test_text_of_an_old_program_is_refused_until_its_encoding_is_given(tmp_path: Path) -> None:
    file = written(tmp_path, FRAME.with_columns(TERM=pl.lit("cafe")))
    content = file.read_bytes().replace(b"cafe", b"caf\xe9")
    assert 'read it with encoding="windows-1252". Got byte 0xE9' in refusal(file, content)
    assert read_xpt(file, encoding="windows-1252").frame["TERM"].unique().to_list() == ["café"]
