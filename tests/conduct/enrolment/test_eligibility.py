"""The numbered criteria are decided by the forms up to screening and by the investigator's word, and keep both."""

import pytest

from equipoise.conduct.door.state import Scalar
from equipoise.conduct.enrolment.criteria import hash_rules
from equipoise.conduct.enrolment.screening import AssessEligibility, EligibilityAssessed
from equipoise.errors import DecisionRefused
from equipoise.protocol import Protocol

from ..organisation.desk import ELIGIBLE, JUDGED, Desk, allocated, enrolling, found_eligible

WHO = "01-001"


@pytest.fixture
def desk(inr: Protocol) -> Desk:
    """A person at the screening visit, with all forms filled in."""
    desk = enrolling(inr, {"site=01": 72})
    participant = desk.screen()
    desk.sign(participant)
    desk.hold(participant, "SCR")
    desk.fill_in(participant, "SCR", ELIGIBLE)
    return desk


def change(desk: Desk, form: str, *, visit: str = "SCR", **values: Scalar) -> None:
    desk.save(desk.trial.participants[WHO], visit, form, **values)


def assess(desk: Desk, judged: dict[str, bool] | None = None) -> EligibilityAssessed:
    (outcome,) = desk.ask(AssessEligibility(participant=WHO, judged=JUDGED if judged is None else judged))
    assert isinstance(outcome.fact, EligibilityAssessed)
    return outcome.fact


def test_who_meets_every_criterion_is_eligible_and_each_verdict_keeps_its_inputs(desk: Desk) -> None:
    fact = assess(desk)
    assert fact.eligible
    assert fact.not_met == ()
    assert list(fact.criteria) == [*desk.protocol.population.inclusion, *desk.protocol.population.exclusion]
    assert fact.criteria["I2"].inputs == {"cd4": 180, "cd4_before_entry": 210}
    assert fact.criteria["I2"].met
    assert not fact.criteria["E5"].met
    assert fact.criteria["I5"].judged
    assert fact.rules == hash_rules(desk.protocol)


def test_the_state_keeps_the_inputs_of_all_criteria_and_the_hash_of_the_rules(desk: Desk) -> None:
    desk.do(AssessEligibility(participant=WHO, judged=JUDGED))
    verdict = desk.trial.participants[WHO].eligibility
    assert verdict is not None
    assert verdict.inputs["cd4"] == 180
    assert verdict.inputs["pregnancy_test"] is None
    assert verdict.rules == hash_rules(desk.protocol)


@pytest.mark.parametrize(
    ("form", "values", "not_met"),
    [
        ("demography", {"age": 66}, "I1"),
        ("immunology", {"cd4": 251}, "I2"),
        ("immunology", {"cd4": 50}, "I2"),
        ("hiv_history", {"category_c": "Y"}, "E1"),
        ("hepatitis", {"hcv_rna": "POSITIVE"}, "E2"),
        ("haematology", {"haemoglobin": 89.9}, "E7"),
    ],
)
def test_a_criterion_keeps_the_person_out_by_its_id(
    desk: Desk, form: str, values: dict[str, Scalar], not_met: str
) -> None:
    change(desk, form, **values)
    fact = assess(desk)
    assert not fact.eligible
    assert fact.not_met == (not_met,)
    assert fact.tell() == f"is not eligible: {not_met}"


@pytest.mark.parametrize("values", [{"age": 18}, {"age": 65}])
def test_the_bounds_of_a_criterion_belong_to_it(desk: Desk, values: dict[str, Scalar]) -> None:
    change(desk, "demography", **values)
    assert assess(desk).eligible


def test_the_investigators_word_counts_for_inclusion_and_exclusion_alike(desk: Desk) -> None:
    assert assess(desk, JUDGED | {"I5": False}).not_met == ("I5",)
    assert assess(desk, JUDGED | {"E4": True}).not_met == ("E4",)


def test_a_missing_input_leaves_eligibility_open_and_the_refusal_names_the_forms(desk: Desk) -> None:
    del desk.trial.participants[WHO].forms["SCR/haematology/1"]
    change(desk, "virology", hiv_rna="=NOT DONE")
    with pytest.raises(DecisionRefused) as caught:
        assess(desk)
    assert str(caught.value) == (
        "eligibility of 01-001 cannot be decided yet; fill in first: HIV RNA at Screening (HIV-1 RNA in plasma); "
        "Haematology at Screening (White blood cells, Platelets, Haemoglobin)"
    )


def test_a_word_is_wanted_for_each_criterion_that_only_the_investigator_can_judge(desk: Desk) -> None:
    with pytest.raises(DecisionRefused, match=r"has to say whether it is so: I8 \(Written informed consent\); E4"):
        assess(desk, {"I5": True})
    with pytest.raises(DecisionRefused, match="judges the criteria I5, I8, E4; the others follow from the forms"):
        assess(desk, JUDGED | {"I1": True})


