"""Dates from text that knows only part of them, and study days."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.datasets.derive.dates import derive_date, derive_study_day
from equipoise.errors import DataError

DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))


def one(text: str | None, **options: object) -> tuple[date | None, str | None]:
    frame = pl.DataFrame({"DTC": [text], "LOW": [date(2014, 3, 12)]}, schema_overrides={"DTC": pl.String})
    row = derive_date(frame, "DTC", "DT", flag="DTF", **options).row(0, named=True)  # type: ignore[arg-type]
    return row["DT"], row["DTF"]


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("2014-03-05", {}, (date(2014, 3, 5), None)),
        ("2014-03-05T14:30", {}, (date(2014, 3, 5), None)),
        ("2014-03", {}, (None, None)),
        ("2014-03", {"impute": "day"}, (date(2014, 3, 1), "D")),
        ("2012-02", {"impute": "day", "to": "last"}, (date(2012, 2, 29), "D")),
        ("2014", {"impute": "day"}, (None, None)),
        ("2014", {"impute": "month"}, (date(2014, 1, 1), "M")),
        ("2014", {"impute": "month", "to": "last"}, (date(2014, 12, 31), "M")),
        ("2014---15", {"impute": "month"}, (date(2014, 1, 1), "M")),
        ("-----T07:15", {"impute": "month"}, (None, None)),
        (None, {"impute": "month"}, (None, None)),
        ("2014-03", {"impute": "day", "not_before": "LOW"}, (date(2014, 3, 12), "D")),
        ("2014-02", {"impute": "day", "not_before": "LOW"}, (date(2014, 2, 1), "D")),
        ("2014-04", {"impute": "day", "not_before": "LOW"}, (date(2014, 4, 1), "D")),
        ("2014-03", {"impute": "day", "to": "last", "not_after": "LOW"}, (date(2014, 3, 12), "D")),
        ("2014-03-01", {"impute": "day", "not_before": "LOW"}, (date(2014, 3, 1), None)),
    ],
)
def test_what_is_known_is_kept_and_the_rest_imputed_on_request(
    text: str | None, options: dict[str, str], expected: tuple[date | None, str | None]
) -> None:
    assert one(text, **options) == expected


@pytest.mark.parametrize(
    "text", ["03/05/2014", "2014-02-30", "2014-13", "2014-3-5", "05MAR2014", "2014-03-05 14:30"]
)
def test_refuses_what_is_no_date_and_names_the_row(text: str) -> None:
    frame = pl.DataFrame({"DTC": ["2014-01-01", None, text]})
    with pytest.raises(DataError, match=rf"variable DTC must hold ISO 8601 dates .*; rows 3. Got '{text}'"):
        derive_date(frame, "DTC", "DT")


def test_a_variable_that_is_a_date_already_is_taken_as_it_is() -> None:
    frame = derive_date(pl.DataFrame({"DTC": [date(2014, 1, 2)]}), "DTC", "DT", flag="DTF")
    assert frame.row(0) == (date(2014, 1, 2), date(2014, 1, 2), None)


@given(DAYS, st.integers(-1000, 1000))
def test_the_study_day_has_no_zero_and_counts_days(reference: date, days: int) -> None:
    frame = pl.DataFrame({"ADT": [reference + timedelta(days=days)], "TRTSDT": [reference]})
    day = derive_study_day(frame, "ADT", "TRTSDT", "ADY")["ADY"][0]
    assert day == (days + 1 if days >= 0 else days)
    assert day != 0


@given(DAYS, st.sampled_from([10, 7, 4]), st.sampled_from(["first", "last"]))
def test_an_imputed_date_agrees_with_all_that_is_known(day: date, known: int, to: str) -> None:
    text = day.isoformat()[:known]
    imputed, flag = one(text, impute="month", to=to)
    assert imputed is not None
    assert imputed.isoformat().startswith(text)
    assert flag == {10: None, 7: "D", 4: "M"}[known]
    assert imputed <= day if to == "first" else imputed >= day
