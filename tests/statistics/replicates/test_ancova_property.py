"""Analyses of covariance of many trials are those of `ancova`, trial by trial (1e-8), and of no other trial."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics import ancova
from equipoise.statistics.distributions import Floats
from equipoise.statistics.linear.ancova import LinearFit
from equipoise.statistics.replicates import replicate_ancova

TRIALS, N, ARMS, SITES = 6, 24, 3, 4
TOLERANCE = 1e-8


class Trials:
    """Trials with a covariate, arms, sites, gaps and participants who are not in the analysis."""

    def __init__(self, seed: int, *, far: float = 0.0, trials: int = TRIALS) -> None:
        rng = np.random.default_rng(seed)
        shape = (trials, N)
        self.x = rng.normal(150.0, 40.0, shape) + far
        self.arm, self.site = rng.integers(0, ARMS, shape), rng.integers(0, SITES, shape)
        self.y = 0.5 * (self.x - far) + rng.normal(0.0, 20.0, shape) + 10.0 * self.arm
        self.y[rng.random(shape) < 0.1] = np.nan
        self.x[rng.random(shape) < 0.03] = np.nan
        self.kept = rng.random(shape) < 0.85
        self.contrasts = np.zeros((2, 2 + SITES - 1 + ARMS - 1))
        self.contrasts[0, -2] = self.contrasts[1, -1] = 1.0

    @property
    def covariates(self) -> Floats:
        sites = [self.site == level for level in range(1, SITES)]
        arms = [self.arm == level for level in range(1, ARMS)]
        return np.stack([np.ones(self.x.shape), self.x, *sites, *arms], axis=-1).astype(float)

    def alone(self, trial: int) -> LinearFit:
        frame = pl.DataFrame(
            {"y": self.y[trial], "x": self.x[trial], "site": self.site[trial], "arm": self.arm[trial]}
        )
        frame = frame.with_columns(pl.col("site", "arm").cast(pl.String)).fill_nan(None)
        return ancova("y ~ x + site + arm", frame.filter(pl.Series(self.kept[trial])), reference={"arm": "0"})


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 1e5, 1e6]))
def test_each_trial_is_that_of_ancova(seed: int, far: float) -> None:
    trials = Trials(seed, far=far)
    found = replicate_ancova(trials.y, trials.covariates, trials.contrasts, trials.kept)
    lower, upper = found.limits(0.9)
    f, p = found.joint_test()
    for trial in range(TRIALS):
        here = trials.kept[trial] & ~np.isnan(trials.y[trial]) & ~np.isnan(trials.x[trial])
        if set(trials.site[trial, here]) >= {0} and set(trials.arm[trial, here]) == set(range(ARMS)):
            assert found.estimable[trial]
        if not found.estimable[trial]:
            continue
        fit = trials.alone(trial)
        table = fit.contrasts("arm", versus="0", level=0.9)
        columns = {
            "estimate": found.estimate,
            "se": found.se,
            "df": found.df,
            "t": found.t,
            "p": found.p,
            "lower": lower,
            "upper": upper,
        }
        for name, values in columns.items():
            assert values[trial] == pytest.approx(table[name].to_numpy(), rel=TOLERANCE, abs=TOLERANCE), name
        assert found.n[trial] == fit.observations
        assert found.sigma[trial] == pytest.approx(fit.sigma, rel=TOLERANCE)
        pair = fit.contrasts("arm", versus="1").filter(pl.col("arm") == "2")["se"][0]
        between = found.covariance[trial].trace() - 2.0 * found.covariance[trial, 0, 1]
        assert between == pytest.approx(pair**2, rel=TOLERANCE)
        joint = fit.type_three().filter(pl.col("term") == "arm").row(0, named=True)
        assert (f[trial], p[trial]) == pytest.approx((joint["f"], joint["p"]), rel=TOLERANCE, abs=TOLERANCE)


def test_a_trial_does_not_depend_on_the_others() -> None:
    trials = Trials(7, trials=700)
    whole = replicate_ancova(trials.y, trials.covariates, trials.contrasts, trials.kept)
    some = np.array([3, 690, 77])
    part = replicate_ancova(trials.y[some], trials.covariates[some], trials.contrasts, trials.kept[some])
    for name in ("estimate", "se", "df", "t", "p", "covariance", "sigma", "n", "estimable"):
        assert np.array_equal(getattr(whole, name)[some], getattr(part, name), equal_nan=True), name


def test_who_is_not_in_the_analysis_is_not_there() -> None:
    trials = Trials(8)
    absent = np.arange(N) % 5 == 0
    left = replicate_ancova(trials.y, trials.covariates, trials.contrasts, ~absent)
    gone = replicate_ancova(trials.y[:, ~absent], trials.covariates[:, ~absent], trials.contrasts)
    assert left.estimate == pytest.approx(gone.estimate, rel=1e-10, abs=1e-10, nan_ok=True)
    assert left.p == pytest.approx(gone.p, rel=1e-10, nan_ok=True)
    assert np.array_equal(left.n, gone.n)


def test_covariates_that_all_trials_share_may_be_given_once() -> None:
    trials = Trials(9)
    shared = np.nan_to_num(trials.covariates[0])
    once = replicate_ancova(trials.y, shared, trials.contrasts)
    each = replicate_ancova(trials.y, np.repeat(shared[None], TRIALS, axis=0), trials.contrasts)
    assert np.array_equal(once.estimate, each.estimate)


def test_contrasts_may_differ_between_trials() -> None:
    trials = Trials(10)
    own = np.repeat(trials.contrasts[None], TRIALS, axis=0)
    own[0] *= -2.0
    once = replicate_ancova(trials.y, trials.covariates, trials.contrasts)
    each = replicate_ancova(trials.y, trials.covariates, own)
    assert each.estimate[0] == pytest.approx(-2.0 * once.estimate[0], rel=1e-12)
    assert np.array_equal(each.estimate[1:], once.estimate[1:])


def test_a_site_without_anybody_leaves_and_an_arm_without_anybody_is_not_estimable() -> None:
    trials = Trials(11)
    whole = replicate_ancova(trials.y, trials.covariates, trials.contrasts)
    trials.kept = np.ones((TRIALS, N), dtype=bool)
    trials.kept[0], trials.kept[1] = trials.site[0] != 2, trials.arm[1] != 1
    found = replicate_ancova(trials.y, trials.covariates, trials.contrasts, trials.kept)
    table = trials.alone(0).contrasts("arm", versus="0")
    assert found.estimate[0] == pytest.approx(table["estimate"].to_numpy(), rel=TOLERANCE)
    assert found.df[0] == pytest.approx(table["df"].to_numpy())
    assert found.estimable.tolist() == [True, False, True, True, True, True]
    assert np.isnan(found.p[1]).all()
    assert np.array_equal(found.p[2:], whole.p[2:])


def test_what_ancova_refuses_is_not_estimable() -> None:
    trials = Trials(12)
    trials.x, trials.y = np.nan_to_num(trials.x, nan=1.0), np.nan_to_num(trials.y)
    trials.kept[:] = True
    trials.x[0] = trials.arm[0] == 1  # repeats an arm
    trials.y[1] = 3.0 * trials.x[1] + 2.0 * trials.arm[1]  # an exact fit
    trials.kept[2] = np.arange(N) < 7  # nothing left for the variance
    found = replicate_ancova(trials.y, trials.covariates, trials.contrasts, trials.kept)
    assert found.estimable.tolist() == [False, False, False, True, True, True]
    for trial in range(3):
        with pytest.raises(EstimationFailed):
            trials.alone(trial)


def test_scale_and_shift_of_the_outcome_pass_through() -> None:
    trials = Trials(13)
    one = replicate_ancova(trials.y, trials.covariates, trials.contrasts)
    other = replicate_ancova(1e4 - 8.0 * trials.y, trials.covariates, trials.contrasts)
    assert other.estimate == pytest.approx(-8.0 * one.estimate, rel=1e-8, abs=1e-6)
    assert other.p == pytest.approx(one.p, rel=1e-7)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"outcome": np.zeros(N)}, "outcomes must be an array of trials x participants"),
        ({"outcome": np.full((TRIALS, N), np.inf)}, "outcomes must be finite"),
        ({"covariates": np.zeros((TRIALS, N + 1, 2))}, "covariates must be"),
        ({"covariates": np.full((TRIALS, N, 2), np.inf)}, "covariates must be finite"),
        ({"contrasts": np.zeros((1, 3))}, "contrasts must be rows of 2 weights"),
        ({"contrasts": np.full((1, 2), np.nan)}, "weights of a contrast must be finite"),
        ({"participants": np.ones(N)}, "participants must be True"),
        ({"participants": np.ones(N + 1, dtype=bool)}, "participants must be"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(change: dict[str, Floats], sentence: str) -> None:
    rng = np.random.default_rng(1)
    arguments = {
        "outcome": rng.normal(size=(TRIALS, N)),
        "covariates": rng.normal(size=(TRIALS, N, 2)),
        "contrasts": np.eye(2),
    }
    with pytest.raises(DataError, match=sentence):
        replicate_ancova(**{**arguments, **change})
