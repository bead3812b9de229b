"""What is there, lacking and to come of a participant, and what is not asked for any more."""

from datetime import date, timedelta

from equipoise.conduct.follow_up.visits import MissVisit
from equipoise.conduct.forms.completeness import Completeness, check_completeness
from equipoise.conduct.forms.planned import forms_planned_at, products_planned_at

from .desk import DAY_1, LEFT, SCREENED, WHO, Desk, allocate, shipped

AT_SCREENING = (
    "demography",
    "hiv_history",
    "art_history",
    "medical_history",
    "hepatitis",
    "physical_exam",
    "vitals",
    "immunology",
    "virology",
    "haematology",
    "chemistry",
    "karnofsky_scale",
    "pregnancy",
    "ecg",
    "eye_hearing",
)


def check(desk: Desk, today: date | None = None) -> Completeness:
    return check_completeness(desk.protocol, desk.participant, today or desk.today)


def visits(places: tuple[tuple[str, str], ...]) -> list[str]:
    return list(dict.fromkeys(visit for visit, _ in places))


def test_the_schedule_says_which_forms_and_products_belong_to_a_visit() -> None:
    assert forms_planned_at(shipped(), "SCR") == AT_SCREENING
    assert "infusion" in forms_planned_at(shipped(), "W4")
    assert products_planned_at(shipped(), "W4") == ("cells",)
    assert products_planned_at(shipped(), "W60") == products_planned_at(shipped(), None) == ()


def test_a_visit_that_was_held_asks_for_its_forms() -> None:
    desk = Desk()
    assert check(desk).missing == ()
    desk.hold("SCR", SCREENED)
    assert check(desk).missing == tuple(("SCR", form) for form in AT_SCREENING)
    desk.save("vitals", "SCR")
    found = check(desk)
    assert ("SCR", "vitals") in found.filled_in
    assert ("SCR", "vitals") not in found.missing
    assert visits(found.to_come) == ["W0", "W4", "W12", "W24", "W36", "W48", "W60", "W72", "W84", "W96"]
    assert not found.is_complete


def test_a_visit_is_overdue_from_the_day_after_its_window_until_it_is_accounted_for() -> None:
    desk = Desk().start()
    last = DAY_1 + timedelta(days=35)
    assert check(desk, last).overdue == ()
    assert check(desk, last + timedelta(days=1)).overdue == ("W4",)
    desk.today = last + timedelta(days=1)
    desk.do(MissVisit(participant=WHO, visit="W4", why="could not travel"))
    found = check(desk)
    assert found.overdue == ()
    assert "W4" not in visits(found.missing) + visits(found.to_come)


def test_who_is_not_eligible_owes_nothing_more() -> None:
    desk = Desk()
    desk.hold("SCR", SCREENED)
    assert desk.participant.eligibility is not None
    desk.participant.eligibility.eligible = False
    found = check(desk, SCREENED + timedelta(days=400))
    assert (found.to_come, found.overdue) == ((), ())
    assert visits(found.missing) == ["SCR"]


def test_after_the_end_no_later_visit_is_expected_and_the_forms_of_the_end_are() -> None:
    desk = Desk().start()
    desk.today = date(2024, 4, 25)
    desk.save("end_of_study", values={**LEFT, "study_ended": "2024-03-18"})
    found = check(desk, DAY_1 + timedelta(days=700))
    assert (found.to_come, found.overdue) == ((), ())
    assert ("", "end_of_study") in found.filled_in
    assert ("", "end_of_treatment") in found.missing


def test_the_forms_of_the_end_come_with_the_end() -> None:
    desk = Desk().start()
    assert {("", "end_of_treatment"), ("", "end_of_study")} <= set(check(desk).to_come)
    assert {("", "end_of_treatment"), ("", "end_of_study")} <= set(
        check(desk, DAY_1 + timedelta(days=700)).missing
    )


def test_after_consent_was_withdrawn_nothing_but_the_end_is_lacking() -> None:
    desk = Desk().start()
    desk.participant.consent_withdrawn_on = DAY_1
    assert set(check(desk, DAY_1 + timedelta(days=700)).missing) == {
        ("", "end_of_treatment"),
        ("", "end_of_study"),
    }


def test_after_the_end_of_treatment_no_infusion_is_asked_for() -> None:
    desk = Desk().start()
    desk.save("end_of_treatment", values={"treatment_ended": "2024-03-18", "treatment_end_why": "ADVERSE EVENT"})
    desk.hold("W4", DAY_1 + timedelta(days=28))
    found = check(desk)
    assert ("W0", "infusion") in found.missing
    assert ("W4", "infusion") not in found.missing
    assert ("W4", "vitals") in found.missing


def test_values_that_the_vault_keeps_are_not_lacking_here() -> None:
    desk = Desk()
    desk.hold("SCR", SCREENED)
    desk.hold("W0", DAY_1)
    assert ("W0", "hla_antibodies") in check(desk).missing
    allocate(desk.participant)
    assert ("W0", "hla_antibodies") not in check(desk).missing
