"""Saving a form: when it is refused, in words for a nurse, and what the event then holds."""

from datetime import UTC, date, datetime, timedelta

import pytest

from equipoise.conduct.door.chapters import DECISIONS
from equipoise.conduct.door.fact import By, Setting
from equipoise.conduct.door.state import Hold, Scope
from equipoise.conduct.follow_up.deviations import DeviationLifted, DeviationNoted
from equipoise.conduct.follow_up.leaving import EndingAnnulled, ParticipantEnded
from equipoise.conduct.follow_up.visits import HoldUnscheduledVisit, MissVisit
from equipoise.conduct.forms.entry import FormSaved, RemoveForm, SaveForm
from equipoise.errors import DecisionRefused

from .desk import DAY_1, EVENT, GIVEN, HAEMATOLOGY, LEFT, SCREENED, VITALS, WHO, Desk, allocate, one_participant

HLA = {"hla_class_1": 3, "hla_class_2": 0}


def refused(desk: Desk, *args: object, **more: object) -> str:
    with pytest.raises(DecisionRefused) as caught:
        desk.save(*args, **more)  # type: ignore[arg-type]
    return str(caught.value)


# What is recorded


def test_the_first_save_holds_every_value_in_the_unit_of_the_protocol(desk: Desk) -> None:
    (fact,) = desk.save("haematology", "SCR", {**HAEMATOLOGY, "haemoglobin": "13.5 g/dL"})
    assert fact == FormSaved(
        form="haematology",
        visit="SCR",
        on=SCREENED,
        values={**HAEMATOLOGY, "haemoglobin": 135},
        entered={"haemoglobin": "13.5 g/dL"},
    )
    entry = desk.participant.forms["SCR/haematology/1"]
    assert (entry.values["haemoglobin"].value, entry.values["haemoglobin"].entered) == (135, "13.5 g/dL")
    assert (entry.by, entry.sequence) == ("li", len(desk.events))


def test_a_change_holds_only_what_changed_with_the_reason(desk: Desk) -> None:
    desk.save("vitals", "SCR")
    (fact,) = desk.save("vitals", "SCR", {**VITALS, "weight": "62.5 kg"}, reason="wrong line of the notes")
    assert isinstance(fact, FormSaved)
    assert fact.values == {"weight": 62.5}
    assert desk.events[-1].reason == "wrong line of the notes"
    assert desk.participant.forms["SCR/vitals/1"].values["weight"].changes == 1
    assert desk.value("pulse") == 72


def test_a_derived_item_is_computed_and_follows_its_sources(desk: Desk) -> None:
    desk.save("immunology", "SCR", {"cd4": 200, "cd8": 800})
    assert desk.value("cd4_cd8", "immunology") == 0.25
    (fact,) = desk.save("immunology", "SCR", {"cd4": 205}, reason="second reading")
    assert isinstance(fact, FormSaved)
    assert fact.values == {"cd4": 205, "cd4_cd8": 0.26}
    (fact,) = desk.save("immunology", "SCR", {"cd8": 0}, reason="clotted")
    assert isinstance(fact, FormSaved)
    assert fact.values == {"cd8": 0, "cd4_cd8": None}


def test_a_check_that_does_not_stop_is_kept_as_raised(desk: Desk) -> None:
    fact, _ = desk.save("vitals", "SCR", {**VITALS, "temperature": 38.4})
    assert isinstance(fact, FormSaved)
    assert fact.raised == ("VS4",)
    desk.save("vitals", "SCR", {"temperature": 37.4}, reason="misread")
    assert desk.participant.forms["SCR/vitals/1"].raised == ()


def test_a_code_of_why_there_is_no_value_answers_for_it(desk: Desk) -> None:
    values = {name: value for name, value in VITALS.items() if name != "temperature"}
    desk.save("vitals", "SCR", values, missing={"temperature": "NOT DONE"})
    entry = desk.participant.forms["SCR/vitals/1"].values["temperature"]
    assert (entry.value, entry.missing) == (None, "NOT DONE")


def test_a_value_that_arrives_later_needs_no_reason(desk: Desk) -> None:
    desk.save("immunology", "SCR", {"cd4": 200, "cd8": 800})
    (fact,) = desk.save("immunology", "SCR", {"cd8_activated": 41.5})
    assert isinstance(fact, FormSaved)
    assert fact.values == {"cd8_activated": 41.5}


# Which form, at which visit


