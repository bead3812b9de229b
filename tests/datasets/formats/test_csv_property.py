"""What a CSV file may look like, and what is said where it may not."""

from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from equipoise.datasets.formats import read_csv
from equipoise.errors import DataError


def read(tmp_path: Path, content: str | bytes) -> pl.DataFrame:
    file = tmp_path / "lb.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_csv(file).frame


def refusal(tmp_path: Path, content: str | bytes) -> str:
    with pytest.raises(DataError) as caught:
        read(tmp_path, content)
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / 'lb.csv'}")
    return message.removeprefix(f"{tmp_path / 'lb.csv'}")


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "with byte-order mark"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_separator_mark_and_line_ends_make_no_difference(
    mark: bytes, separator: str, line_end: str, tmp_path: Path
) -> None:
    text = line_end.join(["USUBJID,TERM,AVAL", "a,Grippe é,1.5", 'b,"x",']).replace(",", separator)
    assert read(tmp_path, mark + text.encode()).rows() == [("a", "Grippe é", 1.5), ("b", "x", None)]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1", "2", ""], [1, 2, None]),
        (["1", "2.0", "-3e-2"], [1.0, 2.0, -0.03]),
        ([".5", "1.", "+2"], [0.5, 1.0, 2.0]),
        (["1", "2", "NA"], ["1", "2", "NA"]),
        (["1", "2", "NaN"], ["1", "2", "NaN"]),
        (["001", "002", "10"], ["001", "002", "10"]),
        (["12345678901234567890", "1", "2"], ["12345678901234567890", "1", "2"]),
        (["2020-02-29", "", "2021-12-31"], [date(2020, 2, 29), None, date(2021, 12, 31)]),
        (["2020-02-30", "2020-01-01", ""], ["2020-02-30", "2020-01-01", None]),
        (["2020-02", "2020-01-01", ""], ["2020-02", "2020-01-01", None]),
        (
            ["2020-01-01T08:30:00", "", "2020-01-02T00:00:00"],
            [datetime(2020, 1, 1, 8, 30), None, datetime(2020, 1, 2)],
        ),
        (["2020-01-01T00:00:00", "", "2020-01-02T00:00:00"], [date(2020, 1, 1), None, date(2020, 1, 2)]),
        (["  Week 2", "Week 4  ", "   "], ["Week 2", "Week 4", None]),
        (["", "", ""], [None, None, None]),
    ],
)
def test_a_variable_has_the_kind_that_all_its_values_have(
    cells: list[str], expected: list[object], tmp_path: Path
) -> None:
    frame = read(tmp_path, "ID,X\n" + "\n".join(f"{n},{cell}" for n, cell in enumerate(cells)))
    assert frame["X"].to_list() == expected


def test_a_late_value_decides_as_an_early_one(tmp_path: Path) -> None:
    frame = read(tmp_path, "X,Y\n" + "1,1\n" * 20_000 + "1,late\n")
    assert frame.schema == {"X": pl.Int64, "Y": pl.String}


def test_identifiers_and_iso_texts_stay_text(tmp_path: Path) -> None:
    frame = read(tmp_path, "USUBJID,SITEID,LBDTC\n1001,701,2020-01-01\n")
    assert frame.rows() == [("1001", "701", "2020-01-01")]


def test_decimal_commas_are_read_where_semicolons_separate(tmp_path: Path) -> None:
    assert read(tmp_path, "ID;AVAL\n1;3,5\n2;-4\n")["AVAL"].to_list() == [3.5, -4.0]


def test_quotes_hold_separators_line_ends_and_quotes(tmp_path: Path) -> None:
    frame = read(tmp_path, 'TERM,AVAL\n"a, b",1\n"two\nlines",2\n"5"" needle",3\n')
    assert frame["TERM"].to_list() == ["a, b", "two\nlines", '5" needle']
    assert frame["AVAL"].to_list() == [1, 2, 3]


def test_a_header_alone_is_a_dataset_without_rows(tmp_path: Path) -> None:
    frame = read(tmp_path, "USUBJID,AVAL\n")
    assert frame.shape == (0, 2)


def test_refuses_an_empty_file(tmp_path: Path) -> None:
    assert "is empty; a CSV file needs a header line" in refusal(tmp_path, "")
    assert "is empty; a CSV file needs a header line" in refusal(tmp_path, " \n")


def test_refuses_other_encodings_and_names_line_and_byte(tmp_path: Path) -> None:
    assert refusal(tmp_path, "USUBJID,TERM\n1,ok\n2,caf\xe9\n".encode("latin-1")) == (
        ", line 3, byte 24 of the file: not UTF-8; save the file as CSV UTF-8 (comma delimited). Got byte 0xE9"
    )
    assert "is UTF-16 from its first byte on; save it as CSV UTF-8" in refusal(
        tmp_path, "A,B\n1,2\n".encode("utf-16")
    )


@pytest.mark.parametrize("quoted", ["", '"q"'])
def test_refuses_uneven_rows_and_names_the_lines(quoted: str, tmp_path: Path) -> None:
    message = refusal(tmp_path, f"A,B,C\n1,2,{quoted}\n1,2\n1,2,3\n1,2,3,4\n")
    assert ", line 3, 5: every row must have the 3 fields of the header" in message
    assert message.endswith("Got 2 fields in line 3")


def test_refuses_columns_without_a_name_or_with_the_same(tmp_path: Path) -> None:
    assert ", line 1: column 1 has no name" in refusal(tmp_path, ",B\n1,2\n")
    assert refusal(tmp_path, "B,A,B\n1,2,3\n").endswith("two columns have one name; rename one of them. Got B")


def test_refuses_quotes_that_can_be_read_in_two_ways(tmp_path: Path) -> None:
    assert ", line 3: a quote is opened and not closed" in refusal(tmp_path, 'A,B\n1,2\n"open,3\n4,5\n')
    assert "has quotes inside a text that is not itself in quotes" in refusal(tmp_path, 'A,B\n5" needle,3\n')
