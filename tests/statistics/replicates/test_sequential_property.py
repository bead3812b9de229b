"""Sequential trials: bounds followed as by hand, combination tests as each alone, rejections as integrated.

Shares of simulated trials lie within 4 Monte Carlo standard errors of what the design integrates.
"""

from typing import get_args

import numpy as np
import pytest

from equipoise.errors import DataError
from equipoise.statistics.replicates import (
    apply_bounds,
    draw_group_sequential,
    replicate_closed_combination,
    select_doses,
)
from equipoise.statistics.sequential import GroupSequential, group_sequential
from equipoise.statistics.sequential.adaptive import closed_combination, closed_test, combination
from equipoise.statistics.sequential.adaptive.closed_test import IntersectionTest

FUTILITY = group_sequential(3, futility=[-0.3, 0.5])
TWO_SIDED = group_sequential([0.3, 0.7, 1.0], alpha=0.05, sides=2, bounds="pocock")


@pytest.mark.parametrize(
    "design", [FUTILITY, TWO_SIDED, group_sequential(1)], ids=["futility", "two-sided", "fixed"]
)
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_shares_are_those_that_the_design_integrates(design: GroupSequential, share: float) -> None:
    trials = 200_000
    found = draw_group_sequential(design, share * design.drift, trials, np.random.default_rng(11))
    below, above = (exits[:, 0] for exits in design.exits(share * design.drift))
    for look in range(1, design.looks + 1):
        here = found.stage == look
        for seen, expected in ((found.rejected, above[look - 1]), (found.below, below[look - 1])):
            error = np.sqrt(max(expected * (1.0 - expected), 1.0 / trials) / trials)
            assert abs((seen & here).mean() - expected) < 4.0 * error
    spread = found.information.std() / np.sqrt(trials)
    assert (
        abs(found.information.mean() - design.expected_information(share * design.drift)) <= 4.0 * spread + 1e-12
    )


def test_a_seed_gives_the_same_trials_and_more_trials_begin_with_them() -> None:
    one = draw_group_sequential(FUTILITY, 2.0, 5_000, np.random.default_rng(3))
    again = draw_group_sequential(FUTILITY, 2.0, 5_000, np.random.default_rng(3))
    assert np.array_equal(one.stage, again.stage)
    more = draw_group_sequential(FUTILITY, 2.0, 9_000, np.random.default_rng(3))
    assert np.array_equal(one.rejected[:4_096], more.rejected[:4_096])


def test_bounds_are_followed_look_by_look() -> None:
    upper, lower = FUTILITY.upper, FUTILITY.lower
    z = [
        [upper[0] + 0.1, -9.0, -9.0],
        [0.0, upper[1] + 0.1, -9.0],
        [0.0, lower[1] - 0.1, 9.0],
        [0.0, 1.0, upper[2] + 0.1],
        [0.0, 1.0, upper[2] - 0.1],
        [np.nan, upper[1] + 0.1, 0.0],
        [np.nan, np.nan, np.nan],
    ]
    found = apply_bounds(z, FUTILITY)
    assert found.stage.tolist() == [1, 2, 2, 3, 3, 2, 3]
    assert found.rejected.tolist() == [True, True, False, True, False, True, False]
    assert found.below.tolist() == [False, False, True, False, False, False, False]
    assert found.information == pytest.approx([1 / 3, 2 / 3, 2 / 3, 1.0, 1.0, 2 / 3, 1.0])


@pytest.mark.parametrize("doses", [2, 3])
@pytest.mark.parametrize("test", get_args(IntersectionTest))
def test_each_trial_is_that_of_closed_combination(
    monkeypatch: pytest.MonkeyPatch, doses: int, test: IntersectionTest
) -> None:
    # a search that takes most of the time of the single test, for a number that is not compared
    for module in (combination, closed_test):
        monkeypatch.setattr(module, "repeated_p_or_none", lambda *_: None)
    rng = np.random.default_rng(doses)
    design, trials = group_sequential(3, bounds="pocock"), 30
    statistics = rng.normal(1.5, 1.0, (trials, 3, doses))
    statistics[10:, 1:][np.repeat(~select_doses(statistics[10:, 0], doses - 1)[:, None], 2, axis=1)] = np.nan
    statistics[20:, 2:][~select_doses(statistics[20:, 0])[:, None]] = np.nan
    sizes = rng.integers(15, 40, (3, doses + 1)).tolist()
    df = [40.0, 60.0, np.inf]
    found = replicate_closed_combination(design, statistics, participants=sizes, df=df, test=test)
    for trial in range(trials):
        rows = [[None if np.isnan(x) else float(x) for x in row] for row in statistics[trial]]
        alone = closed_combination(design, rows, participants=sizes, df=df, test=test).doses
        expected = [look or 0 for look in alone["rejected_at"].to_list()]
        assert found.rejected_at[trial].tolist() == expected
        assert found.rejected[trial].tolist() == [look > 0 for look in expected]
        assert found.stage[trial] == min([look for look in expected if look] or [3])


def test_dropping_the_weaker_dose_keeps_the_familywise_error() -> None:
    """Two doses without effect, the better goes on: at most alpha, within 4 Monte Carlo standard errors."""
    rng, trials = np.random.default_rng(5), 40_000
    design = group_sequential(2)
    control, dose = rng.normal(size=(trials, 2, 1)), rng.normal(size=(trials, 2, 2))
    statistics = (dose - control) / np.sqrt(2.0)
    statistics[:, 1][~select_doses(statistics[:, 0])] = np.nan
    found = replicate_closed_combination(design, statistics, participants=[[50, 50, 50]] * 2)
    share = found.rejected.any(axis=1).mean()
    assert 0.015 < share < 0.025 + 4.0 * np.sqrt(0.025 * 0.975 / trials)


def test_doses_are_selected_by_their_statistics() -> None:
    statistics = [[1.0, 3.0, 2.9], [2.0, 2.0, np.nan]]
    assert select_doses(statistics).tolist() == [[False, True, False], [True, False, False]]
    assert select_doses(statistics, 2).tolist() == [[False, True, True], [True, True, False]]
    assert select_doses(statistics, within=0.2).tolist() == [[False, True, True], [True, True, False]]


def test_bad_input_is_refused_in_a_sentence() -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(DataError, match="trials x 3 looks"):
        apply_bounds(np.zeros((2, 2)), FUTILITY)
    with pytest.raises(DataError, match="1 or more trials"):
        draw_group_sequential(FUTILITY, 0.0, 0, rng)
    with pytest.raises(DataError, match="finite drift"):
        draw_group_sequential(FUTILITY, np.nan, 1, rng)
    with pytest.raises(DataError, match="one-sided design"):
        replicate_closed_combination(TWO_SIDED, np.zeros((2, 2, 2)))
    with pytest.raises(DataError, match="stages"):
        replicate_closed_combination(FUTILITY, np.zeros((2, 4, 2)))
    with pytest.raises(DataError, match="Dunnett's test needs"):
        replicate_closed_combination(FUTILITY, np.zeros((2, 2, 2)))
    with pytest.raises(DataError, match="did you mean simes"):
        replicate_closed_combination(FUTILITY, np.zeros((2, 2, 2)), test="simess")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="cannot come back"):
        statistics = np.zeros((1, 3, 2))
        statistics[0, 1, 0] = np.nan
        replicate_closed_combination(FUTILITY, statistics, test="simes")
    with pytest.raises(DataError, match="1 or more chosen"):
        select_doses(np.zeros((2, 2)), 3)
