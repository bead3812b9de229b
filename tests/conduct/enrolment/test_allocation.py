"""Nobody is allocated unless everything that entry asks for is there; the list refuses in one text."""

import psycopg
import pytest

from equipoise.conduct.door.state import Hold, Leaving, Participant, Scope
from equipoise.conduct.enrolment.allocation import (
    AllocateParticipant,
    ParticipantAllocated,
    StratumNearlyFull,
    no_number,
)
from equipoise.conduct.enrolment.consent import WithdrawConsent
from equipoise.conduct.enrolment.screening import AssessEligibility
from equipoise.conduct.organisation.sites import CloseSite
from equipoise.errors import DecisionRefused
from equipoise.line import take_next_slot
from equipoise.protocol import Protocol

from ..organisation.desk import ELIGIBLE, JUDGED, Desk, allocated, enrolling, found_eligible


@pytest.fixture
def desk(inr: Protocol) -> Desk:
    return enrolling(inr, {"site=01": 72})


@pytest.fixture
def participant(desk: Desk) -> Participant:
    return found_eligible(desk)


def ask(desk: Desk, **strata: str) -> ParticipantAllocated:
    outcomes = desk.ask(AllocateParticipant(participant="01-001", strata=strata or {"site": "01"}))
    assert isinstance(outcomes[0].fact, ParticipantAllocated)
    return outcomes[0].fact


def refuse(desk: Desk, why: str, **strata: str) -> None:
    """The step is refused for this reason and leaves the state as it was."""
    before = repr(desk.trial)
    with pytest.raises(DecisionRefused, match=why):
        ask(desk, **strata)
    assert repr(desk.trial) == before


def test_who_fulfils_everything_gets_the_next_place_of_the_stratum(desk: Desk, participant: Participant) -> None:
    fact = ask(desk)
    assert (fact.stratum, fact.strata, fact.number) == ("site=01", {"site": "01"}, "")
    allocated(desk, participant)
    assert desk.trial.allocated == {"site=01": 1}
    assert participant.allocation is not None
    assert participant.allocation.at == desk.now


def test_nobody_is_allocated_twice(desk: Desk, participant: Participant) -> None:
    allocated(desk, participant)
    refuse(desk, "nobody is allocated twice")


def test_without_consent_or_after_its_withdrawal_nobody_is_allocated(desk: Desk, participant: Participant) -> None:
    consents, participant.consents = participant.consents, []
    refuse(desk, "has not signed a consent form yet")
    participant.consents = consents
    desk.do(WithdrawConsent(participant="01-001", on=desk.today))
    refuse(desk, "withdrew consent")


def test_a_consent_to_be_renewed_stands_in_the_way(desk: Desk, participant: Participant) -> None:
    desk.approve("2.0", since=desk.today, renew=True)
    refuse(desk, "has to sign consent form 2.0")
    desk.sign(participant, "2.0")
    assert ask(desk)


def test_without_a_verdict_or_with_a_bad_one_nobody_is_allocated(desk: Desk, participant: Participant) -> None:
    desk.do(AssessEligibility(participant="01-001", judged=JUDGED | {"I5": False}))
    refuse(desk, "01-001 is not eligible: I5")
    participant.eligibility = None
    refuse(desk, "was not assessed yet")


def test_a_value_corrected_since_the_verdict_asks_for_a_new_one(desk: Desk, participant: Participant) -> None:
    desk.save(participant, "SCR", "immunology", cd4=190)
    refuse(desk, "assess eligibility again. Changed: CD4. T cells")
    desk.do(AssessEligibility(participant="01-001", judged=JUDGED))
    assert ask(desk)


def test_values_of_the_visit_of_randomisation_do_not_touch_the_verdict(
    desk: Desk, participant: Participant
) -> None:
    desk.save(participant, "W0", "immunology", cd4=410)
    assert ask(desk)


def test_a_changed_rule_asks_for_a_new_verdict(desk: Desk, participant: Participant) -> None:
    assert participant.eligibility is not None
    participant.eligibility.rules = "0" * 64
    refuse(desk, "the criteria have changed")


def test_allocation_takes_place_on_the_day_of_its_visit(desk: Desk, participant: Participant) -> None:
    desk.wait(1)
    refuse(desk, "is allocated on the day of visit Baseline; record first that it takes place today, 2026-03-17")
    del participant.visits["W0"]
    refuse(desk, "on the day of visit Baseline")