@pytest.mark.parametrize(
    ("form", "visit", "sentence"),
    [
        ("vitls", "SCR", "form vitls is not in the protocol; did you mean vitals?"),
        ("vitals", "W4", "visit W4 has not been recorded as held; there are: SCR; record it first"),
        ("hla_antibodies", "SCR", "HLA antibodies is planned for W0, W48, W96. Got visit SCR"),
        ("adverse_event", "SCR", "Adverse event belongs to no visit; leave the visit empty. Got visit SCR"),
        ("karnofsky_scale", "", "Karnofsky performance status needs the visit that it belongs to: SCR, W24, W48"),
    ],
)
def test_a_form_is_filled_in_where_the_schedule_has_it(desk: Desk, form: str, visit: str, sentence: str) -> None:
    assert refused(desk, form, visit, {"karnofsky": 90}).startswith(sentence)


def test_at_an_unscheduled_visit_any_form_of_the_schedule_may_be_filled_in(desk: Desk) -> None:
    desk.do(HoldUnscheduledVisit(participant=WHO, on=SCREENED, why="feels faint"))
    assert desk.save("vitals", "U1")
    assert refused(desk, "adverse_event", "U1").startswith("Adverse event belongs to no visit")


def test_a_missed_visit_has_no_forms() -> None:
    desk = Desk().start()
    desk.today = DAY_1 + timedelta(days=60)
    desk.do(MissVisit(participant=WHO, visit="W4", why="could not travel"))
    assert refused(desk, "vitals", "W4") == (
        "visit W4 was missed (could not travel), so Vital signs cannot be filled in"
    )


# For whom


def test_nothing_is_recorded_before_consent() -> None:
    desk = Desk()
    desk.hold("SCR", SCREENED)
    desk.participant.consents.clear()
    assert "has not signed a consent form" in refused(desk, "vitals", "SCR")
    assert "has not signed a consent form" in refused(desk, "adverse_event")


def test_after_consent_was_withdrawn_only_harm_and_the_end_are_recorded(desk: Desk) -> None:
    desk.participant.consent_withdrawn_on = SCREENED
    assert "withdrew consent on 2024-03-04; only adverse events" in refused(desk, "vitals", "SCR")
    assert "withdrew consent" in refused(desk, "concomitant_medication", values={"drug": "Paracetamol"})
    assert desk.save("adverse_event", values={**EVENT, "ae_started": "2024-03-04"})
    assert desk.save("end_of_study", values={**LEFT, "study_ended": "2024-03-04"})
    assert desk.save("death", values={"death_date": "2024-03-04", "death_cause": "accident", "autopsy": "N"})


def test_a_day_after_the_participant_has_left_is_refused_unless_it_tells_of_harm() -> None:
    desk = Desk().start()
    desk.today = date(2024, 4, 25)
    desk.save("end_of_study")
    assert "left the trial on 2024-04-20" in refused(desk, "deviation", values={})
    assert desk.save("adverse_event", values={**EVENT, "ae_started": "2024-04-23"})


def test_roles_write_the_forms_of_their_work(desk: Desk) -> None:
    assert desk.save("vitals", "SCR", role="nurse")
    assert desk.save("haematology", "SCR", role="laboratory")
    assert refused(desk, "adverse_event", role="nurse") == (
        "Adverse event is filled in by an investigator or coordinator. Got nurse"
    )
    assert "Got laboratory" in refused(desk, "demography", "SCR", {}, role="laboratory")


# When


def test_the_date_of_a_form_lies_between_the_beginning_of_the_trial_and_today(desk: Desk) -> None:
    assert refused(desk, "vitals", "SCR", on=SCREENED + timedelta(days=1)) == (
        "the date must not lie in the future; today is 2024-03-04. Got 2024-03-05"
    )
    assert refused(desk, "vitals", "SCR", on=date(2023, 12, 31)) == (
        "the date must not lie before 2024-01-08, when the trial began at this site. Got 2023-12-31"
    )
    assert "and nothing of the trial may be done before" in refused(desk, "vitals", "SCR", on=date(2024, 2, 1))


def test_today_is_the_day_at_the_site() -> None:
    desk = Desk()
    desk.hold("SCR", SCREENED)
    late = datetime(2024, 3, 4, 17, tzinfo=UTC)  # one in the morning of 5 March at the site
    intent = SaveForm(participant=WHO, form="vitals", visit="SCR", on=date(2024, 3, 5), values=VITALS)
    setting = Setting(desk.protocol, By("li", "coordinator", late, "UTC"))
    assert DECISIONS[SaveForm](setting, desk.trial, intent)


