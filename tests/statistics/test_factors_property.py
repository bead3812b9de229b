"""Codes point at levels, whatever the type of the column; strata are the combinations that occur."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.errors import DataError
from equipoise.statistics.factors import code_factor, code_strata

labels = st.lists(st.sampled_from(["b", "a", "ü", "Z 1"]), min_size=1, max_size=20)


@given(labels, st.sampled_from([pl.String, pl.Categorical, pl.Enum(["ü", "unused", "b", "Z 1", "a"])]))
def test_text(values: list[str], kind: pl.DataType) -> None:
    factor = code_factor(pl.Series("x", values, dtype=kind))
    assert [factor.levels[code] for code in factor.codes] == values
    assert set(factor.levels) == set(values)


@given(st.lists(st.one_of(st.integers(-9, 9), st.booleans()), min_size=1, max_size=20), st.booleans())
def test_numbers_and_booleans(values: list[int], truth: bool) -> None:
    column = pl.Series("x", [bool(value) if truth else int(value) for value in values])
    factor = code_factor(column)
    assert [factor.levels[code] for code in factor.codes] == column.to_list()
    assert list(factor.levels) == sorted(set(column.to_list()))


def test_an_enum_keeps_its_declared_order() -> None:
    column = pl.Series("x", ["Low", "Placebo"], dtype=pl.Enum(["Placebo", "Low", "High"]))
    assert code_factor(column).levels == ("Placebo", "Low")


@given(labels, st.data())
def test_strata(values: list[str], data: st.DataObject) -> None:
    other = data.draw(st.lists(st.integers(0, 2), min_size=len(values), max_size=len(values)))
    factor = code_strata(pl.DataFrame({"a": values, "b": other}), ["a", "b"])
    assert [factor.levels[code] for code in factor.codes] == [
        f"{a} / {b}" for a, b in zip(values, other, strict=True)
    ]


def test_no_column_is_one_stratum() -> None:
    assert code_strata(pl.DataFrame({"a": [1, 2]}), None).levels == ("all",)


@pytest.mark.parametrize("values", [["a", None], [1.0, float("nan")]])
def test_what_is_no_level_is_refused(values: list[object]) -> None:
    with pytest.raises(DataError, match="column x must"):
        code_factor(pl.Series("x", values))