def test_where_the_protocol_plans_no_visit_for_it_any_day_will_do(pilot: Protocol) -> None:
    desk = enrolling(pilot, {"all participants": 13})
    participant = desk.screen()
    desk.sign(participant)
    desk.hold(participant, "SCR")
    desk.fill_in(participant, "SCR", ELIGIBLE)
    desk.do(AssessEligibility(participant=participant.id, judged={"I5": True, "E1": False}))
    desk.do(AllocateParticipant(participant=participant.id))
    assert desk.trial.allocated == {"all participants": 1}


def test_a_site_that_was_closed_allocates_nobody(desk: Desk, participant: Participant) -> None:
    desk.do(CloseSite(site="01"))
    refuse(desk, "takes in nobody any more")


def test_a_site_not_activated_for_the_version_of_the_participant_allocates_nobody(
    desk: Desk, participant: Participant
) -> None:
    desk.trial.sites["01"].versions.clear()
    refuse(desk, "is not activated for protocol version")


@pytest.mark.parametrize("what", ["treatment", "participation", "life"])
def test_whose_treatment_participation_or_life_ended_is_not_allocated(
    desk: Desk, participant: Participant, what: str
) -> None:
    participant.ended[what] = Leaving(on=desk.today, why="OTHER")
    refuse(desk, f"{what} of 01-001 ended on")


def test_a_lock_shuts_this_door_too(desk: Desk, participant: Participant) -> None:
    desk.trial.holds.append(Hold(scope=Scope(site="01"), locked=True, by="sponsor", at=desk.now))
    refuse(desk, "site 01 was locked")


@pytest.mark.parametrize("strata", [{"site": "02"}, {"site": "01", "sex": "M"}, {"sex": "M"}])
def test_strata_that_are_not_those_of_the_record_are_refused(
    desk: Desk, participant: Participant, strata: dict[str, str]
) -> None:
    refuse(
        desk, "read the strata of 01-001 back as the record gives them, or correct the forms: site 01", **strata
    )


def test_an_exhausted_list_is_an_alarm_in_words_and_changes_nothing(inr: Protocol) -> None:
    desk = enrolling(inr, {"site=01": 1})
    allocated(desk, found_eligible(desk))
    second = found_eligible(desk)
    before = repr(desk.trial)
    with pytest.raises(
        DecisionRefused, match=r"Call the randomisation contact .* do not randomise by other means"
    ):
        desk.ask(AllocateParticipant(participant=second.id, strata={"site": "01"}))
    assert repr(desk.trial) == before


def test_all_that_touches_the_list_is_refused_in_the_same_words(desk: Desk, participant: Participant) -> None:
    said = set()
    for places, taken in (
        ({}, {}),
        ({"site=01": 0}, {}),
        ({"site=02": 72}, {}),
        ({"site=01": 72}, {"site=01": 72}),
    ):
        desk.trial.places, desk.trial.allocated = places, taken
        with pytest.raises(DecisionRefused) as caught:
            ask(desk)
        said.add(str(caught.value))
    assert said == {str(no_number("site=01", "01-001"))}


class ShutVault:
    """A connection on which the vault refuses."""

    def execute(self, *_: object) -> None:
        error = psycopg.errors.RaiseException("no slot is left")
        error.sqlstate = "QV001"
        raise error


def test_the_vault_refuses_in_these_words_too() -> None:
    with pytest.raises(DecisionRefused) as caught:
        take_next_slot(ShutVault(), "site=01", "01-001", "key")  # type: ignore[arg-type]
    assert str(caught.value) == str(no_number("site=01", "01-001"))


@pytest.mark.parametrize(("places", "left"), [(13, 12), (12, 11), (2, 1), (1, 0)])
def test_the_alarm_sounds_once_when_two_of_the_largest_blocks_are_left(
    inr: Protocol, places: int, left: int
) -> None:
    desk = enrolling(inr, {"site=01": places})
    sounded = []
    for _ in range(places):
        participant = found_eligible(desk)
        outcomes = desk.do(AllocateParticipant(participant=participant.id, strata={"site": "01"}))
        sounded += [outcome.fact for outcome in outcomes[1:]]
        if places > 3 and len(desk.trial.participants) == 3:
            break
    assert sounded == [StratumNearlyFull(stratum="site=01", left=left)]


def test_no_alarm_sounds_while_the_list_is_long(desk: Desk, participant: Participant) -> None:
    assert len(desk.ask(AllocateParticipant(participant="01-001", strata={"site": "01"}))) == 1
