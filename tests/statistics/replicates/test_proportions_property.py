"""Proportions, their differences and tests in many trials are those of each table alone (1e-8)."""

from typing import Any, get_args

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.categorical import (
    chi_square,
    cochran_mantel_haenszel,
    fisher_exact,
    proportion,
    risk_difference,
)
from equipoise.statistics.distributions import Floats
from equipoise.statistics.replicates import replicate_proportions
from equipoise.statistics.replicates.proportions import Association, Interval, Test

TRIALS, N = 5, 26
TOLERANCE = 1e-8


class Trials:
    """Trials of a response, rare or usual, also nobody's or everybody's, with gaps and strata."""

    def __init__(self, seed: int, arms: int, trials: int = TRIALS) -> None:
        rng = np.random.default_rng(seed)
        shape = (trials, N)
        self.response = (rng.random(shape) < rng.choice([0.0, 0.1, 0.5, 1.0], (trials, 1))).astype(float)
        self.response[rng.random(shape) < 0.1] = np.nan
        self.arms, self.arm = arms, rng.integers(0, arms, shape)
        self.strata = rng.integers(0, 3, shape)
        self.kept = rng.random(shape) < 0.9
        self.control = int(rng.integers(0, arms))

    def alone(self, trial: int) -> pl.DataFrame:
        columns = {"y": self.response[trial], "arm": self.arm[trial], "stratum": self.strata[trial]}
        return pl.DataFrame(columns).filter(pl.Series(self.kept[trial]) & pl.col("y").is_not_nan())


def test_alone(
    frame: pl.DataFrame, test: Test, association: Association, strata: str | None
) -> tuple[float, float]:
    """Chi-square (NaN for Fisher's test) and p, as the analysis of a trial finds them."""
    if frame["y"].n_unique() < 2 or frame["arm"].n_unique() < 2:
        raise EstimationFailed("everybody is the same")
    if test == "fisher":
        return np.nan, fisher_exact(frame, "y", "arm").p
    if test == "chi-square":
        found = chi_square(frame, "y", "arm")
        return found.chi2, found.p
    name = {"general": "general association", "correlation": "correlation"}[association]
    tests = cochran_mantel_haenszel(frame, "y", "arm", strata=strata).tests
    row = tests.filter(pl.col("test") == name).row(0, named=True)
    return row["chi2"], row["p"]


test_alone.__test__ = False  # type: ignore[attr-defined]


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(2, 3),
    st.sampled_from(get_args(Test)[:3]),
    st.sampled_from(get_args(Association)),
    st.booleans(),
)
def test_each_test_is_that_of_its_table(
    seed: int, arms: int, test: Test, association: Association, stratified: bool
) -> None:
    trials = Trials(seed, arms)
    found = replicate_proportions(
        trials.response,
        trials.arm,
        arms=arms,
        control=trials.control,
        strata=trials.strata if stratified else None,
        participants=trials.kept,
        test=test,
        association=association,
    )
    strata = "stratum" if stratified else None

    def agrees(frame: pl.DataFrame, chi2: float, p: float, estimable: bool) -> None:
        try:
            expected = test_alone(frame, test, association, strata)
        except EstimationFailed:
            assert not estimable
            return
        assert (chi2, p) == pytest.approx(expected, rel=TOLERANCE, abs=1e-12, nan_ok=True)

    others = [one for one in range(arms) if one != trials.control]
    for trial in range(TRIALS):
        frame = trials.alone(trial)
        # arms without anybody would be scored otherwise alone
        if association == "general" or frame["arm"].n_unique() == arms:
            agrees(frame, found.chi2[trial], found.p[trial], found.estimable[trial])
        for place, arm in enumerate(others):
            pair = frame.filter(pl.col("arm").is_in([arm, trials.control]))
            agrees(
                pair,
                found.pair_chi2[trial, place],
                found.pair_p[trial, place],
                found.pair_estimable[trial, place],
            )


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(get_args(Interval)), st.booleans())
def test_each_difference_is_that_of_its_table(seed: int, interval: Interval, stratified: bool) -> None:
    trials = Trials(seed, 3)
    found = replicate_proportions(
        trials.response,
        trials.arm,
        arms=3,
        control=trials.control,
        strata=trials.strata if stratified else None,
        participants=trials.kept,
        test="none",
        interval=interval,
        level=0.9,
    )
    assert np.isnan(found.p).all()
    lower, upper = found.proportion_limits(0.9)
    others = [one for one in range(3) if one != trials.control]
    for trial in range(TRIALS):
        frame = trials.alone(trial)
        if frame["arm"].n_unique() < 3:
            continue
        shares = proportion(frame, "y", "arm", method="wilson", level=0.9).estimates
        assert found.events[trial].tolist() == shares["events"].to_list()
        assert found.n[trial].tolist() == shares["n"].to_list()
        assert found.proportion[trial] == pytest.approx(shares["estimate"].to_numpy())
        assert lower[trial] == pytest.approx(shares["lower"].to_numpy(), abs=TOLERANCE)
        assert upper[trial] == pytest.approx(shares["upper"].to_numpy(), abs=TOLERANCE)
        for place, arm in enumerate(others):
            try:
                row = risk_difference(
                    frame.filter(pl.col("arm").is_in([arm, trials.control])),
                    "y",
                    "arm",
                    versus=trials.control,
                    strata="stratum" if stratified else None,
                    method=None if stratified else interval,
                    level=0.9,
                ).estimates.row(0, named=True)
            except EstimationFailed:
                assert np.isnan(found.difference[trial, place])
                continue
            got = (found.difference, found.lower, found.upper, found.se)
            expected = (row["estimate"], row["lower"], row["upper"], np.nan if row["se"] is None else row["se"])
            assert [one[trial, place] for one in got] == pytest.approx(expected, abs=TOLERANCE, nan_ok=True)


