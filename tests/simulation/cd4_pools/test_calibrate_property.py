"""Calibration and draws: the targets are met, what cannot be met is said, the same seed gives the same bytes."""

import numpy as np
import pytest

from equipoise.errors import DataError, EstimationFailed
from equipoise.simulation.cd4_pools import (
    LATENT,
    Boost,
    boost_for,
    calibrate_pools,
    draw_participants,
    draw_pools,
    participants_at,
    pool_moments,
)

PARAMETERS = calibrate_pools(180, 60, 20, 45, 336)
INFUSIONS = tuple(7.0 * week for week in (0, 4, 12, 24, 36, 48))
MANY = 8_000


def drawn(days: list[float], boost: Boost | None = None, seed: int = 11, size: int = MANY) -> np.ndarray:
    return draw_pools(PARAMETERS, np.random.default_rng(seed), size, days, boost)


def reached(parameters) -> dict[str, tuple[float, float]]:
    rows = parameters.agreement.filter("fitted").iter_rows(named=True)
    return {row["quantity"]: (row["target"], row["reached"]) for row in rows}


def test_drawn_counts_have_the_level_and_the_slope_within_monte_carlo_error() -> None:
    counts = drawn([0.0, 336.0])
    level, slope = counts[:, 0], counts[:, 1] - counts[:, 0]
    assert abs(level.mean() - 180) < 4 * 60 / np.sqrt(MANY)
    assert abs(slope.mean() - 20) < 4 * 45 / np.sqrt(MANY)
    for sample, sd in ((level, 60.0), (slope, 45.0)):
        # the error of an SD by its fourth moment, as neither is normal
        error = np.std((sample - sample.mean()) ** 2) / (2 * sd * np.sqrt(MANY))
        assert abs(sample.std() - sd) < 4 * error
    assert abs(np.corrcoef(level, slope)[0, 1]) < 4 * 1.3 / np.sqrt(MANY)
    assert np.corrcoef(counts.T)[0, 1] == pytest.approx(0.8, abs=0.02)


@pytest.mark.parametrize("boost", [None, Boost("activation", 0.8, INFUSIONS)])
def test_moments_without_draws_are_those_of_draws(boost: Boost | None) -> None:
    days = [-14.0, 84.0, 336.0, 672.0]
    mean, covariance = pool_moments(PARAMETERS, days, boost)
    counts = drawn(days, boost)
    centred = counts - mean
    errors = centred.std(axis=0) / np.sqrt(MANY)
    assert (abs(centred.mean(axis=0)) < 4 * errors).all()
    products = np.einsum("pv,pw->pvw", centred, centred)
    assert (abs(products.mean(axis=0) - covariance) < 4 * products.std(axis=0) / np.sqrt(MANY)).all()


@pytest.mark.parametrize("targets", [(180, 60, 20, 55, 336), (153, 50, 12, 30, 168)])
def test_other_levels_and_slopes_are_met_too(targets: tuple[float, ...]) -> None:
    for target, value in reached(calibrate_pools(*targets)).values():
        assert value == pytest.approx(target, abs=1e-4 * targets[1])


def test_calibration_scales_with_the_counts() -> None:
    larger = calibrate_pools(360, 120, 40, 90, 336)
    assert larger.thymic_median == pytest.approx(2 * PARAMETERS.thymic_median, rel=1e-4)
    assert larger.start_median == pytest.approx(2 * PARAMETERS.start_median, rel=1e-4)
    assert larger.shift_sd == pytest.approx(PARAMETERS.shift_sd, rel=1e-4)
    assert larger.start_sd == pytest.approx(PARAMETERS.start_sd, rel=1e-4)


def test_what_cannot_be_met_is_said() -> None:
    # in four weeks slow pools cannot change by 45 cells
    target, value = reached(calibrate_pools(180, 60, 20, 45, 28))["slope sd"]
    assert target == 45
    assert value < 20


