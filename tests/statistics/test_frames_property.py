"""The border of the statistics: which frames pass, what is missing, what is refused."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from equipoise.errors import DataError
from equipoise.statistics.frames import (
    factor_levels,
    keep_complete,
    require_columns,
    require_labels,
    require_level,
    require_numbers,
    require_two_levels,
    split_two_groups,
    to_polars,
)


def test_a_polars_frame_passes_untouched_and_a_lazy_one_is_collected() -> None:
    frame = pl.DataFrame({"a": [1, None]})
    assert to_polars(frame) is frame
    assert_frame_equal(to_polars(frame.lazy()), frame)


def test_a_pandas_frame_keeps_values_order_of_categories_and_missing_ones() -> None:
    categories = pd.Categorical(["u", "v", None], categories=["v", "u"], ordered=True)
    frame = pd.DataFrame({"x": [1.5, np.nan, 3], "n": [1, 2, 3], "s": ["a", None, "c"], "c": categories})
    expected = pl.DataFrame(
        {
            "x": [1.5, None, 3.0],
            "n": [1, 2, 3],
            "s": ["a", None, "c"],
            "c": pl.Series(["u", "v", None], dtype=pl.Enum(["v", "u"])),
        }
    )
    assert_frame_equal(to_polars(frame), expected)


def test_what_is_no_frame_is_refused() -> None:
    with pytest.raises(DataError, match=r"must be a data frame.*Got list"):
        to_polars([1, 2])


def test_a_missing_column_is_named_with_the_closest_ones() -> None:
    frame = pl.DataFrame({"USUBJID": ["1"], "TRT01P": ["A"], "TRT01A": ["A"]})
    with pytest.raises(DataError, match=r"column TRT01; did you mean TRT01P, TRT01A"):
        require_columns(frame, ["USUBJID", "TRT01"], where="adsl")


def test_incomplete_rows_are_dropped_and_counted() -> None:
    frame = pl.DataFrame({"a": [1, None, 3], "b": ["x", "y", None], "c": [None, 1, 2]})
    complete = keep_complete(frame, ["a", "b"])
    assert complete.dropped == 2
    assert complete.frame.height == 1


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_value_that_is_not_finite_is_refused_by_column_and_row(bad: float) -> None:
    with pytest.raises(DataError, match=r"finite numbers in column a.*at row 2"):
        require_numbers(pl.DataFrame({"a": [1.0, bad]}), "a")


def test_text_and_missing_values_are_no_numbers() -> None:
    with pytest.raises(DataError, match=r"numbers in column a"):
        require_numbers(pl.DataFrame({"a": ["1"]}), "a")
    with pytest.raises(DataError, match=r"no missing value in column a"):
        require_numbers(pl.DataFrame({"a": [1.0, None]}), "a")


def test_a_missing_group_label_is_refused() -> None:
    with pytest.raises(DataError, match=r"a label in every row of column g"):
        require_labels(pl.DataFrame({"g": ["x", None]}), ["g"])


def test_levels_come_in_declared_order_or_sorted() -> None:
    labels = ["b", "a", None, "b"]
    assert factor_levels(pl.Series(labels, dtype=pl.Enum(["c", "b", "a"]))) == ["b", "a"]
    assert factor_levels(pl.Series(labels, dtype=pl.Categorical)) == ["a", "b"]
    assert factor_levels(pl.Series([3, 1, 3])) == [1, 3]


def test_an_unknown_level_is_named_with_the_closest_one() -> None:
    with pytest.raises(DataError, match=r"did you mean Placebo. Got Placbo"):
        require_level(["Placebo", "Active"], "Placbo", "ARM")


@pytest.mark.parametrize("kind", [pl.Boolean, pl.Int64])
def test_two_groups_may_be_labelled_by_booleans_and_numbers(kind: type[pl.DataType]) -> None:
    frame = pl.DataFrame({"g": pl.Series([0, 1, 1]).cast(kind), "v": [1.0, 2.0, None]})
    groups = split_two_groups(frame, "v", "g")
    assert groups.first_values.tolist() == [2.0]
    assert groups.versus_values.tolist() == [1.0]
    assert groups.dropped == 1


def test_three_groups_are_refused_where_two_are_compared() -> None:
    with pytest.raises(DataError, match=r"must have two levels; filter.*a, b, c"):
        require_two_levels(pl.Series("g", ["a", "b", "c"]))
