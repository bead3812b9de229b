"""Participants move to a newer version once the site may work by it, and what belongs to it is signed."""

import pytest
from tests.conduct.organisation.desk import LATER, Desk

from equipoise.conduct.door.state import Leaving, Participant
from equipoise.conduct.enrolment.moving import MoveParticipant
from equipoise.conduct.organisation.sites import ActivateSite
from equipoise.conduct.organisation.versions import IssueProtocol
from equipoise.errors import DecisionRefused
from equipoise.protocol import Protocol


@pytest.fixture
def desk(inr: Protocol) -> Desk:
    desk = Desk(inr)
    desk.open_site()
    desk.approve()
    return desk


def issued(desk: Desk) -> Participant:
    """A participant who has signed, in a trial with a second version that the site is not activated for."""
    participant = desk.screen()
    desk.sign(participant)
    desk.do(IssueProtocol(protocol=LATER))
    return participant


def test_the_consent_form_of_a_newer_version_moves_whom_signs_it_at_an_active_site(desk: Desk) -> None:
    participant = issued(desk)
    desk.approve("2.0", since=desk.today, protocol=LATER, renew=True)
    desk.do(ActivateSite(site="01", protocol=LATER, approved_on=desk.today))
    desk.sign(participant, "2.0")
    assert participant.protocol == LATER


def test_a_signature_before_the_site_is_active_moves_nobody(desk: Desk) -> None:
    participant = issued(desk)
    desk.approve("2.0", since=desk.today, protocol=LATER, renew=True)
    desk.sign(participant, "2.0")
    assert participant.protocol == desk.version
    with pytest.raises(DecisionRefused, match="site 01 is not activated for protocol version bbbb"):
        desk.ask(MoveParticipant(participant=participant.id, protocol=LATER))
    desk.do(ActivateSite(site="01", protocol=LATER, approved_on=desk.today))
    desk.do(MoveParticipant(participant=participant.id, protocol=LATER))
    assert participant.protocol == LATER


def test_without_a_consent_form_to_be_signed_anew_a_step_is_enough(desk: Desk) -> None:
    participant = issued(desk)
    desk.approve("1.1", since=desk.today, protocol=LATER)
    desk.do(ActivateSite(site="01", protocol=LATER, approved_on=desk.today))
    desk.do(MoveParticipant(participant=participant.id, protocol=LATER))
    assert participant.protocol == LATER


def test_nobody_moves_past_a_consent_form_that_asks_for_a_new_signature(desk: Desk) -> None:
    participant = issued(desk)
    desk.approve("2.0", since=desk.today, protocol=LATER, renew=True)
    desk.do(ActivateSite(site="01", protocol=LATER, approved_on=desk.today))
    with pytest.raises(DecisionRefused, match=r"01-001 has to sign the consent form of this version first, 2\.0"):
        desk.ask(MoveParticipant(participant=participant.id, protocol=LATER))


def test_nobody_moves_backwards_or_after_the_end(desk: Desk) -> None:
    participant = issued(desk)
    with pytest.raises(DecisionRefused, match="moves to a newer one only"):
        desk.ask(MoveParticipant(participant=participant.id, protocol=desk.version))
    participant.ended["participation"] = Leaving(on=desk.today, why="COMPLETED")
    with pytest.raises(DecisionRefused, match="participation of 01-001 ended"):
        desk.ask(MoveParticipant(participant=participant.id, protocol=LATER))
