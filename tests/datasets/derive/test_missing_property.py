"""Rows for missed visits."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.datasets.derive.missing import derive_locf, derive_wocf
from equipoise.errors import DataError

VISITS = {"Week 1": 1, "Week 2": 2, "Week 3": 3, "Week 4": 4}


def series(values: dict[str, float | None]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "USUBJID": ["1"] * len(values),
            "PARAMCD": ["X"] * len(values),
            "AVISIT": list(values),
            "AVISITN": [{"Baseline": 0, **VISITS}[visit] for visit in values],
            "AVAL": list(values.values()),
        },
        schema={
            "USUBJID": pl.String,
            "PARAMCD": pl.String,
            "AVISIT": pl.String,
            "AVISITN": pl.Int64,
            "AVAL": pl.Float64,
        },
    )


def added(frame: pl.DataFrame) -> list[tuple[str, int, float]]:
    return frame.filter(pl.col("DTYPE").is_not_null()).select("AVISIT", "AVISITN", "AVAL").rows()


def test_the_last_observation_is_carried_to_the_visits_missed_after_it() -> None:
    frame = series({"Baseline": 9.0, "Week 2": 5.0, "Week 3": None})
    filled = derive_locf(frame, VISITS)
    assert added(filled) == [("Week 3", 3, 5.0), ("Week 4", 4, 5.0)]
    assert filled.head(3).drop("DTYPE").equals(frame)
    assert filled["DTYPE"].to_list() == [None, None, None, "LOCF", "LOCF"]


def test_baseline_is_carried_on_request_and_its_change_is_then_zero() -> None:
    frame = series({"Baseline": 9.0, "Week 2": 5.0}).with_columns(
        BASE=pl.lit(9.0), CHG=pl.Series([None, -4.0]), ABLFL=pl.Series(["Y", None])
    )
    filled = derive_locf(frame, VISITS, baseline="Baseline")
    carried = filled.filter(DTYPE="LOCF").sort("AVISITN")
    assert carried["AVAL"].to_list() == [9.0, 5.0, 5.0]
    assert carried["CHG"].to_list() == [0.0, -4.0, -4.0]
    assert carried["ABLFL"].to_list() == [None, None, None]


@pytest.mark.parametrize(("worst", "expected"), [("high", [7.0, 7.0]), ("low", [2.0, 2.0])])
def test_the_worst_observation_so_far_is_carried(worst: str, expected: list[float]) -> None:
    frame = series({"Week 1": 7.0, "Week 2": 2.0})
    assert [row[2] for row in added(derive_wocf(frame, VISITS, worst=worst))] == expected  # type: ignore[arg-type]


def test_only_the_chosen_record_of_a_visit_counts() -> None:
    frame = pl.concat([series({"Week 1": 7.0}), series({"Week 1": 8.0})]).with_columns(
        ANL01FL=pl.Series([None, "Y"])
    )
    with pytest.raises(
        DataError, match=r"LOCF needs one observed row a visit; .* Got two for USUBJID=1, PARAMCD=X, AVISIT=Week 1"
    ):
        derive_locf(frame, VISITS)
    assert {row[2] for row in added(derive_locf(frame, VISITS, where=pl.col("ANL01FL") == "Y"))} == {8.0}


@given(st.dictionaries(st.sampled_from(["Baseline", *VISITS]), st.none() | st.integers(0, 9), max_size=5))
def test_every_visit_after_the_first_observation_has_a_value_afterwards(values: dict[str, int | None]) -> None:
    frame = series({visit: None if v is None else float(v) for visit, v in sorted(values.items())})
    filled = derive_locf(frame, VISITS)
    present = {
        row[0]: row[1] for row in filled.filter(pl.col("AVAL").is_not_null()).select("AVISIT", "AVAL").rows()
    }
    seen = [visit for visit in VISITS if values.get(visit) is not None]
    expected = [visit for visit in VISITS if seen and VISITS[visit] >= VISITS[seen[0]]]
    assert [visit for visit in VISITS if visit in present] == expected
    worst = derive_wocf(frame, VISITS, worst="high").filter(pl.col("DTYPE").is_not_null())
    carried = filled.filter(pl.col("DTYPE").is_not_null())
    assert worst["AVISIT"].sort().equals(carried["AVISIT"].sort())
    assert (worst.sort("AVISITN")["AVAL"] >= carried.sort("AVISITN")["AVAL"]).all()
