"""The first record of several."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from equipoise.datasets.derive.selection import derive_first_flag, find_first

ROWS = st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.none() | st.integers(0, 5)), max_size=30)


@given(ROWS)
def test_one_row_of_each_group_is_marked_and_none_comes_before_it(
    rows: list[tuple[str | None, int | None]],
) -> None:
    frame = pl.DataFrame(rows, schema={"ID": pl.String, "DAY": pl.Int64}, orient="row")
    flagged = derive_first_flag(frame, "FL", ["ID"], ["DAY"])
    assert flagged.drop("FL").equals(frame)
    for name in {row[0] for row in rows}:
        group = flagged.filter(pl.col("ID").eq_missing(pl.lit(name, pl.String)))
        chosen = group.filter(FL="Y")
        assert chosen.height == 1
        assert chosen["DAY"][0] == group["DAY"].min()


def test_rows_that_are_equal_keep_their_order_and_missing_values_come_last() -> None:
    frame = pl.DataFrame({"ID": ["a"] * 4, "DAY": [None, 2, 2, 3]})
    assert find_first(frame, ["ID"], ["DAY"]).to_list() == [1]
    assert find_first(frame, ["ID"], ["DAY"], descending=True).to_list() == [3]
    assert find_first(frame, ["ID"], ["DAY"], where=pl.col("DAY").is_null()).to_list() == [0]
    assert find_first(frame, ["ID"], []).to_list() == [0]
