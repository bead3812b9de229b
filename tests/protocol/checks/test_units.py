"""Every unit is one that pint knows, and every quantity has the dimension of its place."""

# Messages stand whole, each on its line.
# ruff: noqa: E501

from collections.abc import Callable

import pytest

Refused = Callable[..., tuple[str, ...]]
UNKNOWN = "is a unit that pint does not know; write it as in cells/uL, mg/dL, 10^9/L, kg/m^2"


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (("unit: cells/uL", "unit: cels/uL"), f"p.yaml:61 forms.immunology.items.cd4.unit {UNKNOWN}. Got cels/uL"),
        (("unit: year", "unit: yeer"), f"p.yaml:54 forms.demography.items.age.unit {UNKNOWN}. Got yeer"),
        (("volume: 100 mL", "volume: 100 mml"), f"p.yaml:20 interventions.cells.volume {UNKNOWN}. Got 100 mml"),
        (("cells: 0 /kg", "cells: 0 /kilo"), f"p.yaml:26 arms.placebo.cells {UNKNOWN}. Got 0 /kilo"),
        (
            ("volume: 100 mL", "volume: 100 kg"),
            "p.yaml:20 interventions.cells.volume must be a volume, such as 100 mL. Got 100 kg",
        ),
        (
            ("max_age: 28 d", "max_age: 28 kg"),
            "p.yaml:21 interventions.cells.weight.max_age must be a length of time, such as 28 d. Got 28 kg",
        ),
        (
            ("cap: 100 kg", "cap: 100"),
            "p.yaml:21 interventions.cells.weight.cap must be a mass, such as 100 kg. Got 100",
        ),
        (
            ("unit: cells/uL,", "unit: cells/uL, also_in: [mg/dL],"),
            "p.yaml:61 forms.immunology.items.cd4.also_in[1] cannot be converted to cells/uL, the unit of the item. "
            "Got mg/dL",
        ),
    ],
)
def test_units_and_dimensions_that_do_not_fit_are_refused(
    refused: Refused, edit: tuple[str, str], said: str
) -> None:
    assert said in refused(edit)


def test_a_dose_of_an_unknown_unit_is_said_where_it_stands(refused: Refused) -> None:
    assert refused(("cells: 0 /kg", "cells: 0 /kilo")) == (
        "p.yaml:17 interventions.cells is dosed in one unit in all arms. Got /kg, /kilo",
        f"p.yaml:26 arms.placebo.cells {UNKNOWN}. Got 0 /kilo",
    )


def test_a_molar_mass_lets_an_amount_of_substance_be_entered_as_mass(
    accepted: Callable[..., object], refused: Refused
) -> None:
    accepted(("unit: cells/uL,", "unit: mmol/L, also_in: [mg/dL], molar_mass: 180.16 g/mol,"))
    (said,) = refused(("unit: cells/uL,", "unit: mmol/L, molar_mass: 180 g,"))
    assert said == (
        "p.yaml:61 forms.immunology.items.cd4.molar_mass must be a molar mass, such as 180.16 g/mol. Got 180 g"
    )


def test_other_units_of_the_same_dimension_are_accepted(accepted: Callable[..., object]) -> None:
    accepted(("unit: cells/uL,", "unit: cells/uL, also_in: [10^6/L, cells/mL],"))
