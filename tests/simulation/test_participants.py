"""Virtual participants are as the protocol assumes them, and the same for the same seed."""

from decimal import Decimal

import numpy as np
import pytest

from equipoise.errors import ProtocolError
from equipoise.protocol import Protocol, Quantity, read_protocol
from equipoise.protocol.model import Randomisation
from equipoise.simulation.participants import VirtualTrial, draw_virtual_trial

PLAN = read_protocol("hucmsc_inr")
MANY = 30_000


def drawn(plan: Protocol, seed: int = 7, scenario: str | None = None) -> VirtualTrial:
    return draw_virtual_trial(plan, np.random.default_rng(seed), scenario)


@pytest.fixture(scope="module")
def large() -> VirtualTrial:
    """One trial of the plan with many participants and no difference between arms."""
    return drawn(enlarged(), scenario="none")


def enlarged() -> Protocol:
    assert PLAN.randomisation is not None
    size = Randomisation.model_validate({**PLAN.randomisation.model_dump(), "size": MANY})
    return PLAN.model_copy(update={"randomisation": size})


def within_monte_carlo_error(sample: np.ndarray, expected: float) -> bool:
    """Whether a mean lies within four of its standard errors."""
    return bool(abs(sample.mean() - expected) < 4 * sample.std() / np.sqrt(len(sample)))


def test_the_same_seed_draws_the_same_trial_and_another_seed_another() -> None:
    first, again, other = drawn(PLAN), drawn(PLAN), drawn(PLAN, seed=8)
    assert np.array_equal(first.values["cd4"], again.values["cd4"])
    assert not np.array_equal(first.values["cd4"], other.values["cd4"])


def test_arms_have_the_planned_ratio() -> None:
    assert np.bincount(drawn(PLAN).arm).tolist() == [24, 24, 24]


def test_arms_of_a_trial_without_randomisation_have_their_planned_sizes() -> None:
    assert sorted(np.bincount(drawn(read_protocol("hucmsc_pilot")).arm).tolist()) == [6, 7]


def test_counts_at_baseline_are_the_truncated_level_with_the_error_of_repeated_counts(large: VirtualTrial) -> None:
    from scipy.stats import truncnorm

    assert PLAN.assumptions is not None
    level = truncnorm((50 - 180) / 60, (250 - 180) / 60, loc=180, scale=60)
    cd4 = large.values["cd4"][:, large.visits.index("SCR")]
    assert within_monte_carlo_error(cd4, float(level.mean()))
    expected = level.var() + 0.17**2 * (level.var() + level.mean() ** 2)
    assert cd4.var() == pytest.approx(float(expected), rel=0.03)


def test_counts_drift_as_assumed(large: VirtualTrial) -> None:
    week_48 = large.visits.index("W48")
    rise = large.values["cd4"][:, week_48] - large.values["cd4"][:, large.visits.index("SCR")]
    assert within_monte_carlo_error(rise, 20.0)


def test_an_effect_is_reached_at_its_visit_and_stays() -> None:
    plan = enlarged()
    null, effect = drawn(plan, scenario="none"), drawn(plan, scenario="planned")
    high = effect.arm == list(plan.arms).index("high")
    for visit, share in (("W0", 0.0), ("W12", 0.5), ("W24", 1.0), ("W96", 1.0)):
        v = effect.visits.index(visit)
        gain = effect.values["cd4"][high, v] - null.values["cd4"][high, v]
        assert gain.mean() == pytest.approx(31 * share, abs=1.0)


def test_as_many_drop_out_as_assumed(large: VirtualTrial) -> None:
    gone = (~large.completed).astype(float)
    assert within_monte_carlo_error(gone, 0.15)


def test_nobody_is_seen_after_the_last_day_and_everybody_at_the_start(large: VirtualTrial) -> None:
    assert not (large.seen & (large.days > large.last_day[:, None])).any()
    assert large.seen[:, large.visits.index("SCR")].all()


def test_visits_lie_within_their_windows_and_never_on_day_0(large: VirtualTrial) -> None:
    for v, name in enumerate(large.visits):
        allowed = PLAN.schedule.visits[name].allowed
        assert large.days[:, v].min() >= allowed.first
        assert large.days[:, v].max() <= allowed.last
    assert not (large.days == 0).any()


def test_a_protocol_without_assumptions_says_what_to_do() -> None:
    with pytest.raises(ProtocolError, match=r"cdiscpilot01 has no assumptions.participant.*--data"):
        drawn(read_protocol("cdiscpilot01"))


def test_differences_of_a_scenario_carry_their_unit() -> None:
    assert PLAN.assumptions is not None
    assert PLAN.assumptions.scenarios["planned"].differences["high"] == Quantity(Decimal(31), "cells/uL")
