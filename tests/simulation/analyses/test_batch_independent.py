"""What the batch finds in a virtual trial is what the analysis of real data finds in it, by other code."""

import numpy as np
import polars as pl
import pytest

from equipoise.protocol import Protocol
from equipoise.protocol.model import ExpectedIntercurrentEvent
from equipoise.simulation.analyses import Replicated, SimulatedAnalyses, simulated_analyses
from equipoise.simulation.analyses.alone import analyse_alone, read_results
from equipoise.simulation.estimands import time_outcomes
from equipoise.simulation.population import VirtualTrials, chunk_streams, draw_trials
from equipoise.statistics.survival import kaplan_meier

from ...shipped import shipped

TOLERANCE = 1e-8
TRIALS = 3


def with_many_events(name: str) -> Protocol:
    """A shipped trial in which intercurrent events are common, so that every strategy has work to do."""
    plan = shipped(name)
    assert plan.assumptions is not None
    events = {
        "infusions_stopped": ExpectedIntercurrentEvent(share=0.2, ends_effect=True),
        "rescue": ExpectedIntercurrentEvent(share=0.2),
        "death": ExpectedIntercurrentEvent(share=0.1, ends_effect=True),
    }
    return plan.model_copy(
        update={"assumptions": plan.assumptions.model_copy(update={"intercurrent_events": events})}
    )


INR = with_many_events("hucmsc_inr")
ANALYSES = simulated_analyses(INR)


@pytest.fixture(scope="module")
def drawn() -> VirtualTrials:
    return draw_trials(ANALYSES.population("planned"), chunk_streams(11, 0), TRIALS)


@pytest.fixture(scope="module")
def found(drawn: VirtualTrials) -> list[Replicated]:
    return ANALYSES.run(drawn)


def compare(plan: Protocol, name: str, found: list[Replicated], trials: VirtualTrials) -> int:
    """Compare every statistic of an analysis with that of the analysis alone; return how many there were."""
    compared = 0
    for trial in range(trials.shape[0]):
        alone = read_results(plan, name, analyse_alone(plan, name, trials, trial))
        for one in (one for one in found if one.place.analysis == name):
            for statistic, values in one.statistics.items():
                if (one.place, statistic) in alone:
                    assert values[trial] == pytest.approx(alone[one.place, statistic], rel=TOLERANCE, abs=1e-10), (
                        one.place,
                        statistic,
                    )
                    compared += 1
    return compared


@pytest.mark.parametrize(
    ("name", "statistics"),
    [
        ("cd4_mmrm", 3 * 6 + 2 * 3),
        ("cd4_ancova", 2 * 6 + 2 * 3),
        ("cd4_later", 3 * 6),
        ("cd4_within", 3 * 6),
        ("cd8_ancova", 2 * 6),
        ("ratio_ancova", 2 * 6),
        ("activation_ancova", 2 * 6),
        ("response_km", 3),
        ("response_cox", 2 * 5),
        ("responders_table", 6),
        ("cd4_ranks", 2 * 2),
    ],
)
def test_every_analysis_agrees_with_the_analysis_of_one_trial(
    name: str, statistics: int, found: list[Replicated], drawn: VirtualTrials
) -> None:
    assert compare(INR, name, found, drawn) >= TRIALS * statistics


def test_a_large_trial_with_many_sites_and_strata_agrees_too() -> None:
    plan = with_many_events("hucmsc_confirm")
    only = ("cd4_mmrm", "cd4_ancova", "responders_table", "reached_350_km")
    analyses = simulated_analyses(plan, only)
    trials = draw_trials(analyses.population("planned"), chunk_streams(3, 0), 1)
    found = analyses.run(trials)
    for name in only:
        assert compare(plan, name, found, trials) > 2


def test_shares_with_an_event_are_counts_of_participants(found: list[Replicated], drawn: VirtualTrials) -> None:
    alone = analyse_alone(INR, "response_km", drawn, 0)
    events = alone.filter((pl.col("statistic") == "events") & (pl.col("group") == ""))
    for one in (o for o in found if o.place.analysis == "response_km" and o.place.arm and not o.place.versus):
        label = INR.arms[one.place.arm].label.say()
        size = int((drawn.arm[0] == drawn.arms.index(one.place.arm)).sum())
        assert one.statistics["estimate"][0] * size == pytest.approx(
            events.filter(pl.col("arm") == label)["value"][0]
        )


def test_the_cumulative_share_is_where_the_curve_of_the_analysis_ends(
    found: list[Replicated], drawn: VirtualTrials
) -> None:
    for trial in range(TRIALS):
        times = time_outcomes(INR, "response", INR.estimands["response"], drawn)
        arms = [drawn.arms[arm] for arm in drawn.arm[trial]]
        frame = pl.DataFrame({"time": times.time[trial], "event": times.event[trial] == 1, "arm": arms})
        curve = kaplan_meier(frame, "time", "event", "arm").curve
        for one in (o for o in found if o.place.analysis == "response_km" and o.place.arm and not o.place.versus):
            ends = curve.filter(pl.col("arm").cast(pl.String) == one.place.arm)["survival"][-1]
            assert one.statistics["kaplan_meier"][trial] == pytest.approx(1 - ends, rel=1e-10)


def test_a_trial_that_the_batch_cannot_fit_is_analysed_alone() -> None:
    """With few participants there is no unstructured covariance, and the ladder of the protocol is climbed."""
    from equipoise.simulation.analyses.alone import fill_in

    small = SimulatedAnalyses(INR, ("cd4_mmrm",), (), {})
    trials = draw_trials(small.population("none", size=15), chunk_streams(5, 0), 2)
    found = small.run(trials)
    missing = np.any([one.missing() for one in found], axis=0)
    assert missing.any()
    assert fill_in(INR, found, trials, ("cd4_mmrm",)) == missing.sum()
    alone = read_results(INR, "cd4_mmrm", analyse_alone(INR, "cd4_mmrm", trials, int(missing.argmax())))
    first = next(one for one in found if one.place.versus == "placebo")
    assert first.statistics["p"][missing.argmax()] == alone.get((first.place, "p"), np.nan)
