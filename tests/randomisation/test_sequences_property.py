"""Re-randomisation tests by the method used: exact where all allocations are listed, else of their size."""

import numpy as np
import pytest

from equipoise.errors import DataError
from equipoise.randomisation import (
    BiasedCoin,
    BigStick,
    Complete,
    Minimisation,
    PermutedBlocks,
    Scheme,
    enumerate_sequences,
    redraw_of,
)
from equipoise.statistics import compare_arms, mean_scores, permutation_test

TWO = (1, 1)


def outcomes(rng: np.random.Generator, levels: np.ndarray) -> np.ndarray:
    n = len(levels)
    return np.linspace(0, 2, n) + levels.sum(axis=1) + rng.normal(size=n)


@pytest.mark.parametrize(
    "scheme",
    [BigStick(TWO, limit=2), Minimisation(TWO, probability=0.85), PermutedBlocks((1, 1, 1), sizes=(3, 6))],
    ids=lambda s: s.method,
)
def test_a_re_randomisation_test_keeps_its_size_with_a_trend_and_effects_of_factors(scheme: Scheme) -> None:
    rng = np.random.default_rng(21)
    n, trials = 20, 200
    rejected = 0
    for _ in range(trials):
        levels = rng.integers(0, 2, (n, 2))
        allocation = scheme.draw(rng, levels[None])[0]
        statistic = compare_arms(mean_scores(outcomes(rng, levels)), range(scheme.arms))
        rejected += permutation_test(statistic, allocation, redraw_of(scheme, levels), rng, draws=99).p <= 0.05
    assert abs(rejected / trials - 0.05) < 3 * np.sqrt(0.05 * 0.95 / trials)


@pytest.mark.parametrize(
    "scheme", [BiasedCoin(TWO), BigStick(TWO, limit=2), Minimisation(TWO)], ids=lambda s: s.method
)
def test_drawn_p_comes_near_the_exact_p_of_all_allocations(scheme: Scheme) -> None:
    rng = np.random.default_rng(22)
    levels = rng.integers(0, 2, (10, 2))
    allocation = scheme.draw(rng, levels[None])[0]
    statistic = compare_arms(mean_scores(outcomes(rng, levels) + allocation), [0, 1])
    every, chances = enumerate_sequences(scheme, levels)
    exact = permutation_test(statistic, allocation, every=every, probabilities=chances)
    drawn = permutation_test(statistic, allocation, redraw_of(scheme, levels), rng, draws=5000)
    assert exact.exact
    assert abs(drawn.p - exact.p) < 4 * drawn.p_error


def test_the_exact_test_rejects_no_more_often_than_its_level() -> None:
    """Over all allocations, weighed by their probabilities, P(p <= alpha) is at most alpha."""
    scheme = BigStick(TWO, limit=2)
    levels = np.zeros((8, 0), dtype=int)
    every, chances = enumerate_sequences(scheme, levels)
    statistic = compare_arms(mean_scores([1.0, 4.0, 2.0, 8.0, 5.0, 7.0, 3.0, 9.0]), [0, 1])
    p = np.array([permutation_test(statistic, row, every=every, probabilities=chances).p for row in every])
    for alpha in (0.05, 0.1, 0.3):
        assert 0 < chances[p <= alpha].sum() <= alpha + 1e-12


def test_rows_hold_the_labels_of_the_arms() -> None:
    redraw = redraw_of(Complete((1, 2)), np.zeros((50, 0), dtype=int), ["control", "active"])
    drawn = redraw(np.random.default_rng(1), 40)
    assert drawn.shape == (40, 50)
    assert 0.6 < (drawn == "active").mean() < 0.73


def test_sequences_are_listed_in_order_and_once() -> None:
    every, chances = enumerate_sequences(Complete((1, 2)), np.zeros((4, 0), dtype=int))
    assert [tuple(row) for row in every] == sorted({tuple(row) for row in every})
    assert chances == pytest.approx((1 / 3) ** (4 - every.sum(axis=1)) * (2 / 3) ** every.sum(axis=1))


def test_what_cannot_be_listed_or_labelled_is_refused_in_a_sentence() -> None:
    nothing = np.zeros((6, 0), dtype=int)
    with pytest.raises(DataError, match=r"up to 20; draw random ones. Got more"):
        enumerate_sequences(Complete(TWO), nothing, most=20)
    with pytest.raises(DataError, match=r"a label for each of the scheme's 2. Got 3"):
        redraw_of(Complete(TWO), nothing, "ABC")
    with pytest.raises(DataError, match=r"participants x factors .* Got shape \(6,\)"):
        redraw_of(Complete(TWO), np.zeros(6, dtype=int))