# What it must hold


def test_what_is_required_is_named_and_so_are_the_codes_for_none(desk: Desk) -> None:
    assert refused(desk, "vitals", "SCR", {"systolic": 120, "diastolic": 80, "pulse": 70}) == (
        "Vital signs, visit SCR: Weight, Respiratory rate, Body temperature must be filled in; "
        "where there is no value, say why: NOT DONE, NOT APPLICABLE, UNKNOWN, REFUSED"
    )


def test_what_other_values_ask_for_is_required_and_else_it_is_not(desk: Desk) -> None:
    assert desk.save("pregnancy", "SCR", {"childbearing": "N"})
    desk.save("demography", "SCR", {"age": 30, "sex": "F"})
    assert "Pregnancy test, Breast-feeding must be filled in" in refused(
        desk, "pregnancy", "SCR", {"childbearing": "Y"}, reason="asked again"
    )


def test_a_rule_sees_what_other_forms_say(desk: Desk) -> None:
    desk.save("demography", "SCR", {"age": 30, "sex": "M"})
    values = {"childbearing": "Y", "pregnancy_test": "NEGATIVE", "breast_feeding": "N"}
    assert "Only women can become pregnant" in refused(desk, "pregnancy", "SCR", values)
    desk.save("demography", "SCR", {"sex": "F"}, reason="typing error")
    assert desk.save("pregnancy", "SCR", values)


def test_a_check_that_stops_is_said_in_the_words_of_the_protocol_with_the_values(desk: Desk) -> None:
    assert refused(desk, "vitals", "SCR", {**VITALS, "systolic": 70}) == (
        "Vital signs, visit SCR: Systolic pressure must exceed diastolic pressure. "
        "Got Systolic blood pressure 70, Diastolic blood pressure 78"
    )


def test_everything_wrong_is_said_at_once(desk: Desk) -> None:
    said = refused(desk, "vitals", "SCR", {**VITALS, "weight": 700, "pulse": "fast", "hight": 170})
    assert said.splitlines() == [
        "hight is not an item of Vital signs; did you mean height?",
        "Weight must lie between 30 and 200 kg. Got 700",
        "Pulse rate must be a number with a decimal point, alone or in /min. Got fast",
    ]


@pytest.mark.parametrize(
    ("values", "missing", "sentence"),
    [
        ({"cd4_cd8": 0.3}, {}, "CD4/CD8 ratio is computed from other values and cannot be entered. Got 0.3"),
        ({}, {"cd4": "LOST"}, "CD4+ T cells lacks its value for a reason that is not known"),
        ({"cd4": 200}, {"cd4": "NOT DONE"}, "CD4+ T cells has a value, and is said to have none (NOT DONE)"),
    ],
)
def test_contradictions_are_refused(desk: Desk, values: dict, missing: dict, sentence: str) -> None:
    assert refused(desk, "immunology", "SCR", values, missing=missing).startswith(sentence)


def test_an_empty_form_is_no_record(desk: Desk) -> None:
    desk.protocol = desk.protocol.model_copy(
        update={"forms": {**desk.protocol.forms, "vitals": _all_optional(desk.protocol.forms["vitals"])}}
    )
    assert "is empty; enter a value" in refused(desk, "vitals", "SCR", {"weight": "", "pulse": None})


def _all_optional(form):  # type: ignore[no-untyped-def]
    items = {name: item.model_copy(update={"required": False}) for name, item in form.items.items()}
    return form.model_copy(update={"items": items})


# Changes


def test_a_change_without_a_reason_is_refused(desk: Desk) -> None:
    desk.save("vitals", "SCR")
    assert refused(desk, "vitals", "SCR", {"weight": 62.0, "pulse": 70}) == (
        "Vital signs, visit SCR: please say why Weight, Pulse rate is changed"
    )
    desk.today = date(2024, 3, 5)
    assert refused(desk, "vitals", "SCR", {}, on=desk.today) == (
        "Vital signs, visit SCR: please say why its date is changed from 2024-03-04. Got 2024-03-05"
    )


def test_saving_the_same_again_is_refused_kindly(desk: Desk) -> None:
    desk.save("vitals", "SCR")
    assert refused(desk, "vitals", "SCR", {**VITALS, "weight": "61.50 kg"}, reason="double click") == (
        "Vital signs, visit SCR already says the same; there is nothing to save"
    )