def test_what_is_only_reported_follows_from_straight_lines() -> None:
    assert PARAMETERS.agreement is not None
    told = {row["quantity"]: row["target"] for row in PARAMETERS.agreement.iter_rows(named=True)}
    rng = np.random.default_rng(5)
    level, slope = rng.normal(180, 60, 400_000), rng.normal(20, 45, 400_000)
    lines = np.stack([level, level + slope, level + 2 * slope])
    correlation = np.corrcoef(lines)
    assert told["mean after two periods"] == pytest.approx(lines[2].mean(), abs=1.0)
    assert told["sd after one period"] == pytest.approx(lines[1].std(), abs=0.5)
    assert told["sd after two periods"] == pytest.approx(lines[2].std(), abs=0.7)
    assert told["correlation, day 0 and one period"] == pytest.approx(correlation[0, 1], abs=0.005)
    assert told["correlation, day 0 and two periods"] == pytest.approx(correlation[0, 2], abs=0.005)
    assert told["correlation, one and two periods"] == pytest.approx(correlation[1, 2], abs=0.005)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    days = [0.0, 336.0]
    first = drawn(days, size=100)
    assert drawn(days, size=100).tobytes() == first.tobytes()
    assert drawn(days, seed=12, size=100).tobytes() != first.tobytes()


def test_a_longer_draw_begins_with_the_same_participants_whatever_the_days_and_the_boost() -> None:
    first = drawn([0.0, 336.0], size=50)
    longer = drawn([-14.0, 0.0, 336.0], size=90)
    assert np.array_equal(longer[:50, 1:], first)
    boosted = drawn([0.0, 336.0], Boost("thymic_output", 2.0, INFUSIONS), size=50)
    np.testing.assert_allclose(boosted[:, 0], first[:, 0], rtol=1e-7)
    assert (boosted[:, 1] > first[:, 1]).all()


def test_scores_of_zero_are_the_median_participant_and_far_scores_are_drawn_in() -> None:
    median = participants_at(PARAMETERS, np.zeros((1, LATENT)))
    assert median.thymic[0] == pytest.approx(PARAMETERS.thymic_median, rel=1e-12)
    assert median.start[0] == pytest.approx(PARAMETERS.start_median, rel=1e-12)
    assert (median.activation[0], median.shift[0], median.division[0]) == pytest.approx((1.0, 1.0, 3.0), rel=1e-12)
    far = participants_at(PARAMETERS, np.full((1, LATENT), 9.0))
    assert far.activation[0] == pytest.approx(np.exp(2.5 * PARAMETERS.rates.activation_sd), rel=1e-9)


@pytest.mark.parametrize(
    ("mechanism", "difference"),
    [("thymic_output", 31.0), ("activation", -20.0), ("memory_death", 31.0)],
)
def test_a_boost_gives_the_difference_asked_for(mechanism, difference: float) -> None:
    boost = boost_for(PARAMETERS, difference, 336, INFUSIONS, mechanism=mechanism)
    gained = drawn([336.0], boost)[:, 0] - drawn([336.0])[:, 0]
    assert abs(gained.mean() - difference) < 4 * gained.std() / np.sqrt(MANY)


def test_no_difference_is_a_factor_of_one() -> None:
    assert boost_for(PARAMETERS, 0.0, 336, INFUSIONS).factor == pytest.approx(1.0, abs=1e-6)


def test_a_difference_out_of_reach_is_refused_with_what_is_in_reach() -> None:
    with pytest.raises(EstimationFailed, match=r"can change the mean count by 0 to 0 .* infuse earlier"):
        boost_for(PARAMETERS, 31.0, 336, (400.0,))


@pytest.mark.parametrize(
    ("targets", "what"),
    [
        ((0, 60, 20, 45, 336), "level_mean"),
        ((180, -1, 20, 45, 336), "level_sd"),
        ((180, 60, -200, 45, 336), "slope_mean"),
        ((180, 60, 20, float("inf"), 336), "slope_sd"),
        ((180, 60, 20, 45, 0), "per_days"),
    ],
)
def test_targets_that_no_count_can_have_are_refused(targets: tuple[float, ...], what: str) -> None:
    with pytest.raises(DataError, match=what):
        calibrate_pools(*targets)


def test_a_negative_number_of_participants_is_refused() -> None:
    with pytest.raises(DataError, match="size"):
        draw_participants(PARAMETERS, np.random.default_rng(1), -1)
