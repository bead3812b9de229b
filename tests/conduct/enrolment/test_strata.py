"""Strata follow from the forms as the protocol's variables say; what is corrected later is kept beside."""

import pytest

from equipoise.conduct.door.state import Participant
from equipoise.conduct.enrolment.allocation import AllocateParticipant, CorrectStratum
from equipoise.conduct.enrolment.strata import derive_strata
from equipoise.errors import DecisionRefused
from equipoise.protocol import Protocol
from equipoise.randomisation import make_schedule

from ..organisation.desk import Desk, enrolling, found_eligible

USED = {"site": "01", "cd4_stratum": "above 150", "age_stratum": "up to 45"}
OTHER = USED | {"cd4_stratum": "up to 150"}


@pytest.fixture
def desk(confirm: Protocol) -> Desk:
    schedule = make_schedule(confirm, seed=1, levels={"site": ["01", "02"]}, length=6)
    return enrolling(confirm, dict.fromkeys(schedule.strata, 20))


@pytest.fixture
def participant(desk: Desk) -> Participant:
    return found_eligible(desk)


def strata_of(desk: Desk, participant: Participant) -> dict[str, str]:
    return derive_strata(desk.protocol, participant, desk.today)


def test_the_levels_are_those_of_the_site_and_of_the_variables(desk: Desk, participant: Participant) -> None:
    assert strata_of(desk, participant) == USED
    desk.save(participant, "SCR", "immunology", cd4=150)
    desk.save(participant, "SCR", "demography", age=46)
    assert strata_of(desk, participant) == USED | {"cd4_stratum": "up to 150", "age_stratum": "above 45"}


def test_the_last_value_up_to_the_day_of_allocation_counts(desk: Desk, participant: Participant) -> None:
    desk.save(participant, "W0", "immunology", cd4=120)
    assert strata_of(desk, participant) == OTHER


def test_a_level_that_does_not_follow_from_the_forms_is_asked_for_by_the_name_of_its_form(
    desk: Desk, participant: Participant
) -> None:
    del participant.forms["SCR/demography/1"]
    with pytest.raises(DecisionRefused, match=r"fill in first: Demography at Screening \(Age\)"):
        strata_of(desk, participant)


def test_the_strata_read_back_lead_to_the_list_of_the_stratum(desk: Desk, participant: Participant) -> None:
    with pytest.raises(DecisionRefused, match=r"age_stratum up to 45\. Got site 01, cd4_stratum up"):
        desk.ask(AllocateParticipant(participant=participant.id, strata=OTHER))
    desk.do(AllocateParticipant(participant=participant.id, strata=USED))
    assert desk.trial.allocated == {"site=01; cd4_stratum=above 150; age_stratum=up to 45": 1}


def test_a_stratum_found_wrong_later_is_kept_beside_the_one_used(desk: Desk, participant: Participant) -> None:
    correct = CorrectStratum(participant=participant.id, strata=OTHER)
    with pytest.raises(DecisionRefused, match="was not allocated"):
        desk.ask(correct)
    desk.do(AllocateParticipant(participant=participant.id, strata=USED))
    desk.wait(30)
    with pytest.raises(DecisionRefused, match="correct the forms first"):
        desk.ask(correct)
    desk.save(participant, "SCR", "immunology", cd4=140)
    desk.do(correct)
    assert participant.allocation is not None
    assert participant.allocation.strata == USED
    assert participant.allocation.true_strata == OTHER
    assert participant.allocation.stratum.startswith("site=01; cd4_stratum=above 150")
    with pytest.raises(DecisionRefused, match="are known already"):
        desk.ask(correct)


def test_values_from_after_the_allocation_do_not_change_the_true_strata(
    desk: Desk, participant: Participant
) -> None:
    desk.do(AllocateParticipant(participant=participant.id, strata=USED))
    allocated_on = desk.today
    desk.wait(28)
    desk.hold(participant, "W4")
    desk.save(participant, "W4", "immunology", cd4=90)
    desk.hold(participant, "U1", planned=False)
    desk.save(participant, "U1", "immunology", cd4=90)
    assert derive_strata(desk.protocol, participant, allocated_on) == USED
    with pytest.raises(DecisionRefused, match="are known already"):
        desk.ask(CorrectStratum(participant=participant.id, strata=USED))


def test_a_trial_without_strata_has_none_to_read_back(pilot: Protocol) -> None:
    desk = enrolling(pilot, {"all participants": 13})
    assert strata_of(desk, desk.screen()) == {}
