"""Quantities keep every digit, are written as they are read, and convert between units of one dimension."""

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.protocol import Quantity
from equipoise.protocol.quantity import dimension_of

NUMBERS = st.decimals(min_value=-(10**9), max_value=10**9, allow_nan=False, places=4)
UNITS = st.sampled_from(["", "mL", "/kg", "cells/uL", "10^9/L", "d", "weeks", "mg/dL", "copies/mL", "%"])
TIMES = {"d": 1, "h": 1 / 24, "weeks": 7, "min": 1 / 1440}


@given(NUMBERS, UNITS)
def test_what_is_written_is_read_back(value: Decimal, unit: str) -> None:
    quantity = Quantity(value, unit)
    again = Quantity.parse(str(quantity))
    assert again.value == value
    assert again.unit == unit


@given(st.integers(min_value=1, max_value=999), st.integers(min_value=0, max_value=9))
def test_powers_of_ten_keep_every_digit(mantissa: int, exponent: int) -> None:
    assert Quantity.parse(f"{mantissa / 100:.2f}e{exponent} /kg").value * 100 == mantissa * 10**exponent


@settings(deadline=None)  # pint is loaded on first use
@given(st.floats(min_value=0.001, max_value=1e6), st.sampled_from(list(product(TIMES, TIMES))))
def test_units_of_one_dimension_convert_and_back(value: float, units: tuple[str, str]) -> None:
    one, other = units
    there = Quantity.parse(f"{value!r} {one}").to(other)
    assert there == pytest.approx(value * TIMES[one] / TIMES[other])
    assert Quantity.parse(f"{there!r} {other}").to(one) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("100 mL", "100", "mL"),
        ("1.5e6 /kg", "1500000", "/kg"),
        ("0 /kg", "0", "/kg"),
        (" -3.20 mmol/L ", "-3.20", "mmol/L"),
        ("28 d", "28", "d"),
        ("4.5 10^9/L", "4.5", "10^9/L"),
        ("28d", "28", "d"),
        ("5%", "5", "%"),
        (7, "7", ""),
        (0.1, "0.1", ""),
    ],
)
def test_quantities_as_they_stand_in_protocols(text: object, value: str, unit: str) -> None:
    assert Quantity.parse(text) == Quantity(Decimal(value), unit)


@pytest.mark.parametrize("text", ["", "lots", "mL 100", "1,5 mL", "1.5.2 mL", True, None, [1], {"a": 1}])
def test_what_is_no_quantity_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="must be a number with its unit, such as 100 mL"):
        Quantity.parse(text)


@pytest.mark.parametrize(
    ("quantity", "unit"), [("100 kg", "mL"), ("37 degC", "kg"), ("37 degC", "mmol/L"), ("5", "degF")]
)
def test_other_dimensions_are_refused(quantity: str, unit: str) -> None:
    with pytest.raises(ValueError, match=f"{quantity} cannot be expressed in {unit}"):
        Quantity.parse(quantity).to(unit)


@pytest.mark.parametrize(
    ("quantity", "unit", "number"),
    [
        ("37 degC", "degF", 98.6),
        ("98.6 degF", "degC", 37),
        ("-40 degC", "degF", -40),
        ("0 degC", "kelvin", 273.15),
        ("310.15 kelvin", "degC", 37),
        ("2 degC", "degC", 2),
        ("1.5 kg", "g", 1500),
        ("4.5 10^9/L", "cells/uL", 4500),
    ],
)
def test_temperatures_are_converted_with_their_zero_points(quantity: str, unit: str, number: float) -> None:
    assert Quantity.parse(quantity).to(unit) == pytest.approx(number, rel=1e-12)


@pytest.mark.parametrize(
    ("unit", "dimension"),
    [
        ("cells/uL", "1 / [length] ** 3"),
        ("copies/mL", "1 / [length] ** 3"),
        ("10^9/L", "1 / [length] ** 3"),
        ("/kg", "1 / [mass]"),
        ("kg/m^2", "[mass] / [length] ** 2"),
        ("%", "dimensionless"),
        ("cells", "dimensionless"),
        ("points", "dimensionless"),
        ("point/week", "1 / [time]"),
        ("patches", "dimensionless"),
        ("weeks", "[time]"),
    ],
)
def test_units_that_trials_count_in_are_known(unit: str, dimension: str) -> None:
    assert dimension_of(unit) == dimension


@pytest.mark.parametrize("unit", ["cels/uL", "furlongs per fortnight please", "mg/(dL", "10^9//L"])
def test_units_that_nobody_knows_are_refused(unit: str) -> None:
    with pytest.raises(ValueError, match="unit that pint does not know"):
        dimension_of(unit)
