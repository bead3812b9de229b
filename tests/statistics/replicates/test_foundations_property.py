"""What the methods for many trials stand on: sorting, small systems, quadratic forms and tails."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.statistics.distributions import chi2_upper_p, t_two_sided_p
from equipoise.statistics.replicates.ordering import order_values
from equipoise.statistics.replicates.quadratic import quadratic_forms
from equipoise.statistics.replicates.systems import cholesky, solve, solve_transposed
from equipoise.statistics.replicates.tails import chi2_above, t_outside

numbers = st.one_of(
    st.floats(allow_nan=False, width=32),
    st.floats(allow_nan=False),
    st.integers(-3, 3).map(lambda whole: whole / 7.0),
)


@settings(max_examples=100, deadline=None)
@given(
    st.integers(1, 9).flatmap(
        lambda n: st.lists(st.lists(numbers, min_size=n, max_size=n), min_size=1, max_size=5)
    )
)
def test_values_are_sorted_and_new_ones_found(rows: list[list[float]]) -> None:
    values = np.array(rows)
    order, new = order_values(values)
    assert np.array_equal(order, np.argsort(values, axis=1, kind="stable"))
    ordered = np.take_along_axis(values, order, axis=1)
    assert new[:, 0].all()
    assert np.array_equal(new[:, 1:], ordered[:, 1:] != ordered[:, :-1])


def test_values_that_differ_in_their_last_bit_are_sorted() -> None:
    one = 1.0 + 2.0**-40
    values = np.array([[one, np.nextafter(one, 2.0), np.nextafter(one, 0.0), one], [3.0, 1.0, 2.0, 0.5]])
    order, new = order_values(values)
    assert order.tolist() == [[2, 0, 3, 1], [3, 1, 2, 0]]
    assert new.tolist() == [[True, True, False, True], [True, True, True, True]]


def test_systems_are_solved_as_one_by_one() -> None:
    rng = np.random.default_rng(1)
    root, right = rng.normal(size=(20, 5, 7)), rng.normal(size=(20, 5, 2))
    matrix = root @ root.transpose(0, 2, 1)
    upper, pivots = cholesky(np.moveaxis(matrix, 0, -1))
    solution = np.moveaxis(solve(upper, solve_transposed(upper, np.moveaxis(right, 0, -1))), -1, 0)
    assert solution == pytest.approx(np.linalg.solve(matrix, right), rel=1e-9)
    assert np.prod(pivots, axis=0) == pytest.approx(np.linalg.det(matrix), rel=1e-9)
    lower = np.linalg.cholesky(matrix)
    assert np.moveaxis(upper, -1, 0) == pytest.approx(lower.transpose(0, 2, 1), abs=1e-10)


def test_quadratic_forms_are_those_of_the_pseudoinverse() -> None:
    rng = np.random.default_rng(2)
    root = rng.normal(size=(30, 3, 8))
    root[:10, 1] = 0.0  # one of three cannot be compared
    root[10:20, 0] = 1e-9 * rng.normal(size=(10, 8))  # nor can this, but for rounding
    root[29] = 0.0
    root -= root.mean(axis=1, keepdims=True) * (np.abs(root) > 1e-6).all(axis=1, keepdims=True)
    root[:10, 2] = -root[:10, 0]
    root[10:20, 2] = -root[10:20, 1]
    covariance = root @ root.transpose(0, 2, 1)
    deviation = np.einsum("tij,tj->ti", root, rng.normal(size=(30, 8)))
    chi2, df = quadratic_forms(deviation.T, np.moveaxis(covariance, 0, -1))
    for trial in range(29):
        inverse = np.linalg.pinv(covariance[trial], rcond=1e-10, hermitian=True)
        assert df[trial] == (1 if trial < 20 else 2)
        assert chi2[trial] == pytest.approx(deviation[trial] @ inverse @ deviation[trial], rel=1e-8)
    assert np.isnan(chi2[29])
    assert np.isnan(df[29])


def test_tails_are_those_of_the_distributions() -> None:
    t = np.array([0.0, 1e-12, 1e-5, 0.3, 1.0, 2.0, 5.0, 30.0, 1e8, np.nan])
    for df in (1.0, 2.5, 10.0, 236.0, 1e5, np.inf):
        freedom = np.full(t.shape, df)
        assert t_outside(t, freedom) == pytest.approx(t_two_sided_p(t, df), rel=1e-9, nan_ok=True)
    chi2 = np.array([0.0, 1e-9, 0.5, 3.84, 20.0, 700.0, np.nan])
    for df in (1.0, 2.0, 5.0):
        freedom = np.full(chi2.shape, df)
        assert chi2_above(chi2, freedom) == pytest.approx(chi2_upper_p(chi2, df), rel=1e-9, nan_ok=True)
