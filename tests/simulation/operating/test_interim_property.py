"""Looks on the way: who is in which stage, what is dropped, when a trial stops, and that errors stay at alpha."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from equipoise.protocol import Protocol
from equipoise.protocol.model import Design, Interim
from equipoise.simulation.analyses import simulated_analyses
from equipoise.simulation.operating.chunk import simulate_chunk
from equipoise.simulation.operating.interim import bounds_of, find_looks
from equipoise.simulation.population import Population, chunk_streams, draw_trials

from ...shipped import shipped

PLAN = shipped("hucmsc_inr")
TRIALS = 1000


def looking(**options: object) -> Protocol:
    """The phase II trial with looks at an analysis of covariance."""
    interim = Interim.model_validate({"looks": [0.5], **options})
    design = Design(analysis="cd4_ancova", scenario="planned", interim=interim)
    return PLAN.model_copy(update={"design": design})


def simulated(plan: Protocol, scenario: str, trials: int = TRIALS) -> pl.DataFrame:
    assert plan.design is not None
    analyses = simulated_analyses(plan, (plan.design.analysis,))
    sums = simulate_chunk(analyses, analyses.population(scenario), {}, 5, 0, trials).frame()
    return sums.with_columns(mean=pl.col("sum") / pl.col("count")).filter(pl.col("analysis") == "interim")


def mean(table: pl.DataFrame, statistic: str, arm: str = "") -> float:
    return float(table.filter((pl.col("statistic") == statistic) & (pl.col("arm") == arm))["mean"][0])


def test_a_stage_holds_those_whose_outcome_was_due_since_the_look_before() -> None:
    trials = draw_trials(Population(PLAN, "none"), chunk_streams(1, 0), 4)
    looks = find_looks(trials, "W48", (0.25, 0.5))
    assert looks.calendar.shape == (4, 2)
    for stage, share in enumerate((18, 18, 36)):
        # several outcomes may fall on the day of a look
        assert ((looks.stage == stage).sum(axis=1) >= share - 3).all()
    due = trials.entry + trials.days[..., trials.visit("W48")]
    assert (due[looks.stage == 0] <= looks.calendar[:, [0]].repeat(72, axis=1)[looks.stage == 0]).all()
    assert (due[looks.stage == 2] > looks.calendar[:, [1]].repeat(72, axis=1)[looks.stage == 2]).all()


def test_bounds_spend_alpha_on_one_side() -> None:
    plan = looking(spending="obrien-fleming").design
    assert plan is not None
    bounds = bounds_of(plan)
    assert bounds.alpha == pytest.approx(0.025)
    assert bounds.upper[0] == pytest.approx(2.963, abs=0.001)
    only_futility = looking(spending="none", futility=0).design
    assert only_futility is not None
    assert bounds_of(only_futility).upper == pytest.approx((np.inf, 1.959964), abs=1e-6)


@pytest.mark.parametrize(
    "options",
    [
        {"spending": "pocock"},
        {"spending": "obrien-fleming", "futility": 0},
        {"spending": "none", "select": "best"},
    ],
    ids=["pocock", "futility", "best"],
)
def test_without_effect_no_more_than_alpha_of_one_side_is_declared_better(options: dict[str, object]) -> None:
    found = simulated(looking(**options), "none")
    assert mean(found, "any_success") < 0.025 + 3 * np.sqrt(0.025 * 0.975 / TRIALS)


def test_futility_drops_arms_and_stops_trials_in_which_all_are_dropped() -> None:
    found = simulated(looking(spending="none", futility=0), "none")
    assert mean(found, "dropped", "high") == pytest.approx(0.5, abs=0.05)
    # two z with correlation 1/2 are both below 0 in a third of trials
    assert mean(found, "stop_at_look_1") == pytest.approx(1 / 3, abs=0.05)


def test_the_best_arm_alone_goes_on() -> None:
    found = simulated(looking(spending="none", select="best"), "planned")
    assert mean(found, "dropped", "high") + mean(found, "dropped", "low") == pytest.approx(1)
    assert mean(found, "dropped", "high") < mean(found, "dropped", "low")


def test_a_look_after_everyone_has_entered_saves_months_and_no_participants() -> None:
    slow = simulated(looking(spending="none", futility=5), "none")
    assert mean(slow, "stop_at_look_1") == pytest.approx(1, abs=0.01)
    assert mean(slow, "participants") == pytest.approx(mean(slow, "enrolled_at_look_1"), abs=0.2)
    assert mean(slow, "months") == pytest.approx(mean(slow, "months_to_look_1"), abs=0.2)


def test_an_early_look_saves_participants() -> None:
    assert PLAN.assumptions is not None
    assert PLAN.assumptions.sites is not None
    slowly = PLAN.assumptions.sites.model_copy(update={"participants_per_month": 0.2})
    given = PLAN.assumptions.model_copy(update={"sites": slowly})
    plan = looking(spending="none", futility=5, looks=[0.25]).model_copy(update={"assumptions": given})
    found = simulated(plan, "none")
    assert mean(found, "participants") < 50


def test_the_looks_of_the_confirmatory_trial_are_at_its_repeated_measures() -> None:
    found = simulated(shipped("hucmsc_confirm"), "planned", trials=12)
    assert mean(found, "any_success") > 0.5
    assert 200 < mean(found, "participants") <= 384


def test_a_trial_without_looks_has_no_rows_of_looks() -> None:
    design = Design(analysis="cd4_ancova", scenario="planned")
    assert simulated(PLAN.model_copy(update={"design": design}), "none").is_empty()


def test_stages_are_analysed_without_the_others() -> None:
    trials = draw_trials(Population(PLAN, "none", rules=("randomised",)), chunk_streams(1, 0), 1)
    inside = find_looks(trials, "W48", (0.5,)).stage == 0
    half = replace(trials, flags={"randomised": trials.flags["randomised"] & inside})
    assert half.flags["randomised"].sum() == inside.sum()
