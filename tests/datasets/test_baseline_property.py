"""A baseline that the estimand names: the mean of observed values at its visits, and the changes from it."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.datasets.baseline import percent_change, replace_baseline

VALUE = st.floats(1.0, 1e4)


def measured(*values: tuple[str, float, str | None]) -> pl.DataFrame:
    """One participant's records: visit, value, and how it was imputed."""
    return pl.DataFrame(
        [{"participant": "01", "visit": v, "value": x, "imputed": how, "analysed": True} for v, x, how in values],
        schema_overrides={"imputed": pl.String},
    ).with_columns(baseline=pl.lit(-1.0), change=pl.lit(None, pl.Float64), percent_change=pl.lit(None, pl.Float64))


@given(first=VALUE, second=VALUE, later=VALUE)
def test_the_baseline_is_the_mean_of_the_visits_named(first: float, second: float, later: float) -> None:
    found = replace_baseline(
        measured(("SCR", first, None), ("W0", second, None), ("W4", later, None)), ["SCR", "W0"]
    )
    mean = (first + second) / 2
    assert found["baseline"].to_list() == pytest.approx([mean] * 3)
    assert found["change"][2] == pytest.approx(later - mean, abs=1e-9)
    assert found["percent_change"][2] == pytest.approx(100 * (later - mean) / mean, abs=1e-9)


def test_a_value_carried_forward_is_no_part_of_a_baseline() -> None:
    found = replace_baseline(measured(("SCR", 300.0, None), ("W0", 500.0, "LOCF")), ["SCR", "W0"])
    assert found["baseline"].to_list() == [300.0, 300.0]


def test_without_a_value_at_the_visits_there_is_no_baseline_and_no_change() -> None:
    found = replace_baseline(measured(("W4", 310.0, None)), ["W0"])
    assert found.select("baseline", "change", "percent_change").row(0) == (None, None, None)


def test_no_percent_is_taken_of_a_baseline_of_0() -> None:
    frame = pl.DataFrame({"baseline": [0.0, 50.0], "change": [5.0, 5.0]})
    assert frame.select(percent_change()).to_series().to_list() == [None, 10.0]
