"""Summaries: small and empty groups, order, equivariance, frames, speed, refusals."""

import time

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from equipoise.errors import DataError
from equipoise.statistics.descriptive import geometric_summary, mean_interval, summarise

values = st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=1, max_size=30)


def test_one_value_has_no_sd_and_none_has_only_counts() -> None:
    frame = pl.DataFrame({"g": ["a", "b", "b"], "v": [5.0, None, None]})
    table = summarise(frame, "v", ["g"])
    assert table.row(0) == ("a", 1, 0, 5.0, None, None, 5.0, 5.0, 5.0, 5.0, 5.0)
    assert table.row(1) == ("b", 0, 2, *[None] * 8)


def test_a_declared_arm_without_participants_has_a_row_when_asked() -> None:
    arms = pl.Enum(["Placebo", "Low", "High"])
    frame = pl.DataFrame({"arm": pl.Series(["High", "Placebo"], dtype=arms), "sex": ["F", "M"], "v": [1, 2]})
    assert summarise(frame, "v", ["arm"])["arm"].to_list() == ["Placebo", "High"]
    table = summarise(frame, "v", ["arm", "sex"], complete=True)
    assert table["n"].to_list() == [0, 1, 0, 0, 1, 0]
    assert table["missing"].to_list() == [0] * 6
    assert table.filter(pl.col("n") == 0)["mean"].null_count() == 4


def test_no_rows_at_all() -> None:
    empty = pl.DataFrame(schema={"g": pl.String, "v": pl.Float64})
    assert summarise(empty, "v", ["g"]).height == 0
    assert summarise(empty, "v").row(0) == (0, 0, *[None] * 8)


def test_a_column_of_nothing_but_nulls() -> None:
    assert summarise(pl.DataFrame({"v": [None, None]}), "v").row(0)[:2] == (0, 2)


@given(values)
def test_the_order_of_rows_does_not_matter(sample: list[float | None]) -> None:
    frame = pl.DataFrame({"g": ["a" if i % 2 else "b" for i in range(len(sample))], "v": sample},
                         schema_overrides={"v": pl.Float64})  # fmt: skip
    shuffled = frame.sample(fraction=1.0, shuffle=True, seed=1)
    assert_frame_equal(summarise(shuffled, "v", ["g"]), summarise(frame, "v", ["g"]), abs_tol=1e-6)


@given(st.lists(st.integers(-10_000, 10_000), min_size=2, max_size=30))
def test_scaling_and_shifting(sample: list[int]) -> None:
    one = summarise(pl.DataFrame({"v": sample}), "v").row(0, named=True)
    moved = summarise(pl.DataFrame({"v": [3 * v + 5 for v in sample]}), "v").row(0, named=True)
    for name in ("mean", "median", "q1", "q3", "min", "max"):
        assert moved[name] == pytest.approx(3 * one[name] + 5, abs=1e-9)
    for name in ("sd", "se"):
        assert moved[name] == pytest.approx(3 * one[name], abs=1e-9)


def test_a_large_offset_costs_the_sd_no_digits() -> None:
    frame = pl.DataFrame({"v": [1e9 + 1, 1e9 + 2, 1e9 + 3]})
    assert summarise(frame, "v")["sd"].item() == pytest.approx(1.0, rel=1e-12)


def test_a_pandas_frame_gives_the_same() -> None:
    columns = {"g": ["a", "b", "a"], "v": [1.0, 2.0, np.nan]}
    expected = summarise(pl.DataFrame(columns).with_columns(pl.col("v").fill_nan(None)), "v", ["g"])
    assert_frame_equal(summarise(pd.DataFrame(columns), "v", ["g"]), expected)


def test_the_r_definition_is_chosen_by_name() -> None:
    frame = pl.DataFrame({"v": [1, 2, 3, 4]})
    assert summarise(frame, "v")["q1"].item() == 1.5
    assert summarise(frame, "v", quantiles="r")["q1"].item() == 1.75


def test_intervals_hold_the_mean_in_their_middle_and_need_two_values() -> None:
    table = mean_interval(pl.DataFrame({"g": ["a", "a", "b"], "v": [1.0, 4.0, 7.0]}), "v", ["g"])
    assert (table["lower"][0] + table["upper"][0]) / 2 == pytest.approx(2.5)
    assert table.row(1) == ("b", 1, 0, 7.0, None, None, None, None)


def test_a_geometric_mean_of_reciprocals_is_the_reciprocal() -> None:
    frame = pl.DataFrame({"v": [0.5, 2.0, 8.0]})
    one = geometric_summary(frame, "v").row(0, named=True)
    other = geometric_summary(frame.with_columns((1 / pl.col("v")).alias("v")), "v").row(0, named=True)
    assert one["geometric_mean"] == pytest.approx(2.0)
    assert other["geometric_mean"] == pytest.approx(0.5)
    assert other["lower"] == pytest.approx(1 / one["upper"])
    assert other["geometric_cv"] == pytest.approx(one["geometric_cv"])


def test_what_is_refused() -> None:
    frame = pl.DataFrame({"g": ["a", None], "v": [1.0, 0.0], "t": ["x", "y"], "n": [1, 2]})
    with pytest.raises(DataError, match=r"label in every row of column g"):
        summarise(frame, "v", ["g"])
    with pytest.raises(DataError, match=r"numbers in column t"):
        summarise(frame, "t")
    with pytest.raises(DataError, match=r"column w; did you mean|columns are"):
        summarise(frame, "w")
    with pytest.raises(DataError, match=r"not be named like a statistic.*Got n"):
        summarise(frame, "v", ["n"])
    with pytest.raises(DataError, match=r"values above 0 in column v. Got 1"):
        geometric_summary(frame, "v")
    with pytest.raises(DataError, match=r"level must lie between 0 and 1"):
        mean_interval(frame, "v", level=95)
    with pytest.raises(DataError, match=r"finite numbers"):
        summarise(pl.DataFrame({"v": [1.0, float("nan")]}), "v")


def test_a_million_rows_in_sixty_groups_take_a_moment() -> None:
    rng = np.random.default_rng(1)
    size = 1_000_000
    frame = pl.DataFrame(
        {"v": rng.normal(size=size), "arm": rng.choice(["A", "B", "C"], size), "visit": rng.integers(0, 20, size)}
    )
    start = time.process_time()
    assert summarise(frame, "v", ["arm", "visit"]).height == 60
    # 0.2 s here; the bound is for machines that are slower and busy
    assert time.process_time() - start < 5