def test_once_a_criterion_keeps_the_person_out_the_others_may_stay_open(desk: Desk) -> None:
    del desk.trial.participants[WHO].forms["SCR/hepatitis/1"]
    change(desk, "demography", age=70)
    fact = assess(desk, {})
    assert fact.not_met == ("I1",)
    assert "I3" in fact.criteria
    assert not {"E2", "I5", "I8", "E4"} & fact.criteria.keys()


def test_a_rule_that_a_missing_value_cannot_change_is_decided(desk: Desk) -> None:
    del desk.trial.participants[WHO].forms["SCR/hepatitis/1"]
    change(desk, "demography", age=70)
    verdict = assess(desk).criteria["E3"]  # ALT is 30, so no antibody could make it true
    assert not verdict.met
    assert verdict.inputs["alt"] == 30
    assert verdict.inputs["hev_antibody"] is None


@pytest.mark.parametrize(
    ("pregnancy", "eligible"),
    [
        ({"childbearing": "N"}, True),
        ({"childbearing": "Y", "pregnancy_test": "NEGATIVE", "breast_feeding": "N"}, True),
        ({"childbearing": "Y", "pregnancy_test": "POSITIVE", "breast_feeding": "N"}, False),
        ({"childbearing": "Y", "pregnancy_test": "=NOT APPLICABLE", "breast_feeding": "=NOT APPLICABLE"}, True),
        ({"childbearing": "Y", "pregnancy_test": "=REFUSED", "breast_feeding": "N"}, None),
        ({"childbearing": "Y"}, None),
    ],
)
def test_what_does_not_apply_to_a_woman_does_not_keep_her_waiting(
    desk: Desk, pregnancy: dict[str, Scalar], eligible: bool | None
) -> None:
    change(desk, "demography", sex="F")
    change(desk, "pregnancy", **pregnancy)
    if eligible is None:
        with pytest.raises(DecisionRefused, match=r"Pregnancy test at Screening \(Pregnancy test"):
            assess(desk)
    else:
        assert assess(desk).eligible == eligible


def test_a_test_repeated_before_the_next_visit_counts_and_one_of_the_next_visit_does_not(desk: Desk) -> None:
    participant = desk.trial.participants[WHO]
    desk.wait(5)
    desk.hold(participant, "U1", planned=False)
    change(desk, "immunology", visit="U1", cd4=300)
    assert assess(desk).not_met == ("I2",)
    desk.wait(5)
    desk.hold(participant, "U2", planned=False)
    change(desk, "immunology", visit="U2", cd4=240)
    assert assess(desk).eligible
    desk.wait(5)
    desk.hold(participant, "W0")
    change(desk, "immunology", visit="W0", cd4=400)
    desk.wait(1)
    desk.hold(participant, "U3", planned=False)
    change(desk, "immunology", visit="U3", cd4=400)
    fact = assess(desk)
    assert fact.criteria["I2"].inputs["cd4"] == 240


def test_a_record_that_was_struck_out_does_not_count(desk: Desk) -> None:
    desk.trial.participants[WHO].forms["SCR/immunology/1"].removed = "belongs to another person"
    with pytest.raises(DecisionRefused, match="T-cell counts at Screening"):
        assess(desk)


def test_a_screening_failure_may_be_assessed_again_but_an_allocated_participant_may_not(inr: Protocol) -> None:
    desk = enrolling(inr, {"site=01": 72})
    participant = found_eligible(desk)
    assert desk.ask(AssessEligibility(participant=participant.id, judged=JUDGED | {"I5": False}))
    allocated(desk, participant)
    with pytest.raises(DecisionRefused, match="is not assessed any more"):
        desk.ask(AssessEligibility(participant=participant.id, judged=JUDGED))


def test_nobody_is_assessed_without_consent_or_after_withdrawing_it(desk: Desk) -> None:
    participant = desk.trial.participants[WHO]
    participant.consent_withdrawn_on = desk.today
    with pytest.raises(DecisionRefused, match="withdrew consent"):
        assess(desk)
    participant.consent_withdrawn_on = None
    participant.consents.clear()
    with pytest.raises(DecisionRefused, match="has not signed a consent form yet"):
        assess(desk)


def test_the_hash_of_the_rules_changes_with_a_rule_and_not_with_a_translation(inr: Protocol) -> None:
    age = inr.population.inclusion["I1"]
    other = {
        "rule": age.model_copy(update={"rule": "age >= 18 AND age <= 70"}),
        "label": age.model_copy(update={"text": type(age.text)({"en": "Adults", "zh": "成人"})}),
    }
    hashes = {}
    for what, criterion in other.items():
        inclusion = {**inr.population.inclusion, "I1": criterion}
        population = inr.population.model_copy(update={"inclusion": inclusion})
        hashes[what] = hash_rules(inr.model_copy(update={"population": population}))
    assert hashes["rule"] != hash_rules(inr)
    assert hashes["label"] == hash_rules(inr)
