"""t tests and rank tests of many trials are those of each alone (1e-8)."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.linear import t_test, t_test_one_sample
from equipoise.statistics.ranks import rank_sum, signed_rank, van_elteren
from equipoise.statistics.replicates import (
    replicate_change,
    replicate_rank_sum,
    replicate_signed_rank,
    replicate_t_test,
)
from equipoise.statistics.replicates.means import Variance

TRIALS, N, ARMS = 5, 20, 3
TOLERANCE = 1e-8
seeds = st.integers(0, 2**32 - 1)


class Trials:
    """Trials with and without ties and zeros, small and empty arms, gaps."""

    def __init__(self, seed: int, trials: int = TRIALS) -> None:
        rng = np.random.default_rng(seed)
        shape = (trials, N)
        self.value = rng.normal(0.5, 2.0, shape) + 100.0 * (seed % 2)
        if seed % 3:
            self.value = np.round(self.value)
        self.value[rng.random(shape) < 0.1] = np.nan
        self.arm = rng.choice(ARMS, shape, p=[0.5, 0.4, 0.1])
        self.value[0, self.arm[0] == 0] = 3.0
        self.strata = rng.integers(0, 3, shape)
        self.kept = rng.random(shape) < 0.85

    def alone(self, trial: int, *arms: int) -> pl.DataFrame:
        columns = {"y": self.value[trial], "arm": self.arm[trial], "stratum": self.strata[trial]}
        here = pl.Series(self.kept[trial]) & pl.col("y").is_not_nan() & pl.col("arm").is_in(arms)
        return pl.DataFrame(columns).filter(here)


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_each_change_is_that_of_the_arm_alone(seed: int) -> None:
    trials = Trials(seed)
    found = replicate_change(trials.value, trials.arm, arms=ARMS, participants=trials.kept)
    lower, upper = found.limits(0.9)
    for trial in range(TRIALS):
        for arm in range(ARMS):
            frame = trials.alone(trial, arm)
            assert found.n[trial, arm] == frame.height
            try:
                test = t_test_one_sample(frame, "y", level=0.9)
            except (EstimationFailed, DataError):
                assert not found.estimable[trial, arm]
                continue
            got = [one[trial, arm] for one in (found.estimate, found.se, found.df, found.t, found.p, lower, upper)]
            expected = [test.estimate, test.se, test.df, test.t, test.p, test.lower, test.upper]
            assert got == pytest.approx(expected, rel=TOLERANCE, abs=1e-10)
            assert found.sd[trial, arm] == pytest.approx(frame["y"].std())


@settings(max_examples=20, deadline=None)
@given(seeds, st.sampled_from(["welch", "pooled"]), st.integers(0, ARMS - 1))
def test_each_comparison_is_that_of_t_test(seed: int, variance: Variance, control: int) -> None:
    trials = Trials(seed)
    found = replicate_t_test(
        trials.value, trials.arm, arms=ARMS, control=control, variance=variance, participants=trials.kept
    )
    lower, upper = found.limits()
    for trial in range(TRIALS):
        for place, arm in enumerate(one for one in range(ARMS) if one != control):
            try:
                test = t_test(trials.alone(trial, arm, control), "y", "arm", versus=control, variance=variance)
            except (EstimationFailed, DataError):
                assert not found.estimable[trial, place]
                continue
            columns = (found.estimate, found.se, found.df, found.t, found.p, lower, upper)
            expected = [test.estimate, test.se, test.df, test.t, test.p, test.lower, test.upper]
            assert [one[trial, place] for one in columns] == pytest.approx(expected, rel=TOLERANCE, abs=1e-10)


@settings(max_examples=20, deadline=None)
@given(seeds, st.booleans(), st.integers(0, ARMS - 1))
def test_each_rank_test_is_that_of_the_arms_alone(seed: int, stratified: bool, control: int) -> None:
    trials = Trials(seed)
    found = replicate_rank_sum(
        trials.value,
        trials.arm,
        arms=ARMS,
        control=control,
        strata=trials.strata if stratified else None,
        participants=trials.kept,
    )
    for trial in range(TRIALS):
        for place, arm in enumerate(one for one in range(ARMS) if one != control):
            frame = trials.alone(trial, arm, control)
            try:
                if stratified:
                    test = van_elteren(frame, "y", "arm", "stratum", versus=control)
                    z, p = test.z, test.p
                else:
                    plain = rank_sum(frame, "y", "arm", versus=control)
                    assert plain.z is not None
                    z, p = plain.z, plain.p
            except (EstimationFailed, DataError):
                assert not found.estimable[trial, place]
                continue
            assert found.z[trial, place] == pytest.approx(z, rel=TOLERANCE, abs=1e-10)
            assert found.p[trial, place] == pytest.approx(p, rel=TOLERANCE)


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_each_signed_rank_test_is_that_of_the_arm_alone(seed: int) -> None:
    trials = Trials(seed)
    found = replicate_signed_rank(trials.value, trials.arm, arms=ARMS, participants=trials.kept)
    for trial in range(TRIALS):
        for arm in range(ARMS):
            try:
                test = signed_rank(trials.alone(trial, arm), "y")
            except (EstimationFailed, DataError):
                assert not found.estimable[trial, arm]
                continue
            assert found.z[trial, arm] == pytest.approx(test.z, rel=TOLERANCE, abs=1e-10)
            assert found.p[trial, arm] == pytest.approx(test.p, rel=TOLERANCE)


def test_a_trial_does_not_depend_on_the_others() -> None:
    trials = Trials(5, trials=4000)
    some = np.array([3999, 20])
    for method in (replicate_change, replicate_t_test, replicate_rank_sum, replicate_signed_rank):
        whole = method(trials.value, trials.arm, arms=ARMS)
        part = method(trials.value[some], trials.arm[some], arms=ARMS)
        assert np.array_equal(whole.p[some], part.p, equal_nan=True)


def test_bad_input_is_refused_in_a_sentence() -> None:
    value, arm = np.zeros((2, 4)), np.array([0, 1, 0, 1])
    with pytest.raises(DataError, match="welch or pooled"):
        replicate_t_test(value, arm, arms=2, variance="equal")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="two or more arms"):
        replicate_t_test(value, arm * 0, arms=1)
    with pytest.raises(DataError, match="2 or more arms"):
        replicate_rank_sum(value, arm * 0, arms=1)
    with pytest.raises(DataError, match="arms must be whole numbers from 0 to 0"):
        replicate_change(value, arm, arms=1)
    with pytest.raises(DataError, match="changes must be an array"):
        replicate_signed_rank(value[0], arm, arms=2)
