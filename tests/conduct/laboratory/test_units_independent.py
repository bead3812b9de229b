"""Units of laboratories: factors as the UCUM specification and the SI define them, and what is refused."""

from decimal import Decimal

import pytest

from equipoise.conduct.laboratory.units import SAME, conversion_of, plain_unit
from equipoise.protocol.model import Item


def item(unit: str | None) -> Item:
    return Item.model_validate({"label": {"en": "A test"}, **({"unit": unit} if unit else {})})


@pytest.mark.parametrize(
    ("code", "unit", "factor"),
    [
        ("10*9/L", "10^9/L", "1"),
        ("10*3/uL", "10^9/L", "1"),
        ("/nL", "10^9/L", "1"),
        ("{cells}/uL", "cells/uL", "1"),
        ("/uL", "cells/uL", "1"),
        ("10*6/L", "cells/uL", "1"),
        ("/mm3", "cells/uL", "1"),
        ("{copies}/mL", "copies/mL", "1"),
        ("g/dL", "g/L", "10"),
        ("mg/L", "g/L", "0.001"),
        ("ug/mL", "mg/L", "1"),
        ("mmol/L", "umol/L", "1000"),
        ("nmol/mL", "umol/L", "1"),
        ("mm[Hg]", "mmHg", "1"),
        ("U/L", "U/L", "1"),
        ("kU/L", "U/L", "1000"),
        ("kg/m2", "kg/m^2", "1"),
        ("%", "%", "1"),
        ("m[IU]/mL", "IU/L", "1"),
    ],
)
def test_a_code_of_ucum_is_converted_by_its_factor(code: str, unit: str, factor: str) -> None:
    slope, zero = conversion_of(item(unit), code, "UCUM", {})
    assert (slope, zero) == (Decimal(factor), Decimal(0))


def test_a_temperature_has_its_zero_point() -> None:
    slope, zero = conversion_of(item("degC"), "[degF]", "UCUM", {})
    assert round(Decimal("98.6") * slope + zero, 6) == 37


@pytest.mark.parametrize(
    ("code", "unit", "says"),
    [
        ("mg/dL", "mmol/L", "cannot be converted to mmol/L"),
        ("mg/dL", "umol/L", "cannot be converted"),
        ("g", "g/L", "cannot be converted"),
        ("", "g/L", "is missing; results are recorded in g/L"),
        ("grams per litre or so", "g/L", "is not a unit that is known"),
        ("IU/L", "U/L", "cannot be converted to U/L"),
        ("mg/L", None, "cannot be converted to a pure number"),
    ],
)
def test_another_dimension_and_an_unknown_unit_are_refused(code: str, unit: str | None, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        conversion_of(item(unit), code, "UCUM", {})


def test_a_spelling_stands_for_what_the_manifest_says_and_for_nothing_by_itself() -> None:
    assert conversion_of(item("U/L"), "IU/L", "UCUM", {"IU/L": "U/L"}) == SAME
    assert conversion_of(item("g/L"), "G/DL", "protocol", {"G/DL": "g/dL"}) == (Decimal(10), Decimal(0))
    assert conversion_of(item("10^9/L"), "10*9/L", "protocol", {}) == SAME, "and never ninety a litre"
    with pytest.raises(ValueError, match="is not a unit that is known"):
        conversion_of(item("mmHg"), "mm[Hg]", "protocol", {})


@pytest.mark.parametrize(
    ("molar_mass", "unit", "code", "value", "recorded"),
    [
        # conversion factors as printed for SI units in the AMA Manual of Style, 11th edition, table 17.5-1
        ("180.16 g/mol", "mmol/L", "mg/dL", "100", "5.55"),  # glucose: 0.0555
        ("113.12 g/mol", "umol/L", "mg/dL", "1", "88.4"),  # creatinine: 88.4
        ("584.66 g/mol", "umol/L", "mg/dL", "1", "17.1"),  # bilirubin: 17.104
        ("180.16 g/mol", "mg/dL", "mmol/L", "5.55", "100"),
    ],
)
def test_mass_and_amount_of_substance_convert_by_the_molar_mass_of_the_item(
    molar_mass: str, unit: str, code: str, value: str, recorded: str
) -> None:
    test = Item.model_validate({"label": {"en": "A test"}, "unit": unit, "molar_mass": molar_mass})
    slope, zero = conversion_of(test, code, "UCUM", {})
    digits = len(recorded.replace(".", ""))
    assert f"{Decimal(value) * slope + zero:.{digits}g}" == f"{Decimal(recorded):.{digits}g}"
    with pytest.raises(ValueError, match="cannot be converted"):
        conversion_of(test, "U/L", "UCUM", {})


def test_a_mere_annotation_is_a_pure_number() -> None:
    assert plain_unit("{ratio}") == plain_unit("1") == ""
    assert conversion_of(item(None), "{ratio}", "UCUM", {}) == SAME
