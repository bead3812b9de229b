"""Designs with looks: trial by trial what the closed test gives, and the sums that must hold."""

import numpy as np
import pytest

from equipoise.design.options import compare_options, plan_calendar, plan_reestimation
from equipoise.design.options.stages import Rules, draw_noise, run_stages, stage_statistics
from equipoise.design.plan import model_of
from equipoise.design.procedure import Procedure
from equipoise.design.size import Question, required_size
from equipoise.protocol.model import Interim
from equipoise.statistics.sequential import closed_combination, group_sequential

from .trials import one_visit, small_trial


def question(name: str = "dunnett", claim: str = "each") -> Question:
    return Question(Procedure(name, 0.05, 2), 0.9, claim)


@pytest.mark.parametrize("test", ["dunnett", "bonferroni", "fixed sequence"])
@pytest.mark.parametrize("rule", ["none", "futility", "best"])
def test_trial_by_trial_it_is_the_closed_combination_test(test: str, rule: str) -> None:
    design = group_sequential((0.5, 1.0), alpha=0.025)
    rules = Rules(
        (0.5, 1.0), design.upper, test, futility=0.3 if rule == "futility" else None, best=rule == "best"
    )
    loadings = np.full(2, 0.5**0.5)
    noise = draw_noise(12, 2, 2, np.random.default_rng(1))
    statistics = stage_statistics(np.array([2.8, 2.2]), loadings, rules.rates, noise)
    courses = run_stages(statistics, loadings, rules)
    for trial in range(12):
        second = [
            float(z) if courses.enrolled[trial, 1, arm + 1] else None for arm, z in enumerate(statistics[trial, 1])
        ]
        stages = [statistics[trial, 0].tolist(), *([second] if courses.ended[trial] == 2 else [])]
        found = closed_combination(
            design,
            stages,
            participants=[[10, 10, 10]] * len(stages) if test == "dunnett" else None,
            test=test.replace(" ", "-"),  # type: ignore[arg-type]
        )
        looks = found.doses["rejected_at"].to_list()
        at_first = [look == 1 for look in looks]
        for arm in range(2):
            # an arm that was dropped at the first look is not shown later, whatever its intersections say
            possible = courses.enrolled[trial, 1, arm + 1] or at_first[arm]
            assert courses.shown[trial, arm] == (looks[arm] is not None and possible), trial


def test_the_familywise_error_is_held_when_the_best_arm_is_chosen() -> None:
    design = group_sequential((0.5, 1.0), alpha=0.025)
    loadings = np.full(2, 0.5**0.5)
    noise = draw_noise(20_000, 2, 2, np.random.default_rng(2))
    statistics = stage_statistics(np.zeros(2), loadings, (0.5, 1.0), noise)
    shown = run_stages(statistics, loadings, Rules((0.5, 1.0), design.upper, "dunnett", best=True)).shown
    # three Monte Carlo errors above 0.025
    assert shown.any(axis=1).mean() < 0.025 + 3 * np.sqrt(0.025 * 0.975 / 20_000)


@pytest.mark.parametrize("doses", [1, 2])
def test_sums_of_every_option(doses: int) -> None:
    trial = small_trial("ancova", doses=doses, multiplicity="dunnett")
    model = model_of(trial, trial.analyses["ancova"], one_visit([0.5] * doses))  # type: ignore[arg-type]
    interim = Interim(looks=(0.4, 0.7), spending="pocock", futility=0.5)
    options = compare_options(model, question(), 120, model.allocation, interim)
    assert [option.own for option in options].count(True) == 1
    assert options[0].maximum == pytest.approx(required_size(model, question()))
    for option in options:
        assert (
            option.maximum is not None and option.expected_null is not None and option.expected_planned is not None
        )
        assert sum(option.stop_null) == pytest.approx(1.0)
        assert sum(option.stop_planned) == pytest.approx(1.0)
        assert option.expected_planned <= option.maximum * (1 + 1e-9)
        assert option.expected_null <= option.maximum * (1 + 1e-9)
        assert (option.claim == "any") == (option.looks is not None and option.looks.best)
    if doses == 1:
        fixed = options[0].maximum
        assert fixed is not None
        assert all(option.maximum >= fixed for option in options if option.maximum is not None)


def test_drawn_and_calculated_designs_agree_for_one_arm() -> None:
    # 40,000 draws; four Monte Carlo errors are 0.009
    design = group_sequential((0.5, 1.0), alpha=0.025, bounds="lan-demets-pocock")
    noise = draw_noise(40_000, 2, 1, np.random.default_rng(4))
    loadings = np.array([0.7])
    statistics = stage_statistics(np.array([3.0]), loadings, (0.5, 1.0), noise)
    courses = run_stages(statistics, loadings, Rules((0.5, 1.0), design.upper, "none"))
    assert courses.shown.mean() == pytest.approx(design.power_at(3.0), abs=0.009)
    below, above = design.exits(3.0)
    assert (courses.ended == 1).mean() == pytest.approx(float((below + above)[0, 0]), abs=0.011)
    expected = courses.expected_size((0.5, 1.0), np.array([50.0, 50.0]))
    assert expected == pytest.approx(100 * float(design.expected_information(3.0)), rel=0.01)


def test_blinded_reestimation_restores_the_power_up_to_its_limit() -> None:
    trial = small_trial("ancova")
    model = model_of(trial, trial.analyses["ancova"], one_visit([0.5]))  # type: ignore[arg-type]
    asked = question("none")
    planned = required_size(model, asked)
    assert planned is not None
    smaller, right, larger, beyond = plan_reestimation(model, asked, planned, (0.7, 1.0, 1.15, 2.0))  # type: ignore[arg-type]
    assert right.fixed_power == pytest.approx(0.9, abs=1e-6)
    assert smaller.expected == pytest.approx(planned, rel=1e-3)
    assert right.power >= right.fixed_power
    assert larger.fixed_power < 0.85 < larger.power
    assert beyond.expected == pytest.approx(beyond.maximum, rel=1e-3)
    assert beyond.power < 0.6


def test_calendar_counts_months_from_the_first_participant() -> None:
    # 4 sites with 2 a month: 120 participants take 15 months; week 12 is 84 days, 2.76 months
    calendar = plan_calendar(small_trial(), 120, 85.0, (0.5, 0.9))
    assert calendar is not None
    at = {(step.name, step.look): step for step in calendar.milestones}
    assert at["last participant in", 0].month == pytest.approx(15.0)
    assert at["last outcome", 0].month == pytest.approx(15.0 + 84 / 30.4375)
    assert at["look", 1].month == pytest.approx(7.5 + 84 / 30.4375)
    assert at["look", 1].enrolled == pytest.approx(8 * (7.5 + 84 / 30.4375))
    assert calendar.too_late == (2,)
    assert calendar.screened == pytest.approx(150.0)
