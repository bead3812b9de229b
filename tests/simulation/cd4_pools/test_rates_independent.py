"""The turnover of virtual participants against the ranges that the sources state."""

import numpy as np
import pytest

from equipoise.simulation.cd4_pools import PoolRates, calibrate_pools, draw_participants, solve_pools
from equipoise.simulation.cd4_pools.equations import Equations

PARAMETERS = calibrate_pools(180, 60, 20, 45, 336)
DRAWN = draw_participants(PARAMETERS, np.random.default_rng(20), 20_000)
RATES = PARAMETERS.rates
EQUATIONS = Equations.of(DRAWN, RATES)


def middle(values: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def test_replacement_of_naive_cells_lies_in_the_range_of_the_source() -> None:
    # 0.19 to 0.60 % a day (McCune 2000): the middle 95 % of participants inside, and most of the range used
    low, high = middle(RATES.naive_death + EQUATIONS.naive_activation)
    assert 0.0019 <= low < 0.0023
    assert 0.0055 < high <= 0.0060


def test_replacement_of_memory_cells_lies_in_the_range_of_the_source() -> None:
    # 0.87 to 3.14 % a day (McCune 2000)
    low, high = middle(RATES.memory_death + EQUATIONS.memory_activation)
    assert 0.0087 <= low < 0.0125
    assert 0.0250 < high <= 0.0314


def test_naive_cells_divide_more_than_twice_as_often_as_the_thymus_makes_them() -> None:
    # Bains 2009
    naive = EQUATIONS.steady_state()[0]
    assert (EQUATIONS.naive_division * naive > 2.0 * DRAWN.thymic).all()


def test_thymic_output_of_the_middle_95_percent_spans_25_to_75_percent_of_responders() -> None:
    low, high = middle(DRAWN.thymic)
    assert high / low == pytest.approx(3.0, rel=0.05)


def test_about_as_much_of_the_pool_is_activated_as_in_macaques() -> None:
    # 4.5 % (PMC3441463); not fitted, so the same order is all that is asked for
    pools = solve_pools(DRAWN, [0.0], rates=RATES)
    assert 0.03 < np.median(pools.activated / pools.total) < 0.09


def test_the_defaults_are_the_rates_of_the_sources() -> None:
    rates = PoolRates()
    assert rates.naive_death == pytest.approx(0.00045, abs=5e-6)
    assert rates.memory_death == pytest.approx(0.0047, abs=5e-5)
    assert (rates.activated_life, rates.reversion, rates.virus_decay) == (4.0, 0.05, 0.001)
