"""Consent is signed on the form in use, before anything is examined; a newer form may ask for it again."""

from datetime import date, timedelta

import pytest

from equipoise.conduct.door.state import Eligibility, Hold, Leaving, Participant, Scope
from equipoise.conduct.enrolment.consent import (
    DueConsent,
    SignConsent,
    WithdrawConsent,
    due_consents,
    require_consent,
)
from equipoise.conduct.organisation.sites import ActivateSite
from equipoise.conduct.organisation.versions import IssueProtocol
from equipoise.errors import DecisionRefused
from equipoise.protocol import Protocol

from ..organisation.desk import LATER, Desk

NEW = date(2026, 6, 1)


@pytest.fixture
def desk(inr: Protocol) -> Desk:
    desk = Desk(inr)
    desk.open_site("01")
    desk.approve("1.0")
    desk.approve("1.0", language="zh")
    return desk


@pytest.fixture
def participant(desk: Desk) -> Participant:
    return desk.screen()


def sign(document: str = "1.0", *, on: date = date(2026, 3, 2), language: str = "en") -> SignConsent:
    return SignConsent(participant="01-001", document=document, language=language, signed_on=on)


def test_the_form_in_use_on_the_day_is_signed(desk: Desk, participant: Participant) -> None:
    with pytest.raises(DecisionRefused, match="has not signed"):
        require_consent(desk.trial, participant, desk.today)
    desk.do(sign(on=date(2026, 3, 1)))
    require_consent(desk.trial, participant, desk.today)
    assert [c.signed_on for c in participant.consents] == [date(2026, 3, 1)]


def test_an_old_form_a_form_of_tomorrow_and_a_form_of_another_language_are_refused(
    desk: Desk, participant: Participant
) -> None:
    desk.wait(100)
    desk.approve("2.0", since=NEW)
    with pytest.raises(
        DecisionRefused, match=r"to be signed on 2026-06-02 .* is 2.0, valid from 2026-06-01. Got 1.0"
    ):
        desk.ask(sign("1.0", on=date(2026, 6, 2)))
    with pytest.raises(DecisionRefused, match=r"is 1.0, valid from 2026-02-01. Got 2.0"):
        desk.ask(sign("2.0", on=date(2026, 5, 31)))
    with pytest.raises(DecisionRefused, match="no consent form in this language was approved at site 01"):
        desk.ask(sign(language="fr"))
    with pytest.raises(DecisionRefused, match="approved at site 01 by 2026-01-31"):
        desk.ask(sign(on=date(2026, 1, 31)))
    assert desk.ask(sign("1.0", on=date(2026, 6, 2), language="zh"))


def test_a_consent_is_not_signed_tomorrow_and_tomorrow_is_that_of_the_site(
    desk: Desk, participant: Participant
) -> None:
    desk.now += timedelta(hours=15)
    assert desk.now.date() == date(2026, 3, 2)
    assert desk.today == date(2026, 3, 3)
    assert desk.ask(sign(on=desk.today))
    with pytest.raises(DecisionRefused, match="cannot be signed on a day to come"):
        desk.ask(sign(on=desk.today + timedelta(days=1)))


def test_consent_comes_before_the_first_examination(desk: Desk, participant: Participant) -> None:
    desk.hold(participant, "SCR")
    assert desk.ask(sign(on=desk.today))
    desk.wait(1)
    with pytest.raises(DecisionRefused, match="before the first examination, which was on 2026-03-02"):
        desk.ask(sign(on=desk.today))


def test_the_same_form_is_not_signed_twice(desk: Desk, participant: Participant) -> None:
    desk.do(sign())
    with pytest.raises(DecisionRefused, match="already"):
        desk.ask(sign())


def test_a_participant_of_a_newer_protocol_version_needs_a_form_of_it(desk: Desk) -> None:
    desk.do(IssueProtocol(protocol=LATER))
    desk.do(ActivateSite(site="01", protocol=LATER, approved_on=desk.today))
    assert desk.screen().protocol == LATER
    with pytest.raises(DecisionRefused, match="a newer version of the protocol"):
        desk.ask(sign())
    desk.approve("2.0", protocol=LATER, since=desk.today)
    assert desk.ask(sign("2.0"))


