"""A file of reference ranges: CSV with a row for each test, first day, sex and range of ages."""

import csv
import io
from pathlib import Path

import msgspec

from ...conduct.door.state import ReferenceRange
from ...errors import DataError, say_wrong_field, suggest

COLUMNS = ReferenceRange.__struct_fields__
NEEDED = ("test", "valid_from", "unit")


def read_ranges(path: Path) -> tuple[ReferenceRange, ...]:
    """Read reference ranges; an empty field stands for its default. DataError names the line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path} must be text in UTF-8: {error.reason} at byte {error.start}") from error
    reader = csv.DictReader(io.StringIO(text))
    heading = list(reader.fieldnames or ())
    for name in NEEDED:
        if name not in heading:
            raise DataError(f"{path}:1 has no column {name}{suggest(name, heading)}")
    if unknown := [name for name in heading if name not in COLUMNS]:
        near = suggest(unknown[0], COLUMNS, stop=".")
        raise DataError(f"{path}:1 has a column that ranges do not have{near} Got {unknown[0]}")
    found = []
    for row in reader:
        given = {
            name: value.strip() for name, value in row.items() if name is not None and value and value.strip()
        }
        try:
            if None in row:
                raise msgspec.ValidationError(f"has more fields than the heading, which has {len(heading)}")
            found.append(msgspec.convert(given, ReferenceRange, strict=False))
        except msgspec.ValidationError as error:
            raise DataError(f"{path}:{reader.line_num} {say_wrong_field(str(error))}") from error
    return tuple(found)