def test_a_trial_does_not_depend_on_the_others() -> None:
    trials = Trials(5, 3, trials=400)
    some = np.array([3, 390])
    for test in get_args(Test):
        whole = replicate_proportions(trials.response, trials.arm, arms=3, strata=trials.strata, test=test)
        part = replicate_proportions(
            trials.response[some], trials.arm[some], arms=3, strata=trials.strata[some], test=test
        )
        for name in ("difference", "lower", "upper", "chi2", "p", "pair_p"):
            assert np.array_equal(getattr(whole, name)[some], getattr(part, name), equal_nan=True), name


def test_turning_response_and_arms_around() -> None:
    trials = Trials(6, 2)
    one = replicate_proportions(trials.response, trials.arm, arms=2, interval="miettinen-nurminen")
    turned = replicate_proportions(1.0 - trials.response, trials.arm, arms=2, interval="miettinen-nurminen")
    other = replicate_proportions(trials.response, 1 - trials.arm, arms=2, interval="miettinen-nurminen")
    assert turned.difference == pytest.approx(-one.difference)
    assert turned.lower == pytest.approx(-one.upper, abs=1e-9)
    assert other.difference == pytest.approx(-one.difference)
    assert other.p == pytest.approx(one.p, rel=1e-10, nan_ok=True)
    assert turned.p == pytest.approx(one.p, rel=1e-10, nan_ok=True)


def test_booleans_are_responses() -> None:
    response = np.array([[True, False, True, True]])
    found = replicate_proportions(response, np.array([0, 0, 1, 1]), arms=2)
    assert found.events.tolist() == [[1.0, 2.0]]
    assert found.p.tolist() == pytest.approx([1.0])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"response": np.full((2, 4), 0.5)}, "responses must be True or 1"),
        ({"response": np.ones(4)}, "responses must be an array of trials x participants"),
        ({"test": "fishers"}, "did you mean fisher"),
        ({"interval": "exact"}, "an option must be one of newcombe"),
        ({"level": 1.0}, "confidence level"),
        ({"control": 5}, "control must be one of the arms"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(change: dict[str, Any], sentence: str) -> None:
    responses: Floats = np.ones((2, 4))
    arguments: dict[str, Any] = {"response": responses, "arm": np.array([0, 1, 0, 1]), "arms": 2}
    with pytest.raises(DataError, match=sentence):
        replicate_proportions(**{**arguments, **change})
