"""Analysis windows: which visit a day counts for, and which record a visit has."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.datasets.derive.windows import Choice, Window, derive_analysis_windows
from equipoise.errors import DataError

WINDOWS = [
    Window("Week 2", 2, 14, 8, 21),
    Window("Baseline", 0, -1, None, 1),
    Window("Week 4", 4, 28, 22, None),
]


def series(days: list[int | None], values: list[float | None] | None = None) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "USUBJID": ["1"] * len(days),
            "PARAMCD": ["X"] * len(days),
            "ADY": days,
            "AVAL": values or [1.0] * len(days),
        },
        schema_overrides={"ADY": pl.Int64, "AVAL": pl.Float64},
    )


def test_a_day_has_the_visit_of_its_window_and_its_distance_to_the_target() -> None:
    placed = derive_analysis_windows(series([-3, 1, 5, 12, 40, None]), WINDOWS)
    assert placed["AVISIT"].to_list() == ["Baseline", "Baseline", None, "Week 2", "Week 4", None]
    assert placed["AVISITN"].to_list() == [0, 0, None, 2, 4, None]
    assert placed["AWRANGE"].to_list() == ["<=1", "<=1", None, "8-21", ">=22", None]
    # From day 1 to day -1 is one day: there is no day 0.
    assert placed["AWTDIFF"].to_list() == [2, 1, None, 2, 12, None]
    assert placed["AWU"].to_list() == ["DAYS", "DAYS", None, "DAYS", "DAYS", None]


@pytest.mark.parametrize(
    ("choose", "tie", "chosen"),
    [("closest", "later", 16), ("closest", "earlier", 12), ("first", "later", 9), ("last", "later", 20)],
)
def test_one_record_a_window_is_chosen(choose: Choice, tie: str, chosen: int) -> None:
    placed = derive_analysis_windows(series([9, 16, 12, 20]), WINDOWS, choose=choose, tie=tie)  # type: ignore[arg-type]
    assert placed.filter(ANL01FL="Y")["ADY"].to_list() == [chosen]


def test_a_record_without_a_value_is_not_chosen() -> None:
    placed = derive_analysis_windows(series([14, 10], [None, 2.0]), WINDOWS)
    assert placed.filter(ANL01FL="Y")["ADY"].to_list() == [10]


def test_of_two_records_of_one_day_the_later_row_is_chosen() -> None:
    placed = derive_analysis_windows(series([14, 14], [1.0, 2.0]), WINDOWS)
    assert placed["ANL01FL"].to_list() == [None, "Y"]


@given(st.lists(st.integers(-20, 60).filter(bool), max_size=30))
def test_every_window_that_has_records_has_one_chosen_and_none_is_closer(days: list[int]) -> None:
    placed = derive_analysis_windows(series(list(days)), WINDOWS)
    assert placed.height == len(days)
    for (visit,), group in placed.filter(pl.col("AVISIT").is_not_null()).group_by("AVISIT"):
        chosen = group.filter(ANL01FL="Y")
        assert chosen.height == 1, visit
        assert chosen["AWTDIFF"][0] == group["AWTDIFF"].min()
        window = next(window for window in WINDOWS if window.visit == visit)
        assert group["ADY"].is_between(window.low or -99, window.high or 99).all()


def test_refuses_windows_that_overlap_and_targets_outside() -> None:
    with pytest.raises(DataError, match=r"must not overlap; .* Got Week 2 \(8-21\) and Week 3 \(21-30\)"):
        derive_analysis_windows(series([1]), [WINDOWS[0], Window("Week 3", 3, 25, 21, 30)])
    with pytest.raises(DataError, match=r"must not overlap; .* Got Week 4 \(>=22\) and Week 9"):
        derive_analysis_windows(series([1]), [WINDOWS[2], Window("Week 9", 9, 60, 50, 70)])
    with pytest.raises(DataError, match=r"target of window V must be a study day within 8-21. Got 30"):
        derive_analysis_windows(series([1]), [Window("V", 1, 30, 8, 21)])
    with pytest.raises(DataError, match=r"analysis windows needs variable ADY"):
        derive_analysis_windows(series([1]).drop("ADY"), WINDOWS)
