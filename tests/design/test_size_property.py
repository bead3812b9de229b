"""Size, power and effect invert each other, and move the way they must."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.design.comparisons import Model
from equipoise.design.plan import model_of
from equipoise.design.procedure import Procedure
from equipoise.design.sensitivity import without_missing
from equipoise.design.size import (
    Question,
    claimed_power,
    detectable_effect,
    power_of_arm,
    required_size,
    whole_arms,
)
from equipoise.statistics.sample_size import power_exact_proportions, power_log_rank, power_rank_sum

from .trials import exponential, one_visit, responding, small_trial, three_visits

STAY = (0.95, 0.88, 0.8)


def mmrm(effects: tuple[float, ...] = (0.5, 0.4), **shape: object) -> Model:
    trial = small_trial("mmrm", doses=len(effects))
    return model_of(trial, trial.analyses["mmrm"], three_visits(effects, **shape))  # type: ignore[arg-type]


def asked(name: str = "dunnett", power: float = 0.9, claim: str = "each") -> Question:
    return Question(Procedure(name, 0.05, 2), power, claim)


@pytest.mark.parametrize("claim", ["each", "any", "all"])
@pytest.mark.parametrize("name", ["none", "holm", "dunnett", "step-down dunnett"])
def test_the_size_has_the_power(name: str, claim: str) -> None:
    model, question = mmrm(stay=STAY), asked(name, claim=claim)
    size = required_size(model, question)
    assert size is not None
    assert claimed_power(model, question, size) == pytest.approx(0.9, abs=1e-8)


def test_one_arm_asks_for_least_and_all_for_most() -> None:
    model = mmrm()
    some, each, both = (required_size(model, asked(claim=claim)) for claim in ("any", "each", "all"))
    assert some is not None and each is not None and both is not None
    assert some < each < both


def test_the_detectable_effect_has_the_power() -> None:
    model, question = mmrm(stay=STAY), asked()
    effect = detectable_effect(model, question, 150, 1)
    assert effect is not None
    changed = model.with_effects(np.array([model.effects[0], effect]))
    assert power_of_arm(changed, question, 150, 1) == pytest.approx(0.9, abs=1e-8)


def test_where_lower_is_better_the_signs_turn_round() -> None:
    higher, lower = small_trial("mmrm"), small_trial("mmrm", better="lower")
    question = asked("none")
    up = model_of(higher, higher.analyses["mmrm"], three_visits([0.5]))  # type: ignore[arg-type]
    down = model_of(lower, lower.analyses["mmrm"], three_visits([-0.5]))  # type: ignore[arg-type]
    assert required_size(down, question) == pytest.approx(required_size(up, question))
    effect = detectable_effect(down, question, 100, 0)
    assert effect is not None and effect < 0
    wrong = model_of(lower, lower.analyses["mmrm"], three_visits([0.5]))  # type: ignore[arg-type]
    assert required_size(wrong, question) is None


@settings(max_examples=6, deadline=None)
@given(effect=st.floats(0.2, 1.5), sd=st.floats(0.5, 3.0), power=st.floats(0.6, 0.95), left=st.floats(0.5, 1.0))
def test_more_is_needed_for_more_power_less_effect_more_spread_and_more_dropout(
    effect: float, sd: float, power: float, left: float
) -> None:
    stay = (1.0, (1 + left) / 2, left)
    base = required_size(mmrm((effect * sd,), sd=sd, stay=stay), asked("none", power))
    more_power = required_size(mmrm((effect * sd,), sd=sd, stay=stay), asked("none", power + 0.03))
    less_effect = required_size(mmrm((0.9 * effect * sd,), sd=sd, stay=stay), asked("none", power))
    more_spread = required_size(mmrm((effect * sd,), sd=1.1 * sd, stay=stay), asked("none", power))
    more_dropout = required_size(mmrm((effect * sd,), sd=sd, stay=(1.0, left, 0.8 * left)), asked("none", power))
    scaled = required_size(mmrm((effect,), sd=1.0, stay=stay), asked("none", power))
    assert base is not None
    for other in (more_power, less_effect, more_spread, more_dropout):
        assert other is not None and other > base
    assert scaled == pytest.approx(base, rel=1e-6)


def test_nothing_missing_asks_for_less_than_dividing_by_those_left() -> None:
    trial = small_trial("mmrm")
    moments = three_visits([0.5], stay=STAY)
    question = asked("none")
    with_gaps = required_size(model_of(trial, trial.analyses["mmrm"], moments), question)  # type: ignore[arg-type]
    whole = required_size(model_of(trial, trial.analyses["mmrm"], without_missing(moments)), question)  # type: ignore[arg-type]
    assert with_gaps is not None and whole is not None
    # earlier visits tell something of those who left
    assert whole < with_gaps < whole / STAY[-1]


def test_mmrm_of_one_visit_is_analysis_of_covariance() -> None:
    trial = small_trial("mmrm", terms="baseline, arm")
    moments = one_visit([0.5], correlation=0.6, seen=0.9)
    sizes = [
        required_size(model_of(trial, trial.analyses[name], moments), asked("none"))  # type: ignore[arg-type]
        for name in ("mmrm", "ancova")
    ]
    assert sizes[0] == pytest.approx(sizes[1], rel=1e-9)


def test_covariates_that_explain_nothing_cost_participants() -> None:
    plain, more, balanced = (
        small_trial("ancova", terms=terms, strata=strata)
        for terms, strata in (("arm", ""), ("site, sex, arm", ""), ("site, sex, arm", "site, sex"))
    )
    sizes = [
        required_size(model_of(one, one.analyses["ancova"], one_visit([0.8])), asked("none"))  # type: ignore[arg-type]
        for one in (plain, balanced, more)
    ]
    assert sizes == sorted(sizes)  # type: ignore[type-var]
    assert sizes[0] < sizes[1] < sizes[2]  # type: ignore[operator]


def test_rank_sum_is_noethers_formula() -> None:
    trial = small_trial("ranks")
    model = model_of(trial, trial.analyses["ranks"], one_visit([0.5]))  # type: ignore[arg-type]
    from equipoise.statistics.sample_size import relative_effect_of_shift

    expected = power_rank_sum(relative_effect_of_shift(0.5), power=0.9).n
    assert required_size(model, asked("none")) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize(("control", "share", "arm"), [(0.2, 0.34, 24), (0.2, 0.5, 40), (0.7, 0.9, 75)])
def test_fishers_test_has_its_exact_power_averaged_over_arms_that_differ_a_little(
    control: float, share: float, arm: int
) -> None:
    trial = small_trial("fisher")
    model = model_of(trial, trial.analyses["fisher"], responding([control, share]))  # type: ignore[arg-type]
    exact = [
        power_exact_proportions(share, control, n=(arm + more, arm + less)).power
        for more in (-2, 0, 1, 2)
        for less in (-2, -1, 0, 2)
    ]
    assert power_of_arm(model, asked("none"), 2 * arm, 0) == pytest.approx(float(np.mean(exact)), abs=0.01)


def test_log_rank_is_schoenfelds_formula_near_no_effect() -> None:
    trial = small_trial("relapses")
    hazard, lost, ratio = 0.08, 0.02, 0.85
    moments = exponential([hazard, ratio * hazard], lost=lost)
    model = model_of(trial, trial.analyses["relapses"], moments)  # type: ignore[arg-type]
    assert np.exp(model.effects[0]) == pytest.approx(ratio, abs=2e-3)
    expected = power_log_rank(
        ratio, control_hazard=hazard, accrual=1e-6, follow_up=12.0, dropout=lost, power=0.9
    ).n
    assert required_size(model, asked("none")) == pytest.approx(expected, rel=0.01)


def test_a_hazard_ratio_can_be_put_in_place_of_the_curve() -> None:
    trial = small_trial("relapses")
    own = model_of(trial, trial.analyses["relapses"], exponential([0.08, 0.05]))  # type: ignore[arg-type]
    none = model_of(trial, trial.analyses["relapses"], exponential([0.08, 0.08]))  # type: ignore[arg-type]
    changed = none.with_effects(np.log([0.05 / 0.08]))
    assert changed.at(100).ncp == pytest.approx(own.at(100).ncp, rel=1e-9)


def test_arms_are_rounded_up_one_by_one() -> None:
    assert whole_arms(100.0, [0.5, 0.25, 0.25]) == (50, 25, 25)
    assert whole_arms(100.1, [0.5, 0.25, 0.25]) == (51, 26, 26)
