"""What Parquet may hold, and what is said where it is damaged."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from equipoise.datasets.formats import read_parquet
from equipoise.errors import DataError


def test_every_column_takes_the_form_of_a_dataset(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "SITEID": pl.Series([701, None], dtype=pl.Int32),
            "SUBJID": pl.Series([1001.0, 1002.0]),
            "ARM": pl.Series(["  A ", ""], dtype=pl.Categorical),
            "AGE": pl.Series([60, 61], dtype=pl.Int8),
            "AVAL": pl.Series([float("nan"), 1.5], dtype=pl.Float32),
            "DOSE": pl.Series([Decimal("1.50"), None]),
            "AELLTCD": pl.Series([None, None]),
            "TRTSDT": pl.Series([datetime(2020, 1, 1), None], dtype=pl.Datetime("ns")),
            "ADTM": pl.Series([datetime(2020, 1, 1), datetime(2020, 1, 1, 8)], dtype=pl.Datetime("ns")),
        }
    )
    frame.write_parquet(tmp_path / "adsl.parquet")
    read = read_parquet(tmp_path / "adsl.parquet").frame
    assert read.schema == {
        "SITEID": pl.String,
        "SUBJID": pl.String,
        "ARM": pl.String,
        "AGE": pl.Int64,
        "AVAL": pl.Float64,
        "DOSE": pl.Float64,
        "AELLTCD": pl.String,
        "TRTSDT": pl.Date,
        "ADTM": pl.Datetime("us"),
    }
    assert read["SUBJID"].to_list() == ["1001", "1002"]
    assert read["ARM"].to_list() == ["A", None]
    assert read["AVAL"].to_list() == [None, 1.5]


def test_refuses_nested_columns_and_damaged_files(tmp_path: Path) -> None:
    file = tmp_path / "lb.parquet"
    pl.DataFrame({"X": [[1, 2]]}).write_parquet(file)
    with pytest.raises(DataError, match=r"lb\.parquet variable X must hold text, numbers or dates; found List"):
        read_parquet(file)
    file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(DataError, match=r"damaged or truncated Parquet file"):
        read_parquet(file)
