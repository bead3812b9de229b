"""Distributions: shapes, symmetry, limits, inverses, refusals."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.errors import DataError
from equipoise.statistics.distributions import (
    chi2_quantile,
    chi2_upper_p,
    f_quantile,
    f_upper_p,
    normal_cdf,
    normal_quantile,
    normal_two_sided_p,
    normal_upper_p,
    t_cdf,
    t_quantile,
    t_two_sided_p,
    t_upper_p,
)

reals = st.floats(-30, 30)
freedoms = st.floats(0.5, 1e6)
chances = st.floats(1e-6, 1 - 1e-6)


def test_a_float_gives_a_float_and_an_array_an_array() -> None:
    assert type(t_two_sided_p(2.0, 5)) is float
    many = t_two_sided_p(np.array([1.0, 2.0]), np.array([5.0, math.inf]))
    assert many.shape == (2,)
    assert many[1] == normal_two_sided_p(2.0)


@given(reals, freedoms)
def test_tails_of_t_add_up_and_mirror(t: float, df: float) -> None:
    assert t_cdf(t, df) + t_upper_p(t, df) == pytest.approx(1.0)
    assert t_cdf(-t, df) == t_upper_p(t, df)
    assert t_two_sided_p(t, df) == pytest.approx(2 * t_upper_p(abs(t), df))


@given(reals)
def test_tails_of_the_normal_add_up_and_mirror(z: float) -> None:
    assert normal_cdf(z) + normal_upper_p(z) == pytest.approx(1.0)
    assert normal_cdf(-z) == normal_upper_p(z)


@given(reals, freedoms)
def test_t_squared_is_f_with_one_degree_of_freedom(t: float, df: float) -> None:
    assert f_upper_p(t * t, 1.0, df) == pytest.approx(t_two_sided_p(t, df), rel=1e-9)


@given(reals)
def test_z_squared_is_chi_square_with_one_degree_of_freedom(z: float) -> None:
    assert chi2_upper_p(z * z, 1.0) == pytest.approx(normal_two_sided_p(z), rel=1e-9)


@given(chances, st.floats(1, 1e4))
def test_quantiles_invert_the_tails(p: float, df: float) -> None:
    assert normal_cdf(normal_quantile(p)) == pytest.approx(p, rel=1e-9)
    assert t_cdf(t_quantile(p, df), df) == pytest.approx(p, rel=1e-7)
    assert chi2_upper_p(chi2_quantile(p, df), df) == pytest.approx(1 - p, rel=1e-7, abs=1e-11)
    assert f_upper_p(f_quantile(p, 3.0, df), 3.0, df) == pytest.approx(1 - p, rel=1e-7, abs=1e-11)


@given(chances, freedoms)
def test_f_with_two_degrees_of_freedom_has_a_closed_form(p: float, df: float) -> None:
    closed = df / 2 * math.expm1(-2 / df * math.log1p(-p))
    assert f_quantile(p, 2.0, df) == pytest.approx(closed, rel=1e-10)


def test_infinite_degrees_of_freedom_are_the_normal_limit() -> None:
    assert t_quantile(0.975, math.inf) == normal_quantile(0.975)
    assert f_quantile(0.9, 2.0, math.inf) == pytest.approx(chi2_quantile(0.9, 2.0) / 2)
    assert f_upper_p(3.0, 2.0, math.inf) == pytest.approx(chi2_upper_p(6.0, 2.0))


def test_the_ends_are_infinite_and_certain() -> None:
    assert t_quantile(1.0, 3.0) == math.inf
    assert t_quantile(0.0, 3.0) == -math.inf
    assert t_two_sided_p(math.inf, 3.0) == 0.0
    assert f_upper_p(math.inf, 2.0, 3.0) == 0.0
    assert chi2_upper_p(-1.0, 2.0) == 1.0


def test_not_a_number_stays_one() -> None:
    assert math.isnan(t_two_sided_p(math.nan, 3.0))
    assert math.isnan(f_upper_p(math.nan, 2.0, 3.0))


@pytest.mark.parametrize("df", [0.0, -1.0])
def test_degrees_of_freedom_at_or_below_zero_are_refused(df: float) -> None:
    with pytest.raises(DataError, match=r"degrees of freedom must be above 0"):
        t_two_sided_p(1.0, df)


@pytest.mark.parametrize("p", [-0.1, 1.1])
def test_probabilities_outside_0_to_1_are_refused(p: float) -> None:
    with pytest.raises(DataError, match=r"between 0 and 1"):
        normal_quantile(p)
