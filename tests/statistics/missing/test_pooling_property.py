"""What must hold of pooled estimates whatever the data."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.errors import DataError
from equipoise.statistics.missing import pool, pool_test

values = st.lists(st.floats(-100, 100).map(lambda x: round(x, 3)), min_size=2, max_size=12)


@given(values, st.floats(0.1, 50), st.integers(5, 500))
def test_scale_and_shift_of_the_outcome_only_scale_and_shift_the_answer(
    estimates: list[float], scale: float, df: int
) -> None:
    errors = np.linspace(1.0, 2.0, len(estimates))
    one = pool(estimates, errors, df_complete=df)
    other = pool(3.0 + scale * np.array(estimates), scale * errors, df_complete=df, null=3.0)
    assert other.estimate == pytest.approx(3.0 + scale * one.estimate, abs=1e-8)
    assert other.se == pytest.approx(scale * one.se, rel=1e-9)
    assert other.df == pytest.approx(one.df, rel=1e-6)
    assert other.p == pytest.approx(one.p, abs=1e-8)


def test_without_variation_between_imputations_the_complete_data_remain() -> None:
    found = pool([2.0, 2.0, 2.0], [0.5, 0.5, 0.5], df_complete=40)
    assert found.se == 0.5
    assert found.df_rubin == np.inf
    assert found.df == pytest.approx(41 / 43 * 40)
    assert found.relative_increase == 0.0


def test_infinite_complete_data_give_the_degrees_of_freedom_of_rubin() -> None:
    found = pool([1.0, 2.0, 4.0], [1.0, 1.1, 0.9])
    assert found.df == found.df_rubin
    assert pool([1.0, 2.0, 4.0], [1.0, 1.1, 0.9], df_complete=20).df < min(20, found.df)


def test_relative_efficiency_grows_with_the_number_of_imputations() -> None:
    few = pool([1.0, 2.0], [1.0, 1.0])
    many = pool([1.0, 2.0] * 30, [1.0] * 60)
    assert few.relative_efficiency < many.relative_efficiency < 1.0


def test_a_joint_test_of_one_parameter_is_the_square_of_t() -> None:
    estimates, errors = np.array([1.0, 2.0, 1.4, 1.7, 0.8, 1.2, 1.1]), np.linspace(0.5, 0.6, 7)
    joint = pool_test(estimates[:, None], (errors**2)[:, None, None])
    single = pool(estimates, errors)
    assert joint.f == pytest.approx(single.t**2, rel=1e-12)


def test_many_complete_data_bring_reiters_degrees_of_freedom_to_those_of_li() -> None:
    rng = np.random.default_rng(4)
    estimates = rng.normal(size=(20, 3))
    covariances = np.repeat(np.diag([1.0, 2.0, 3.0])[None], 20, axis=0)
    li = pool_test(estimates, covariances).df_denominator
    assert pool_test(estimates, covariances, df_complete=1e9).df_denominator == pytest.approx(li, rel=1e-6)
    assert pool_test(estimates, covariances, df_complete=60).df_denominator < min(60, li)


@pytest.mark.parametrize(
    ("estimates", "errors", "options", "message"),
    [
        ([1.0], [1.0], {}, "at least two imputations. Got 1"),
        ([1.0, 2.0], [1.0], {}, "Got shapes"),
        ([1.0, np.nan], [1.0, 1.0], {}, "Got nan and 1 at imputation 2"),
        ([1.0, 2.0], [1.0, 0.0], {}, "above 0"),
        ([1.0, 2.0], [1.0, 1.0], {"df_complete": 0.0}, "above 0. Got 0"),
        ([1.0, 2.0], [1.0, 1.0], {"level": 95.0}, "Got 95"),
    ],
)
def test_input_that_cannot_be_pooled_is_refused_in_a_sentence(
    estimates: list[float], errors: list[float], options: dict, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        pool(estimates, errors, **options)


def test_a_joint_test_refuses_shapes_and_singular_covariances() -> None:
    with pytest.raises(DataError, match="shape"):
        pool_test([[1.0, 2.0], [1.0, 2.0]], [[1.0]])
    with pytest.raises(DataError, match="full rank"):
        pool_test([[1.0, 2.0], [1.5, 2.0]], np.ones((2, 2, 2)))
