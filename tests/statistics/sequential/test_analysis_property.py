"""What the analysis at a look and after the end must have, and what is refused."""

from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from equipoise.errors import DataError
from equipoise.statistics.distributions import normal_cdf, normal_quantile, normal_upper_p
from equipoise.statistics.sample_size import power_proportions, power_t_test
from equipoise.statistics.sequential import (
    HarmSpending,
    KimDeMets,
    conditional_error,
    conditional_power,
    final_analysis,
    group_sequential,
    mean_bounds,
    predictive_power,
    proportion_bounds,
    repeated_interval,
    repeated_p,
    sequential_log_rank,
    sequential_size,
)

DESIGN = group_sequential(3)
ONE_SIDED: dict[str, Any] = {"alpha": 0.025, "sides": 1}


@given(st.floats(0.1, 0.9), st.floats(-3.0, 5.0), st.floats(-2.0, 5.0))
def test_conditional_power_before_the_last_look_has_a_closed_form(rate: float, z: float, drift: float) -> None:
    design = group_sequential((rate, 1.0))
    b = z * np.sqrt(rate)
    expected = normal_cdf(float((b + drift * (1 - rate) - design.upper[-1]) / np.sqrt(1 - rate)))
    assert conditional_power(design, 1, z, drift=drift).power == pytest.approx(expected, rel=1e-9, abs=1e-14)


@given(st.floats(0.05, 0.9), st.floats(-3.0, 5.0), st.floats(-2.0, 5.0), st.floats(0.1, 4.0))
def test_predictive_power_before_the_last_look_has_a_closed_form(
    rate: float, z: float, mean: float, sd: float
) -> None:
    design = group_sequential((rate, 1.0))
    variance = 1 / (rate + sd**-2)
    posterior = variance * (z * np.sqrt(rate) + mean * sd**-2)
    missing = design.upper[-1] - z * np.sqrt(rate) - posterior * (1 - rate)
    expected = normal_upper_p(float(missing / np.sqrt((1 - rate) + (1 - rate) ** 2 * variance)))
    found = predictive_power(design, 1, z, prior_mean=mean, prior_sd=sd)
    assert found == pytest.approx(expected, rel=1e-8, abs=1e-13)


def test_a_sharp_prior_makes_predictive_power_conditional() -> None:
    sharp = predictive_power(DESIGN, 1, 1.2, prior_mean=3.0, prior_sd=1e-5)
    assert sharp == pytest.approx(conditional_power(DESIGN, 1, 1.2, drift=3.0).power, rel=1e-6)


def test_the_conditional_error_averages_to_alpha() -> None:
    z = np.linspace(-8, DESIGN.upper[0], 4001)
    error = np.array([conditional_error(DESIGN, 1, float(x)) for x in z])
    density = np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)
    assert np.trapezoid(error * density, z) + DESIGN.alpha_spent[0] == pytest.approx(0.025, rel=1e-6)


def test_a_trial_that_rejects_has_repeated_p_and_final_limit_on_the_same_side() -> None:
    for look in (1, 2, 3):
        bound = DESIGN.upper[look - 1]
        assert repeated_p(DESIGN, look, bound) == pytest.approx(0.025, rel=1e-7)
        assert repeated_interval(DESIGN, look, 2 * bound, 2.0).lower == pytest.approx(0.0, abs=1e-9)
        at_bound = final_analysis(DESIGN, look, bound, 1.0)
        assert at_bound.p == pytest.approx(DESIGN.alpha_spent[look - 1], rel=1e-8)
    assert final_analysis(DESIGN, 3, DESIGN.upper[2], 1.0).lower == pytest.approx(0.0, abs=1e-8)


@settings(max_examples=25, deadline=None)
@given(st.floats(-3.0, 6.0), st.floats(0.1, 10.0))
def test_final_estimates_follow_the_scale(z: float, scale: float) -> None:
    one, other = final_analysis(DESIGN, 3, z, 1.0), final_analysis(DESIGN, 3, z * scale, scale)
    assert other.p == pytest.approx(one.p, rel=1e-9)
    found = [x / scale for x in (other.lower, other.estimate, other.upper)]
    assert found == pytest.approx([one.lower, one.estimate, one.upper], abs=1e-8)
    assert one.lower < one.estimate < one.upper


