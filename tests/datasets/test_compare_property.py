"""Two datasets side by side."""

from datetime import date

import polars as pl
import pytest

from equipoise.datasets.compare import compare_datasets
from equipoise.errors import DataError

OURS = pl.DataFrame(
    {"ID": ["a", "b", "c"], "AVAL": [1.0, None, 3.0], "FL": ["Y", None, "Y"], "ADT": [date(2026, 1, 1)] * 3}
)
THEIRS = pl.DataFrame(
    {
        "ID": ["c", "b", "d"],
        "AVAL": [3.0 + 1e-12, 2.0, 9.0],
        "FLAG": ["Y", "N", "Y"],
        "ADT": [date(2026, 1, 1)] * 3,
    }
)


def counts(frame: pl.DataFrame) -> dict[str, tuple[int, int]]:
    return {row["variable"]: (row["n_compared"], row["n_different"]) for row in frame.iter_rows(named=True)}


def test_a_dataset_agrees_with_itself_in_any_order() -> None:
    found = compare_datasets(OURS, OURS.reverse(), keys=["ID"], variables=["AVAL", "FL", "ADT"])
    assert found["n_different"].sum() == 0


def test_each_variable_is_counted_and_shown() -> None:
    found = compare_datasets(OURS, THEIRS, keys=["ID"], variables={"AVAL": "AVAL", "FL": "FLAG", "ADT": "ADT"})
    assert counts(found) == {
        "(rows only in ours)": (1, 1),
        "(rows only in theirs)": (1, 1),
        "AVAL": (2, 1),
        "FL": (2, 1),
        "ADT": (2, 0),
    }
    assert found.filter(variable="FL")["examples"][0] == "b: None / N"


def test_the_tolerance_decides() -> None:
    assert counts(compare_datasets(OURS, THEIRS, keys=["ID"], variables=["AVAL"], tolerance=0))["AVAL"] == (2, 2)


def test_refuses_keys_that_repeat_and_kinds_that_differ() -> None:
    with pytest.raises(DataError, match=r"our dataset must have one row for each ID. Got \('a',\) twice"):
        compare_datasets(pl.concat([OURS, OURS]), THEIRS, keys=["ID"], variables=[])
    with pytest.raises(DataError, match=r"variable AVAL must be of one kind in both"):
        compare_datasets(OURS, THEIRS, keys=["ID"], variables={"AVAL": "FLAG"})
    with pytest.raises(DataError, match=r"their dataset needs variable FL"):
        compare_datasets(OURS, THEIRS, keys=["ID"], variables=["FL"])