@pytest.mark.parametrize("renew", [True, False])
def test_a_newer_form_asks_for_a_new_signature_only_where_it_says_so(
    desk: Desk, participant: Participant, renew: bool
) -> None:
    desk.do(sign())
    desk.approve("2.0", since=NEW, renew=renew)
    assert due_consents(desk.trial, NEW - timedelta(days=1)) == []
    due = due_consents(desk.trial, NEW)
    assert due == ([DueConsent("01-001", "2.0", "en", NEW)] if renew else [])
    if renew:
        with pytest.raises(DecisionRefused, match=r"has to sign consent form 2.0 .* since 2026-06-01 asks"):
            require_consent(desk.trial, participant, NEW)
    else:
        require_consent(desk.trial, participant, NEW)


def test_what_is_due_is_the_form_in_use_since_the_first_that_asked(desk: Desk, participant: Participant) -> None:
    desk.do(sign())
    desk.approve("2.0", since=NEW, renew=True)
    desk.approve("2.1", since=date(2026, 7, 1))
    assert due_consents(desk.trial, date(2026, 7, 2)) == [DueConsent("01-001", "2.1", "en", NEW)]
    desk.wait(130)
    desk.do(sign("2.1", on=date(2026, 7, 2)))
    assert due_consents(desk.trial, date(2026, 7, 2)) == []
    assert due_consents(desk.trial, date(2027, 7, 2)) == []


def test_a_form_approved_later_for_an_earlier_day_makes_the_old_signature_due(
    desk: Desk, participant: Participant
) -> None:
    desk.wait(10)
    desk.do(sign(on=date(2026, 3, 10)))
    desk.approve("2.0", since=date(2026, 3, 8), renew=True)
    assert [due.document for due in due_consents(desk.trial, desk.today)] == ["2.0"]


def test_nothing_is_due_of_who_has_left_or_was_never_in(desk: Desk, participant: Participant) -> None:
    desk.approve("2.0", since=NEW, renew=True)
    assert due_consents(desk.trial, NEW) == []
    desk.do(sign())
    assert len(due_consents(desk.trial, NEW)) == 1
    participant.eligibility = Eligibility(eligible=False, assessed_at=desk.now, not_met=("I1",))
    assert due_consents(desk.trial, NEW) == []
    participant.eligibility = None
    participant.ended["participation"] = Leaving(on=desk.today, why="LOST")
    assert due_consents(desk.trial, NEW) == []
    participant.ended.clear()
    desk.do(WithdrawConsent(participant="01-001", on=desk.today))
    assert due_consents(desk.trial, NEW) == []


def test_consent_is_withdrawn_once_between_its_signature_and_today(desk: Desk, participant: Participant) -> None:
    withdraw = WithdrawConsent(participant="01-001", on=date(2026, 3, 5))
    with pytest.raises(DecisionRefused, match="nothing to withdraw"):
        desk.ask(withdraw)
    desk.do(sign())
    with pytest.raises(DecisionRefused, match=r"the day it was signed \(2026-03-02\) and today \(2026-03-02\)"):
        desk.ask(withdraw)
    with pytest.raises(DecisionRefused, match="the day it was signed"):
        desk.ask(WithdrawConsent(participant="01-001", on=date(2026, 3, 1)))
    desk.wait(5)
    desk.do(withdraw)
    assert participant.consent_withdrawn_on == date(2026, 3, 5)
    for step in (withdraw, sign()):
        with pytest.raises(DecisionRefused, match="withdrew consent"):
            desk.ask(step)
    with pytest.raises(DecisionRefused, match="withdrew consent on 2026-03-05"):
        require_consent(desk.trial, participant, desk.today)


def test_nothing_is_signed_after_the_end_of_participation_or_under_a_lock(
    desk: Desk, participant: Participant
) -> None:
    participant.ended["participation"] = Leaving(on=desk.today, why="LOST")
    with pytest.raises(DecisionRefused, match="participation of 01-001 ended"):
        desk.ask(sign())
    participant.ended.clear()
    desk.trial.holds.append(Hold(scope=Scope(participant="01-001"), locked=True, by="sponsor", at=desk.now))
    with pytest.raises(DecisionRefused, match="participant 01-001 was locked"):
        desk.ask(sign())