def test_at_the_first_look_the_final_analysis_is_the_usual_one() -> None:
    found = final_analysis(DESIGN, 1, 4.0, 1.0)
    assert found.p == pytest.approx(normal_upper_p(4.0), rel=1e-12)
    assert found.estimate == pytest.approx(4.0)
    assert [found.lower, found.upper] == pytest.approx([4 - normal_quantile(0.975), 4 + normal_quantile(0.975)])


def test_turning_a_two_sided_trial_over_turns_the_analysis_over() -> None:
    design = group_sequential(3, alpha=0.05, sides=2, bounds="pocock")
    up, down = final_analysis(design, 2, 2.6, 1.0), final_analysis(design, 2, -2.6, 1.0)
    assert down.p == pytest.approx(up.p, rel=1e-9)
    assert [-down.upper, -down.estimate, -down.lower] == pytest.approx([up.lower, up.estimate, up.upper], abs=1e-9)
    assert repeated_p(design, 2, -2.6) == pytest.approx(repeated_p(design, 2, 2.6))


def test_exact_intervals_cover_and_the_estimate_has_the_right_median() -> None:
    design = group_sequential(2, bounds="pocock", power=0.8)
    theta, trials = 2.0, 400
    rng = np.random.default_rng(7)
    first = rng.normal(theta * 0.5, np.sqrt(0.5), trials)
    last = first + rng.normal(theta * 0.5, np.sqrt(0.5), trials)
    covered = above = 0
    for one, two in zip(first, last, strict=True):
        stops = one / np.sqrt(0.5) >= design.upper[0]
        found = (
            final_analysis(design, 1, one / 0.5, np.sqrt(2.0)) if stops else final_analysis(design, 2, two, 1.0)
        )
        covered += found.lower <= theta <= found.upper
        above += found.estimate > theta
    assert covered / trials == pytest.approx(0.95, abs=4 * np.sqrt(0.95 * 0.05 / trials))
    assert above / trials == pytest.approx(0.5, abs=4 * np.sqrt(0.25 / trials))


def test_a_trial_stopped_for_harm_is_ordered_from_below() -> None:
    design = group_sequential(2, futility=HarmSpending(KimDeMets(1), 0.2), binding=True)
    found = final_analysis(design, 1, design.lower[0] - 0.3, 1.0)
    assert found.p == pytest.approx(normal_upper_p(design.lower[0] - 0.3), rel=1e-9)
    late = final_analysis(design, 2, 0.0, 1.0)
    assert late.p < found.p


def test_the_size_is_the_fixed_one_times_the_inflation() -> None:
    design = group_sequential(4, bounds="pocock", power=0.9)
    fixed = power_t_test(5, 12, power=0.9, ratio=2, **ONE_SIDED)
    size = sequential_size(design, fixed)
    assert size.n == pytest.approx(fixed.n * design.inflation)
    table = size.tabulate()
    assert table["n_treatment"].to_list() == pytest.approx((2 * table["n_control"]).to_list())
    assert table["power"][-1] == pytest.approx(0.9)
    assert table["n_whole"][-1] >= table["n"][-1]
    back = sequential_size(design, power_t_test(5, 12, n=size.n, ratio=2, **ONE_SIDED))
    assert back.power == pytest.approx(0.9, abs=5e-4)


def test_bounds_of_a_mean_reject_at_their_nominal_p() -> None:
    size = sequential_size(group_sequential(2, futility=(0.0,)), power_t_test(5, 12, power=0.9, **ONE_SIDED))
    student, normal = mean_bounds(size, 12), mean_bounds(size, 12, student=False)
    assert all(a > b for a, b in zip(student["upper"], normal["upper"], strict=True))
    assert student["lower"].to_list() == [pytest.approx(0.0), None]
    shifted = mean_bounds(size, 12, null=-3.0)
    assert (shifted["upper"] - student["upper"]).to_list() == pytest.approx([-3.0, -3.0])


def test_a_bound_no_proportion_reaches_is_null() -> None:
    size = sequential_size(group_sequential((0.05, 1)), power_proportions(0.99, 0.9, power=0.9, **ONE_SIDED))
    assert proportion_bounds(size, 0.9)["upper"][0] is None


