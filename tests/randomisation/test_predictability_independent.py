"""Imbalance and predictability against the simulations of Zhao et al., Pharmaceutical Statistics 2012;11:39-48.

Tables III (20 and 80 participants) and IV (100), 5,000 trials each, three decimals printed. `largest` is the mean
of the largest absolute difference over time, then the shares of deterministic allocations and of correct guesses.
Tolerances: four standard errors of both simulations together and half a digit; 0.006 for the shares.
"""

import numpy as np
import pytest

from equipoise.randomisation import (
    BiasedCoin,
    BigStick,
    PermutedBlocks,
    RandomAllocationRule,
    Scheme,
    Urn,
    measure_imbalance,
    measure_predictability,
    no_factors,
)

TWO = (1, 1)
# scheme, participants, largest difference, deterministic, correct guesses
TABLES: list[tuple[Scheme, int, float, float, float]] = [
    (PermutedBlocks(TWO, sizes=(20,)), 20, 3.446, 0.090, 0.616),
    (BiasedCoin(TWO, probability=0.7), 20, 2.963, 0.0, 0.633),
    (PermutedBlocks(TWO, sizes=(20,)), 80, 4.655, 0.091, 0.617),
    (BiasedCoin(TWO, probability=0.7), 80, 4.374, 0.0, 0.640),
    (BigStick(TWO, limit=4), 100, 3.999, 0.118, 0.558),
    (PermutedBlocks(TWO, sizes=(30,)), 100, 5.608, 0.056, 0.591),
    (PermutedBlocks(TWO, sizes=(12,)), 100, 3.916, 0.137, 0.639),
    (PermutedBlocks(TWO, sizes=(10,)), 100, 3.620, 0.167, 0.654),
    (PermutedBlocks(TWO, sizes=(8,)), 100, 3.272, 0.192, 0.662),
    (PermutedBlocks(TWO, sizes=(6,)), 100, 2.830, 0.241, 0.680),
    (PermutedBlocks(TWO, sizes=(4,)), 100, 2.0, 0.334, 0.709),
    (PermutedBlocks(TWO, sizes=(2,)), 100, 1.0, 0.5, 0.751),
    (BiasedCoin(TWO, probability=0.65), 100, 5.490, 0.0, 0.614),
    (RandomAllocationRule(TWO, size=100), 100, 8.207, 0.020, 0.558),
    (Urn(TWO, initial=1, same=0, other=5), 100, 8.404, 0.0, 0.543),
]


@pytest.mark.parametrize(("scheme", "n", "largest", "deterministic", "correct"), TABLES)
def test_published_imbalance_and_guesses(
    scheme: Scheme, n: int, largest: float, deterministic: float, correct: float
) -> None:
    levels = no_factors(1500, n)
    allocation = scheme.draw(np.random.default_rng(20120511), levels)
    found = measure_predictability(scheme, allocation, levels)
    imbalance = measure_imbalance(scheme, allocation).max(axis=1)
    error = 4 * imbalance.std() * np.sqrt(1 / 1500 + 1 / 5000) + 0.0015
    assert imbalance.mean() == pytest.approx(largest, abs=error)
    assert found.correct.mean() == pytest.approx(correct, abs=0.006)
    assert found.deterministic.mean() == pytest.approx(deterministic, abs=0.006)
