"""Properties of schemes: known limits of imbalance and guesses, and tests that keep their size or do not."""

from math import comb

import numpy as np
import polars as pl
import pytest

from equipoise.errors import DataError
from equipoise.randomisation import (
    BigStick,
    Complete,
    Minimisation,
    PermutedBlocks,
    compare_schemes,
    enumerate_sequences,
    measure_imbalance,
    measure_predictability,
    measure_stratum_imbalance,
    no_factors,
    plot_schemes,
    simulate_analysis_sizes,
)
from equipoise.randomisation.properties.analysis_size import f_test_of_arms
from equipoise.randomisation.properties.comparison import draw_levels
from equipoise.statistics import ancova, t_test

TWO = (1, 1)


def test_imbalance_is_the_largest_difference_of_scaled_numbers() -> None:
    allocation = np.array([[1, 1, 0, 1, 1, 0, 0]])
    assert measure_imbalance(Complete(TWO), allocation)[0].tolist() == [1, 2, 1, 2, 3, 2, 1]
    assert measure_imbalance(Complete((1, 2)), allocation)[0].tolist() == [0.5, 1, 0, 0.5, 1, 0, 1]
    levels = np.array([0, 1, 0, 1, 1, 0, 0]).reshape(1, 7, 1)
    assert measure_stratum_imbalance(Complete(TWO), allocation, levels)[0].tolist() == [1, 1, 1, 2, 3, 3, 3]


def test_the_worst_stratum_of_one_is_the_trial() -> None:
    rng = np.random.default_rng(1)
    scheme = BigStick((2, 2), limit=3)
    drawn = scheme.draw(rng, no_factors(20, 30))
    whole = measure_imbalance(scheme, drawn)
    assert (measure_stratum_imbalance(scheme, drawn, no_factors(20, 30)) == whole).all()
    assert whole.max() == 3


def test_guesses_of_complete_randomisation_and_of_pairs() -> None:
    rng = np.random.default_rng(2)
    levels = no_factors(50, 12)
    fair = Complete(TWO)
    found = measure_predictability(fair, fair.draw(rng, levels), levels)
    assert (found.correct == 0.5).all()
    assert (found.best == 0.5).all()
    assert (found.deterministic == 0).all()
    pairs = PermutedBlocks(TWO, sizes=(2,))
    found = measure_predictability(pairs, pairs.draw(rng, levels), levels)
    assert found.correct == pytest.approx(0.75)
    assert found.best == pytest.approx(0.75)
    assert (found.deterministic == 0.5).all()


@pytest.mark.parametrize("half", [2, 3, 5])
def test_guesses_of_a_block_are_those_of_blackwell_and_hodges(half: int) -> None:
    """One block of 2m: the expected number of correct guesses is m + (2^2m / C(2m, m) - 1) / 2."""
    n = 2 * half
    scheme = PermutedBlocks(TWO, sizes=(n,))
    every, chances = enumerate_sequences(scheme, np.zeros((n, 0), dtype=int))
    found = measure_predictability(scheme, every, no_factors(len(every), n))
    expected = half + (2**n / comb(n, half) - 1) / 2
    assert n * float(chances @ found.correct) == pytest.approx(expected, rel=1e-12)


def test_who_knows_the_method_guesses_at_least_as_well_and_unequal_shares_raise_the_floor() -> None:
    rng = np.random.default_rng(3)
    levels = rng.integers(0, 2, (300, 30, 2))
    for scheme in (
        Minimisation(TWO),
        PermutedBlocks((1, 2), sizes=(3, 6)),
        Complete((1, 2)),
        BigStick(TWO, limit=2),
    ):
        found = measure_predictability(scheme, scheme.draw(rng, levels), levels)
        assert (found.best >= found.correct - 1e-12).all()
        assert found.best.mean() >= max(scheme.ratio) / sum(scheme.ratio) - 1e-12


