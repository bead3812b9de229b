"""SAS transport files, version 5 (XPT): the form in which authorities receive datasets.

Read and written by pyreadstat (ReadStat). What ReadStat lets through is checked here: a file that was cut off, a
second dataset in the file, names and labels and texts that are too long, text beyond ASCII, numbers that the IBM
floating point of 1964 cannot hold. The time stamps in the header are overwritten, so that equal datasets written
as of the same moment are equal files. Numbers have no integer type here: every number is Float64.
Sources: SAS technical note TS-140 (record layout); FDA Study Data Technical Conformance Guide, 3.3 (names of 8,
labels of 40, text of 200 bytes). Checked by reading with R `haven`.
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import polars as pl
import pyreadstat

from equipoise.datasets.dataset import Dataset, conform
from equipoise.errors import DataError

MAGIC = re.compile(rb"HEADER RECORD\*{7}(LIBRARY |LIBV8   )HEADER RECORD!{7}")
_MEMBER = re.compile(rb"HEADER RECORD\*{7}(MEMBER  |MEMBV8  )HEADER RECORD!{7}")
_ROWS = re.compile(rb"HEADER RECORD\*{7}(OBS     |OBSV8   )HEADER RECORD!{7}")
_RECORD = 80
_STAMPS = (144, 160, 464, 480)
_NAME = re.compile(r"[A-Z_][A-Z0-9_]{0,7}")
_SMALLEST, _LARGEST = 5.4e-79, 7.2e75


def read_xpt(path: Path, encoding: str | None = None) -> Dataset:
    """Read one XPT file that holds one dataset; variables with a SAS date format become dates.

    `encoding` is that of the text where it is not ASCII or UTF-8 (the file does not say), as in "windows-1252".
    Raises DataError where the header is not that of XPT, the file is cut off, holds several datasets, or its text
    is not in the encoding.
    """
    raw = path.read_bytes()
    _require_whole(raw, path)
    try:
        frame, about = pyreadstat.read_xport(str(path), output_format="polars", encoding=encoding)
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path} has text that is not {encoding or 'UTF-8'}, and XPT does not say in what it is; write it "
            f'again in UTF-8, or read it with encoding="windows-1252". Got byte 0x{error.object[error.start]:02X}'
        ) from error
    except pyreadstat.ReadstatError as error:
        raise DataError(
            f"{path} is a damaged or truncated XPT file; copy or export it again. Got {error}"
        ) from error
    if frame.is_empty():
        kinds = about.readstat_variable_types
        frame = frame.cast({name: pl.String if kinds[name] == "string" else pl.Float64 for name in frame.columns})
    _require_last_row(raw, frame.height, sum(about.variable_storage_width.values()), path)
    return Dataset(
        name=path.stem.lower(),
        frame=conform(frame, f"{path}"),
        path=path,
        format="xpt",
        labels={name: label or "" for name, label in about.column_names_to_labels.items()},
        label=about.file_label or "",
    )


def write_xpt(dataset: Dataset, path: Path, *, at: datetime) -> None:
    """Write `dataset` to `path` as XPT version 5, stamped with the moment `at` (the lock, not the clock).

    Raises DataError, naming all that is wrong at once, where the format cannot hold the dataset unchanged.
    """
    findings = check_fits_xpt(dataset)
    if findings:
        raise DataError("\n".join(findings))
    kinds = dataset.frame.schema
    formats = {name: "DATE9." for name, kind in kinds.items() if kind == pl.Date}
    formats |= {name: "DATETIME20." for name, kind in kinds.items() if isinstance(kind, pl.Datetime)}
    formats |= {name: "TIME8." for name, kind in kinds.items() if kind == pl.Time}
    pyreadstat.write_xport(
        dataset.frame.with_columns(pl.selectors.string().fill_null("")),
        str(path),
        file_label=dataset.label,
        column_labels={name: dataset.labels.get(name, "") for name in dataset.frame.columns},
        table_name=dataset.name.upper(),
        file_format_version=5,
        variable_format=formats,
    )
    stamp = at.strftime("%d%b%y:%H:%M:%S").upper().encode("ascii")
    with path.open("r+b") as file:
        for position in _STAMPS:
            file.seek(position)
            file.write(stamp)


def check_fits_xpt(dataset: Dataset) -> list[str]:
    """List what XPT version 5 would refuse, cut or change in `dataset`; empty where it can be written."""
    findings = [
        f"{dataset.origin} {what} must be 1 to 8 of A-Z, 0-9 and _, not starting with a digit, for XPT. Got {name}"
        for what, name in (("name", dataset.name.upper()), *(("variable name", n) for n in dataset.frame.columns))
        if not _NAME.fullmatch(name)
    ]
    for what, label in (("label", dataset.label), *((f"label of {n}", t) for n, t in dataset.labels.items())):
        if len(label) > 40 or not label.isascii():
            findings.append(f"{dataset.origin} {what} must be at most 40 ASCII characters for XPT. Got {label}")
    for column in dataset.frame.iter_columns():
        findings += _check_values(column, dataset)
    texts_only = all(kind == pl.String for kind in dataset.frame.schema.values())
    if texts_only and any(all(v in (None, "") for v in last) for last in dataset.frame.tail(1).rows()):
        findings.append(f"{dataset.origin} ends with a row without any value, which XPT loses; take it out")
    return findings


def _check_values(column: pl.Series, dataset: Dataset) -> list[str]:
    where = f"{dataset.origin} variable {column.name}"
    if column.dtype == pl.String:
        wrong = column.filter((column.str.len_bytes() > 200) | column.str.contains(r"[^\x20-\x7E]"))
        if len(wrong):
            return [f"{where} must hold printable ASCII of at most 200 bytes for XPT. Got {wrong[0]!r}"]
    elif column.dtype.is_numeric():
        size = column.cast(pl.Float64).abs()
        wrong = column.filter(~((size == 0) | size.is_between(_SMALLEST, _LARGEST)))
        if column.dtype.is_integer():
            wrong = column.filter(column.abs() > 2**53)
        if len(wrong):
            return [
                f"{where} must be 0 or within 5.4e-79 and 7.2e75, whole numbers to 2**53, for XPT. Got {wrong[0]}"
            ]
    elif not (column.dtype in (pl.Date, pl.Time) or isinstance(column.dtype, pl.Datetime)):
        return [f"{where} must be text, a number or a date for XPT. Got {column.dtype}"]
    return []


def _require_whole(raw: bytes, path: Path) -> None:
    if not MAGIC.match(raw):
        raise DataError(f"{path} does not begin with the header of SAS XPT version 5 or 8. Got {raw[:20]!r}")
    if len(raw) % _RECORD:
        raise DataError(
            f"{path} is cut off: an XPT file is a multiple of 80 bytes long; copy or export it again. "
            f"Got {len(raw)} bytes"
        )
    members = len(_MEMBER.findall(raw))
    if members != 1:
        raise DataError(f"{path} must hold one dataset; write each to a file of its own. Got {members}")


def _require_last_row(raw: bytes, rows: int, width: int, path: Path) -> None:
    header = _ROWS.search(raw)
    left = raw[header.end() // _RECORD * _RECORD + _RECORD + rows * width :] if header else b""
    if left.strip(b" "):
        raise DataError(
            f"{path} is cut off within row {rows + 1}; copy or export it again. Got {len(left)} bytes of it"
        )
