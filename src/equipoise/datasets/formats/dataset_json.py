"""CDISC Dataset-JSON 1.1, as one JSON object or as NDJSON (metadata in line 1, then one row a line).

Types as the standard has them: `date`, `datetime` and `time` are dates only where `targetDataType` says that they
are numbers in the receiving system; otherwise they are ISO 8601 text, whole or partial. `decimal` travels as text.
Source: CDISC Dataset-JSON Specification 1.1 (2024), sections on columns and rows. Checked against its JSON Schema
and against the example of the ADaM metadata submission guidelines.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from equipoise.datasets.dataset import Dataset, conform
from equipoise.errors import DataError

MARK = b'"datasetJSONVersion"'
_TEXT_TYPES = ("string", "URI", "date", "datetime", "time")
_TYPES: dict[str, pl.DataType] = {
    "integer": pl.Int64(),
    "float": pl.Float64(),
    "double": pl.Float64(),
    "boolean": pl.Boolean(),
    **{name: pl.String() for name in (*_TEXT_TYPES, "decimal")},
}


def read_dataset_json(path: Path) -> Dataset:
    """Read one Dataset-JSON or NDJSON file.

    Raises DataError where the text is not JSON (names line and column), a part that the standard demands is
    missing, a row has more or fewer values than there are columns, the number of rows is not the one announced,
    or a value is not of its column's type.
    """
    head, rows = _parse(path)
    columns = _require(head, "columns", path)
    names = [_require(column, "name", path) for column in columns]
    if head.get("records", len(rows)) != len(rows):
        raise DataError(
            f"{path} announces {head['records']} records; the file is cut off or edited. Got {len(rows)}"
        )
    for number, row in enumerate(rows, start=1):
        if len(row) != len(names):
            raise DataError(f"{path}, row {number} must have {len(names)} values. Got {len(row)}")
    values = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    frame = pl.DataFrame([_column(spec, list(cell), path) for spec, cell in zip(columns, values, strict=True)])
    return Dataset(
        name=path.stem.lower(),
        frame=conform(frame, f"{path}"),
        path=path,
        format="dataset-json",
        labels={column["name"]: column.get("label", "") for column in columns},
        label=head.get("label", ""),
    )


def write_dataset_json(dataset: Dataset, path: Path, *, at: datetime, lines: bool = False) -> None:
    """Write `dataset` to `path` as Dataset-JSON 1.1; `lines` gives NDJSON.

    `at` is the moment that the file names as its creation: the same dataset and moment give the same bytes.
    """
    name = dataset.name.upper()
    head = {
        "datasetJSONCreationDateTime": at.isoformat(timespec="seconds"),
        "datasetJSONVersion": "1.1.0",
        "itemGroupOID": f"IG.{name}",
        "records": dataset.frame.height,
        "name": name,
        "label": dataset.label or name,
        "columns": [_describe(column, dataset) for column in dataset.frame.iter_columns()],
    }
    rows = dataset.frame.with_columns(_as_text(column) for column in dataset.frame.iter_columns()).rows()
    parts = (head, *rows) if lines else ({**head, "rows": rows},)
    path.write_bytes("".join(f"{_dump(part)}\n" for part in parts).encode())


def _parse(path: Path) -> tuple[dict[str, Any], list[list[Any]]]:
    first = 1
    try:
        text = path.read_bytes().decode("utf-8-sig")
        line, _, rest = text.lstrip().partition("\n")
        if rest.lstrip()[:1] == "[" and line.rstrip()[-1:] == "}":
            head, rows = json.loads(line), []
            for part in rest.rstrip("\n").split("\n"):
                first += 1
                rows.append(json.loads(part))
        else:
            head = json.loads(text)
            rows = head.get("rows", [])
    except UnicodeDecodeError as error:
        raise DataError(f"{path}, byte {error.start + 1}: Dataset-JSON must be UTF-8; export it again") from error
    except json.JSONDecodeError as error:
        raise DataError(
            f"{path}, line {first + error.lineno - 1}, column {error.colno}: not JSON, the file is cut off or "
            f"edited; export it again. Got {error.msg}"
        ) from error
    return head, rows


def _require(part: dict[str, Any], key: str, path: Path) -> Any:
    if key not in part:
        raise DataError(f"{path} lacks {key!r}, which Dataset-JSON 1.1 demands; it has {', '.join(part)}")
    return part[key]


def _column(spec: dict[str, Any], values: list[Any], path: Path) -> pl.Series:
    name, declared = spec["name"], _require(spec, "dataType", path)
    if declared not in _TYPES:
        raise DataError(
            f"{path} variable {name}: dataType must be one of {', '.join(sorted(_TYPES))}. Got {declared}"
        )
    if declared in ("float", "double"):
        values = [float(value) if isinstance(value, int) else value for value in values]
    try:
        column = pl.Series(name, values, dtype=_TYPES[declared], strict=True)
        if declared == "decimal":
            return column.cast(pl.Float64)
        if spec.get("targetDataType") == "integer" and declared in ("date", "datetime", "time"):
            return _as_moment(column, declared)
    except (TypeError, pl.exceptions.PolarsError) as error:
        raise DataError(
            f"{path} variable {name} is declared {declared}: every value must be one. "
            f"Got {str(error).splitlines()[0]}"
        ) from error
    return column


def _as_moment(column: pl.Series, declared: str) -> pl.Series:
    text = column.set(column == "", None)
    if declared == "date":
        return text.str.to_date("%Y-%m-%d")
    if declared == "time":
        return text.str.to_time("%H:%M:%S%.f")
    return text.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="us")


def _describe(column: pl.Series, dataset: Dataset) -> dict[str, Any]:
    described: dict[str, Any] = {
        "itemOID": f"IT.{dataset.name.upper()}.{column.name}",
        "name": column.name,
        "label": dataset.labels.get(column.name) or column.name,
    }
    kind = column.dtype
    if kind == pl.Date:
        return described | {"dataType": "date", "targetDataType": "integer", "displayFormat": "DATE9."}
    if isinstance(kind, pl.Datetime):
        return described | {"dataType": "datetime", "targetDataType": "integer", "displayFormat": "DATETIME20."}
    if kind == pl.Time:
        return described | {"dataType": "time", "targetDataType": "integer", "displayFormat": "TIME8."}
    if kind == pl.Boolean:
        return described | {"dataType": "boolean"}
    if kind == pl.String:
        longest = column.str.len_chars().max()
        return described | {"dataType": "string", "length": longest or 1}
    return described | {"dataType": "integer" if kind.is_integer() else "float"}


def _as_text(column: pl.Series) -> pl.Series:
    if column.dtype == pl.Date:
        return column.dt.strftime("%Y-%m-%d")
    if isinstance(column.dtype, pl.Datetime):
        return column.dt.strftime("%Y-%m-%dT%H:%M:%S%.f")
    if column.dtype == pl.Time:
        return column.dt.strftime("%H:%M:%S%.f")
    return column


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
