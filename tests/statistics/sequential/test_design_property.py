"""What every design must have: its level, its power, limits that are known, and refusals in a sentence."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.distributions import normal_cdf, normal_quantile, normal_upper_p
from equipoise.statistics.sequential import (
    BetaSpending,
    ExponentialSpending,
    FutilityConditionalPower,
    HarmSpending,
    HaybittlePeto,
    HwangShihDeCani,
    KimDeMets,
    LogisticSpending,
    WangTsiatis,
    conditional_power,
    exit_probabilities,
    group_sequential,
    plot_boundaries,
    update_looks,
)

increments = st.lists(st.floats(0.05, 1.0), min_size=1, max_size=6)
rules = st.one_of(
    st.sampled_from(["obrien-fleming", "pocock", "lan-demets-obrien-fleming", "lan-demets-pocock"]),
    st.floats(-0.4, 0.7).map(WangTsiatis),
    st.floats(0.3, 4.0).map(KimDeMets),
    st.floats(-8.0, 4.0).map(HwangShihDeCani),
)


def rates(steps: list[float]) -> list[float]:
    total = np.cumsum(steps)
    return [*(float(t) for t in total[:-1] / total[-1]), 1.0]


@settings(max_examples=40, deadline=None)
@given(increments, rules, st.floats(0.005, 0.2), st.sampled_from([1, 2]), st.floats(0.6, 0.97))
def test_level_and_power_are_those_asked_for(
    steps: Any, rule: Any, alpha: float, sides: Any, power: float
) -> None:
    design = group_sequential(rates(steps), alpha=alpha, sides=sides, bounds=rule, power=power)
    below, above = design.exits(np.array([0.0, design.drift]))
    rejected = above + below if sides == 2 else above
    assert rejected[:, 0].sum() == pytest.approx(alpha, rel=1e-8)
    assert above[:, 1].sum() == pytest.approx(power, rel=1e-9)
    assert design.inflation >= 1 - 1e-9


@settings(max_examples=30, deadline=None)
@given(increments, st.floats(-1.0, 3.0), st.floats(-3.0, 3.0), st.floats(0.5, 3.0))
def test_turning_the_scale_over_swaps_the_sides(steps: Any, low: float, theta: float, width: float) -> None:
    times = rates(steps)
    lower, upper = [low] * len(times), [low + width] * len(times)
    below, above = exit_probabilities(times, lower, upper, theta)
    mirrored = exit_probabilities(times, [-x for x in upper], [-x for x in lower], -theta)
    assert mirrored[0] == pytest.approx(above, abs=1e-13)
    assert mirrored[1] == pytest.approx(below, abs=1e-13)


@settings(max_examples=30, deadline=None)
@given(increments, st.floats(0.1, 50.0), st.floats(-2.0, 4.0))
def test_the_unit_of_information_is_irrelevant(steps: Any, unit: float, theta: float) -> None:
    times = rates(steps)
    lower, upper = [-0.5] * len(times), [2.0] * len(times)
    first = exit_probabilities(times, lower, upper, theta)
    second = exit_probabilities([t * unit for t in times], lower, upper, theta / np.sqrt(unit))
    assert second[0] == pytest.approx(first[0], abs=1e-12)
    assert second[1] == pytest.approx(first[1], abs=1e-12)


def test_a_look_without_bounds_changes_nothing() -> None:
    inf = np.inf
    with_look = exit_probabilities([0.3, 0.5, 1.0], [-1.0, -inf, 0.0], [2.5, inf, 2.0], 2.0)
    without = exit_probabilities([0.3, 1.0], [-1.0, 0.0], [2.5, 2.0], 2.0)
    for side in (0, 1):
        assert with_look[side][[0, 2]] == pytest.approx(without[side], abs=1e-13)
        assert with_look[side][1] == 0


def test_stopping_somewhere_is_certain() -> None:
    below, above = exit_probabilities(
        [0.2, 0.4, 0.7, 1.0], [-1, 0, 0.5, 1.5], [3, 2.5, 2, 1.5], np.linspace(-9, 9, 19)
    )
    assert (below + above).sum(axis=0) == pytest.approx(np.ones(19), abs=1e-13)


def test_two_looks_by_quadrature() -> None:
    z = np.linspace(-9, 2.2, 200_001)
    density = np.exp(-0.5 * (z - np.sqrt(0.4)) ** 2) / np.sqrt(2 * np.pi)
    later = (2.0 - np.sqrt(0.4) * z - 0.6) / np.sqrt(0.6)
    expected = np.trapezoid(density * normal_upper_p(later), z)
    above = exit_probabilities([0.4, 1.0], [-np.inf] * 2, [2.2, 2.0], 1.0)[1]
    assert above[1, 0] == pytest.approx(expected, rel=1e-9)


def test_one_look_is_the_fixed_design() -> None:
    design = group_sequential(1, alpha=0.05, sides=2, power=0.85)
    assert design.upper == pytest.approx((normal_quantile(0.975),))
    assert design.drift == pytest.approx(normal_quantile(0.975) + normal_quantile(0.85))
    assert design.inflation == pytest.approx(1.0)


def test_obrien_fleming_and_pocock_are_wang_tsiatis() -> None:
    for name, delta in (("obrien-fleming", 0.0), ("pocock", 0.5)):
        assert group_sequential(4, bounds=name).upper == group_sequential(4, bounds=WangTsiatis(delta)).upper


def test_spending_by_numbers_is_spending_by_the_function() -> None:
    times = np.array([0.2, 0.55, 1.0])
    by_function = group_sequential(list(times), bounds=KimDeMets(2))
    assert group_sequential(list(times), bounds=list(0.025 * times**2)).upper == pytest.approx(by_function.upper)


def test_numbers_may_come_as_arrays() -> None:
    plain = group_sequential([0.5, 1.0], bounds=[0.01, 0.025], futility=[0.3])
    rates, spent, futility = (np.array(x) for x in ([0.5, 1.0], [0.01, 0.025], [0.3]))
    arrays = group_sequential(rates, bounds=spent, futility=futility)  # type: ignore[arg-type]
    assert arrays.upper == plain.upper
    assert arrays.lower == plain.lower


def test_the_earlier_part_of_a_trial_does_not_know_the_looks_to_come() -> None:
    few, many = group_sequential((0.3, 0.6, 1)), group_sequential((0.3, 0.6, 0.7, 0.8, 1))
    assert few.upper[:2] == pytest.approx(many.upper[:2], abs=1e-11)


@pytest.mark.parametrize("binding", [False, True])
@pytest.mark.parametrize("beta", ["lan-demets-obrien-fleming", HwangShihDeCani(-2), [0.01, 0.04, 0.1]])
def test_beta_is_spent_as_declared(binding: bool, beta: Any) -> None:
    design = group_sequential(3, futility=BetaSpending(beta), binding=binding, power=0.9)
    below, above = design.exits(np.array([0.0, design.drift]))
    spent = (0.01, 0.04) if isinstance(beta, list) else None
    if spent:
        assert np.cumsum(below[:2, 1]) == pytest.approx(spent, abs=1e-10)
    assert above[:, 1].sum() == pytest.approx(0.9, abs=1e-10)
    if binding:
        assert above[:, 0].sum() == pytest.approx(0.025, rel=1e-9)
    else:
        assert above[:, 0].sum() < 0.025
        assert design.upper == group_sequential(3).upper


@pytest.mark.parametrize("binding", [False, True])
def test_harm_is_spent_without_drift(binding: bool) -> None:
    design = group_sequential(3, futility=HarmSpending(KimDeMets(1), 0.1), binding=binding)
    below, above = design.exits(0.0)
    assert np.cumsum(below[:, 0]) == pytest.approx([0.1 / 3, 0.2 / 3, 0.1], rel=1e-9)
    assert (above.sum() == pytest.approx(0.025, rel=1e-9)) == binding


@pytest.mark.parametrize("binding", [False, True])
def test_futility_by_conditional_power_lies_where_it_says(binding: bool) -> None:
    design = group_sequential((0.5, 1.0), futility=FutilityConditionalPower((0.2,)), binding=binding)
    found = conditional_power(design, 1, design.lower[0])
    assert found.power == pytest.approx(0.2, abs=1e-10)
    assert design.exits(0.0)[1].sum() <= 0.025 * (1 + 1e-9)


def test_binding_futility_costs_less_than_non_binding() -> None:
    for futility in ((0.0, 0.5), BetaSpending("lan-demets-pocock")):
        binding, free = (group_sequential(3, futility=futility, binding=how) for how in (True, False))
        assert 1 < binding.inflation < free.inflation
        assert binding.upper[-1] < free.upper[-1]


def test_simulated_trials_keep_level_and_power() -> None:
    design = group_sequential((0.25, 0.6, 1), bounds="pocock", futility=(0.2, 0.7), binding=True, power=0.8)
    rng = np.random.default_rng(20261123)
    rate = np.asarray(design.information_rates)
    steps = np.diff(rate, prepend=0.0)
    trials = 200_000
    noise = rng.normal(size=(trials, 3)) * np.sqrt(steps)
    for drift, wanted in ((0.0, 0.025), (design.drift, 0.8)):
        z = np.cumsum(noise + drift * steps, axis=1) / np.sqrt(rate)
        crossed, fallen = z >= design.upper, z <= np.asarray(design.lower)
        first = np.where(crossed.any(axis=1), crossed.argmax(axis=1), 9)
        stopped = np.where(fallen.any(axis=1), fallen.argmax(axis=1), 9)
        rejected = (first < stopped).mean()
        assert rejected == pytest.approx(wanted, abs=4 * np.sqrt(wanted * (1 - wanted) / trials))


def test_the_expected_information_has_its_limits() -> None:
    design = group_sequential((0.3, 1.0), bounds="pocock", futility=(0.0,))
    assert design.expected_information(30.0) == pytest.approx(0.3)
    assert design.expected_information(-30.0) == pytest.approx(0.3)
    assert 0.3 < design.expected_information(design.drift) < 1
    assert design.fixed_power == pytest.approx(normal_cdf(design.drift - normal_quantile(0.975)))


def test_looks_as_planned_leave_the_design_as_it_is() -> None:
    for options in ({}, {"futility": BetaSpending("lan-demets-pocock")}, {"alpha": 0.05, "sides": 2}):
        design = group_sequential((0.3, 0.6, 1), **options)
        for seen, last in (((0.3,), False), ((0.3, 0.6), False), ((0.3, 0.6, 1.0), True)):
            updated = update_looks(design, seen, last=last)
            assert updated.upper == pytest.approx(design.upper, abs=1e-10)
            assert updated.lower == pytest.approx(design.lower, abs=1e-8)
            assert updated.power == pytest.approx(design.power, abs=1e-9)


def test_a_look_takes_the_place_of_the_planned_one_of_its_number() -> None:
    design = group_sequential(3)
    assert update_looks(design, [0.3]).information_rates == pytest.approx((0.3, 2 / 3, 1.0))
    assert update_looks(design, [0.3, 0.66663]).information_rates == pytest.approx((0.3, 0.66663, 1.0))
    assert update_looks(design, [0.7]).information_rates == pytest.approx((0.7, 1.0))
    assert update_looks(design, [0.3, 0.6, 0.8]).information_rates == pytest.approx((0.3, 0.6, 0.8, 1.0))


@settings(max_examples=25, deadline=None)
@given(st.floats(0.2, 0.5), st.floats(0.55, 0.8), st.floats(0.82, 1.4))
def test_all_alpha_is_spent_whenever_the_trial_ends(first: float, second: float, end: float) -> None:
    design = group_sequential(3, futility=BetaSpending(HwangShihDeCani(-4)))
    updated = update_looks(design, [first, second, end], last=True)
    assert updated.alpha_spent[-1] == pytest.approx(0.025, rel=1e-8)
    assert updated.upper[:2] == pytest.approx(update_looks(design, [first, second]).upper[:2], abs=1e-10)


def test_spending_by_the_calendar() -> None:
    design = group_sequential(2)
    by_information = update_looks(design, [0.3])
    by_calendar = update_looks(design, [0.3], spending_times=[0.5])
    assert by_calendar.alpha_spent[0] == pytest.approx(design.alpha_spent[0])
    assert by_calendar.upper[0] < by_information.upper[0]


def test_the_tables_agree_with_the_bounds() -> None:
    design = group_sequential(4, bounds="pocock")
    table = design.tabulate()
    assert table["lower"].null_count() == 4
    assert table["nominal_p"].to_list() == pytest.approx([normal_upper_p(z) for z in design.upper])
    assert table["alpha_spent"].to_list() == pytest.approx(table["upper_h0"].cum_sum().to_list())
    assert table["b_upper"][-1] == design.upper[-1]
    effects = design.effect_bounds(0.5)
    # At the drift of the design the last estimate that rejects is z / drift of the effect assumed
    assert effects["upper"][-1] == pytest.approx(0.5 * design.upper[-1] / design.drift)
    assert all(a > b for a, b in pairwise(effects["upper"].to_list()))


@pytest.mark.parametrize("options", [{}, {"sides": 2, "alpha": 0.05}, {"futility": (0.0, 0.5)}])
def test_the_figure_is_the_same_on_every_run(options: Any) -> None:
    design = group_sequential(3, **options)
    first, second = plot_boundaries(design), plot_boundaries(design)
    assert first == second
    assert first.startswith("<svg")
    assert f"{design.upper[-1]:.2f}" in first


def test_the_picture_says_in_words_what_it_shows() -> None:
    text = plot_boundaries(group_sequential(2, bounds=[0.0, 0.025]))
    assert "at 0.5 of the maximum information z between -infinity and infinity goes on, power 0.000" in text
    assert "at the last look z from 1.960 rejects, power 0.900" in text


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: group_sequential(0), r"from 1 to 100 looks\. Got 0"),
        (lambda: group_sequential([0.5, 0.4, 1]), r"increase from look to look.* Got 0\.5, 0\.4, 1"),
        (lambda: group_sequential([0.5, float("nan"), 1]), "increase from look to look"),
        (lambda: group_sequential([0.5, 0.9]), r"end at 1, the maximum\. Got 0\.5, 0\.9"),
        (lambda: group_sequential([]), "end at 1"),
        (lambda: group_sequential(3, alpha=0.6), r"alpha must lie between 0 and 0\.5.* Got 0\.6"),
        (lambda: group_sequential(3, power=90), r"did you mean 0\.9\? Got 90"),
        (lambda: group_sequential(3, sides=3), r"sides must be 1 or 2\. Got 3"),  # type: ignore[arg-type]
        (lambda: group_sequential(3, bounds="ofb"), r"bounds by name are one of obrien-fleming, .* Got ofb"),
        (lambda: group_sequential(3, bounds=[0.01, 0.025]), "each of 3 looks must be as many"),
        (lambda: group_sequential(2, bounds=[0.01, 0.05]), r"total of this side, 0\.025.* Got 0\.05"),
        (lambda: group_sequential(3, futility=(0.0,)), r"each of the 2 interim looks\. Got 1"),
        (lambda: group_sequential(2, futility=FutilityConditionalPower((1.5,))), r"from 0 to below 1\. Got 1\.5"),
        (lambda: group_sequential(2, futility=(np.inf,)), "z below infinity"),
        (lambda: group_sequential(2, futility=BetaSpending("pocock")), "a spending function by name is one of"),
        (lambda: group_sequential(2, futility=HarmSpending(KimDeMets(1), 2.0)), "alpha of harm"),
        (lambda: group_sequential(2, sides=2, alpha=0.05, futility=(0.0,)), "one-sided test; halve alpha"),
        (lambda: group_sequential(5, bounds=HaybittlePeto(2.0)), "take a higher one"),
        (lambda: HaybittlePeto(-1), "must be above 0"),
        (lambda: WangTsiatis(3), "between -1 and 1"),
        (lambda: KimDeMets(0), "rho"),
        (lambda: HwangShihDeCani(float("nan")), "gamma"),
        (lambda: ExponentialSpending(0), "nu"),
        (lambda: LogisticSpending((0.5, 0.1), (0.4, 0.2)), "two points"),
        (lambda: update_looks(group_sequential(3, bounds="pocock"), [0.4]), "need a spending function"),
        (lambda: update_looks(group_sequential(3), [0.4, 0.3]), "increase"),
        (lambda: update_looks(group_sequential(3), []), "from 1"),
        (lambda: update_looks(group_sequential(3), [1.1]), "must be the last"),
        (lambda: update_looks(group_sequential(3), [0.2, 0.4], spending_times=[0.4, 0.2]), "must not decrease"),
        (lambda: exit_probabilities([0.5, 1], [0], [2, 2], 0.0), r"as many as the 2 looks.* Got 1 and 2"),
        (lambda: exit_probabilities([0.5, 1], [0, 0], [np.nan, 2], 0.0), "infinite for none"),
        (lambda: group_sequential(1.5), r"looks must be a whole number.* Got 1\.5"),  # type: ignore[arg-type]
        (lambda: group_sequential([0.5, np.nan, 1]), "increase"),
        (lambda: group_sequential(3, alpha=np.nan), "alpha must lie"),
        (lambda: group_sequential(3, futility=0.5), "a z for each of the 2 interim looks"),  # type: ignore[arg-type]
        (lambda: update_looks(group_sequential(3), [0.4], spending_times=[np.nan]), "must not decrease"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(call: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        call()


def test_binding_futility_that_leaves_no_alpha_is_refused() -> None:
    with pytest.raises(EstimationFailed, match="lower them or make them non-binding"):
        group_sequential(2, futility=(3.2,), binding=True)


def test_futility_that_costs_the_power_is_refused() -> None:
    with pytest.raises(EstimationFailed, match="lower the lower bounds"):
        group_sequential((0.01, 1.0), futility=(2.8,))
