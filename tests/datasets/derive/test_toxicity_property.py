"""Grades and shifts: units, directions, ages, and what is refused."""

from datetime import date

import polars as pl
import pytest

from equipoise.datasets.derive.toxicity import derive_shift, derive_toxicity_grade
from equipoise.errors import DataError

DAIDS = "DAIDS 2.1"
CD4 = "Absolute CD4+ Count, Low"


def results(code: str, values: list[float | None], unit: str, **more: object) -> pl.DataFrame:
    frame = pl.DataFrame({"PARAMCD": [code] * len(values), "AVAL": values, "AVALU": [unit] * len(values)})
    return frame.with_columns(**{name: pl.lit(value) for name, value in more.items()})


@pytest.mark.parametrize(("unit", "scale"), [("10^9/L", 0.001), ("GI/L", 0.001), ("cells/mm3", 1.0), ("/uL", 1.0)])
def test_a_cd4_count_is_graded_in_any_unit_that_converts(unit: str, scale: float) -> None:
    counts = [450.0, 400.0, 399.0, 300.0, 299.0, 200.0, 199.0, 100.0, 99.0]
    frame = results("CD4", [count * scale for count in counts], unit, AGE=40)
    graded = derive_toxicity_grade(frame, {"CD4": CD4}, standard=DAIDS)
    assert graded["ATOXGRL"].to_list() == [0, 0, 1, 1, 2, 2, 3, 3, 4]
    assert graded["ATOXGR"].to_list() == ["0", "0", "-1", "-1", "-2", "-2", "-3", "-3", "-4"]
    assert graded["ATOXGRH"].null_count() == 9


def test_a_parameter_may_be_graded_in_both_directions() -> None:
    frame = results("K", [2.0, 3.2, 4.0, 5.6, 7.1, None], "mmol/L")
    graded = derive_toxicity_grade(frame, {"K": ["Potassium, High", "Potassium, Low"]}, standard=DAIDS)
    assert graded["ATOXGR"].to_list() == ["-3", "-1", "0", "1", "4", None]
    assert graded["AVAL"].to_list() == frame["AVAL"].to_list()


def test_parameters_that_are_not_named_have_no_grade() -> None:
    graded = derive_toxicity_grade(results("NA", [140.0], "mmol/L"), {}, standard=DAIDS)
    assert graded.select("ATOXGRL", "ATOXGRH", "ATOXGR").rows() == [(None, None, None)]


def test_a_product_of_the_limit_is_compared_as_written() -> None:
    # 1.1 x 2.2 is 2.4200000000000004 in binary; the value 2.42 lies on the limit.
    frame = results("AMY", [2.42], "U/L", ANRHI=2.2)
    assert derive_toxicity_grade(frame, {"AMY": "Amylase, High"}, standard=DAIDS)["ATOXGRH"].to_list() == [1]


def test_age_at_the_result_comes_from_the_date_of_birth() -> None:
    frame = results("CD4", [0.05, 0.05], "10^9/L", ADT=date(2026, 1, 15)).with_columns(
        BRTHDT=pl.Series([date(2022, 1, 1), date(2020, 1, 15)])
    )
    graded = derive_toxicity_grade(frame, {"CD4": CD4}, standard=DAIDS)
    assert graded["ATOXGRL"].to_list() == [None, 4]


def test_refuses_what_it_does_not_know() -> None:
    frame = results("CD4", [0.05], "10^9/L", AGE=40)
    with pytest.raises(DataError, match=r"must be one of DAIDS 2.1, CTCAE 5.0. Got WHO"):
        derive_toxicity_grade(frame, {}, standard="WHO")
    with pytest.raises(DataError, match=r"DAIDS 2.1 has no term CD4; it has Acidosis, "):
        derive_toxicity_grade(frame, {"CD4": "CD4"}, standard=DAIDS)
    with pytest.raises(
        DataError, match=r"parameter CD4 must be in 10\^9/L, or a unit that converts to it, .* Got %"
    ):
        derive_toxicity_grade(results("CD4", [5.0], "%", AGE=40), {"CD4": CD4}, standard=DAIDS)
    with pytest.raises(DataError, match=r"needs BRTHDT and ADT, or AGE in years; neither is there. Got CD4"):
        derive_toxicity_grade(frame.drop("AGE"), {"CD4": CD4}, standard=DAIDS)
    with pytest.raises(DataError, match=r"grading ALT as ALT, High needs variable ANRHI"):
        derive_toxicity_grade(results("ALT", [5.0], "U/L"), {"ALT": "ALT, High"}, standard=DAIDS)
    with pytest.raises(DataError, match=r"CD4 has two terms of direction low"):
        derive_toxicity_grade(frame, {"CD4": [CD4, CD4]}, standard=DAIDS)


def test_a_shift_says_from_where_to_where_after_baseline() -> None:
    frame = pl.DataFrame(
        {"ANRIND": ["NORMAL", "HIGH", None], "BNRIND": ["NORMAL", "NORMAL", "NORMAL"], "ABLFL": ["Y", None, None]}
    )
    assert derive_shift(frame)["SHIFT1"].to_list() == [None, "NORMAL to HIGH", None]
    assert derive_shift(frame, missing="Missing")["SHIFT1"].to_list()[2] == "NORMAL to Missing"
    dated = frame.with_columns(ADT=date(2026, 1, 2), TRTSDT=pl.Series([date(2026, 1, d) for d in (2, 1, 1)]))
    assert derive_shift(dated.drop("ABLFL"))["SHIFT1"].to_list() == [None, "NORMAL to HIGH", None]
    with pytest.raises(DataError, match=r"the shift SHIFT1 needs variable ABLFL"):
        derive_shift(frame.drop("ABLFL"))
