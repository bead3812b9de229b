"""The scanner finds a word in every guise, whatever stands around it."""

import base64
import gzip
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from .scanner import files_in, find, written

WORD = "kq7vzm4wxj"
around = st.binary(max_size=40)


@given(around, around, st.sampled_from(["utf-8", "utf-16-le", "utf-16-be"]))
def test_a_word_is_found_in_every_guise(before: bytes, after: bytes, encoding: str) -> None:
    inside = before + WORD.encode(encoding) + after
    for told in (
        inside,
        inside[::-1],
        inside.hex().encode(),
        inside.hex().upper().encode(),
        base64.b64encode(inside),
        base64.urlsafe_b64encode(inside),
        WORD.upper().encode(encoding),
    ):
        assert find([WORD], {"here": told}) == [f"{WORD} in here"]


@given(around)
def test_what_is_not_there_is_not_found(other: bytes) -> None:
    assert find([WORD], {"here": other, "there": WORD[:-1].encode()}) == []


def test_a_word_is_found_in_files_that_hide_it_and_in_their_names(tmp_path: Path) -> None:
    assert find([WORD], files_in(tmp_path)) == []
    pl.DataFrame({"x": [WORD] * 100}).write_parquet(tmp_path / "hidden.parquet")
    (tmp_path / "hidden.gz").write_bytes(gzip.compress(WORD.encode()))
    (tmp_path / WORD).mkdir()
    assert len(find([WORD], files_in(tmp_path))) == 3


@pytest.mark.parametrize("value", [{"a": [WORD]}, (WORD,), WORD])
def test_a_word_is_found_in_what_the_program_holds(value: object) -> None:
    assert find([WORD], {"here": written(value)})
