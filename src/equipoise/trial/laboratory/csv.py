"""Rows of a CSV file of results, every field as text, each with its line in the file.

Python's own reader tells the lines, also where a field holds a line break; 100,000 rows take it under a second.
"""

import csv
import io
from collections.abc import Iterator, Mapping

from ...conduct.laboratory.manifest import COLUMNS, Manifest, ResultRow
from ...errors import DataError, suggest

NEEDED = ("participant", "collected", "test", "value")
"""Columns that every file must have."""


def read_rows(name: str, content: bytes, manifest: Manifest) -> tuple[ResultRow, ...]:
    """Return the results of a CSV file. Raises DataError, which names file and line."""
    text = _text(name, content)
    columns = _columns(name, text, manifest)
    return tuple(_rows(name, text, columns))


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
                f"{name}:1 has no column {column}, which holds the {one}{suggest(column, heading)}; say in the "
                "manifest what the columns are called"
            )
    return {one: column for one, column in named.items() if column in heading}


def _rows(name: str, text: str, columns: Mapping[str, str]) -> Iterator[ResultRow]:
    """Give the rows, each with the line on which it begins; lines without a field are passed over."""
    reader = csv.reader(io.StringIO(text), strict=True)
    last = 0
    try:
        heading = next(reader, [])
        last = reader.line_num
        places = [heading.index(columns[one]) if one in columns else len(heading) for one in COLUMNS]
        for fields in reader:
            line, last = last + 1, reader.line_num
            if not any(fields):
                continue
            if len(fields) != len(heading):
                wanted = len(heading)
                raise DataError(f"{name}:{line} must have {wanted} fields, as the heading. Got {len(fields)}")
            fields.append("")  # a column that the file has not
            yield _row(line, *[fields[place] for place in places])
    except csv.Error as error:
        raise DataError(f"{name}:{last + 1} cannot be read as CSV: {error}") from error
