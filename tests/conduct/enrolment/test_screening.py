"""A person who is screened gets the next number of the site; nothing personal leaves the intent."""

import pytest

from equipoise.conduct.door.fact import Intent
from equipoise.conduct.door.state import Hold, Leaving, Scope
from equipoise.conduct.enrolment.screening import DestroyIdentity, ScreenParticipant
from equipoise.conduct.organisation.sites import ActivateSite, CloseSite
from equipoise.conduct.organisation.versions import IssueProtocol
from equipoise.errors import DecisionRefused
from equipoise.protocol import Protocol
from equipoise.record.event import canonical

from ..organisation.desk import LATER, PERSON, Desk, allocated, enrolling, found_eligible

PLACES = {"site=01": 72, "site=02": 72}


@pytest.fixture
def desk(inr: Protocol) -> Desk:
    return enrolling(inr, PLACES, sites=("01", "02"))


def screening(**changed: str) -> ScreenParticipant:
    return ScreenParticipant(site="01", identity=PERSON | changed)


def test_numbers_count_the_screened_of_each_site(desk: Desk) -> None:
    ids = [desk.screen(site).id for site in ("01", "02", "01", "01")]
    assert ids == ["01-001", "02-001", "01-002", "01-003"]
    assert list(desk.trial.participants) == ids


def test_a_participant_is_screened_on_the_day_at_the_site_for_the_version_in_use_there(desk: Desk) -> None:
    desk.do(IssueProtocol(protocol=LATER))
    early = desk.screen()
    assert (early.protocol, early.screened_on) == (desk.version, desk.today)
    desk.do(ActivateSite(site="01", protocol=LATER, approved_on=desk.today))
    assert desk.screen().protocol == LATER
    assert early.protocol == desk.version


def test_a_site_that_is_closed_not_activated_or_unknown_screens_nobody(desk: Desk) -> None:
    desk.open_site("03", activate=False)
    desk.do(CloseSite(site="02"))
    for site, why in (("02", "was closed"), ("03", "is not activated"), ("04", "has not joined")):
        with pytest.raises(DecisionRefused, match=why):
            desk.ask(ScreenParticipant(site=site, identity=PERSON))


def test_a_locked_site_screens_nobody(desk: Desk) -> None:
    desk.trial.holds.append(Hold(scope=Scope(site="01"), locked=True, by="sponsor", at=desk.now))
    with pytest.raises(DecisionRefused, match="site 01 was locked"):
        desk.ask(screening())


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"name": " "}, "registered by name, birth_date and sex"),
        ({"name": "!!"}, "must have letters"),
        ({"passport": "G1234567"}, "registered by name"),
        ({"birth_date": "6 May 1984"}, "such as 1980-05-31"),
        ({"birth_date": "2026-03-03"}, "not in the future"),
        ({"sex": "female"}, "one of F, M, U, INTERSEX"),
    ],
)
def test_an_incomplete_identity_is_refused_without_repeating_any_of_it(
    desk: Desk, changed: dict[str, str], why: str
) -> None:
    with pytest.raises(DecisionRefused, match=why) as caught:
        desk.ask(screening(**changed))
    said = str(caught.value)
    assert "Wang" not in said
    assert "1984" not in said
    assert not any(value in said for field, value in changed.items() if value.strip() and field != "sex")


def test_neither_the_fact_nor_the_intent_as_it_would_be_logged_names_the_person(desk: Desk) -> None:
    intent: Intent = screening()
    (outcome,) = desk.ask(intent)
    for said in (canonical(outcome.fact), outcome.fact.tell(), repr(outcome), repr(intent), str([intent])):
        assert not any(value in said for value in PERSON.values() if len(value) > 1)


def test_an_identity_is_destroyed_with_a_reason_once_and_not_while_the_person_is_in_the_trial(desk: Desk) -> None:
    participant = allocated(desk, found_eligible(desk))
    destroy = DestroyIdentity(participant=participant.id, reason="asked for by the person")
    with pytest.raises(DecisionRefused, match="end participation first"):
        desk.ask(destroy)
    participant.ended["participation"] = Leaving(on=desk.today, why="COMPLETED")
    with pytest.raises(DecisionRefused, match="say why"):
        desk.ask(DestroyIdentity(participant=participant.id, reason=" "))
    (outcome,) = desk.do(destroy)
    assert outcome.reason == "asked for by the person"
    assert participant.identity_destroyed_at == desk.now
    with pytest.raises(DecisionRefused, match="was destroyed before"):
        desk.ask(destroy)


def test_the_identity_of_who_was_only_screened_may_be_destroyed(desk: Desk) -> None:
    assert desk.ask(DestroyIdentity(participant=desk.screen().id, reason="asked for by the person"))
