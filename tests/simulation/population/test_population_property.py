"""Virtual participants are as the protocol assumes them, whoever draws them."""

from decimal import Decimal

import numpy as np
import pytest

from equipoise.errors import ProtocolError
from equipoise.protocol import Protocol, Quantity
from equipoise.protocol.model import Dropout, Effect, ExpectedIntercurrentEvent, RepeatedMeasurements
from equipoise.simulation.population import Population, VirtualTrials, chunk_streams, draw_trials

from ...shipped import shipped

PLAN = shipped("hucmsc_inr")
TRIALS = 200


def assuming(plan: Protocol = PLAN, **changes: object) -> Protocol:
    """The plan with other assumptions."""
    assert plan.assumptions is not None
    return plan.model_copy(update={"assumptions": plan.assumptions.model_copy(update=changes)})


WITHOUT_EVENTS = assuming(intercurrent_events={})


def drawn(
    plan: Protocol = PLAN,
    scenario: str | None = "none",
    *,
    seed: int = 7,
    trials: int = TRIALS,
    leave: bool = True,
) -> VirtualTrials:
    return draw_trials(Population(plan, scenario), chunk_streams(seed, 0), trials, leave=leave)


def close(sample: np.ndarray, expected: float) -> bool:
    """Whether a mean lies within four of its standard errors."""
    return bool(abs(sample.mean() - expected) < 4 * sample.std() / np.sqrt(sample.size))


def test_the_same_seed_draws_the_same_trials_and_another_chunk_others() -> None:
    first, again = drawn(trials=3), drawn(trials=3)
    other = draw_trials(Population(PLAN, "none"), chunk_streams(7, 1), 3)
    assert np.array_equal(first.values["cd4"], again.values["cd4"], equal_nan=True)
    assert not np.array_equal(first.values["cd4"], other.values["cd4"], equal_nan=True)


def test_scenarios_and_what_else_is_asked_for_do_not_change_the_persons() -> None:
    alone = drawn(trials=3)
    more = Population(PLAN, "planned", items=("cd8", "cd4_cd8"), variables=("site", "sex"), rules=("treated",))
    with_more = draw_trials(more, chunk_streams(7, 0), 3)
    control = alone.arm == alone.arms.index("placebo")
    assert np.array_equal(alone.arm, with_more.arm)
    assert np.array_equal(alone.values["cd4"][control], with_more.values["cd4"][control])


def test_enrolled_are_whom_the_criterion_on_the_count_does_not_refuse() -> None:
    counts = drawn().values["cd4"][..., 0]
    assert counts.min() > 50
    assert counts.max() <= 250


def test_counts_return_to_the_mean_after_a_criterion_that_cuts_them() -> None:
    trials = drawn(WITHOUT_EVENTS, leave=False)
    cd4 = trials.values["cd4"]
    screening, day_1 = (cd4[..., trials.visit(visit)] for visit in ("SCR", "W0"))
    assert (day_1 - screening).mean() > 4
    assert close(cd4[..., trials.visit("W48")] - day_1, 20.0)


def test_repeated_counts_vary_as_gordon_found() -> None:
    unchanging = assuming(
        WITHOUT_EVENTS,
        participant=PLAN.assumptions.participant.model_copy(  # type: ignore[union-attr]
            update={"slope": PLAN.assumptions.participant.slope.model_copy(update={"mean": 0.0, "sd": 0.0})}  # type: ignore[union-attr]
        ),
    )
    after = drawn(unchanging, leave=False).values["cd4"][..., 2:]
    within = np.log(after).std(axis=-1, ddof=1) ** 2
    assert np.sqrt(np.expm1(within.mean())) == pytest.approx(0.17, rel=0.02)


def test_two_samples_halve_the_variance_of_the_error() -> None:
    plan = shipped("hucmsc_confirm")
    given = plan.assumptions
    assert given is not None
    assert given.participant is not None
    steady = given.participant.slope.model_copy(update={"mean": 0.0, "sd": 0.0})  # type: ignore[union-attr]
    flat = given.participant.model_copy(update={"slope": steady})
    trials = drawn(assuming(plan, participant=flat, intercurrent_events={}), trials=20, leave=False)
    places = [trials.visit(visit) for visit in ("W4", "W12", "W24", "W36", "W48")]
    within = np.log(trials.values["cd4"][..., places]).var(axis=-1, ddof=1)
    assert np.sqrt(np.expm1(within.mean())) == pytest.approx(0.17 / np.sqrt(2), rel=0.03)


