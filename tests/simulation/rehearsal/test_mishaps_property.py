"""What goes wrong at a desk is wrong in the way it is meant to be, and the door reads what is right in it."""

from datetime import datetime

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from equipoise.conduct.forms.typed import read_typed
from equipoise.protocol.model import Form, Item
from equipoise.simulation.rehearsal.clinic.mishaps import Mishaps, beyond, in_other_unit, may_be_missing, slip

NOW = datetime(2026, 1, 5)
RANGES = st.tuples(st.integers(-50, 500), st.integers(1, 5000)).map(lambda r: (float(r[0]), float(r[0] + r[1])))


def number(span: tuple[float, float], decimals: int, **more: object) -> Item:
    return Item.model_validate({"label": "Value", "type": "number", "range": span, "decimals": decimals, **more})


@given(RANGES, st.integers(0, 3), st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_a_slip_is_another_believable_number(
    span: tuple[float, float], decimals: int, place: float, seed: int
) -> None:
    item = number(span, decimals)
    right = round(span[0] + place * (span[1] - span[0]), decimals)
    assume(span[0] <= right <= span[1])
    wrong = slip(item, right, np.random.default_rng(seed))
    assert wrong is None or (wrong != right and read_typed(item, wrong, NOW).value == wrong)


@given(RANGES, st.integers(0, 3))
def test_a_value_beyond_its_range_is_refused_by_the_door(span: tuple[float, float], decimals: int) -> None:
    item = number(span, decimals)
    wrong = beyond(item)
    with pytest.raises(ValueError, match="must lie between"):
        read_typed(item, wrong, NOW)


@settings(deadline=None)  # the first unit that is asked for loads the registry of units
@given(st.integers(30, 220))
def test_a_value_in_another_unit_is_read_as_the_same_value(value: int) -> None:
    item = number((30, 220), 0, unit="g/L", also_in=["g/dL"])
    typed = in_other_unit(item, value)
    assert typed is not None
    assert typed.endswith("g/dL")
    assert read_typed(item, typed, NOW).value == value


def test_an_item_in_one_unit_only_is_never_typed_in_another() -> None:
    assert in_other_unit(number((30, 220), 0, unit="g/L"), 100) is None


def test_what_a_rule_hangs_on_is_never_left_out() -> None:
    form = Form.model_validate(
        {
            "label": "Vital signs",
            "items": {
                "systolic": {"label": "Systolic", "range": [60, 250]},
                "pulse": {"label": "Pulse", "range": [30, 220]},
                "weight": {"label": "Weight", "range": [30, 200], "critical": True},
                "fever": {"label": "Temperature", "range": [34, 42]},
                "note": {"label": "Note", "type": "text", "required": False, "required_when": "fever > 38"},
            },
            "checks": {"C1": {"rule": "systolic > 70", "say": "Too low", "stops": True}},
        }
    )
    values = {"systolic": 120, "pulse": 70, "weight": 60.0, "fever": 36.5}
    assert may_be_missing(form, values, ()) == ["pulse"]
    assert may_be_missing(form, values, ("pulse",)) == []


@given(st.floats(0, 1, exclude_max=True))
def test_at_most_one_thing_goes_wrong_with_a_form(chance: float) -> None:
    never = Mishaps(out_of_range=0, slip=0, not_taken=0, double_click=0, overtaken=0)
    assert never.of_form(chance) is None
    assert Mishaps(out_of_range=0, slip=1).of_form(chance) == "slip"
