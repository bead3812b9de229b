"""Freezing, locking, opening again: by whom, with which reason, and what the checklist asks for."""

from datetime import timedelta
from typing import Any

import pytest
from tests.conduct.closing.conftest import DAY

from equipoise.conduct.closing.checklist import checklist
from equipoise.conduct.closing.cut import trial_as_of
from equipoise.conduct.closing.locks import CutData, HoldScope, LockTrial, Release, UnlockTrial, data_hash
from equipoise.conduct.closing.unblinding import UnblindTrial
from equipoise.conduct.door.state import Scope
from equipoise.conduct.follow_up.infusions import BagIssued, InfusionOrdered
from equipoise.conduct.forms.entry import FormRemoved
from equipoise.conduct.quality.review import TrailReviewed
from equipoise.errors import DecisionRefused

WHOLE = Scope()
SITE = Scope(site="01")


def test_a_scope_is_frozen_then_locked_then_opened_by_another(closing: Any) -> None:
    closing.enrol("01-001")
    closing.do(HoldScope(scope=SITE, locked=False), "ma")
    closing.do(HoldScope(scope=SITE, locked=True), "ma")
    assert [(hold.scope, hold.locked, hold.by) for hold in closing.trial.holds] == [(SITE, True, "ma")]
    with pytest.raises(DecisionRefused, match="site 01 was locked by Ma; another person must open it again"):
        closing.ask(Release(scope=SITE, reason="a late result"), "ma")
    closing.do(Release(scope=SITE, reason="a late result"), "mo")
    assert closing.trial.holds == []
    assert closing.events[-1].reason == "a late result"


def test_who_froze_may_open_again_but_says_why(closing: Any) -> None:
    closing.do(HoldScope(scope=SITE, locked=False), "ma")
    with pytest.raises(DecisionRefused, match="say why you want to open site 01 again"):
        closing.ask(Release(scope=SITE, reason=" "), "ma")
    closing.do(Release(scope=SITE, reason="a late result"), "ma")
    assert closing.trial.holds == []


def test_what_is_held_is_not_held_again_nor_loosened(closing: Any) -> None:
    closing.do(HoldScope(scope=SITE, locked=True), "ma")
    for locked in (True, False):
        with pytest.raises(DecisionRefused, match="site 01: already locked"):
            closing.ask(HoldScope(scope=SITE, locked=locked), "mo")


def test_what_was_not_held_is_not_opened_and_what_is_held_is_named(closing: Any) -> None:
    with pytest.raises(DecisionRefused, match="all data: neither frozen nor locked as such; nothing is"):
        closing.ask(Release(scope=WHOLE, reason="a late result"), "ma")
    closing.do(HoldScope(scope=SITE, locked=True), "ma")
    with pytest.raises(DecisionRefused, match="held are: site 01"):
        closing.ask(Release(scope=WHOLE, reason="a late result"), "mo")


@pytest.mark.parametrize(
    ("scope", "what"),
    [
        (Scope(site="1"), "there is no site 1; did you mean 01"),
        (Scope(participant="01-002"), "there is no participant 01-002; did you mean 01-001"),
        (Scope(visit="W4"), "there is no visit W4"),
        (Scope(form="vital"), "there is no form vital; did you mean vitals"),
        (Scope(site="02", participant="01-001"), "01-001 belongs to site 01"),
    ],
)
def test_a_scope_that_names_what_is_not_there_is_refused(closing: Any, scope: Scope, what: str) -> None:
    closing.enrol("01-001")
    with pytest.raises(DecisionRefused, match=what):
        closing.ask(HoldScope(scope=scope, locked=True), "ma")


def test_a_finished_trial_is_locked_with_the_hash_of_its_data(closing: Any) -> None:
    closing.finish("01-001", "01-002")
    closing.screen("02-001", eligible=False)
    assert set(checklist(closing.protocol, closing.trial, DAY).values()) == {0}
    (outcome,) = closing.do(LockTrial(), "ma")
    assert outcome.fact.participants == 3
    assert closing.trial.data_hash == data_hash(closing.trial)
    assert (closing.trial.locked_at, closing.trial.locked_by) == (closing.now, "ma")


def open_point(closing: Any) -> dict[str, int]:
    """The points of the checklist that are open, a month after day 1."""
    found = checklist(closing.protocol, closing.trial, DAY + timedelta(days=30))
    return {point: count for point, count in found.items() if count}


def test_a_form_that_is_expected_must_be_there(closing: Any) -> None:
    closing.finish("01-001")
    closing.happen(FormRemoved(form="infusion", visit="V1"), "01-001", reason="other participant")
    closing.sign("01-001")
    assert open_point(closing) == {"expected forms missing": 1}


def test_everybody_who_was_allocated_must_have_left_and_said_so(closing: Any) -> None:
    closing.enrol("01-001")
    closing.sign("01-001")
    assert open_point(closing) == {
        "expected forms missing": 1,
        "participants whose participation has not ended": 1,
    }


def test_who_is_still_in_screening_must_have_left_too(closing: Any) -> None:
    closing.screen("01-001")
    assert open_point(closing) == {"participants whose participation has not ended": 1}


