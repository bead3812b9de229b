"""What adaptive tests must have: their level under selection, known limits, and refusals in a sentence."""

from itertools import product
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.errors import DataError
from equipoise.statistics.distributions import normal_upper_p
from equipoise.statistics.sequential import (
    blinded_sd,
    closed_combination,
    fisher_combination,
    fisher_p,
    group_sequential,
    inverse_normal,
    promising_zone,
    reestimate_means,
    reestimate_proportions,
)
from equipoise.statistics.sequential.adaptive import dunnett_correlation

DESIGN = group_sequential(2)


@given(st.floats(-4.0, 4.0), st.floats(-4.0, 4.0), st.floats(0.1, 0.9))
def test_stages_as_planned_give_the_statistic_of_all_the_data(first: float, second: float, rate: float) -> None:
    design = group_sequential((rate, 1.0))
    found = inverse_normal(design, [normal_upper_p(first), normal_upper_p(second)])
    assert found.z[1] == pytest.approx(np.sqrt(rate) * first + np.sqrt(1 - rate) * second, abs=1e-9)
    assert sum(w * w for w in found.weights) == pytest.approx(1.0)


def test_the_decision_and_its_p_values_agree() -> None:
    crossing = inverse_normal(DESIGN, [normal_upper_p(DESIGN.upper[0])])
    assert crossing.p_repeated == pytest.approx(0.025, rel=1e-7)
    assert crossing.p_final == pytest.approx(DESIGN.alpha_spent[0])
    nothing = inverse_normal(DESIGN, [0.4, 0.3])
    assert nothing.rejected_at is None
    assert nothing.tabulate()["z"].to_list() == list(nothing.z)
    assert inverse_normal(DESIGN, [1e-9, 0.9]).rejected_at == 1


@pytest.mark.parametrize("options", [{}, {"alpha1": "full"}, {"alpha1": 0.002}, {"alpha1": 0.01, "alpha0": 0.4}])
def test_fishers_product_keeps_its_level(options: Any) -> None:
    test = fisher_combination(0.025, **options)
    # Exact by the conditional error, integrated over the first p between its two bounds on a logarithmic grid
    p = np.exp(np.linspace(np.log(test.alpha1), np.log(test.alpha0), 20_001))[1:]
    error = np.array([test.second_p(float(x)) for x in p]) * p
    steps = np.linspace(np.log(test.alpha1), np.log(test.alpha0), 20_001)[1:]
    assert test.alpha1 + np.trapezoid(error, steps) == pytest.approx(0.025, abs=2e-6)
    assert test.second_p(test.alpha1 / 2) == 1.0
    assert fisher_p(0.1, 0.2) == pytest.approx(0.02 * (1 - np.log(0.02)))


def test_one_dose_is_the_combination_test_alone() -> None:
    found = closed_combination(DESIGN, [[1.7], [1.9]], participants=[[30, 30], [40, 30]])
    plain = inverse_normal(DESIGN, [normal_upper_p(1.7), normal_upper_p(1.9)])
    assert found.intersections["z"].to_list() == pytest.approx(list(plain.z))
    assert found.doses["p"][0] == pytest.approx(plain.p_repeated)


def test_the_order_of_the_doses_is_irrelevant() -> None:
    one = closed_combination(
        DESIGN, [[1.0, 2.5], [None, 2.0]], participants=[[30, 25, 40], [30, 0, 40]], doses=["a", "b"]
    )
    other = closed_combination(
        DESIGN, [[2.5, 1.0], [2.0, None]], participants=[[30, 40, 25], [30, 40, 0]], doses=["b", "a"]
    )
    assert one.doses.sort("dose").equals(other.doses.sort("dose"))


def test_dunnett_rejects_more_than_bonferroni_and_simes() -> None:
    statistics, sizes = [[2.0, 1.8], [1.9, 1.7]], [[40, 40, 40]] * 2
    z = {
        test: closed_combination(DESIGN, statistics, participants=sizes, test=test).intersections["z"][1]
        for test in ("dunnett", "sidak", "bonferroni", "simes")
    }
    assert z["bonferroni"] < z["sidak"] < z["dunnett"]
    assert z["simes"] > z["bonferroni"]


def test_a_fixed_sequence_looks_at_the_first_dose() -> None:
    found = closed_combination(DESIGN, [[0.5, 3.9]], test="fixed-sequence", doses=["high", "low"])
    rows = found.intersections.filter(pl.col("intersection") == "high+low")
    assert rows["p"].to_list() == pytest.approx([normal_upper_p(0.5)])


def test_t_statistics_need_larger_values_than_normal_ones() -> None:
    normal, student = (
        closed_combination(DESIGN, [[2.0, 1.5]], participants=[[10, 10, 10]], df=df).intersections["p"].to_numpy()
        for df in (np.inf, 27.0)
    )
    assert (student > normal).all()


def test_selection_of_the_better_dose_keeps_the_level() -> None:
    design = group_sequential(2, bounds="lan-demets-pocock")
    rng = np.random.default_rng(11)
    trials, root = 200, np.linalg.cholesky(dunnett_correlation([1, 1, 1]))
    wrong = 0
    for _ in range(trials):
        first, second = (root @ rng.normal(size=2) for _ in range(2))
        best = int(np.argmax(first))
        later = [second[i] if i == best else None for i in (0, 1)]
        found = closed_combination(design, [list(first), later], participants=[[40, 40, 40]] * 2)
        wrong += found.doses["rejected_at"].null_count() < 2
    assert wrong / trials < 0.025 + 4 * np.sqrt(0.025 * 0.975 / trials)


