"""CSV: text with a header line, separated by comma, semicolon or tab.

The file is UTF-8, with or without the byte-order mark; nothing is guessed about other encodings. The separator is
the one that splits the header into most names. A variable's kind is inferred from all its values, never from the
first ones: whole numbers, numbers, complete ISO 8601 dates or date-times, else text. Text stay: identifiers,
variables named --DTC (SDTMIG 3.4, 4.4: they are text in ISO 8601), and anything written with leading zeros. An
empty cell is missing. In a file with semicolons a decimal comma is read as a decimal point (RFC 4180 is silent;
spreadsheets in most European locales write this).
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl

from equipoise.datasets.dataset import IDENTIFIERS, Dataset, conform
from equipoise.errors import DataError

SEPARATORS = ",;\t"
_WHOLE = r"^[+-]?\d{1,18}$"
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_DECIMAL_COMMA = r"^[+-]?\d+(,\d+)?$"
_LEADING_ZERO = r"^[+-]?0\d"
_LONG_WHOLE = r"^[+-]?\d{19,}$"
_DATE = r"^\d{4}-\d{2}-\d{2}$"
_MOMENT = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?$"


def read_csv(path: Path) -> Dataset:
    """Read one CSV file.

    Raises DataError where the file is empty, is not UTF-8 (names line and byte), has a column without a name or
    two of one name, or has a row with more or fewer fields than the header (names the lines).
    """
    text = _decode(path)
    separator = sniff_separator(text.split("\n", 1)[0])
    names = _read_header(text, separator, path)
    rows = _require_even_rows(text, separator, len(names), path)
    try:
        frame = pl.read_csv(io.BytesIO(text.encode()), separator=separator, infer_schema=False)
    except pl.exceptions.PolarsError as error:
        raise _ambiguous_quotes(path) from error
    if frame.shape != (rows, len(names)):
        raise _ambiguous_quotes(path)
    frame.columns = names
    settled = conform(frame, f"{path}")
    typed = settled.with_columns(_infer(column, separator) for column in settled.iter_columns())
    return Dataset(name=path.stem.lower(), frame=conform(typed, f"{path}"), path=path, format="csv")


def write_csv(dataset: Dataset, path: Path) -> None:
    """Write `dataset` to `path` as UTF-8 with commas; numbers in full precision, dates in ISO 8601."""
    path.write_bytes(
        dataset.frame.write_csv(datetime_format="%Y-%m-%dT%H:%M:%S%.6f", line_terminator="\n").encode()
    )


def sniff_separator(header: str) -> str:
    """Return the separator of `SEPARATORS` that splits the header line into most fields; comma if none does."""
    return max(SEPARATORS, key=lambda separator: len(next(csv.reader([header], delimiter=separator), [])))


def _ambiguous_quotes(path: Path) -> DataError:
    return DataError(
        f"{path} has quotes inside a text that is not itself in quotes; put that text in quotes and double the "
        'quote inside, as in "5"" needle"'
    )


def _decode(path: Path) -> str:
    raw = path.read_bytes()
    if not raw.strip():
        raise DataError(f"{path} is empty; a CSV file needs a header line with the names of the variables")
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise DataError(f"{path} is UTF-16 from its first byte on; save it as CSV UTF-8 (comma delimited)")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{path}, line {line}, byte {error.start + 1} of the file: not UTF-8; save the file as CSV UTF-8 "
            f"(comma delimited). Got byte 0x{raw[error.start]:02X}"
        ) from error
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"


def _read_header(text: str, separator: str, path: Path) -> list[str]:
    names = [name.strip() for name in next(csv.reader(io.StringIO(text), delimiter=separator))]
    for position, name in enumerate(names, start=1):
        if not name:
            raise DataError(f"{path}, line 1: column {position} has no name; name it or take it out")
        if name in names[: position - 1]:
            raise DataError(f"{path}, line 1: two columns have one name; rename one of them. Got {name}")
    return names


def _require_even_rows(text: str, separator: str, width: int, path: Path) -> int:
    """Count the rows under the header; refuse those with more or fewer fields than it has."""
    if '"' in text:
        lines, counts = _count_quoted(text, separator, path)
    else:
        fields = pl.Series(text[:-1].split("\n")).str.count_matches(separator, literal=True) + 1
        lines, counts = pl.Series(range(1, len(fields) + 1)), fields
    uneven = lines.filter(counts != width).to_list()
    if uneven:
        named = ", ".join(str(line) for line in uneven[:5]) + (", ..." if len(uneven) > 5 else "")
        raise DataError(
            f"{path}, line {named}: every row must have the {width} fields of the header; put a text that holds "
            f"the separator in quotes. Got {counts.filter(counts != width)[0]} fields in line {uneven[0]}"
        )
    return len(counts) - 1


def _count_quoted(text: str, separator: str, path: Path) -> tuple[pl.Series, pl.Series]:
    reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
    lines, counts, start = [], [], 1
    try:
        for row in reader:
            lines.append(start)
            counts.append(max(len(row), 1))
            start = reader.line_num + 1
    except csv.Error as error:
        raise DataError(
            f"{path}, line {start}: a quote is opened and not closed, or followed by text; double a quote that "
            f"belongs to the text. Got {error}"
        ) from error
    return pl.Series(lines), pl.Series(counts)


def _infer(column: pl.Series, separator: str) -> pl.Series:
    values = column.drop_nulls().unique()
    if values.is_empty() or column.name in IDENTIFIERS or column.name.endswith("DTC"):
        return column

    def all_are(pattern: str) -> bool:
        return bool(values.str.contains(pattern).all())

    if values.str.contains(_LEADING_ZERO).any() or values.str.contains(_LONG_WHOLE).any():
        return column
    if all_are(_WHOLE):
        return column.cast(pl.Int64)
    if all_are(_NUMBER):
        return column.cast(pl.Float64)
    if separator == ";" and all_are(_DECIMAL_COMMA):
        return column.str.replace(",", ".", literal=True).cast(pl.Float64)
    return _infer_date(column)


def _infer_date(column: pl.Series) -> pl.Series:
    values = column.drop_nulls().unique()
    if values.str.contains(_DATE).all():
        dates = column.str.to_date("%Y-%m-%d", strict=False)
        return dates if dates.null_count() == column.null_count() else column
    if values.str.contains(_MOMENT).all():
        moments = column.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="us", strict=False)
        return moments if moments.null_count() == column.null_count() else column
    return column