def test_everybody_who_was_allocated_must_be_signed_and_the_signature_must_hold(closing: Any) -> None:
    closing.enrol("01-001")
    closing.leave("01-001")
    assert open_point(closing) == {"participants without a signature": 1}
    closing.sign("01-001")
    closing.save("01-001", {"pulse": 62.0})
    assert open_point(closing) == {"participants whose data changed since they were signed": 1}


def test_a_check_on_a_critical_item_is_corrected_or_signed_as_it_is(closing: Any) -> None:
    closing.enrol("01-001")
    closing.save("01-001", {"weight": 210.0, "pulse": 120.0}, raised=("VS1", "VS2"))
    closing.leave("01-001")
    assert open_point(closing) == {
        "raised checks on critical items": 1,
        "changes of critical items not reviewed": 1,
        "participants without a signature": 1,
    }
    closing.sign("01-001")
    assert open_point(closing) == {"changes of critical items not reviewed": 1}
    closing.happen(TrailReviewed(records={"V1/vitals/1": ("weight",)}, note="as the source"), "01-001")
    assert open_point(closing) == {}


def test_an_ordered_infusion_has_a_bag_or_a_form_that_says_what_became_of_it(closing: Any) -> None:
    closing.finish("01-001")
    order = InfusionOrdered(order="01-001/V1", visit="V1", weight_kg="61", weighed_on=DAY)
    closing.happen(order, "01-001")
    assert open_point(closing) == {}
    closing.happen(FormRemoved(form="infusion", visit="V1"), "01-001", reason="other participant")
    assert open_point(closing)["infusions ordered without a bag"] == 1
    closing.happen(BagIssued(order="01-001/V1", bag="B-1", volume="100 mL"), "01-001")
    assert "infusions ordered without a bag" not in open_point(closing)


def test_a_lock_is_refused_with_every_open_point(closing: Any) -> None:
    closing.enrol("01-001")
    with pytest.raises(DecisionRefused) as refusal:
        closing.ask(LockTrial(), "ma")
    assert str(refusal.value) == (
        "the trial cannot be locked yet; open are expected forms missing: 1; participants whose participation has "
        "not ended: 1; participants without a signature: 1"
    )


def test_a_locked_trial_is_neither_held_nor_opened_in_part_nor_locked_again(closing: Any) -> None:
    closing.finish("01-001")
    closing.do(HoldScope(scope=SITE, locked=True), "ma")
    closing.do(LockTrial(), "ma")
    for intent in (HoldScope(scope=WHOLE, locked=True), Release(scope=SITE, reason="late"), LockTrial()):
        with pytest.raises(DecisionRefused, match="the trial is locked; lift that lock first"):
            closing.ask(intent, "mo")


def test_the_lock_is_lifted_by_another_with_a_reason(closing: Any) -> None:
    closing.finish("01-001")
    with pytest.raises(DecisionRefused, match="the trial is not locked"):
        closing.ask(UnlockTrial(reason="a late result"), "mo")
    closing.do(LockTrial(), "ma")
    with pytest.raises(DecisionRefused, match="you locked the trial; another person must lift the lock"):
        closing.ask(UnlockTrial(reason="a late result"), "ma")
    with pytest.raises(DecisionRefused, match="say why"):
        closing.ask(UnlockTrial(reason=""), "mo")
    closing.do(UnlockTrial(reason="a late result"), "mo")
    assert (closing.trial.locked_at, closing.trial.locked_by, closing.trial.data_hash) == (None, None, None)


def test_the_lock_of_an_unblinded_trial_is_never_lifted(closing: Any) -> None:
    closing.finish("01-001")
    closing.do(LockTrial(), "ma")
    closing.do(UnblindTrial(holders=("ka", "ko")), "su")
    with pytest.raises(DecisionRefused, match="its data stay locked for good"):
        closing.ask(UnlockTrial(reason="a late result"), "mo")


def test_the_hash_of_the_data_hangs_on_every_participant_and_not_on_their_order(closing: Any) -> None:
    closing.finish("01-001", "01-002")
    before = data_hash(closing.trial)
    turned = dict(reversed(closing.trial.participants.items()))
    closing.trial.participants = turned
    assert data_hash(closing.trial) == before
    closing.save("01-002", {"weight": 62.0})
    assert data_hash(closing.trial) != before


def test_data_are_cut_at_today_or_at_a_day_since_which_nothing_was_recorded(closing: Any) -> None:
    closing.enrol("01-001")
    closing.wait(days=3)
    closing.do(CutData(through=DAY + timedelta(days=2)), "ma")
    assert closing.trial.cuts == [DAY + timedelta(days=2)]
    assert closing.events[-1].payload == f'{{"sequence":{closing.trial.sequence - 1},"through":"2026-03-04"}}'
    for day in (4, -1):
        with pytest.raises(DecisionRefused, match="the data can be cut at a day from 2026-03-05"):
            closing.ask(CutData(through=DAY + timedelta(days=day)), "ma")


def test_the_state_as_of_a_cut_is_that_which_was_then(closing: Any) -> None:
    closing.enrol("01-001")
    cut = closing.trial.sequence
    closing.save("01-001", {"weight": 62.0})
    closing.enrol("01-002")
    then = trial_as_of(iter(closing.events), cut)
    assert then.sequence == cut
    assert list(then.participants) == ["01-001"]
    assert then.participants["01-001"].forms["V1/vitals/1"].values["weight"].value == 61.0
    assert trial_as_of(closing.events, closing.trial.sequence) == closing.trial
