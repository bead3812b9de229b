"""Log-rank tests, Cox regressions, survival and cuts of many trials are those of each alone (1e-8)."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.distributions import Floats
from equipoise.statistics.replicates import (
    cut_at_events,
    replicate_cox,
    replicate_log_rank,
    replicate_survival,
)
from equipoise.statistics.survival import cox, kaplan_meier, log_rank

TRIALS = 5
TOLERANCE = 1e-8
seeds = st.integers(0, 2**32 - 1)
kinds = st.sampled_from(["continuous", "days", "weeks"])


class Trials:
    """Trials with ties (days are whole numbers, weeks are not), gaps, strata of which some are empty, and arms."""

    def __init__(self, seed: int, kind: str, arms: int, n: int = 22, trials: int = TRIALS) -> None:
        rng = np.random.default_rng(seed)
        shape = (trials, n)
        time = rng.exponential(10.0, shape)
        self.time = {"continuous": time, "days": np.ceil(time), "weeks": np.ceil(time) / 7.0}[kind]
        self.time[rng.random(shape) < 0.05] = np.nan
        self.event = rng.random(shape) < rng.choice([0.1, 0.5, 0.9], (trials, 1))
        self.arms, self.arm = arms, rng.integers(0, arms, shape)
        self.event[0] &= self.arm[0] != 1
        self.strata = rng.integers(0, 3, shape)
        self.kept = rng.random(shape) < 0.85
        self.control = int(rng.integers(0, arms))

    def options(self, *, stratified: bool) -> dict[str, Any]:
        strata = {"strata": self.strata} if stratified else {}
        return {"arms": self.arms, "control": self.control, "participants": self.kept, **strata}

    def alone(self, trial: int) -> pl.DataFrame:
        frame = pl.DataFrame(
            {
                "time": self.time[trial],
                "event": self.event[trial],
                "arm": self.arm[trial],
                "stratum": self.strata[trial],
            }
        )
        return frame.filter(pl.Series(self.kept[trial]) & pl.col("time").is_not_nan())

    @property
    def others(self) -> list[int]:
        return [arm for arm in range(self.arms) if arm != self.control]


@settings(max_examples=15, deadline=None)
@given(seeds, kinds, st.integers(2, 4), st.booleans())
def test_each_trial_is_that_of_log_rank(seed: int, kind: str, arms: int, stratified: bool) -> None:
    trials = Trials(seed, kind, arms)
    found = replicate_log_rank(trials.time, trials.event, trials.arm, **trials.options(stratified=stratified))
    strata = "stratum" if stratified else None
    for trial in range(TRIALS):
        frame = trials.alone(trial)
        assert found.n[trial].sum() == frame.height
        try:
            test = log_rank(frame, "time", "event", "arm", strata=strata)
        except (EstimationFailed, DataError):
            assert not found.estimable[trial]
            assert np.isnan(found.p[trial])
        else:
            expected = (test.chi2, test.df, test.p)
            assert (found.chi2[trial], found.df[trial], found.p[trial]) == pytest.approx(expected, rel=TOLERANCE)
            present = test.table["arm"].to_list()
            assert found.observed[trial, present] == pytest.approx(test.table["observed"].to_numpy())
            assert found.expected[trial, present] == pytest.approx(test.table["expected"].to_numpy())
        for place, arm in enumerate(trials.others):
            pair = frame.filter(pl.col("arm").is_in([arm, trials.control]))
            try:
                test = log_rank(pair, "time", "event", "arm", strata=strata)
            except (EstimationFailed, DataError):
                assert not found.pair_estimable[trial, place]
                continue
            row = test.table.filter(pl.col("arm") == arm)
            more = np.sign(row["observed"][0] - row["expected"][0])
            assert found.pair_chi2[trial, place] == pytest.approx(test.chi2, rel=TOLERANCE, abs=1e-12)
            assert found.pair_p[trial, place] == pytest.approx(test.p, rel=TOLERANCE)
            assert found.pair_z[trial, place] == pytest.approx(more * np.sqrt(test.chi2), abs=1e-7)


@settings(max_examples=15, deadline=None)
@given(seeds, kinds, st.integers(2, 3), st.booleans())
def test_each_trial_is_that_of_cox(seed: int, kind: str, arms: int, stratified: bool) -> None:
    trials = Trials(seed, kind, arms)
    found = replicate_cox(trials.time, trials.event, trials.arm, **trials.options(stratified=stratified))
    lower, upper = found.limits(0.9)
    for trial in range(TRIALS):
        frame = trials.alone(trial).with_columns(pl.col("arm").cast(pl.String))
        try:
            fit = cox(
                "arm",
                frame,
                time="time",
                event="event",
                strata="stratum" if stratified else None,
                reference={"arm": str(trials.control)},
                level=0.9,
            ).coefficients
        except (EstimationFailed, DataError):
            assert not found.estimable[trial]
            continue
        if fit.height < arms - 1:
            assert not found.estimable[trial]  # an arm has nobody
            continue
        assert found.estimate[trial] == pytest.approx(fit["estimate"].to_numpy(), rel=TOLERANCE, abs=TOLERANCE)
        assert found.se[trial] == pytest.approx(fit["se"].to_numpy(), rel=TOLERANCE)
        assert found.p[trial] == pytest.approx(fit["p"].to_numpy(), abs=TOLERANCE)
        assert found.hazard_ratio[trial] == pytest.approx(fit["hazard_ratio"].to_numpy(), rel=TOLERANCE)
        assert np.exp(lower[trial]) == pytest.approx(fit["lower"].to_numpy(), rel=1e-7)
        assert np.exp(upper[trial]) == pytest.approx(fit["upper"].to_numpy(), rel=1e-7)


@settings(max_examples=12, deadline=None)
@given(seeds, kinds)
def test_each_curve_is_that_of_kaplan_meier(seed: int, kind: str) -> None:
    trials = Trials(seed, kind, 3)
    times = [0.0, 0.5, 1.0, 3.0, 5.0, 20.0, 100.0]
    found = replicate_survival(trials.time, trials.event, trials.arm, times, arms=3, participants=trials.kept)
    for trial in range(TRIALS):
        curves = kaplan_meier(trials.alone(trial), "time", "event", "arm").at(times)
        for arm in range(3):
            curve = curves.filter(pl.col("arm") == arm)
            for name in ("survival", "se"):
                expected = curve[name].cast(pl.Float64).fill_null(np.nan).to_numpy()
                if curve.is_empty():
                    expected = np.full(len(times), np.nan)
                assert getattr(found, name)[trial, arm] == pytest.approx(expected, abs=1e-12, nan_ok=True)


def test_a_trial_does_not_depend_on_the_others() -> None:
    trials = Trials(5, "weeks", 3, trials=3000)
    some = np.array([17, 2999, 1200])
    options = trials.options(stratified=True)
    fewer = options | {"participants": trials.kept[some], "strata": trials.strata[some]}
    for method, names in (
        (replicate_log_rank, ("chi2", "p", "expected", "pair_z", "pair_p")),
        (replicate_cox, ("estimate", "se", "p")),
    ):
        whole = method(trials.time, trials.event, trials.arm, **options)
        part = method(trials.time[some], trials.event[some], trials.arm[some], **fewer)
        for name in names:
            assert np.array_equal(getattr(whole, name)[some], getattr(part, name), equal_nan=True), name
    curves = replicate_survival(trials.time, trials.event, trials.arm, [1.0, 2.0], arms=3)
    part = replicate_survival(trials.time[some], trials.event[some], trials.arm[some], [1.0, 2.0], arms=3)
    assert np.array_equal(curves.se[some], part.se, equal_nan=True)


def test_order_of_participants_scale_of_time_and_turned_arms() -> None:
    trials = Trials(6, "continuous", 2, n=40)
    order = np.random.default_rng(1).permutation(40)
    one = replicate_log_rank(trials.time, trials.event, trials.arm, arms=2)
    other = replicate_log_rank(
        7.0 * trials.time[:, order], trials.event[:, order], 1 - trials.arm[:, order], arms=2
    )
    assert other.pair_z == pytest.approx(-one.pair_z, rel=1e-9, abs=1e-12)
    assert other.p == pytest.approx(one.p, rel=1e-9)


def test_the_score_test_at_no_difference_is_the_log_rank_test_without_ties() -> None:
    trials = Trials(7, "continuous", 2, n=400)
    test = replicate_log_rank(trials.time, trials.event, trials.arm, arms=2)
    fit = replicate_cox(trials.time, trials.event, trials.arm, arms=2)
    usable = fit.estimable & (np.abs(fit.estimate[:, 0]) < 0.3)
    assert usable.any()
    assert fit.z[usable, 0] == pytest.approx(test.pair_z[usable, 0], abs=0.02)


@settings(max_examples=12, deadline=None)
@given(seeds, st.integers(1, 25))
def test_a_cut_is_that_of_each_trial_alone(seed: int, events: int) -> None:
    trials = Trials(seed, "continuous", 2, n=25)
    entry = np.random.default_rng(seed).uniform(0.0, 12.0, trials.time.shape)
    cut = cut_at_events(entry, trials.time, trials.event, events)
    for trial in range(TRIALS):
        time, seen = trials.time[trial], trials.event[trial] & ~np.isnan(trials.time[trial])
        calendar = np.sort((entry[trial] + time)[seen])
        end = calendar[events - 1] if calendar.size >= events else np.inf
        assert cut.calendar[trial] == end
        assert cut.event[trial].sum() == min(events, int(seen.sum()))
        here = ~np.isnan(time) & (entry[trial] < end)
        assert np.array_equal(cut.participants[trial], here)
        assert cut.time[trial, here] == pytest.approx(np.minimum(time, end - entry[trial])[here], abs=1e-12)
        assert (cut.event[trial] <= seen).all()


def test_a_cut_leaves_nobody_of_later_entry_and_no_negative_time() -> None:
    rng = np.random.default_rng(2)
    entry, time = rng.uniform(0.0, 20.0, (3, 30)), rng.exponential(5.0, (3, 30))
    cut = cut_at_events(entry, time, np.ones((3, 30), dtype=bool), 10)
    assert not cut.participants.all()
    test = replicate_log_rank(cut.time, cut.event, np.arange(30) % 2, arms=2, participants=cut.participants)
    assert test.observed.sum(axis=1).tolist() == [10.0, 10.0, 10.0]
    assert np.array_equal(test.n.sum(axis=1), cut.participants.sum(axis=1))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"time": np.zeros(4)}, "times must be an array of trials x participants"),
        ({"time": np.full((2, 4), -1.0)}, "times must not be negative"),
        ({"event": np.full((2, 4), 2.0)}, "events must be True or 1"),
        ({"event": np.ones((2, 3), dtype=bool)}, "events must have the shape"),
        ({"arm": np.full((2, 4), 2)}, "arms must be whole numbers from 0 to 1. Got 2"),
        ({"arm": np.zeros((2, 4))}, "arms must be whole numbers 0, 1"),
        ({"arms": 1}, "2 or more arms"),
        ({"control": 2}, "control must be one of the arms 0 to 1"),
        ({"strata": np.zeros((2, 5), dtype=int)}, "strata must be 2 trials x 4"),
        ({"strata": np.full(4, -1)}, "strata must be whole numbers from 0 on. Got -1"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(change: dict[str, Any], sentence: str) -> None:
    arguments: dict[str, Any] = {
        "time": np.ones((2, 4)),
        "event": np.ones((2, 4), dtype=bool),
        "arm": np.array([0, 1, 0, 1]),
        "arms": 2,
    }
    with pytest.raises(DataError, match=sentence):
        replicate_log_rank(**{**arguments, **change})


def test_bad_times_and_cuts_are_refused_in_a_sentence() -> None:
    ones, seen = np.ones((2, 4)), np.ones((2, 4), dtype=bool)
    with pytest.raises(DataError, match="times must be one or more numbers"):
        replicate_survival(ones, seen, np.zeros(4, dtype=int), [-1.0], arms=1)
    with pytest.raises(DataError, match="number of events must lie between 1 and 4"):
        cut_at_events(ones, ones, seen, 5)
    with pytest.raises(DataError, match="entries must have the shape"):
        cut_at_events(ones[:1], ones, seen, 1)


def test_a_curve_of_one_arm() -> None:
    time: Floats = np.array([[1.0, 2.0, 3.0, 4.0]])
    found = replicate_survival(time, np.ones((1, 4), dtype=bool), np.zeros(4, dtype=int), [2.0], arms=1)
    assert found.survival[0, 0, 0] == 0.5
