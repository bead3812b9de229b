"""Multivariate normal and t probabilities: closed forms, symmetries, limits, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats, normal_cdf, t_cdf, t_quantile, t_two_sided_p, t_upper_p
from equipoise.statistics.multivariate import (
    normal_rectangle,
    normal_rectangles,
    t_equicoordinate_quantile,
    t_maximum_p,
    t_rectangle,
    t_rectangles,
)
from equipoise.statistics.multivariate.correlation import read_correlation
from equipoise.statistics.multivariate.faces import polytope_outside
from equipoise.statistics.multivariate.lattice import lattice_outside

seeds = st.integers(0, 2**32 - 1)


def draw_correlation(seed: int, size: int, rank: int) -> Floats:
    root = np.random.default_rng(seed).normal(size=(size, rank))
    root /= np.sqrt((root**2).sum(axis=1, keepdims=True))
    return root @ root.T


@given(seeds, st.integers(2, 6), st.integers(2, 6), st.sampled_from([1.0, 4.5, 30.0, np.inf]))
@settings(max_examples=25, deadline=None)
def test_order_of_variables_and_side_do_not_matter(seed: int, size: int, rank: int, df: float) -> None:
    rng = np.random.default_rng(seed)
    correlation = draw_correlation(seed, size, rank)
    lower, upper = -np.abs(rng.normal(size=size)) - 0.1, np.abs(rng.normal(size=size)) + 0.1
    order = rng.permutation(size)
    p = t_rectangle(lower, upper, correlation, df)
    assert 0.0 <= p <= 1.0
    assert t_rectangle(lower[order], upper[order], correlation[np.ix_(order, order)], df) == pytest.approx(
        p, abs=1e-9
    )
    assert t_rectangle(-upper, -lower, correlation, df) == pytest.approx(p, abs=1e-9)


@given(seeds, st.integers(2, 5), st.integers(2, 4))
@settings(max_examples=15, deadline=None)
def test_a_rectangle_is_the_sum_of_its_two_halves(seed: int, size: int, rank: int) -> None:
    rng = np.random.default_rng(seed)
    correlation = draw_correlation(seed, size, rank)
    lower, upper = rng.normal(size=size) - 1.5, rng.normal(size=size) + 1.5
    lower, upper = np.minimum(lower, upper), np.maximum(lower, upper)
    cut = 0.4 * lower[0] + 0.6 * upper[0]
    left, right = upper.copy(), lower.copy()
    left[0] = right[0] = cut
    whole, first, second = normal_rectangles(
        np.array([lower, lower, right]), np.array([upper, left, upper]), correlation
    )
    assert first + second == pytest.approx(whole, abs=1e-9)


@pytest.mark.parametrize("df", [0.5, 1.0, 3.0, 12.5, 1e3, 1e7, np.inf])
def test_one_variable_is_student(df: float) -> None:
    values = np.array([-3.0, -0.2, 0.0, 0.001, 1.0, 2.5, 8.0])
    assert t_maximum_p(values, [[1.0]], df) == pytest.approx(t_two_sided_p(values, df), abs=1e-9)
    assert t_maximum_p(values, [[1.0]], df, two_sided=False) == pytest.approx(t_upper_p(values, df), abs=1e-9)
    assert t_equicoordinate_quantile(0.9, [[1.0]], df) == pytest.approx(t_quantile(0.95, df))


def test_independent_normal_variables_multiply_and_equal_ones_merge() -> None:
    upper = np.array([0.3, -0.5, 1.2, 2.0])
    assert normal_rectangle(-np.inf, upper, np.eye(4)) == pytest.approx(np.prod(normal_cdf(upper)), abs=1e-12)
    one = np.ones((4, 4))
    assert t_rectangle(-np.inf, upper, one, 7.0) == pytest.approx(t_cdf(-0.5, 7.0), abs=1e-9)
    opposite = np.array([[1.0, -1.0], [-1.0, 1.0]])
    assert t_rectangle(-np.inf, 1.0, opposite, 7.0) == pytest.approx(1.0 - t_two_sided_p(1.0, 7.0), abs=1e-9)
    assert normal_rectangle(-np.inf, [-1.0, 0.5], opposite) == 0.0


@pytest.mark.parametrize("size", [2, 3, 4, 5, 6])
@pytest.mark.parametrize("df", [2.0, 25.0, np.inf])
def test_faces_and_the_one_factor_integral_agree(size: int, df: float) -> None:
    loadings = np.sqrt(np.linspace(0.2, 0.8, size)) * (-1.0) ** np.arange(size)
    correlation = np.outer(loadings, loadings)
    np.fill_diagonal(correlation, 1.0)
    form = read_correlation(correlation)
    assert form.loadings is not None
    lower, upper = np.full((1, size), -1.7), np.full((1, size), 2.2)
    directions, offsets = form.constraints(lower, upper)
    assert polytope_outside(directions, offsets) == pytest.approx(form.outside(lower, upper), rel=1e-9)
    # one cell off by more than rounding sends the whole to the faces
    near = correlation.copy()
    near[0, 1] = near[1, 0] = correlation[0, 1] + 1e-9
    assert t_maximum_p(2.2, near, df) == pytest.approx(t_maximum_p(2.2, correlation, df), abs=1e-8)


def test_many_variables_fall_back_to_a_lattice_of_known_error() -> None:
    loadings = np.sqrt(np.linspace(0.2, 0.8, 14))
    correlation = np.outer(loadings, loadings)
    np.fill_diagonal(correlation, 1.0)
    form = read_correlation(correlation)
    lower, upper = np.full((2, 14), -2.5), np.full((2, 14), 2.5)
    lower[1] = -np.inf
    assert lattice_outside(form.directions, lower, upper) == pytest.approx(form.outside(lower, upper), abs=2e-4)
    assert not form.few_faces(lower, upper)


def test_critical_value_gives_its_level_back_and_grows_with_the_number_of_tests() -> None:
    for two_sided in (True, False):
        before = 0.0
        for size in range(1, 7):
            correlation = draw_correlation(size, 6, 4)[:size, :size]
            critical = t_equicoordinate_quantile(0.975, correlation, 17.3, two_sided=two_sided)
            assert t_maximum_p(critical, correlation, 17.3, two_sided=two_sided) == pytest.approx(0.025, abs=1e-11)
            assert critical >= before - 1e-9
            before = critical


def test_t_goes_to_normal_and_noncentral_to_shifted_as_df_grow() -> None:
    correlation = draw_correlation(5, 4, 3)
    mean = np.array([1.0, 0.5, 0.0, -0.5])
    many = t_rectangle(-2.0, 2.0, correlation, 1e9, mean=mean)
    assert many == pytest.approx(normal_rectangle(-2.0, 2.0, correlation, mean=mean), abs=1e-8)
    assert normal_rectangle(-2.0, 2.0, correlation, mean=mean) == pytest.approx(
        normal_rectangle(-2.0 - mean, 2.0 - mean, correlation), abs=1e-12
    )


def test_many_rectangles_at_once_are_the_single_ones() -> None:
    correlation = draw_correlation(3, 4, 3)
    upper = np.random.default_rng(1).normal(size=(5, 4)) + 1.0
    together = t_rectangles(-np.inf, upper, correlation, 9.0, mean=0.2)
    apart = [t_rectangle(-np.inf, row, correlation, 9.0, mean=0.2) for row in upper]
    assert together == pytest.approx(apart, abs=1e-11)


def test_probabilities_agree_with_simulation() -> None:
    rng = np.random.default_rng(20261123)
    root = rng.normal(size=(7, 4))
    root /= np.sqrt((root**2).sum(axis=1, keepdims=True))
    draws, df = 200_000, 12
    z = rng.normal(size=(draws, 4)) @ root.T
    t = z / np.sqrt(rng.chisquare(df, size=(draws, 1)) / df)
    p = t_maximum_p(2.3, root @ root.T, df)
    assert abs(np.mean(np.abs(t).max(axis=1) >= 2.3) - p) < 4 * np.sqrt(p * (1 - p) / draws)


@pytest.mark.parametrize(
    ("correlation", "message"),
    [
        ([[1.0, 0.2]], "square"),
        ([[1.0, np.nan], [np.nan, 1.0]], "finite"),
        ([[1.0, 0.2], [0.3, 1.0]], "symmetric"),
        ([[2.0, 0.2], [0.2, 2.0]], "symmetric with 1"),
        ([[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]], "negative eigenvalue"),
    ],
)
def test_what_is_no_correlation_matrix_is_refused(correlation: list[list[float]], message: str) -> None:
    with pytest.raises(DataError, match=message):
        normal_rectangle(-1.0, 1.0, correlation)


def test_wrong_limits_levels_and_degrees_of_freedom_are_refused() -> None:
    with pytest.raises(DataError, match="above its upper"):
        normal_rectangle(1.0, [2.0, 0.0], np.eye(2))
    with pytest.raises(DataError, match="Got one that is not"):
        normal_rectangle(np.nan, 1.0, np.eye(2))
    with pytest.raises(DataError, match="columns"):
        normal_rectangle(-1.0, [1.0, 2.0, 3.0], np.eye(2))
    with pytest.raises(DataError, match="degrees of freedom"):
        t_rectangle(-1.0, 1.0, np.eye(2), 0.0)
    with pytest.raises(DataError, match="finite"):
        t_maximum_p([1.0, np.inf], np.eye(2), 5.0)
    for level in (0.3, 1.0):
        with pytest.raises(DataError, match="level"):
            t_equicoordinate_quantile(level, np.eye(2), 5.0)
