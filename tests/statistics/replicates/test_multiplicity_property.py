"""Dunnett's tests and adjusted p-values of many trials are those of each alone.

Adjusted p 1e-8, critical values 1e-8 (`multivariate` integrates with an error below 1e-9).
"""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.errors import DataError
from equipoise.statistics.multiplicity import adjust_p, dunnett
from equipoise.statistics.multiplicity.dunnett import Procedure
from equipoise.statistics.multivariate import t_maximum_p
from equipoise.statistics.replicates import replicate_adjusted_p, replicate_dunnett
from equipoise.statistics.replicates.multiplicity.adjusted_p import Adjustment
from equipoise.statistics.replicates.multiplicity.bivariate import larger_exceeds

seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=8, deadline=None)
@given(seeds, st.integers(1, 3), st.sampled_from(get_args(Procedure)))
def test_each_trial_is_that_of_dunnett(seed: int, size: int, procedure: Procedure) -> None:
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(4, size, size + 1))
    covariance, estimate = root @ root.transpose(0, 2, 1), rng.normal(0.0, 3.0, (4, size))
    df = rng.uniform(2.0, 150.0, (4, size))
    df[0], df[1] = np.inf, df[1, 0]
    estimate[3, 0] = np.nan
    found = replicate_dunnett(estimate, covariance, df, procedure=procedure, level=0.9)
    for trial in range(3):
        table = dunnett(estimate[trial], covariance[trial], df=df[trial], procedure=procedure, level=0.9).table
        assert found.adjusted_p[trial] == pytest.approx(table["adjusted_p"].to_numpy(), abs=1e-8)
        assert found.t[trial] == pytest.approx(table["t"].to_numpy())
        assert found.p[trial] == pytest.approx(table["p"].to_numpy(), rel=1e-8)
        if procedure == "single-step":
            assert found.critical[trial] == pytest.approx(table["critical"].to_numpy(), abs=1e-8)
            assert found.lower[trial] == pytest.approx(table["lower"].to_numpy(), abs=1e-7)
            assert found.upper[trial] == pytest.approx(table["upper"].to_numpy(), abs=1e-7)
        else:
            assert np.isnan(found.critical).all()
    assert np.isnan(found.adjusted_p[3]).all()


def test_a_trial_does_not_depend_on_the_others() -> None:
    rng = np.random.default_rng(3)
    estimate, root = rng.normal(0.0, 2.0, (6000, 2)), rng.normal(size=(6000, 2, 3))
    covariance, df = root @ root.transpose(0, 2, 1), rng.uniform(5.0, 80.0, (6000, 2))
    whole, some = replicate_dunnett(estimate, covariance, df), np.array([5999, 40, 1])
    part = replicate_dunnett(estimate[some], covariance[some], df[some])
    assert np.array_equal(whole.adjusted_p[some], part.adjusted_p)
    assert np.array_equal(whole.lower[some], part.lower)


@pytest.mark.parametrize("two_sided", [True, False])
def test_the_tail_of_the_larger_of_two(two_sided: bool) -> None:
    cases = [
        (c, rho, df)
        for c in (1e-9, 1e-3, 0.1, 0.99, 1.01, 2.5, 6.0)
        for rho in (-0.9, 0.0, 0.5, 0.98, 1.0)
        for df in (1.0, 4.5, 236.0, np.inf)
    ]
    critical, correlation, freedom = np.array(cases).T
    found = larger_exceeds(critical, correlation, freedom, two_sided=two_sided)
    for one, (c, rho, df) in zip(found, cases, strict=True):
        expected = t_maximum_p(c, np.array([[1.0, rho], [rho, 1.0]]), df, two_sided=two_sided)
        assert one == pytest.approx(float(expected), abs=1e-9)
    if not two_sided:
        below = larger_exceeds(np.array([-1.3]), np.array([0.4]), np.array([30.0]), two_sided=False)
        expected = t_maximum_p(-1.3, np.array([[1.0, 0.4], [0.4, 1.0]]), 30.0, two_sided=False)
        assert below[0] == pytest.approx(float(expected), abs=1e-9)


def test_small_tails_keep_their_digits() -> None:
    """Far out, two independent statistics exceed twice as often as one."""
    single = larger_exceeds(np.array([12.0]), np.ones(1), np.array([np.inf]), two_sided=True)
    both = larger_exceeds(np.array([12.0]), np.zeros(1), np.array([np.inf]), two_sided=True)
    assert single[0] == pytest.approx(3.552964e-33, rel=1e-6)
    assert both[0] == pytest.approx(2.0 * single[0], rel=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 6), seeds, st.sampled_from(get_args(Adjustment)))
def test_each_row_is_that_of_adjust_p(size: int, seed: int, method: Adjustment) -> None:
    rng = np.random.default_rng(seed)
    p = np.round(rng.random((6, size)) ** 3, rng.integers(1, 12))  # some tie
    found = replicate_adjusted_p(p, method)
    for row, adjusted in zip(p, found, strict=True):
        assert adjusted == pytest.approx(adjust_p(row, method), rel=1e-12)


def test_a_trial_without_one_of_its_p_has_none_adjusted() -> None:
    found = replicate_adjusted_p([[0.01, np.nan], [0.01, 0.5]], "holm")
    assert np.isnan(found[0]).all()
    assert found[1].tolist() == [0.02, 0.5]


def test_bad_input_is_refused_in_a_sentence() -> None:
    with pytest.raises(DataError, match="trials x tests"):
        replicate_adjusted_p([0.1, 0.2])
    with pytest.raises(DataError, match="p-value must lie between 0 and 1"):
        replicate_adjusted_p([[1.2]])
    with pytest.raises(DataError, match="did you mean holm"):
        replicate_adjusted_p([[0.2]], "holms")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="their covariances trials x m x m"):
        replicate_dunnett(np.zeros((3, 2)), np.eye(2))
    with pytest.raises(DataError, match="degrees of freedom must be one number"):
        replicate_dunnett(np.zeros((1, 2)), np.eye(2)[None], df=[3.0])
    with pytest.raises(DataError, match="must be above 0"):
        replicate_dunnett(np.zeros((1, 2)), np.zeros((1, 2, 2)))
    with pytest.raises(DataError, match="single-step, step-down"):
        replicate_dunnett(np.zeros((1, 2)), np.eye(2)[None], procedure="step")  # type: ignore[arg-type]
