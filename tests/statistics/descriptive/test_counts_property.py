"""Counts: zeros, denominators, participants, refusals."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.errors import DataError
from equipoise.statistics.descriptive import counts

EVENTS = pl.DataFrame(
    {"id": [1, 1, 2, 3, 3], "arm": ["A", "A", "A", "B", "B"], "term": ["rash", "rash", "fever", "rash", "fever"]}
)


def test_every_level_has_a_row_in_every_group_zeros_included() -> None:
    frame = pl.DataFrame({"arm": ["A", "A", "B"], "sex": ["F", "M", "F"]})
    table = counts(frame, "sex", ["arm"])
    assert table.rows() == [
        ("A", "F", 1, 2, 50.0),
        ("A", "M", 1, 2, 50.0),
        ("B", "F", 1, 1, 100.0),
        ("B", "M", 0, 1, 0.0),
    ]


def test_declared_levels_count_though_nobody_has_them() -> None:
    grades = pl.Series("grade", ["2", "1"], dtype=pl.Enum(["1", "2", "3"]))
    assert counts(pl.DataFrame(grades), "grade")["count"].to_list() == [1, 1, 0]


def test_missing_values_are_outside_numerator_and_denominator() -> None:
    frame = pl.DataFrame({"race": ["x", None, "y", "x"]})
    table = counts(frame, "race")
    assert table["count"].to_list() == [2, 1]
    assert table["denominator"].to_list() == [3, 3]
    assert table["percent"].to_list() == pytest.approx([200 / 3, 100 / 3])


def test_a_participant_counts_once_a_term() -> None:
    table = counts(EVENTS, "term", ["arm"], distinct="id")
    assert table["count"].to_list() == [1, 1, 1, 1]
    assert table["denominator"].to_list() == [2, 2, 1, 1]


def test_a_group_without_events_counts_zero_of_its_denominator() -> None:
    treated = pl.DataFrame({"arm": ["C", "B", "A"], "denominator": [10, 8, 4]})
    table = counts(EVENTS, "term", ["arm"], denominators=treated, distinct="id")
    assert table["arm"].to_list() == ["C", "C", "B", "B", "A", "A"]
    assert table["count"].to_list() == [0, 0, 1, 1, 1, 1]
    assert table["percent"].to_list() == [0.0, 0.0, 12.5, 12.5, 25.0, 25.0]


def test_one_number_may_stand_below_all() -> None:
    assert counts(EVENTS, "term", denominators=20)["percent"].to_list() == [10.0, 15.0]


def test_no_percent_of_nobody() -> None:
    nobody = EVENTS.with_columns(pl.when(pl.col("arm") == "A").then("term").alias("term"))
    assert counts(nobody, "term", ["arm"]).filter(pl.col("arm") == "B")["percent"].null_count() == 2


@given(st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from("xyz")), min_size=1))
def test_percentages_of_a_group_add_up_to_100(rows: list[tuple[str, str]]) -> None:
    table = counts(pl.DataFrame(rows, schema=["g", "v"], orient="row"), "v", ["g"])
    for total in table.group_by("g").agg(pl.col("percent").sum())["percent"]:
        assert total == pytest.approx(100.0)


def test_what_is_refused() -> None:
    with pytest.raises(DataError, match=r"must not exceed its denominator; pass `distinct`"):
        counts(EVENTS, "term", denominators=2)
    with pytest.raises(DataError, match=r"every group of arm must have a denominator"):
        counts(EVENTS, "term", ["arm"], denominators=pl.DataFrame({"arm": ["A"], "denominator": [9]}))
    with pytest.raises(DataError, match=r"one row a group"):
        counts(EVENTS, "term", ["arm"], denominators=pl.DataFrame({"arm": ["A", "A"], "denominator": [9, 9]}))
    with pytest.raises(DataError, match=r"the denominators must have a column denominator"):
        counts(EVENTS, "term", ["arm"], denominators=pl.DataFrame({"arm": ["A"], "n": [9]}))
    with pytest.raises(DataError, match=r"named like a result.*Got count"):
        counts(EVENTS.rename({"term": "count"}), "count")
