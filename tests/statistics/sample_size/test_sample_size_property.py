"""What holds for every calculation of sample size: it can be turned around, rounds up, and refuses nonsense."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.sample_size import (
    SampleSize,
    ar1_covariance,
    compound_symmetry,
    event_probability,
    inflate_for_dropout,
    plot_power_curve,
    power_ancova,
    power_cochran_armitage,
    power_correlation,
    power_dose_contrast,
    power_dunnett,
    power_equivalence,
    power_exact_proportions,
    power_log_rank,
    power_mcnemar,
    power_mean_ratio,
    power_mmrm,
    power_negative_binomial,
    power_one_mean,
    power_one_proportion,
    power_ordinal,
    power_proportions,
    power_rank_sum,
    power_t_test,
    relative_effect_of_shift,
    size_for_mean_interval,
)

Method = Callable[..., SampleSize]
# a method as a function of effect, n and power, with an effect on its scale
METHODS: dict[str, tuple[Method, float]] = {
    "t test": (lambda e, **k: power_t_test(e, 1.2, ratio=1.5, **k), 0.4),
    "t test of Welch": (lambda e, **k: power_t_test(e, 1.0, sd_control=1.7, method="welch", **k), 0.8),
    "ancova": (lambda e, **k: power_ancova(e, correlation=0.6, **k), 0.4),
    "one mean": (lambda e, **k: power_one_mean(e, sides=1, **k), 0.4),
    "ratio of means": (lambda e, **k: power_mean_ratio(e, 0.3, null=0.8, **k), 1.05),
    "equivalence": (lambda e, **k: power_equivalence(e, 1.0, lower=-0.5, upper=0.6, **k), 0.2),
    "proportions": (lambda e, **k: power_proportions(e, 0.3, ratio=2, **k), 0.5),
    "arcsine": (lambda e, **k: power_proportions(e, 0.3, method="arcsine", direction="below", **k), 0.15),
    "corrected": (lambda e, **k: power_proportions(e, 0.3, method="corrected", **k), 0.5),
    "risk ratio": (lambda e, **k: power_proportions(e, 0.3, measure="ratio", null=0.8, **k), 0.35),
    "odds ratio": (lambda e, **k: power_proportions(e, 0.3, measure="odds-ratio", method="wald", **k), 0.5),
    "one proportion": (lambda e, **k: power_one_proportion(e, 0.3, method="normal", **k), 0.5),
    "pairs": (lambda e, **k: power_mcnemar(e, discordant=0.4, **k), 0.15),
    "log-rank": (lambda e, **k: power_log_rank(e, control_hazard=0.05, accrual=12, duration=30, **k), 0.7),
    "Lachin-Foulkes": (
        lambda e, **k: power_log_rank(
            e, control_hazard=0.05, accrual=12, follow_up=12, dropout=0.01, method="lachin-foulkes", **k
        ),
        0.7,
    ),
    "repeated measures": (
        lambda e, **k: power_mmrm(e, covariance=compound_symmetry(1, 0.5, 3), retention=(1, 0.9, 0.8), **k),
        0.4,
    ),
    "rank sum": (power_rank_sum, 0.6),
    "ordered categories": (lambda e, **k: power_ordinal(None, (0.2, 0.3, 0.5), odds_ratio=e, **k), 2.0),
    "Dunnett": (lambda e, **k: power_dunnett(e, shape=(0.5, 1.0), allocation="sqrt", step="down", **k), 0.6),
    "contrast": (lambda e, **k: power_dose_contrast(e, shape=(0, 0.2, 1), **k), 0.6),
    "trend": (lambda e, **k: power_cochran_armitage(control=0.2, doses=(0, 1, 2), slope=e, **k), 0.4),
    "rates": (lambda e, **k: power_negative_binomial(e, control_rate=1.5, dispersion=0.7, **k), 0.7),
    "correlation": (power_correlation, 0.3),
}


@pytest.mark.parametrize("name", METHODS)
def test_size_power_and_effect_give_one_another_back(name: str) -> None:
    method, effect = METHODS[name]
    size = method(effect, power=0.85)
    assert size.solved == "n"
    assert method(effect, n=size.n).power == pytest.approx(0.85, abs=1e-9)
    assert method(effect, n=size.per_arm).power == pytest.approx(0.85, abs=1e-9) if len(size.per_arm) > 1 else True
    assert method(None, n=size.n, power=0.85).effect == pytest.approx(effect, rel=1e-8)


@pytest.mark.parametrize("name", METHODS)
def test_rounding_up_raises_size_and_power_by_little(name: str) -> None:
    method, effect = METHODS[name]
    found = method(effect, power=0.8)
    assert all(0 <= whole - size < 1 for size, whole in zip(found.per_arm, found.per_arm_whole, strict=True))
    assert found.n_whole == sum(found.per_arm_whole)
    assert 0.8 - 1e-9 <= found.power_whole < 0.87


@pytest.mark.parametrize("name", METHODS)
def test_more_participants_more_power(name: str) -> None:
    method, effect = METHODS[name]
    start = method(effect, power=0.6).n
    powers = [method(effect, n=start * times).power for times in (1.0, 1.3, 2.0, 4.0)]
    assert powers == sorted(powers)
    assert powers[-1] > 0.95


@given(
    effect=st.floats(0.05, 2.0),
    sd=st.floats(0.2, 50.0),
    power=st.floats(0.3, 0.99),
    ratio=st.floats(0.3, 4.0),
    scale=st.floats(1e-3, 1e3),
)
@settings(max_examples=25, deadline=None)
def test_scale_and_sign_of_the_outcome_are_irrelevant(
    effect: float, sd: float, power: float, ratio: float, scale: float
) -> None:
    found = power_t_test(effect, sd, power=power, ratio=ratio)
    assert power_t_test(effect * scale, sd * scale, power=power, ratio=ratio).n == pytest.approx(found.n, rel=1e-8)
    assert power_t_test(-effect, sd, power=power, ratio=ratio).n == pytest.approx(found.n, rel=1e-12)
    assert power_t_test(effect, sd, power=power, ratio=1 / ratio).n == pytest.approx(found.n, rel=1e-8)


@given(p=st.floats(0.05, 0.95), q=st.floats(0.05, 0.95), n=st.integers(5, 40))
@settings(max_examples=20, deadline=None)
def test_event_and_no_event_are_the_same_problem(p: float, q: float, n: int) -> None:
    if abs(p - q) < 1e-3:
        return
    same = power_proportions(1 - p, 1 - q, n=2 * n).power
    assert power_proportions(p, q, n=2 * n).power == pytest.approx(same, rel=1e-9)
    exact = power_exact_proportions(1 - p, 1 - q, n=(n, n + 3)).power
    assert power_exact_proportions(p, q, n=(n, n + 3)).power == pytest.approx(exact, rel=1e-9)


def test_special_cases_meet_one_another() -> None:
    assert power_dunnett(0.6, shape=(1,), n=80).power == pytest.approx(power_t_test(0.6, n=80).power, rel=1e-9)
    assert power_dose_contrast(0.6, shape=(0, 1), n=80).power == pytest.approx(power_t_test(0.6, n=80).power)
    one_visit = power_mmrm(0.5, covariance=[[4.0]], retention=[0.8], power=0.9)
    assert one_visit.n * 0.8 == pytest.approx(power_t_test(0.5, 2.0, power=0.9, method="normal").n, rel=1e-9)
    welch = power_t_test(0.5, n=1000, method="welch").power
    assert welch == pytest.approx(power_t_test(0.5, n=1000).power, abs=1e-6)
    trend = power_cochran_armitage((0.3, 0.5), n=150).power
    assert trend == pytest.approx(power_proportions(0.5, 0.3, n=150).power, rel=1e-12)
    binary = power_ordinal((0.5, 0.5), (0.7, 0.3), n=150, method="zhao").power
    assert binary == pytest.approx(power_proportions(0.5, 0.3, n=150).power, abs=0.01)
    assert power_ancova(0.5, correlation=0.0, covariates=0, n=99).power == power_t_test(0.5, n=99).power


def test_events_without_dropout_or_accrual_follow_the_exponential() -> None:
    assert event_probability(10, 0.1) == pytest.approx(1 - math.exp(-1), rel=1e-14)
    split = event_probability(10, [(4, 0.1), (math.inf, 0.1)], accrual=5)
    assert split == pytest.approx(event_probability(10, 0.1, accrual=5), rel=1e-14)
    # a rare event: hazard x mean follow-up 7.5
    assert event_probability(10, 1e-12, accrual=5) == pytest.approx(7.5e-12, rel=1e-10)
    assert event_probability(10, 0.1, accrual=[(2, 3), (3, 3)]) == pytest.approx(
        event_probability(10, 0.1, accrual=5)
    )
    assert event_probability(1e6, 0.03, dropout=0.01, accrual=12) == pytest.approx(0.75, rel=1e-12)
    assert event_probability(40, 0.1, accrual=5, follow_up=3) == pytest.approx(1 - math.exp(-0.3), rel=1e-12)
    assert event_probability(5, 0.0, accrual=5) == 0.0


def test_the_square_root_rule_is_the_best_allocation_for_one_dose_at_a_time() -> None:
    equal = power_dunnett(0.5, shape=(1, 1, 1, 1), n=200, target=1)
    root = power_dunnett(0.5, shape=(1, 1, 1, 1), n=200, target=1, allocation="sqrt")
    assert root.power > equal.power
    assert root.per_arm[0] == pytest.approx(2 * root.per_arm[1])


def test_a_whole_size_is_not_raised_by_rounding_error() -> None:
    size = power_t_test(0.5, n=128)
    assert size.per_arm_whole == (64, 64)
    back = power_t_test(0.5, power=size.power)
    assert back.per_arm_whole == (64, 64)


def test_dropout_inflates() -> None:
    assert inflate_for_dropout(170, 0.15) == 200
    assert inflate_for_dropout(171, 0.1) == 190
    assert inflate_for_dropout(50, 0.0) == 50


def test_a_picture_of_power_is_the_same_text_each_time() -> None:
    curves = {"0.5": lambda n: power_t_test(0.5, n=n), "0.6": lambda n: power_t_test(0.6, n=n)}
    first = plot_power_curve(curves, range(40, 200, 20), wanted=0.9, marked=128, title="Two means")
    assert first == plot_power_curve(curves, range(40, 200, 20), wanted=0.9, marked=128, title="Two means")
    assert "<svg" in first
    assert "<title>Two means</title>" in first
    assert "0.5: power " in first


REFUSED: list[tuple[Callable[[], Any], str]] = [
    (lambda: power_t_test(0.5), "give two of sample size n, power and effect"),
    (lambda: power_t_test(0.5, n=40, power=0.9), "leave the third open. Got n and power and effect"),
    (lambda: power_t_test(0.5, power=90), "did you mean 0.9"),
    (lambda: power_t_test(0.5, power=0.02), "power must lie between the one-sided level 0.025 and 1"),
    (lambda: power_t_test(0.5, -1, power=0.9), "sd must be a finite number above 0. Got -1"),
    (lambda: power_t_test(0.0, power=0.9), "the effect must differ from the one tested"),
    (lambda: power_t_test(0.5, power=0.9, alpha=5), "alpha must lie between 0 and 1"),
    (lambda: power_t_test(0.5, power=0.9, sides=3), "sides must be 1 or 2. Got 3"),
    (lambda: power_t_test(0.5, power=0.9, sd_control=2), "take method welch"),
    (lambda: power_t_test(0.5, n=2), "n must be at least 3"),
    (lambda: power_t_test(0.5, n=(10, 10, 10)), "n must be one total or one size for each of treatment, control"),  # type: ignore[arg-type]
    (lambda: power_t_test(0.5, n=float("nan")), "n must be a finite number above 0"),
    (lambda: power_t_test(0.5, n=40, method="exact"), "method must be one of student"),  # type: ignore[arg-type]
    (lambda: power_ancova(0.5, correlation=1.0, n=40), "correlation must lie between -1 and 1"),
    (lambda: power_equivalence(0.5, lower=0.4, upper=-0.4, n=20), "must be in order"),
    (lambda: power_equivalence(0.5, lower=-0.4, upper=0.4, n=20), "must lie within the limits"),
    (lambda: power_proportions(50, 0.3, power=0.9), "proportion must lie between 0 and 1"),
    (lambda: power_proportions(0.3, 0.3, power=0.9), "the effect must differ from the one tested"),
    (lambda: power_proportions(0.5, 0.3, null=0.8, power=0.9), "must leave a proportion between 0 and 1"),
    (lambda: power_proportions(0.5, 0.3, null=0.1, power=0.9, method="arcsine"), "tests a difference of 0"),
    (lambda: power_log_rank(0.7, control_hazard=0.05, accrual=12, power=0.9), "give duration or follow_up"),
    (lambda: power_log_rank(0.7, control_hazard=-1, accrual=12, duration=24, n=99), "finite rates of 0 or more"),
    (lambda: power_log_rank(0.7, control_hazard=0.1, accrual=0, duration=24, n=99), "length of accrual"),
    (lambda: power_mmrm(1, covariance=[[1, 2], [2, 1]], n=40), "positive definite"),
    (lambda: power_mmrm(1, covariance=[[1, 0], [0, 1]], retention=(0.9, 1), n=40), "never rising"),
    (lambda: power_ordinal((0.5, 0.6), (0.5, 0.5), n=40), "summing to 1"),
    (lambda: power_dunnett(1, shape=(1,) * 5, step="down", n=90), "1 to 4 doses"),
    (lambda: power_dunnett(1, target=3, n=90), "target must be any, all or the number of a dose up to 2"),
    (lambda: power_dunnett(1, allocation=(1, 1), n=90), "control and each of 2 doses"),
    (lambda: power_dose_contrast(1, shape=(0, 1), contrast=(1, 1), n=90), "contrast must sum to 0"),
    (lambda: power_cochran_armitage((0.1, 0.2), doses=(1, 1), n=90), "doses must rise"),
    (lambda: power_negative_binomial(0.7, control_rate=1, dispersion=-1, n=90), "dispersion must be"),
    (lambda: power_mcnemar(0.5, discordant=0.3, n=90), "must not exceed the share 0.3"),
    (lambda: power_correlation(1.0, n=90), "correlation and null must lie between -1 and 1"),
    (lambda: inflate_for_dropout(100, 15), "did you mean 0.1"),
    (lambda: plot_power_curve({}, [1, 2]), "give a curve and two or more sizes"),
    (lambda: power_t_test(math.nan, power=0.9), "effect must be a finite number"),
    (lambda: power_one_mean(math.inf, n=20), "effect must be a finite number"),
    (lambda: power_t_test(0.5, null=math.nan, n=40), "null must be a finite number"),
    (lambda: power_dunnett(1.0, shape=(1, math.nan), n=90), "a finite number for each of 1 to 8 doses"),
    (
        lambda: power_dose_contrast(1.0, shape=(0, 1), doses=(), n=90),
        "a finite number for each of two or more arms",
    ),
    (lambda: power_cochran_armitage((0.1, 0.2), doses=(0, math.nan), n=90), "doses must rise"),
    (lambda: power_ordinal((0.5, 0.5), (math.nan, 0.5), n=90), "control must hold the probability"),
    (lambda: power_ancova(0.5, correlation=0.5, covariates=math.inf, n=90), "covariates must be their number"),  # type: ignore[arg-type]
    (lambda: relative_effect_of_shift(math.nan), "shift must be a finite number"),
    (lambda: size_for_mean_interval(0.2, arms=3), "arms must be 1 or 2"),  # type: ignore[arg-type]
    (lambda: ar1_covariance(1.0, 1.5, 3), "correlation must lie between -1 and 1"),
    (lambda: compound_symmetry(1.0, 0.5, 0), "visits must be their number"),
    (lambda: event_probability(math.nan, 0.1), "time must be finite"),
    (lambda: event_probability(5, [0.1, 0.2]), "hazard must be pairs"),  # type: ignore[list-item]
    (lambda: event_probability(5, 0.1, accrual=[]), "accrual must be pairs"),
    (lambda: event_probability(5, [(math.nan, 0.1)]), "lengths above 0 and finite rates"),
    (lambda: power_log_rank(0.7, control_hazard=0.0, accrual=5, duration=9, n=90), "must let events happen"),
    (
        lambda: power_log_rank(0.7, control_hazard=0.1, accrual=5, duration=9, n=90, dropout=(0.1, 0.1, 0.1)),  # type: ignore[arg-type]
        "one for treatment and one for control",
    ),
]


@pytest.mark.parametrize(("call", "sentence"), REFUSED, ids=[sentence for _, sentence in REFUSED])
def test_bad_input_is_refused_in_one_sentence(call: Callable[[], Any], sentence: str) -> None:
    with pytest.raises(DataError) as caught:
        call()
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("extreme", [{"sd": 1e-300}, {"sd": 1e300}, {"sd": 1.0, "ratio": 1e300}])
def test_numbers_beyond_double_precision_are_refused_without_a_warning(extreme: dict[str, float]) -> None:
    with pytest.raises(EstimationFailed, match=r"no sample size in reach|on a scale nearer to 1"):
        power_t_test(0.5, power=0.9, **extreme)  # type: ignore[arg-type]


def test_what_no_size_can_show_is_said() -> None:
    with pytest.raises(EstimationFailed, match="no sample size in reach"):
        power_t_test(1e-9, power=0.9)
    with pytest.raises(EstimationFailed, match="no effect between"):
        power_proportions(control=0.9, n=20, power=0.9)
    with pytest.raises(EstimationFailed, match="no duration has the power"):
        power_log_rank(0.7, control_hazard=0.05, accrual=12, n=50, power=0.9)
