"""Rows of a CSV file of results, every field as text, each with its line in the file."""

import csv
import io

import polars as pl

from ...conduct.laboratory.manifest import COLUMNS, Manifest, ResultRow
from ...errors import DataError, suggest

NEEDED = ("participant", "collected", "test", "value")
"""Columns that every file must have."""


def read_rows(name: str, content: bytes, manifest: Manifest) -> tuple[ResultRow, ...]:
    """Return the results of a CSV file. Raises DataError, which names file and line."""
    text = _text(name, content)
    columns = _columns(name, text, manifest)
    frame = _plain(text)
    if frame is None:
        return _with_lines(name, text, columns)
    fields = [
        frame[columns[one]].fill_null("").to_list() if one in columns else [""] * frame.height for one in COLUMNS
    ]
    return tuple(_row(line, *values) for line, values in enumerate(zip(*fields, strict=True), start=2))


def _row(
    line: int,
    participant: str,
    visit: str,
    collected: str,
    test: str,
    value: str,
    unit: str,
    accession: str,
    status: str,
) -> ResultRow:
    """Make a row of its fields in the order of `COLUMNS`."""
    return ResultRow(line, participant, collected, test, value, unit, accession, visit, status)


def _text(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise DataError(f"{name}:{line} must be text in UTF-8: {error.reason}") from error


def _columns(name: str, text: str, manifest: Manifest) -> dict[str, str]:
    """Return the name in the file of each of our columns that it has."""
    heading = next(csv.reader(io.StringIO(text)), [])
    if twice := sorted({one for one in heading if heading.count(one) > 1}):
        raise DataError(f"{name}:1 has a column twice. Got {twice[0]}")
    named = {one: manifest.columns.get(one, one) for one in COLUMNS}
    for one, column in named.items():
        if column not in heading and (one in NEEDED or one in manifest.columns):
            raise DataError(
                f"{name}:1 has no column {column}, which holds the {one}{suggest(column, heading)} Say in the "
                "manifest what the columns are called"
            )
    return {one: column for one, column in named.items() if column in heading}


def _plain(text: str) -> pl.DataFrame | None:
    """Read a file whose rows are lines; None where one is not, so that line numbers have to be counted."""
    lines = text.count("\n") + (not text.endswith("\n"))
    try:
        frame = pl.read_csv(text.encode(), infer_schema=False)
    except pl.exceptions.PolarsError:
        return None
    return frame if frame.height == lines - 1 else None


def _with_lines(name: str, text: str, columns: dict[str, str]) -> tuple[ResultRow, ...]:
    """Read a file with line breaks within its fields, empty lines, or something wrong about it."""
    reader = csv.reader(io.StringIO(text), strict=True)
    rows, last = [], 0
    try:
        heading = next(reader, [])
        last = reader.line_num
        for fields in reader:
            line, last = last + 1, reader.line_num
            if not any(fields):
                continue
            if len(fields) != len(heading):
                raise DataError(
                    f"{name}:{line} must have {len(heading)} fields, as the heading. Got {len(fields)}"
                )
            known = dict(zip(heading, fields, strict=True))
            rows.append(_row(line, *(known[columns[one]] if one in columns else "" for one in COLUMNS)))
    except csv.Error as error:
        raise DataError(f"{name}:{last + 1} cannot be read as CSV: {error}") from error
    return tuple(rows)