def test_the_one_sample_variance_holds_the_difference_of_the_arms() -> None:
    rng = np.random.default_rng(3)
    means = []
    for _ in range(400):
        values = np.concatenate([rng.normal(6, 10, 40), rng.normal(0, 10, 40)])
        means.append((blinded_sd(values) ** 2, blinded_sd(values, difference=6.0) ** 2))
    total, adjusted = np.mean(means, axis=0)
    assert total == pytest.approx(100 + 80 / 79 * 36 / 4, rel=0.03)
    assert adjusted == pytest.approx(100, rel=0.03)


def test_the_size_follows_the_nuisance_parameter_within_its_limits() -> None:
    values = np.tile([0.0, 20.0], 30)
    free = reestimate_means(values, 6.0)
    assert free.n == free.size.n_whole
    assert reestimate_means(values, 6.0, largest=100).n == 100
    assert reestimate_means(values / 100, 0.05, smallest=200, adjusted=False).n == 200
    assert reestimate_means(values, 6.0, adjusted=False).n > free.n
    shifted = reestimate_means(values + 500.0, 6.0)
    assert shifted.nuisance == pytest.approx(free.nuisance)


def test_rates_are_spread_about_the_pooled_one() -> None:
    found = reestimate_proportions(40, 100, 0.15, ratio=2.0)
    assert found.nuisance == 0.4
    assert found.size.effect == pytest.approx(0.4 + 0.05)
    even = reestimate_proportions(50, 100, 0.2)
    assert even.n > reestimate_proportions(20, 100, 0.2).n


@pytest.mark.parametrize(("z1", "power"), list(product((0.5, 1.2, 1.6, 2.2, 3.0), (0.8, 0.9))))
def test_zones_follow_conditional_power(z1: float, power: float) -> None:
    found = promising_zone(z1, 100, 200, 400, power=power)
    assert (found.zone == "unfavourable") == (found.conditional_power < found.start)
    assert (found.zone == "favourable") == (found.conditional_power >= power)
    if found.zone == "promising":
        assert found.critical_value <= 1.959964
        assert found.conditional_power_after == pytest.approx(power) or found.n == 400
    else:
        assert found.n == 200
        assert found.critical_value == pytest.approx(1.959964, abs=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: inverse_normal(DESIGN, [0.1, 0.2, 0.3]), r"1 to 2\. Got 3"),
        (lambda: inverse_normal(DESIGN, [0.0]), r"between 0 and 1 \(exclusive\)"),
        (lambda: inverse_normal(group_sequential(2, alpha=0.05, sides=2), [0.1]), "one-sided design"),
        (lambda: fisher_combination(0.025, alpha1=0.03), "alpha1 must lie"),
        (lambda: fisher_combination(0.7), "alpha must lie"),
        (lambda: fisher_combination(0.025, alpha0=0.01), "alpha0 must lie above alpha"),
        (lambda: fisher_combination().second_p(2.0), "p-value"),
        (lambda: fisher_p(0.0, 0.1), "p-values must lie above 0"),
        (lambda: closed_combination(DESIGN, [[1.0, 2.0]]), "needs participants"),
        (lambda: closed_combination(DESIGN, [[1.0, 2.0]], participants=[[3, 4]]), "rows of 3 numbers"),
        (lambda: closed_combination(DESIGN, [[1.0, 2.0]], participants=[[3, 4, 0]]), "above 0"),
        (lambda: closed_combination(DESIGN, [[1.0, None], [1.0, 2.0]], test="simes"), "first stage complete"),
        (
            lambda: closed_combination(DESIGN, [[1.0, 2.0], [None, None]], test="simes"),
            "each stage must have a dose",
        ),
        (lambda: closed_combination(DESIGN, [[1.0]] * 3, test="simes"), "at most 2 stages"),
        (lambda: closed_combination(DESIGN, [[1.0, 2.0]], test="simes", doses=["a", "a"]), "different names"),
        (lambda: closed_combination(DESIGN, [[1.0]], test="tukey"), "test must be one of"),  # type: ignore[arg-type]
        (lambda: blinded_sd([1.0]), "at least two"),
        (lambda: blinded_sd([1.0, 2.0, 3.0], difference=9.0), "difference must explain less"),
        (lambda: reestimate_means([1.0, 4.0, 9.0], 1.0, smallest=10, largest=5), "largest total"),
        (lambda: reestimate_proportions(5, 4, 0.1), "events must lie"),
        (lambda: reestimate_proportions(1, 100, 0.1), "both rates between 0 and 1"),
        (lambda: promising_zone(1.0, 100, 90, 200), "sizes must rise"),
        (lambda: promising_zone(1.0, 50, 90, 200, power=0.2), "power must lie"),
        (lambda: promising_zone(float("nan"), 50, 90, 200), "z1 and the critical value"),
        (lambda: closed_combination(DESIGN, [1.0, 2.0], test="simes"), "a row for each stage"),  # type: ignore[list-item]
        (lambda: closed_combination(DESIGN, [[1.0, 2.0]], test="simes", df=[20, 30]), "one for each of 1 stages"),
        (lambda: closed_combination(DESIGN, [[1.0, 2.0]], test="simes", df=0), "df must be a number of 1 or more"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(call: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        call()
