"""Conversions against values that others state, not computed by the registry of units that converts here.

- Temperatures, pounds, inches: NIST Special Publication 811 (2008), appendix B: t/degC = (t/degF - 32)/1.8,
  1 lb = 0.453 592 37 kg (exact), 1 in = 2.54 cm (exact).
- Laboratory units: by the definition of the prefixes (1 g/dL = 10 g/L; 1 /uL = 1e6 /L).
"""

from decimal import Decimal

import pytest

from equipoise.conduct.forms.units import read_number
from equipoise.protocol.model import Item


@pytest.mark.parametrize(
    ("unit", "typed", "expected"),
    [
        ("g/L", "13.5 g/dL", "135.0"),
        ("g/L", "13.45 g/dL", "134.50"),
        ("10^9/L", "4500 /uL", "4.5"),
        ("cells/uL", "0.25 10^3 cells/uL", "250"),
        ("umol/L", "1.1 mmol/L", "1100"),
        ("kg", "150 lb", "68.0388555"),
        ("cm", "70 in", "177.8"),
        ("degC", "98.6 degF", "37.0"),
        ("degC", "101.3 degF", "38.5"),
    ],
)
def test_a_number_in_another_unit_becomes_that_of_the_protocol(unit: str, typed: str, expected: str) -> None:
    number, converted = read_number(Item(label="x", unit=unit, also_in=(typed.split(maxsplit=1)[1],)), typed)
    assert converted
    assert abs(number - Decimal(expected)) < Decimal("1e-12")
