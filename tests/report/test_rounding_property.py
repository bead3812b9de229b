"""Rounding: half away from zero in decimal, no negative zero, no dust, and what cannot be printed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.report.rounding import (
    format_count_percent,
    format_number,
    format_p,
    format_percent,
    recorded_decimals,
    round_half_up,
)

numbers = st.floats(-1e6, 1e6, allow_nan=False)
places = st.integers(0, 6)


@given(numbers, places)
def test_a_rounded_number_is_within_half_a_unit_of_the_last_place(value: float, decimals: int) -> None:
    distance = abs(round_half_up(value, decimals) - Decimal(value))
    assert distance <= Decimal(1).scaleb(-decimals) / 2 + Decimal("1e-5")


@given(numbers, places)
def test_the_sign_does_not_matter(value: float, decimals: int) -> None:
    assert round_half_up(-value, decimals) == -round_half_up(value, decimals)


@given(st.integers(-10_000, 10_000), st.integers(1, 4))
def test_half_goes_away_from_zero(whole: int, decimals: int) -> None:
    half = (abs(whole) + 0.5) / 10**decimals
    assert round_half_up(half, decimals) == Decimal(abs(whole) + 1).scaleb(-decimals)


@given(numbers, places)
def test_zero_has_no_sign_and_every_place_is_printed(value: float, decimals: int) -> None:
    text = format_number(value, decimals)
    assert not (text.startswith("-") and float(text) == 0)
    assert len(text.partition(".")[2]) == decimals


@given(st.floats(0, 1), st.integers(2, 5))
def test_a_p_value_is_never_printed_as_nought_or_as_certain(p: float, decimals: int) -> None:
    text = format_p(p, decimals)
    if p < 1 - 1e-11:
        assert float(text.strip("<>")) > 0
        assert text != f"{1:.{decimals}f}"


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_what_cannot_be_estimated_says_so(value: float | None) -> None:
    assert format_number(value, 2) == format_p(value) == "NE"


def test_dust_of_arithmetic_does_not_keep_a_p_value_from_one() -> None:
    assert format_p(1 - 1e-15) == format_p(1.0) == "1.0000"
    assert format_p(0.99999) == ">0.9999"


def test_counts_stand_with_their_share_but_nought_stands_alone() -> None:
    assert format_count_percent(3, 37.5) == "3 (37.5%)"
    assert format_count_percent(0, 0.0) == "0"
    assert format_count_percent(3, None) == "3"
    assert format_percent(100) == "100.0%"


@given(st.lists(st.integers(0, 99_999), min_size=1, max_size=30), st.integers(0, 3))
def test_recorded_decimals_lose_nothing(values: list[int], decimals: int) -> None:
    recorded = [value / 10**decimals for value in values]
    assert recorded_decimals(recorded) <= decimals


def test_decimals_of_computed_values_show_three_digits_of_their_usual_size() -> None:
    assert recorded_decimals([23.6363636, 25.1282828, 26.9999991]) == 1
    assert recorded_decimals([0.0512345, 0.0623456]) == 4
    assert recorded_decimals([]) == 0
