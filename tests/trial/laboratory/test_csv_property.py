"""CSV files of laboratories: every field as text, every row with its line, everything wrong with its place."""

import csv as csv_module
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.conduct.laboratory.manifest import COLUMNS, Manifest
from equipoise.errors import DataError
from equipoise.trial.laboratory.csv import read_rows

HEADING = "participant,collected,test,value,unit"


def manifest(**said: Any) -> Manifest:
    told: dict[str, Any] = {
        "laboratory": "central",
        "file": "r.csv",
        "sha256": "",
        "rows": 0,
        "code_list": "",
        "created_at": datetime(2024, 1, 1, tzinfo=UTC),
    }
    return Manifest(**{**told, **said})


def read(text: str, **said: Any) -> list[Any]:
    return list(read_rows("r.csv", text.encode(), manifest(**said)))


texts = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")) | st.sampled_from('",\n;'), max_size=8
)


@given(st.lists(st.lists(texts, min_size=8, max_size=8), max_size=5))
def test_every_field_is_read_as_it_was_written(rows: list[list[str]]) -> None:
    rows = [row for row in rows if any(row)]
    text = io.StringIO()
    csv_module.writer(text, lineterminator="\n").writerows([COLUMNS, *rows])
    found = read(text.getvalue())
    assert [[getattr(one, name) for name in COLUMNS] for one in found] == rows
    lines = [one.line for one in found]
    assert lines == sorted(set(lines))


def test_a_row_has_the_line_on_which_it_begins() -> None:
    plain = f"{HEADING}\n1,d,CD4,3,\n2,d,CD4,3,\n"
    assert [one.line for one in read(plain)] == [2, 3]
    broken = f'{HEADING}\n1,d,CD4,"3\n4",\n\n2,d,CD4,3,\n'
    assert [(one.line, one.value) for one in read(broken)] == [(2, "3\n4"), (5, "3")]


def test_columns_have_the_names_of_the_manifest_and_others_are_passed_over() -> None:
    text = "\ufeffSUBJECT,age,DRAWN,CODE,value\n01-001,30,2024-01-01,CD4,3\n"
    (found,) = read(text, columns={"participant": "SUBJECT", "collected": "DRAWN", "test": "CODE"})
    assert (found.participant, found.collected, found.test, found.value, found.unit) == (
        "01-001",
        "2024-01-01",
        "CD4",
        "3",
        "",
    )


@pytest.mark.parametrize(
    ("text", "said", "says"),
    [
        ("participant,collected,test\n", {}, r"r.csv:1 has no column value"),
        (f"{HEADING}\n", {"columns": {"unit": "units"}}, r"r.csv:1 has no column units, which holds the unit"),
        ("participant;collected;test;value\n1;2;3;4\n", {}, r"r.csv:1 has no column participant"),
        (f"{HEADING},value\n", {}, r"r.csv:1 has a column twice. Got value"),
        (f"{HEADING}\n1,d,CD4,3,,7\n", {}, r"r.csv:2 must have 5 fields, as the heading. Got 6"),
        (f"{HEADING}\n1,d,CD4,3,\n1,d\n\n", {}, r"r.csv:3 must have 5 fields, as the heading. Got 2"),
        (f'{HEADING}\n1,d,CD4,"3,\n', {}, r"r.csv:\d+ cannot be read as CSV"),
        ("", {}, r"r.csv:1 has no column participant"),
    ],
)
def test_what_is_no_file_of_results_is_refused_with_its_line(text: str, said: dict[str, Any], says: str) -> None:
    with pytest.raises(DataError, match=says):
        read(text, **said)


def test_what_is_no_text_in_utf_8_is_refused_with_its_line() -> None:
    with pytest.raises(DataError, match=r"r.csv:2 must be text in UTF-8"):
        read_rows("r.csv", f"{HEADING}\n1,d,CD4,3,µL\n".encode("latin-1"), manifest())
