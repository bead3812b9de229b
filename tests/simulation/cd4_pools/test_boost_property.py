"""The course of a boost: nothing before the first infusion, at most the full effect, waning after the last."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.errors import DataError
from equipoise.simulation.cd4_pools import Boost

halves = st.floats(1.0, 300.0)
infusions = st.lists(st.floats(0.0, 400.0), min_size=1, max_size=6).map(lambda days: tuple(sorted(days)))
DAYS = np.linspace(-84.0, 3000.0, 1543)


@given(infusions, halves, halves)
def test_the_course_lies_between_none_and_full(days: tuple[float, ...], onset: float, waning: float) -> None:
    course = Boost("activation", 0.5, days, onset, waning).course(DAYS)
    assert (course[days[0] >= DAYS] == 0).all()
    assert (course >= 0).all()
    assert (course <= 1).all()
    after = course[days[-1] + 10 * onset < DAYS]
    assert (np.diff(after) <= 1e-12).all()


@given(infusions, halves, halves, st.floats(0.0, 400.0))
def test_a_further_infusion_adds(days: tuple[float, ...], onset: float, waning: float, further: float) -> None:
    fewer = Boost("activation", 0.5, days, onset, waning).course(DAYS)
    more = Boost("activation", 0.5, (*days, further), onset, waning).course(DAYS)
    assert (more >= fewer - 1e-12).all()


def test_one_infusion_is_a_quarter_of_the_effect_after_equal_half_lives() -> None:
    course = Boost("activation", 0.5, (10.0,), 30.0, 30.0).course(np.array([40.0]))
    assert course[0] == pytest.approx(0.25, rel=1e-12)


def test_only_the_mechanism_named_is_multiplied() -> None:
    boost = Boost("thymic_output", 3.0, (0.0,), 1e-6, 1e12)
    days = np.array([100.0])
    assert boost.multiplier("thymic_output", days)[0] == pytest.approx(3.0, rel=1e-9)
    assert boost.multiplier("activation", days)[0] == 1.0


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"mechanism": "thymic output"}, "did you mean thymic_output"),
        ({"factor": -0.1}, "factor"),
        ({"factor": 10.1}, "factor"),
        ({"factor": float("nan")}, "factor"),
        ({"infusions": ()}, "infusions"),
        ({"infusions": (float("nan"),)}, "infusions"),
        ({"onset": 0.0}, "onset"),
        ({"waning": -1.0}, "waning"),
    ],
)
def test_a_boost_that_makes_no_sense_is_refused(wrong: dict, what: str) -> None:
    with pytest.raises(DataError, match=what):
        Boost(**{"mechanism": "activation", "factor": 0.5, "infusions": (0.0,), **wrong})
