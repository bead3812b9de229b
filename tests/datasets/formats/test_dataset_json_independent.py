"""Dataset-JSON against CDISC's own example and JSON Schema.

The example is the ADSL of the ADaM metadata submission guidelines; CDISC publishes the same dataset as XPT.
"""

import gzip
import json
from datetime import datetime
from pathlib import Path

import jsonschema
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from equipoise.datasets import Dataset
from equipoise.datasets.formats import read_dataset_json, read_xpt, write_dataset_json

AT = datetime(2026, 1, 2, 3, 4, 5)


@pytest.fixture
def official(shared: Path, tmp_path: Path) -> Dataset:
    file = tmp_path / "adsl.json"
    file.write_bytes(
        gzip.decompress((shared / "data/standards/examples/datasetjson_adsl_tdf.json.gz").read_bytes())
    )
    return read_dataset_json(file)


def schema(shared: Path, name: str) -> dict[str, object]:
    found: dict[str, object] = json.loads((shared / f"data/standards/schemas/{name}.schema.json").read_text())
    return found


def test_the_official_example_holds_what_the_official_xpt_holds(official: Dataset, shared: Path) -> None:
    other = read_xpt(shared / "data/cdiscpilot01/xpt/adsl.xpt")
    assert official.frame.shape == (254, 49)
    assert_frame_equal(official.frame.cast({pl.Int64: pl.Float64}), other.frame, check_exact=False, rel_tol=1e-12)
    assert dict(official.labels) == dict(other.labels)


@pytest.mark.parametrize("lines", [False, True])
def test_what_is_written_satisfies_the_official_schema(
    official: Dataset, shared: Path, tmp_path: Path, lines: bool
) -> None:
    file = tmp_path / "out.json"
    write_dataset_json(official, file, at=AT, lines=lines)
    texts = file.read_text().splitlines()
    judge = jsonschema.Draft201909Validator(schema(shared, "dataset-json-1.1"))
    if lines:
        judge.validate(json.loads(texts[0]))
        assert len(texts) == 255
    else:
        judge.validate(json.loads(texts[0]))
    assert_frame_equal(read_dataset_json(file).frame, official.frame, check_exact=True)


def test_the_schema_judges(official: Dataset, shared: Path, tmp_path: Path) -> None:
    file = tmp_path / "out.json"
    write_dataset_json(official, file, at=AT)
    wrong = json.loads(file.read_text()) | {"records": "254"}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft201909Validator(schema(shared, "dataset-json-1.1")).validate(wrong)
