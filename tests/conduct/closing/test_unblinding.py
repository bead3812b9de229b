"""Code breaks are made known at any time; all codes are opened by two, after the lock."""

from typing import Any

import pytest

from equipoise.conduct.closing.locks import LockTrial
from equipoise.conduct.closing.unblinding import ReportCodeBreak, UnblindTrial
from equipoise.errors import DecisionRefused


def test_a_code_break_is_recorded_with_its_reason_and_without_an_arm(closing: Any) -> None:
    closing.enrol("01-001")
    closing.do(ReportCodeBreak(participant="01-001", how="envelope", reason="anaphylaxis"), "li")
    assert closing.person("01-001").code_broken_at == closing.now
    assert closing.events[-1].reason == "anaphylaxis"
    assert closing.events[-1].payload == '{"how":"envelope"}'


def test_the_first_code_break_counts(closing: Any) -> None:
    closing.enrol("01-001")
    first = closing.now
    closing.do(ReportCodeBreak(participant="01-001", how="vault", reason="anaphylaxis"), "li")
    closing.wait(hours=1)
    closing.do(ReportCodeBreak(participant="01-001", how="envelope", reason="asked again"), "li")
    assert closing.person("01-001").code_broken_at == first


def test_a_code_break_needs_an_allocation_and_a_reason(closing: Any) -> None:
    closing.screen("01-001")
    with pytest.raises(DecisionRefused, match="01-001 was never allocated, so there is no code to break"):
        closing.ask(ReportCodeBreak(participant="01-001", how="vault", reason="anaphylaxis"), "li")
    closing.enrol("01-002")
    with pytest.raises(DecisionRefused, match="say why the code of 01-002 was broken"):
        closing.ask(ReportCodeBreak(participant="01-002", how="vault", reason=""), "li")


def test_all_codes_are_opened_after_the_lock_and_once(closing: Any) -> None:
    closing.finish("01-001")
    both = UnblindTrial(holders=("ka", "ko"))
    with pytest.raises(DecisionRefused, match="only after the data of the whole trial are locked"):
        closing.ask(both, "su")
    closing.do(LockTrial(), "ma")
    (outcome,) = closing.do(both, "su")
    assert outcome.fact.data == closing.trial.data_hash
    assert closing.trial.unblinded_at == closing.now
    with pytest.raises(DecisionRefused, match="has been unblinded already"):
        closing.ask(both, "su")


@pytest.mark.parametrize(
    ("holders", "why"),
    [(("ka", "ka"), "two different persons"), (("ka", "su"), "Got su"), (("nobody", "ko"), "Got nobody")],
)
def test_it_takes_two_who_hold_the_key(closing: Any, holders: tuple[str, str], why: str) -> None:
    closing.finish("01-001")
    closing.do(LockTrial(), "ma")
    with pytest.raises(DecisionRefused, match=why):
        closing.ask(UnblindTrial(holders=holders), "su")