def test_a_value_cannot_be_emptied_without_a_code(desk: Desk) -> None:
    desk.save("vitals", "SCR")
    assert refused(desk, "vitals", "SCR", {"height": ""}, reason="not measured") == (
        "Height cannot be emptied; say why there is no value: NOT DONE, NOT APPLICABLE, UNKNOWN, REFUSED"
    )
    assert desk.save("vitals", "SCR", {}, missing={"height": "NOT DONE"}, reason="not measured")
    assert desk.value("height") is None


def test_of_two_people_at_one_form_the_second_is_told_who_was_first(desk: Desk) -> None:
    desk.save("vitals", "SCR", expected=0)
    seen = desk.participant.forms["SCR/vitals/1"].sequence
    desk.save("vitals", "SCR", {"weight": 62.0}, reason="typing error", person="wang", expected=seen)
    assert refused(desk, "vitals", "SCR", {"weight": 63.0}, reason="typing error", expected=seen) == (
        "Vital signs, visit SCR was saved by Wang Fang since you opened it; "
        "look at what is there now and enter your values again"
    )
    assert "Wang Fang" in refused(desk, "vitals", "SCR", {"weight": 63.0}, reason="typing error", expected=0)
    assert desk.value("weight") == 62.0


# Forms that repeat


def test_records_of_a_form_that_repeats_are_numbered_one_after_the_other(desk: Desk) -> None:
    numbers = [fact.repeat for _ in range(3) for fact in desk.save("adverse_event", values=_early())]
    assert numbers == [1, 2, 3]
    assert desk.save("adverse_event", values={"ae_grade": "2"}, repeat=2, reason="grew worse")
    assert desk.value("ae_grade", "adverse_event", "", 2) == "2"
    assert refused(desk, "adverse_event", values=_early(), repeat=9) == (
        "Adverse event has 3 records so far. Got record 9"
    )
    assert "has only one record a visit" in refused(desk, "vitals", "SCR", repeat=2)


def test_a_record_struck_out_stays_struck_out_and_its_number_is_not_used_again(desk: Desk) -> None:
    desk.save("adverse_event", values=_early())
    desk.do(RemoveForm(participant=WHO, form="adverse_event", reason="of another participant"))
    assert desk.participant.forms["/adverse_event/1"].removed == "of another participant"
    assert "was struck out; enter a new record" in refused(desk, "adverse_event", values={}, repeat=1)
    assert [fact.repeat for fact in desk.save("adverse_event", values=_early())] == [2]


@pytest.mark.parametrize(
    ("form", "visit", "reason", "sentence"),
    [
        ("vitals", "SCR", "x", "Vital signs, visit SCR is asked for by the protocol and stays"),
        ("adverse_event", "", "x", "Adverse event, record 1 is not there"),
        ("deviation", "", " ", "please say why Protocol deviation, record 1 is struck out"),
    ],
)
def test_not_every_record_can_be_struck_out(desk: Desk, form: str, visit: str, reason: str, sentence: str) -> None:
    values = {"deviation_category": "VISIT", "deviation_weight": "MINOR", "deviation_what": "late"}
    desk.save("deviation", values={**values, "deviation_date": "2024-03-04"})
    with pytest.raises(DecisionRefused, match=sentence):
        desk.do(RemoveForm(participant=WHO, form=form, visit=visit, reason=reason))


def _early() -> dict[str, str]:
    return {**EVENT, "ae_started": "2024-03-04"}


# Values that only the vault keeps


def test_values_that_hint_at_the_arm_are_recorded_here_up_to_allocation_only() -> None:
    desk = Desk()
    desk.hold("SCR", SCREENED)
    desk.hold("W0", DAY_1)
    assert desk.save("hla_antibodies", "W0", HLA)
    allocate(desk.participant)
    said = refused(desk, "hla_antibodies", "W0", {"hla_class_1": 99}, reason="corrected report")
    assert "is recorded by the vault once the participant is allocated" in said
    assert "99" not in said


def test_a_form_of_such_values_alone_is_not_asked_for_after_allocation() -> None:
    desk = Desk().start()
    assert refused(desk, "hla_antibodies", "W0", {}) == (
        "HLA antibodies, visit W0 is recorded by the vault once the participant is allocated"
    )


# Frozen and locked


