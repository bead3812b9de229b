"""Stopping rules: they count participants, in all or in each arm, and are told once for each participant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.errors import DecisionRefused
from equipoise.protocol import Protocol
from equipoise.protocol.model import Safety
from equipoise.vault.safety.stopping import Held, SafetyEvent, not_told_before, rules_that_hold

EMBOLISM = {"term": "Pulmonary embolism", "fatal": "N", "causality": "RELATED", "grade": 3}
PEOPLE = st.sets(st.sampled_from([f"01-{n:03}" for n in range(1, 9)]))


def event(participant: str, **changed: object) -> SafetyEvent:
    return SafetyEvent(participant, {**EMBOLISM, **changed})


def in_one_arm(trial: Protocol) -> Protocol:
    """The trial whose rules count in each arm on its own."""
    assert trial.safety is not None
    rules = {
        name: rule.model_copy(update={"in_one_arm": True}) for name, rule in trial.safety.stopping_rules.items()
    }
    safety: Safety = trial.safety.model_copy(update={"stopping_rules": rules})
    return trial.model_copy(update={"safety": safety})


def test_a_rule_holds_from_its_number_of_participants_on(trial: Protocol) -> None:
    assert rules_that_hold(trial, [], {}) == []
    assert rules_that_hold(trial, [event("01-001"), event("01-001")], {}) == []
    assert rules_that_hold(trial, [event("01-001"), event("01-002")], {}) == [
        Held("thrombo_embolism", None, ("01-001", "01-002"))
    ]
    assert rules_that_hold(trial, [event("01-001", fatal="Y")], {}) == [Held("related_death", None, ("01-001",))]


def test_an_unknown_value_and_an_unrelated_event_make_no_rule_hold(trial: Protocol) -> None:
    for changed in ({"causality": None}, {"causality": "NOT RELATED"}, {"term": "Thrombocytopenia"}):
        assert rules_that_hold(trial, [event(who, **changed) for who in ("01-001", "01-002")], {}) == []


def test_in_one_arm_two_of_two_arms_are_not_two(trial: Protocol) -> None:
    ruled = in_one_arm(trial)
    both = [event("01-001"), event("01-002")]
    assert rules_that_hold(ruled, both, {"01-001": "high", "01-002": "placebo"}) == []
    held = rules_that_hold(ruled, both, {"01-001": "high", "01-002": "high"})
    assert held == [Held("thrombo_embolism", "high", ("01-001", "01-002"))]


def test_a_rule_on_what_only_the_end_tells_is_refused(trial: Protocol) -> None:
    with pytest.raises(DecisionRefused, match="needs grade, which is not known while the trial runs"):
        rules_that_hold(trial, [SafetyEvent("01-001", {"term": "x", "fatal": "N", "causality": "RELATED"})], {})


@given(PEOPLE, PEOPLE)
def test_a_rule_is_told_again_only_for_somebody_new(before: set[str], now: set[str]) -> None:
    told = [Held("r", None, tuple(before))]
    news = not_told_before([Held("r", None, tuple(now)), Held("r", "high", ())], told)
    assert bool(news) == bool(now - before)