def test_the_batched_f_test_is_the_t_test_and_the_analysis_of_covariance() -> None:
    rng = np.random.default_rng(4)
    arm, stratum = rng.integers(0, 2, (3, 20)), rng.integers(0, 3, (3, 20))
    outcome = rng.normal(size=(3, 20))
    arms = (arm[:, :, None] == [1]).astype(float)
    constant = np.ones((3, 20, 1))
    # a level that nobody has is a column of zeros
    strata = (stratum[:, :, None] == np.arange(4)).astype(float)
    plain = f_test_of_arms(outcome, arms, constant)
    adjusted = f_test_of_arms(outcome, arms, strata)
    for trial in range(3):
        frame = pl.DataFrame(
            {
                "y": outcome[trial],
                "arm": arm[trial].astype(str),
                "stratum": stratum[trial].astype(str),
            }
        )
        assert plain[trial] == pytest.approx(t_test(frame, "y", "arm", variance="pooled").p, rel=1e-10)
        fit = ancova("y ~ stratum + arm", frame)
        found = fit.contrasts("arm", versus="0")["p"][0]
        assert adjusted[trial] == pytest.approx(found, rel=1e-9)


def test_a_trial_with_one_arm_only_rejects_nothing() -> None:
    outcome = np.random.default_rng(1).normal(size=(1, 5))
    assert f_test_of_arms(outcome, np.zeros((1, 5, 1)), np.ones((1, 5, 1))).tolist() == [1.0]


def test_analyses_that_ignore_what_was_balanced_are_conservative_and_others_keep_their_size() -> None:
    rng = np.random.default_rng(5)
    levels = draw_levels(rng, [(0.5, 0.5)], 4000, 40)
    scheme = PermutedBlocks(TWO, sizes=(4,))
    sizes = simulate_analysis_sizes(scheme, scheme.draw(rng, levels), levels, rng, trend=1.0, effect=2.0)
    found = {row.analysis: row for row in sizes}
    assert found["arm alone"].size < 0.02
    assert abs(found["with strata and entry"].size - 0.05) < 4 * found["with strata and entry"].error
    assert found["with strata"].size < 0.05
    fair = Complete(TWO)
    sizes = simulate_analysis_sizes(fair, fair.draw(rng, levels), levels, rng, trend=1.0, effect=2.0)
    assert all(abs(row.size - 0.05) < 4 * np.sqrt(0.05 * 0.95 / 4000) for row in sizes)


def test_a_comparison_is_a_table_and_a_picture_that_one_seed_repeats() -> None:
    def compare():
        return compare_schemes(
            {"blocks of 4": PermutedBlocks(TWO, sizes=(4,)), "minimisation": Minimisation(TWO)},
            n=24,
            rng=np.random.default_rng(6),
            factors=[(0.4, 0.6), (0.5, 0.5)],
            trials=60,
            retests=3,
            redraws=19,
        )

    one, two = compare(), compare()
    assert one.summary.equals(two.summary)
    assert one.imbalance.equals(two.imbalance)
    assert one.value("blocks of 4", "deterministic") > one.value("minimisation", "deterministic") == 0
    assert one.value("minimisation", "final imbalance") < one.value("minimisation", "largest imbalance")
    assert one.imbalance.height == 2 * 2 * 24
    assert one.summary["property"].n_unique() == 13
    picture = plot_schemes(one)
    assert picture == plot_schemes(two)
    assert picture.startswith("<svg")
    assert "60 trials of 24 participants. blocks of 4: largest imbalance" in picture


def test_errors_of_means_shrink_as_simulations_grow() -> None:
    few, many = (
        compare_schemes({"coin": Complete(TWO)}, n=20, rng=np.random.default_rng(7), trials=trials).summary
        for trials in (100, 1600)
    )
    ratio = (few["error"] / many["error"]).drop_nulls().drop_nans()
    assert ratio[0] == pytest.approx(4, rel=0.35)
    assert few.filter(few["property"] == "final imbalance")["value"][0] == pytest.approx(
        np.sqrt(2 * 20 / np.pi), rel=0.35
    )


def test_nothing_to_compare_is_refused_in_a_sentence() -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(DataError, match=r"Got 0 schemes, 10 participants, 1000 trials"):
        compare_schemes({}, n=10, rng=rng)
    with pytest.raises(DataError, match=r"add up to 1. Got \[0.5, 0.6\]"):
        compare_schemes({"coin": Complete(TWO)}, n=10, rng=rng, factors=[(0.5, 0.6)])
    found = compare_schemes({"coin": Complete(TWO)}, n=10, rng=rng, trials=5)
    with pytest.raises(DataError, match=r"properties compared are final imbalance.* Got guesses of coin"):
        found.value("coin", "guesses")
