"""What is said where a Dataset-JSON file is not one."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from equipoise.datasets.formats import read_dataset_json
from equipoise.errors import DataError


def content(**changes: Any) -> dict[str, Any]:
    columns = [
        {"itemOID": "IT.LB.USUBJID", "name": "USUBJID", "label": "Subject", "dataType": "string"},
        {"itemOID": "IT.LB.LBSEQ", "name": "LBSEQ", "label": "Sequence", "dataType": "integer"},
    ]
    return {
        "datasetJSONCreationDateTime": "2026-01-01T00:00:00",
        "datasetJSONVersion": "1.1.0",
        "itemGroupOID": "IG.LB",
        "records": 2,
        "name": "LB",
        "label": "Laboratory",
        "columns": columns,
        "rows": [["a", 1], ["b", None]],
    } | changes


def column(values: list[Any], **spec: str) -> dict[str, Any]:
    described = {"itemOID": "IT.LB.X", "name": "X", "label": "X", **spec}
    return content(records=len(values), columns=[described], rows=[[value] for value in values])


def refusal(tmp_path: Path, text: str | bytes | dict[str, Any]) -> str:
    file = tmp_path / "lb.json"
    text = json.dumps(text) if isinstance(text, dict) else text
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(DataError) as caught:
        read_dataset_json(file)
    return str(caught.value).removeprefix(str(file))


@pytest.mark.parametrize(
    ("spec", "value", "expected"),
    [
        ({"dataType": "integer"}, 3, 3),
        ({"dataType": "float"}, 3, 3.0),
        ({"dataType": "double"}, 0.5, 0.5),
        ({"dataType": "decimal", "targetDataType": "decimal"}, "3.14", 3.14),
        ({"dataType": "boolean"}, True, True),
        ({"dataType": "date"}, "2020-05", "2020-05"),
        ({"dataType": "datetime"}, "2020-05-01T08:30", "2020-05-01T08:30"),
        ({"dataType": "date", "targetDataType": "integer"}, "2020-05-01", date(2020, 5, 1)),
        ({"dataType": "URI"}, "http://example.org", "http://example.org"),
    ],
)
def test_types_are_those_of_the_standard(spec: dict[str, str], value: Any, expected: Any, tmp_path: Path) -> None:
    file = tmp_path / "lb.json"
    file.write_text(json.dumps(column([value, None], **spec)))
    assert read_dataset_json(file).frame["X"].to_list() == [expected, None]


def test_refuses_a_file_that_was_cut_off(tmp_path: Path) -> None:
    whole = json.dumps(content())
    assert refusal(tmp_path, whole[:-5]).startswith(", line 1, column ")
    rows = content()
    lines = "\n".join(json.dumps(part) for part in ({k: v for k, v in rows.items() if k != "rows"}, *rows["rows"]))
    assert ", line 3, column" in refusal(tmp_path, lines[:-3])
    assert refusal(tmp_path, lines.rsplit("\n", 1)[0]).endswith(
        "announces 2 records; the file is cut off or edited. Got 1"
    )


def test_refuses_what_the_standard_refuses(tmp_path: Path) -> None:
    bare = content()
    del bare["columns"]
    assert "lacks 'columns', which Dataset-JSON 1.1 demands" in refusal(tmp_path, bare)
    assert refusal(tmp_path, content(rows=[["a", 1], ["b"]])) == ", row 2 must have 2 values. Got 1"
    assert "is declared integer: every value must be one" in refusal(
        tmp_path, content(rows=[["a", 1], ["b", "x"]])
    )
    assert refusal(tmp_path, column(["x"], dataType="text")).endswith("Got text")
    assert "is declared date" in refusal(
        tmp_path, column(["2020-13-01"], dataType="date", targetDataType="integer")
    )
    assert ", byte 14: Dataset-JSON must be UTF-8" in refusal(tmp_path, b'{"name": "caf\xe9"}')
