"""Enrolment that is paused takes nobody in, and another person of the sponsor resumes it."""

import pytest
from tests.conduct.forms.desk import Desk

from equipoise.conduct.door.fact import Intent
from equipoise.conduct.safety.pauses import PauseEnrolment, ResumeEnrolment, require_enrolment
from equipoise.errors import DecisionRefused


def by_sponsor(desk: Desk, intent: Intent, person: str = "li") -> None:
    desk.do(intent, person=person, role="sponsor")


def test_nobody_is_allocated_until_another_person_resumes(desk: Desk) -> None:
    require_enrolment(desk.trial)
    by_sponsor(desk, PauseEnrolment(cause="stopping rule", reason="told by the vault"))
    with pytest.raises(DecisionRefused, match="enrolment is paused since 2024-03-28"):
        require_enrolment(desk.trial)
    with pytest.raises(DecisionRefused, match="paused already, by Li Wei"):
        by_sponsor(desk, PauseEnrolment(reason="again"))
    with pytest.raises(DecisionRefused, match="another person of the sponsor"):
        by_sponsor(desk, ResumeEnrolment(reason="board of 2 April"))
    with pytest.raises(DecisionRefused, match="by which decision"):
        by_sponsor(desk, ResumeEnrolment(reason=" "), "wang")
    by_sponsor(desk, ResumeEnrolment(reason="board of 2 April"), "wang")
    require_enrolment(desk.trial)
    with pytest.raises(DecisionRefused, match="not paused"):
        by_sponsor(desk, ResumeEnrolment(reason="board of 2 April"), "wang")


def test_a_pause_says_why_but_not_which_rule(desk: Desk) -> None:
    with pytest.raises(DecisionRefused, match="say why"):
        by_sponsor(desk, PauseEnrolment(reason=""))
    (fact,) = desk.do(PauseEnrolment(cause="stopping rule", reason="told"), role="sponsor")
    assert fact.tell() == "enrolment was paused: a stopping rule of the protocol holds"


@pytest.mark.parametrize("role", ["data manager", "administrator"])
def test_who_only_watches_passes_the_word_of_the_vault_on_and_decides_nothing(desk: Desk, role: str) -> None:
    with pytest.raises(DecisionRefused, match=f"by the decision of medical monitor, .*Got {role}"):
        desk.do(PauseEnrolment(reason="I think so"), role=role)
    assert desk.do(PauseEnrolment(cause="stopping rule", halts=1, reason="told by the vault"), role=role)
    with pytest.raises(DecisionRefused, match="enrolment is paused since"):
        require_enrolment(desk.trial)