def test_the_hazard_ratio_may_lie_above_one() -> None:
    plan: dict[str, Any] = {"control_hazard": 0.05, "accrual": 12, "duration": 24}
    below, above = (sequential_log_rank(DESIGN, ratio, **plan) for ratio in (0.5, 2.0))
    assert below.events == pytest.approx(above.events)
    inverse = [1 / float(x or np.nan) for x in above.hazard_ratio_bounds]
    assert below.hazard_ratio_bounds == pytest.approx(inverse)
    assert below.times[0] > above.times[0]
    given = sequential_log_rank(DESIGN, 0.5, n=below.n, **plan)
    assert given.power == pytest.approx(DESIGN.power, abs=1e-9)
    assert given.tabulate()["time"].to_list() == pytest.approx(list(below.times))


@pytest.mark.parametrize("sides", [1, 2])
@pytest.mark.parametrize("rates", [(0.5, 1.0), (1 / 3, 2 / 3, 1.0), (0.2, 0.5, 0.8, 1.0)])
def test_the_last_look_of_haybittle_and_peto_has_the_p_of_its_decision(
    sides: Literal[1, 2], rates: tuple[float, ...]
) -> None:
    """At the bound it is alpha; beyond it less, before it more; the bound of a design at that alpha is z again."""
    design = group_sequential(rates, alpha=0.05, sides=sides, bounds="haybittle-peto")
    last, bound = design.looks, design.upper[-1]
    assert repeated_p(design, last, bound) == pytest.approx(0.05, rel=1e-8)
    for z in (-1.0, 0.0, 0.5, 1.0, bound - 0.01, bound + 0.01, 2.5, 4.0):
        p = repeated_p(design, last, z)
        assert (p <= 0.05) == ((abs(z) if sides == 2 else z) >= bound)
        if sides == 1 and 0.01 < p < 0.4:
            again = group_sequential(rates, alpha=p, bounds="haybittle-peto")
            assert again.upper[-1] == pytest.approx(z, abs=1e-7)
    assert repeated_p(design, last, 0.0 if sides == 2 else -1.0) == pytest.approx(0.5 * sides, rel=1e-12)


def test_the_repeated_p_of_haybittle_and_peto_is_a_probability_of_a_normal_vector() -> None:
    """Against the multivariate normal distribution of scipy, which goes no look by look."""
    rates = np.array([1 / 3, 2 / 3, 1.0])
    design = group_sequential(3, bounds="haybittle-peto")
    correlation = np.sqrt(np.minimum.outer(rates, rates) / np.maximum.outer(rates, rates))
    for z in (0.3, 1.5, 2.2, 3.5):
        stayed = stats.multivariate_normal(cov=correlation, maxpts=3_000_000, abseps=1e-9).cdf([3.0, 3.0, z])
        assert repeated_p(design, 3, z) == pytest.approx(1.0 - stayed, abs=2e-7)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: conditional_power(DESIGN, 3, 1.0), r"interim one, from 1 to 2\. Got 3"),
        (lambda: conditional_power(DESIGN, 1, float("nan")), "finite"),
        (lambda: predictive_power(DESIGN, 1, 1.0, prior_sd=0.0), r"prior standard deviation .* Got 0"),
        (lambda: final_analysis(DESIGN, 4, 1.0, 1.0), r"from 1 to 3\. Got 4"),
        (lambda: final_analysis(DESIGN, 1.5, 1.0, 1.0), r"from 1 to 3\. Got 1\.5"),  # type: ignore[arg-type]
        (lambda: conditional_power(DESIGN, 1.5, 1.0), r"from 1 to 2\. Got 1\.5"),  # type: ignore[arg-type]
        (lambda: final_analysis(DESIGN, 2, 1.0, 0.0), "standard error"),
        (lambda: final_analysis(DESIGN, 2, 1.0, 1.0, level=95), r"did you mean 0\.95\? Got 95"),
        (lambda: repeated_p(group_sequential(3, bounds="haybittle-peto"), 1, 4.0), "at the last look only"),
        (lambda: sequential_size(DESIGN, power_t_test(1, 2, power=0.9)), "alpha and sides"),
        (lambda: sequential_size(DESIGN, power_t_test(1, 2, power=0.8, **ONE_SIDED)), r"0\.9\. Got 0\.8"),
        (
            lambda: sequential_log_rank(
                DESIGN, 0.7, control_hazard=0.1, accrual=1, duration=2, method="lachin-foulkes"
            ),
            "looks by numbers of events",
        ),
    ],
)
def test_bad_input_is_refused_in_one_sentence(call: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        call()