@pytest.mark.parametrize(
    ("visit", "share"), [("W0", 0.0), ("W12", 0.5), ("W24", 1.0), ("W48", 1.0), ("W72", 0.25), ("W96", 0.0625)]
)
def test_an_effect_comes_stays_and_halves_as_the_scenario_says(visit: str, share: float) -> None:
    with_effect, without = (drawn(WITHOUT_EVENTS, scenario, leave=False) for scenario in ("waning", "none"))
    high = with_effect.arm == with_effect.arms.index("high")
    v = with_effect.visit(visit)
    gain = (with_effect.values["cd4"] - without.values["cd4"])[high][:, v]
    assert gain.mean() == pytest.approx(31 * share, abs=0.35)


def test_an_event_that_ends_the_effect_lets_it_go_as_it_came() -> None:
    at_once = {"infusions_stopped": ExpectedIntercurrentEvent(share=0.999, ends_effect=True)}
    with_effect, without = (
        drawn(assuming(intercurrent_events=at_once), scenario, leave=False) for scenario in ("planned", "none")
    )
    high = with_effect.arm == with_effect.arms.index("high")
    gain = (with_effect.values["cd4"] - without.values["cd4"])[high]
    stopped = with_effect.events["infusions_stopped"][high]
    early = stopped < 169
    assert gain[early][:, with_effect.visit("W96")].mean() == pytest.approx(0, abs=0.3)
    half_way = (stopped > 80) & (stopped < 90)
    at_stop = 31 * (stopped[half_way] - 1) / 168
    assert gain[half_way][:, with_effect.visit("W24")].max() <= 31
    assert gain[half_way][:, with_effect.visit("W12")].mean() == pytest.approx(at_stop.mean(), abs=2.5)


@pytest.mark.parametrize("depends_on", ["chance", "last value", "next value"])
def test_as_many_leave_as_assumed_whatever_it_depends_on(depends_on: str) -> None:
    extra = {} if depends_on == "chance" else {"hazard_ratio": 2.0, "per": Quantity.parse("50 cells/uL")}
    leaving = Dropout(by="W96", share=0.15, depends_on=depends_on, **extra)  # type: ignore[arg-type]
    gone = ~drawn(assuming(WITHOUT_EVENTS, dropout=leaving)).completed
    assert gone.mean() == pytest.approx(0.15, abs=0.012)


def test_who_leaves_for_a_low_value_would_have_had_one() -> None:
    leaving = Dropout(
        by="W96", share=0.3, depends_on="next value", hazard_ratio=3, per=Quantity.parse("50 cells/uL")
    )
    trials = drawn(assuming(WITHOUT_EVENTS, dropout=leaving, missed_visit=0.0))
    week_48 = trials.visit("W48")
    change = trials.values["cd4"][..., week_48] - trials.values["cd4"][..., trials.visit("W0")]
    seen = trials.seen[..., week_48]
    assert change[~seen].mean() < change[seen].mean() - 30


def test_nobody_is_seen_after_the_last_day_and_everybody_at_the_start() -> None:
    trials = drawn()
    assert not (trials.seen & (trials.days > trials.last_day[..., None])).any()
    assert trials.seen[..., trials.visit("SCR")].all()
    death = trials.events["death"]
    assert (trials.last_day[np.isfinite(death)] == death[np.isfinite(death)]).all()


def test_events_come_to_the_assumed_share_by_arm() -> None:
    by_arm = {"rescue": ExpectedIntercurrentEvent(share=0.1, arms={"placebo": 0.3})}
    trials = drawn(assuming(intercurrent_events=by_arm), leave=False)
    had = np.isfinite(trials.events["rescue"])
    for arm, share in (("placebo", 0.3), ("high", 0.1), ("low", 0.1)):
        inside = trials.arm == trials.arms.index(arm)
        assert close(had[inside].astype(float), share)


def test_visits_lie_within_their_windows_and_never_on_day_0() -> None:
    trials = drawn(trials=20)
    for v, name in enumerate(trials.visits):
        allowed = PLAN.schedule.visits[name].allowed
        assert trials.days[..., v].min() >= allowed.first
        assert trials.days[..., v].max() <= allowed.last
    assert not (trials.days == 0).any()


