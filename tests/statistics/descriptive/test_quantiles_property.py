"""Quantiles: order, limits, equivariance, refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.descriptive import quantile

samples = st.lists(st.integers(-1000, 1000), min_size=1, max_size=40)
chances = st.floats(0, 1)
definitions = st.sampled_from(["sas", "r"])


@given(samples, chances, definitions)
def test_the_order_of_values_does_not_matter(values: list[int], p: float, definition: str) -> None:
    one = quantile(values, p, definition=definition)
    assert quantile(sorted(values), p, definition=definition) == one


@given(samples, definitions)
def test_the_ends_are_the_extremes_and_the_median_is_numpys(values: list[int], definition: str) -> None:
    low, middle, high = quantile(values, [0.0, 0.5, 1.0], definition=definition)
    assert (low, high) == (min(values), max(values))
    assert middle == np.median(values)


@given(samples, chances, definitions)
def test_scaling_by_two_and_shifting_moves_the_quantile(values: list[int], p: float, definition: str) -> None:
    moved = quantile([2 * value + 7 for value in values], p, definition=definition)
    assert moved == pytest.approx(2 * quantile(values, p, definition=definition) + 7)


@given(samples, chances)
def test_the_default_is_a_value_or_halfway_between_two(values: list[int], p: float) -> None:
    halves = {(a + b) / 2 for a in values for b in values}
    assert quantile(values, p) in halves


def test_rounding_in_n_times_p_does_not_move_the_place() -> None:
    # 100 x 0.07 is 7.000000000000001 in floats: still the mean of the 7th and 8th value
    assert quantile(np.arange(1, 101), 0.07) == 7.5


def test_nothing_to_take_a_quantile_of_is_refused() -> None:
    with pytest.raises(EstimationFailed, match=r"at least one value"):
        quantile([], 0.5)
    with pytest.raises(DataError, match=r"finite"):
        quantile([1.0, float("nan")], 0.5)
    with pytest.raises(DataError, match=r"between 0 and 1"):
        quantile([1.0], 1.5)
    with pytest.raises(DataError, match=r"must be sas or r. Got median"):
        quantile([1.0], 0.5, definition="median")
