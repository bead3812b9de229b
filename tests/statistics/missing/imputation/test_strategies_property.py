"""What each strategy assumes, stated as identities of its means and covariance."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.errors import DataError
from equipoise.statistics.missing.imputation.conditional import conditional_mean, draw_conditional
from equipoise.statistics.missing.imputation.strategies import (
    STRATEGIES,
    apply_strategy,
    join_covariances,
    require_strategy,
)


def parameters(seed: int, visits: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    roots = rng.normal(size=(2, visits, visits + 2))
    own, reference = roots @ roots.transpose(0, 2, 1)
    return rng.normal(size=(1, 3, visits)), rng.normal(size=(1, 3, visits)), own[None], reference[None]


cases = given(st.integers(0, 10_000), st.integers(2, 6), st.data())
few = settings(max_examples=25, deadline=None)


@cases
@few
def test_means_after_the_event_are_those_the_strategy_names(seed: int, visits: int, data: st.DataObject) -> None:
    start = data.draw(st.integers(1, visits - 1))
    own, reference, s, r = parameters(seed, visits)
    mean = {name: apply_strategy(name, own, reference, s, r, start)[0] for name in STRATEGIES}
    for name in ("MAR", "J2R", "CIR", "LMCF"):
        assert (mean[name][..., :start] == own[..., :start]).all()
    assert (mean["MAR"] == own).all()
    assert (mean["CR"] == reference).all()
    assert (mean["J2R"][..., start:] == reference[..., start:]).all()
    assert (mean["LMCF"][..., start:] == own[..., start - 1 : start]).all()
    increments = np.diff(mean["CIR"], axis=-1)[..., start - 1 :]
    assert increments == pytest.approx(np.diff(reference, axis=-1)[..., start - 1 :], abs=1e-12)


@cases
@few
def test_joined_covariances_keep_the_own_past_and_the_reference_regression(
    seed: int, visits: int, data: st.DataObject
) -> None:
    start = data.draw(st.integers(1, visits - 1))
    _, _, s, r = parameters(seed, visits)
    joined = join_covariances(s, r, start)[0]
    assert joined[:start, :start] == pytest.approx(s[0, :start, :start])
    slope = np.linalg.solve(joined[:start, :start], joined[:start, start:])
    assert slope == pytest.approx(np.linalg.solve(r[0, :start, :start], r[0, :start, start:]), rel=1e-6, abs=1e-8)
    rest = joined[start:, start:] - joined[start:, :start] @ slope
    of_reference = r[0, start:, start:] - r[0, start:, :start] @ slope
    assert rest == pytest.approx(of_reference, rel=1e-6, abs=1e-8)
    assert join_covariances(s, s, start) == pytest.approx(s)


def test_the_reference_arm_follows_itself_under_each_reference_based_strategy() -> None:
    own, _, s, _ = parameters(1, 4)
    for name in ("MAR", "J2R", "CR", "CIR"):
        mean, covariance = apply_strategy(name, own, own, s, s, 2)
        assert mean == pytest.approx(own)
        assert covariance == pytest.approx(s)


def test_an_event_before_the_first_visit_leaves_the_reference_alone() -> None:
    own, reference, s, r = parameters(2, 3)
    for name in ("J2R", "CR", "CIR"):
        mean, covariance = apply_strategy(name, own, reference, s, r, 0)
        assert (mean == reference).all()
        assert (covariance == r).all()
    with pytest.raises(DataError, match="a visit before the event"):
        apply_strategy("LMCF", own, reference, s, r, 0)


def test_no_event_leaves_the_own_arm_alone() -> None:
    own, reference, s, r = parameters(3, 3)
    assert all((apply_strategy(name, own, reference, s, r, 3)[0] == own).all() for name in STRATEGIES)


def test_strategies_are_known_by_their_names() -> None:
    assert require_strategy("JR") == "J2R"
    with pytest.raises(DataError, match=r"MAR, J2R, CR, CIR, LMCF\. Got locf"):
        require_strategy("locf")


def test_conditional_means_are_those_of_a_computation_by_participant() -> None:
    mean, _, s, _ = parameters(4, 5)
    observed = np.array([True, False, True, False, True])
    values = np.random.default_rng(5).normal(size=(3, 5))
    found = conditional_mean(mean, s, values, observed)[0]
    for person in range(3):
        slope = s[0][np.ix_(~observed, observed)] @ np.linalg.inv(s[0][np.ix_(observed, observed)])
        expected = mean[0, person, ~observed] + slope @ (values[person] - mean[0, person])[observed]
        assert found[person] == pytest.approx(expected, rel=1e-9)


def test_draws_have_the_conditional_mean_and_covariance() -> None:
    mean, _, s, _ = parameters(6, 3)
    observed = np.array([True, False, False])
    values = np.array([[0.4, np.nan, np.nan]] * 3)
    noise = np.random.default_rng(7).standard_normal((40_000, 3, 2))
    drawn = draw_conditional(mean, s, values, observed, noise)[:, 0]
    expected = s[0, 1:, 1:] - np.outer(s[0, 1:, 0], s[0, 0, 1:]) / s[0, 0, 0]
    assert drawn.mean(axis=0) == pytest.approx(
        conditional_mean(mean, s, values, observed)[0, 0], abs=4 * np.sqrt(np.diag(expected).max() / 40_000)
    )
    assert np.cov(drawn, rowvar=False) == pytest.approx(expected, rel=0.05, abs=0.05)


def test_somebody_never_observed_is_drawn_from_the_whole_distribution() -> None:
    mean, _, s, _ = parameters(8, 3)
    nothing = np.zeros(3, dtype=bool)
    assert (conditional_mean(mean, s, np.full((3, 3), np.nan), nothing) == mean).all()