@pytest.mark.parametrize(
    "scope",
    [
        Scope(),
        Scope(site="01"),
        Scope(participant=WHO),
        Scope(visit="SCR"),
        Scope(participant=WHO, form="vitals"),
        Scope(site="01", participant=WHO, visit="SCR", form="vitals"),
    ],
)
@pytest.mark.parametrize("locked", [False, True])
def test_a_frozen_or_locked_part_of_the_data_refuses_the_site(desk: Desk, scope: Scope, locked: bool) -> None:
    desk.trial.holds.append(Hold(scope=scope, locked=locked, by="wang", at=datetime(2024, 3, 4, tzinfo=UTC)))
    said = refused(desk, "vitals", "SCR")
    assert f"was {'locked' if locked else 'frozen'} by Wang Fang on 2024-03-04 and cannot be changed" in said


@pytest.mark.parametrize(
    "scope", [Scope(site="02"), Scope(participant="01-002"), Scope(visit="W0"), Scope(form="haematology")]
)
def test_what_is_locked_elsewhere_does_not_matter(desk: Desk, scope: Scope) -> None:
    desk.trial.holds.append(Hold(scope=scope, locked=True, by="wang", at=datetime(2024, 3, 4, tzinfo=UTC)))
    assert desk.save("vitals", "SCR")


def test_a_locked_trial_refuses_everything(desk: Desk) -> None:
    desk.trial.locked_at = datetime(2026, 3, 1, tzinfo=UTC)
    assert "all data of the trial were locked on 2026-03-01" in refused(desk, "vitals", "SCR")
    assert "all data of the trial were locked" in refused(desk, "adverse_event")


# What follows from a form


def test_a_form_that_ends_participation_ends_it() -> None:
    desk = Desk().start()
    desk.today = date(2024, 4, 25)
    _, ended = desk.save("end_of_study")
    assert ended == ParticipantEnded(what="participation", on=date(2024, 4, 20), why="COMPLETED")
    (_, ended) = desk.save("end_of_study", values={"study_ended": "2024-04-21"}, reason="diary")
    assert desk.participant.ended["participation"].on == date(2024, 4, 21)
    (only,) = desk.save("end_of_study", values={"study_end_detail": "moved house"})
    assert isinstance(only, FormSaved)


def test_an_end_before_a_visit_is_refused() -> None:
    desk = Desk().start()
    assert refused(desk, "end_of_study", values={**LEFT, "study_ended": "2024-03-17"}) == (
        "01-001 was seen at visit W0 on 2024-03-18, so participation cannot have ended before; "
        "check both dates. Got 2024-03-17"
    )


def test_striking_out_the_form_takes_the_end_back() -> None:
    desk = Desk().start()
    desk.save("death", values={"death_date": "2024-03-18", "death_cause": "unknown", "autopsy": "N"})
    assert desk.participant.ended["life"].why == "DEATH"
    facts = desk.do(RemoveForm(participant=WHO, form="death", reason="another person of that name"))
    assert facts[1:] == [EndingAnnulled(what="life")]
    assert desk.participant.ended == {}
    assert "please say why it is filled in again" in refused(desk, "death", values={})
    assert desk.save("death", values={}, reason="it was the participant after all")
    assert desk.participant.forms["/death/1"].removed is None
    assert "life" in desk.participant.ended


def test_an_unknown_day_of_the_end_is_that_of_the_record() -> None:
    desk = Desk(trial=one_participant(allocated=True))
    _, ended = desk.save(
        "end_of_study", values={"study_end_why": "LOST TO FOLLOW-UP"}, missing={"study_ended": "UNKNOWN"}
    )
    assert ended == ParticipantEnded(what="participation", on=SCREENED, why="LOST TO FOLLOW-UP")


def test_a_planned_infusion_that_was_not_given_is_a_deviation_until_corrected() -> None:
    desk = Desk().start()
    not_given = {"infused": "N", "not_infused_why": "ADVERSE EVENT"}
    _, noted = desk.save("infusion", "W0", not_given, role="nurse")
    assert noted == DeviationNoted(
        category="TREATMENT",
        weight="MAJOR",
        what="the infusion of visit W0 was not given (ADVERSE EVENT)",
        on=DAY_1,
        visit="W0",
    )
    (only,) = desk.save("infusion", "W0", {"not_infused_why": "OTHER"}, reason="clarified")
    assert isinstance(only, FormSaved)
    _, lifted = desk.save("infusion", "W0", GIVEN, reason="form of another participant")
    assert lifted == DeviationLifted(category="TREATMENT", visit="W0")
    assert desk.participant.deviations == []