def test_screening_fails_as_often_as_assumed_whatever_the_counts_explain() -> None:
    screened = drawn().screened
    assert close(72 / screened, 0.65) or (72 / screened.mean()) == pytest.approx(0.65, rel=0.02)


def test_sites_enrol_at_their_rate() -> None:
    last = drawn().entry[:, -1] / 30.4375
    assert close(last, 72 / 6)


def test_arms_have_the_planned_ratio_within_blocks() -> None:
    trials = drawn(trials=50)
    numbers = np.array([np.bincount(arm, minlength=3) for arm in trials.arm])
    assert numbers.mean(axis=0) == pytest.approx([24, 24, 24], abs=0.5)
    # permuted blocks of 3 and 6 in 5 sites: at most two a site from an unfinished block
    assert np.ptp(numbers, axis=1).max() <= 10


def test_arms_of_a_trial_without_randomisation_have_their_planned_sizes() -> None:
    plan = shipped("hucmsc_pilot")
    trials = draw_trials(Population(plan), chunk_streams(1, 0), 2)
    assert sorted(np.bincount(trials.arm[0]).tolist()) == [6, 7]


def test_derived_items_and_variables_follow_from_what_was_drawn() -> None:
    population = Population(PLAN, items=("cd8", "cd4_cd8"), variables=("cd4_stratum", "age", "site"))
    trials = draw_trials(population, chunk_streams(1, 0), 5)
    ratio = np.round(trials.values["cd4"] / trials.values["cd8"], 2)
    assert np.array_equal(ratio, trials.values["cd4_cd8"], equal_nan=True)
    above = np.array(trials.codes["cd4_stratum"])[trials.levels["cd4_stratum"]] == "above 150"
    assert np.array_equal(above, trials.values["cd4"][..., trials.visit("W0")] > 150)
    assert trials.numbers["age"].min() >= 18


def test_measurements_with_a_covariance_of_their_own_have_it() -> None:
    covariance = ((900.0, 700.0, 600.0), (700.0, 1000.0, 800.0), (600.0, 800.0, 1200.0))
    model = RepeatedMeasurements(
        model="repeated_measures",
        item="cd4",
        means={"W0": 180.0, "W24": 190.0, "W48": 200.0},
        covariance=covariance,
    )
    trials = drawn(assuming(WITHOUT_EVENTS, participant=model), None, leave=False)
    places = [trials.visit(visit) for visit in ("W0", "W24", "W48")]
    values = trials.values["cd4"][..., places].reshape(-1, 3)
    assert values.mean(axis=0) == pytest.approx([180, 190, 200], abs=1)
    assert np.cov(values, rowvar=False) == pytest.approx(np.array(covariance), rel=0.06)


@pytest.mark.parametrize(
    ("changes", "what", "said"),
    [
        ({}, {"items": ("eyes",)}, r"item eyes cannot be drawn"),
        ({}, {"variables": ("nadir_cd4",)}, r"variable nadir_cd4 cannot be drawn"),
        ({}, {"rules": ("nadir_cd4 > 3",)}, r"variable nadir_cd4 cannot be drawn"),
        ({"participant": None}, {}, r"no assumptions.participant.*--data"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_a_sentence(
    changes: dict[str, object], what: dict[str, tuple[str, ...]], said: str
) -> None:
    with pytest.raises(ProtocolError, match=said):
        Population(assuming(**changes), **what)  # type: ignore[arg-type]


def test_an_unknown_scenario_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ProtocolError, match=r"no scenario plannd; did you mean planned\?"):
        Population(PLAN, "plannd")


def test_a_level_that_hardly_anyone_passes_is_refused() -> None:
    level = PLAN.assumptions.participant.level.model_copy(update={"mean": 900.0, "truncate": None})  # type: ignore[union-attr]
    participant = PLAN.assumptions.participant.model_copy(update={"level": level})  # type: ignore[union-attr]
    with pytest.raises(ProtocolError, match="hardly anyone"):
        drawn(assuming(participant=participant), trials=1)


def test_differences_of_a_scenario_carry_their_unit() -> None:
    effect = Effect.model_validate({"low": "20 cells/uL"})
    assert effect.differences["low"] == Quantity(Decimal(20), "cells/uL")
