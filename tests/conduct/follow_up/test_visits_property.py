"""Visits: who may come when, what is noted where a visit is early, late or missed, and how a date is corrected."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conduct.forms.desk import DAY_1, SCREENED, WHO, Desk, allocate, edited, replayed, shipped

from equipoise.conduct.door.state import ConsentDocument, Hold, Leaving, Scope
from equipoise.conduct.follow_up.deviations import DeviationLifted, DeviationNoted
from equipoise.conduct.follow_up.visits import (
    CorrectVisitDate,
    HoldUnscheduledVisit,
    HoldVisit,
    MissVisit,
    VisitDateCorrected,
    VisitHeld,
    VisitMissed,
    VisitWindowJudged,
)
from equipoise.conduct.follow_up.windows import outside_windows
from equipoise.errors import DecisionRefused

shipped()


def day(study_day: int) -> date:
    return DAY_1 + timedelta(days=study_day - 1)


def refused(desk: Desk, visit: str, on: date, reason: str | None = None) -> str:
    desk.today = max(desk.today, on)
    with pytest.raises(DecisionRefused) as caught:
        desk.do(HoldVisit(participant=WHO, visit=visit, on=on, reason=reason))
    return str(caught.value)


def missing(desk: Desk, visit: str, today: date, why: str = "could not travel") -> str:
    desk.today = today
    with pytest.raises(DecisionRefused) as caught:
        desk.do(MissVisit(participant=WHO, visit=visit, why=why))
    return str(caught.value)


# In the window and outside


def test_a_visit_in_its_window_is_held_without_more_words(started: Desk) -> None:
    assert started.hold("W4", day(29)) == [VisitHeld(key="W4", on=day(29))]


def test_a_visit_outside_its_window_needs_a_reason(started: Desk) -> None:
    assert refused(started, "W4", day(37)) == (
        "visit W4 on 2024-04-23 (study day 37) is 1 day after its window, 2024-04-08 to 2024-04-22 "
        "(study day 22 to 36); check the date, or say why it could not be otherwise"
    )
    assert "is 2 days before its window" in refused(started, "W4", day(20), reason="  ")


def test_with_a_reason_it_is_held_and_a_deviation_noted(started: Desk) -> None:
    held, noted = started.hold("W4", day(37), reason="flood")
    assert held == VisitHeld(key="W4", on=day(37), in_window=False)
    assert isinstance(noted, DeviationNoted)
    assert (noted.category, noted.weight, noted.on, noted.visit) == ("VISIT", "MINOR", day(37), "W4")
    assert started.events[-1].reason == started.events[-2].reason == "flood"
    assert not started.participant.visits["W4"].in_window


def test_screening_is_judged_when_day_1_is_set() -> None:
    desk = Desk()
    desk.hold("SCR", SCREENED)
    late = SCREENED + timedelta(days=31)
    assert refused(desk, "W0", late).startswith(
        "visit SCR on 2024-03-04 (study day -31) is 1 day before its window"
    )
    held, judged, noted = desk.hold("W0", late, reason="product came late")
    assert held == VisitHeld(key="W0", on=late)
    assert judged == VisitWindowJudged(key="SCR", in_window=False)
    assert isinstance(noted, DeviationNoted)
    assert noted.visit == "SCR"
    assert not desk.participant.visits["SCR"].in_window


# Who, and in which order


def test_a_visit_takes_place_once(started: Desk) -> None:
    assert refused(started, "W0", DAY_1) == (
        "visit W0 is already recorded, on 2024-03-18; correct its date, or record an unscheduled visit"
    )


def test_a_visit_that_the_protocol_does_not_plan_is_refused_with_the_nearest_name(started: Desk) -> None:
    assert refused(started, "W44", day(29)) == "visit W44 is not in the protocol; did you mean W4?"


@pytest.mark.parametrize(
    ("visit", "on", "sentence"),
    [
        ("W12", day(100), "visit W24 comes after visit W12 and was held on 2024-06-15; check both dates"),
        ("W36", day(80), "visit W24 comes before visit W36 and was held on 2024-06-15; check both dates"),
    ],
)
def test_visits_follow_one_another(started: Desk, visit: str, on: date, sentence: str) -> None:
    started.hold("W24", day(90), reason="moved house")
    assert refused(started, visit, on, "late").startswith(sentence)


def test_a_date_of_the_future_or_from_before_the_trial_is_refused(started: Desk) -> None:
    with pytest.raises(DecisionRefused, match="must not lie in the future; today is 2024-03-18"):
        started.do(HoldVisit(participant=WHO, visit="W4", on=day(29)))
    assert "must not lie before 2024-01-08" in refused(started, "W4", date(2023, 4, 15))


def test_the_day_1_visit_is_for_the_eligible() -> None:
    desk = Desk()
    desk.hold("SCR", SCREENED)
    assert desk.participant.eligibility is not None
    desk.participant.eligibility.eligible = False
    desk.participant.eligibility.not_met = ("I2", "E4")
    assert refused(desk, "W0", DAY_1) == "01-001 is not eligible. Got I2, E4"
    desk.participant.eligibility = None
    assert refused(desk, "W0", DAY_1) == (
        "01-001 has not been assessed for eligibility; this comes before visit W0"
    )


def test_where_the_protocol_assesses_eligibility_on_day_1_the_visit_comes_first() -> None:
    desk = Desk(edited(("    eligibility: [SCR]", "    eligibility: [W0]")))
    desk.hold("SCR", SCREENED)
    desk.participant.eligibility = None
    assert desk.hold("W0", DAY_1)


def test_day_1_is_held_before_allocation_and_later_visits_after_it() -> None:
    desk = Desk()
    desk.hold("SCR", SCREENED)
    assert refused(desk, "W4", day(29)) == ("visit W0, which is study day 1, must be recorded before visit W4")
    desk.hold("W0", DAY_1)
    assert refused(desk, "W4", day(29)) == "01-001 has not been allocated; visit W4 is for who has been"
    allocate(desk.participant)
    assert desk.hold("W4", day(29))


def test_no_visit_without_consent_nor_after_its_withdrawal() -> None:
    desk = Desk()
    assert "signed the consent form on 2024-03-04" in refused(desk, "SCR", date(2024, 3, 1))
    desk.participant.consent_withdrawn_on = SCREENED
    assert "withdrew consent on 2024-03-04" in refused(desk, "SCR", SCREENED)
    desk.participant.consents.clear()
    assert "has not signed a consent form" in refused(desk, "SCR", SCREENED)


def test_a_visit_waits_for_the_consent_that_a_new_form_asks_for(started: Desk) -> None:
    for document, since, renew in (("1.0", date(2024, 1, 8), False), ("2.0", day(20), True)):
        started.trial.consent_documents.append(
            ConsentDocument(
                document=document, language="zh", site="01", protocol="v1", valid_from=since, renew=renew
            )
        )
    assert "has to sign consent form 2.0 (zh) first" in refused(started, "W4", day(29))
    assert started.decide(HoldUnscheduledVisit(participant=WHO, on=day(29), why="fever"))


@pytest.mark.parametrize(("what", "words"), [("participation", "left the trial"), ("life", "died")])
def test_after_the_end_there_are_no_visits_but_an_earlier_one_may_still_be_entered(
    started: Desk, what: str, words: str
) -> None:
    started.participant.ended[what] = Leaving(on=day(30), why="DEATH")
    assert refused(started, "W4", day(31)) == f"01-001 {words} on 2024-04-16; check the date. Got 2024-04-17"
    assert started.hold("W4", day(29))


def test_the_end_of_treatment_leaves_the_visits(started: Desk) -> None:
    started.participant.ended["treatment"] = Leaving(on=DAY_1, why="ADVERSE EVENT")
    assert started.hold("W4", day(29))


def test_a_locked_visit_is_refused(started: Desk) -> None:
    hold = Hold(scope=Scope(visit="W4"), locked=True, by="li", at=datetime(2024, 4, 1, tzinfo=UTC))
    started.trial.holds.append(hold)
    assert "visit W4 was locked by Li Wei" in refused(started, "W4", day(29))
    assert started.decide(HoldUnscheduledVisit(participant=WHO, on=day(29), why="fever"))


# Unscheduled visits


def test_unscheduled_visits_are_numbered_and_need_no_allocation() -> None:
    desk = Desk()
    desk.hold("SCR", SCREENED)
    for number in (1, 2):
        (held,) = desk.do(HoldUnscheduledVisit(participant=WHO, on=SCREENED, why="test repeated"))
        assert held == VisitHeld(key=f"U{number}", on=SCREENED, planned=False)
    assert desk.events[-1].reason == "test repeated"
    with pytest.raises(DecisionRefused, match="please say why the visit took place"):
        desk.do(HoldUnscheduledVisit(participant=WHO, on=SCREENED, why=" "))


# Missed visits


def test_a_visit_is_missed_when_its_window_has_passed(started: Desk) -> None:
    assert missing(started, "W4", day(36)) == "visit W4 can still be held until 2024-04-22; it is not missed yet"
    started.today = day(37)
    missed, late, not_given = started.do(MissVisit(participant=WHO, visit="W4", why="could not travel"))
    assert missed == VisitMissed(key="W4", why="could not travel")
    assert isinstance(late, DeviationNoted)
    assert (late.category, late.weight, late.on) == ("VISIT", "MINOR", day(36))
    assert isinstance(not_given, DeviationNoted)
    assert (not_given.category, not_given.weight) == ("TREATMENT", "MAJOR")
    assert "is recorded as missed (could not travel)" in refused(started, "W4", day(38))


def test_a_visit_is_missed_when_a_later_one_has_taken_place(started: Desk) -> None:
    started.hold("W12", day(40), reason="on a journey later")
    _, noted, *_ = started.do(MissVisit(participant=WHO, visit="W4", why="forgotten"))
    assert isinstance(noted, DeviationNoted)
    assert noted.on == day(36)


def test_a_missed_visit_without_an_infusion_is_no_deviation_of_treatment(started: Desk) -> None:
    started.today = day(500)
    assert len(started.do(MissVisit(participant=WHO, visit="W60", why="abroad"))) == 2
    started.participant.ended["treatment"] = Leaving(on=DAY_1, why="ADVERSE EVENT")
    assert len(started.do(MissVisit(participant=WHO, visit="W12", why="abroad"))) == 2


def test_what_was_not_expected_cannot_be_missed(started: Desk) -> None:
    started.participant.ended["participation"] = Leaving(on=day(21), why="LOST TO FOLLOW-UP")
    assert missing(started, "W4", day(50)) == (
        "visit W4 was not expected any more, as participation ended on 2024-04-07; "
        "it need not be recorded as missed"
    )
    started.participant.ended["participation"].on = day(22)
    assert started.do(MissVisit(participant=WHO, visit="W4", why="lost"))


def test_day_1_cannot_be_missed() -> None:
    desk = Desk()
    desk.hold("SCR", SCREENED)
    assert missing(desk, "W0", day(50)).startswith("visit W0 cannot be missed before visit W0 has taken place")
    desk.hold("W0", DAY_1)
    assert "has not been allocated" in missing(desk, "W4", day(50))
    allocate(desk.participant)
    assert missing(desk, "W4", day(50), why="") == "please say why the visit was missed"


# Corrected dates


def test_a_corrected_date_takes_the_deviation_away_or_brings_one(started: Desk) -> None:
    started.hold("W4", day(37), reason="flood")
    facts = started.do(CorrectVisitDate(participant=WHO, visit="W4", on=day(36), reason="misread"))
    assert facts == [
        VisitDateCorrected(key="W4", on=day(36)),
        VisitWindowJudged(key="W4", in_window=True),
        DeviationLifted(category="VISIT", visit="W4"),
    ]
    assert started.participant.deviations == []
    assert started.participant.visits["W4"].on == day(36)


def test_correcting_day_1_judges_every_visit_anew(started: Desk) -> None:
    started.hold("W4", day(36))
    started.do(CorrectVisitDate(participant=WHO, visit="W0", on=DAY_1 - timedelta(days=1), reason="misread"))
    assert not started.participant.visits["W4"].in_window
    (noted,) = started.participant.deviations
    assert "study day 37" in noted.what


def test_a_date_corrected_to_another_one_outside_renews_the_deviation(started: Desk) -> None:
    started.hold("W4", day(38), reason="flood")
    started.do(CorrectVisitDate(participant=WHO, visit="W4", on=day(37), reason="misread"))
    (noted,) = started.participant.deviations
    assert noted.on == day(37)


def test_correcting_day_1_is_refused_where_it_would_change_what_is_said_of_a_locked_visit(started: Desk) -> None:
    started.hold("W4", day(36))
    hold = Hold(scope=Scope(visit="W4"), locked=True, by="li", at=datetime(2024, 5, 1, tzinfo=UTC))
    started.trial.holds.append(hold)
    with pytest.raises(DecisionRefused, match="visit W4 was locked"):
        started.do(CorrectVisitDate(participant=WHO, visit="W0", on=day(-1), reason="misread"))


@pytest.mark.parametrize(
    ("visit", "on", "reason", "sentence"),
    [
        ("W4", day(29), "x", "visit W4 has not been held"),
        ("W0", DAY_1, "x", "visit W0 is already recorded on this date"),
        ("W0", SCREENED - timedelta(days=5), "x", "signed the consent form on 2024-03-04"),
        ("W0", day(2), "x", "must not lie in the future"),
        ("SCR", day(2), "x", "must not lie in the future"),
        ("W0", day(-3), " ", "please say why the date was wrong"),
    ],
)
def test_a_correction_is_held_to_the_same_rules(
    started: Desk, visit: str, on: date, reason: str, sentence: str
) -> None:
    with pytest.raises(DecisionRefused, match=sentence):
        started.do(CorrectVisitDate(participant=WHO, visit=visit, on=on, reason=reason))


# Any course of a participant

steps = st.tuples(
    st.sampled_from(["hold", "miss", "correct"]),
    st.sampled_from(["SCR", "W0", "W4", "W12", "W24"]),
    st.integers(-40, 190),
    st.sampled_from([None, "weather"]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(steps, max_size=12))
def test_in_any_course_windows_deviations_and_order_agree_and_the_events_replay(course: list) -> None:
    desk = Desk()
    desk.hold("SCR", SCREENED)
    desk.today = day(200)
    participant = desk.participant
    for step, visit, offset, reason in course:
        on, allocated = DAY_1 + timedelta(days=offset), "W0" in participant.visits
        if allocated and participant.allocation is None:
            allocate(participant)
        intent = {
            "hold": HoldVisit(participant=WHO, visit=visit, on=on, reason=reason),
            "miss": MissVisit(participant=WHO, visit=visit, why=reason or ""),
            "correct": CorrectVisitDate(participant=WHO, visit=visit, on=on, reason=reason or ""),
        }[step]
        try:
            desk.do(intent)
        except DecisionRefused as refusal:
            assert str(refusal)
    held = {key: visit for key, visit in participant.visits.items() if visit.on is not None}
    late = outside_windows(desk.protocol, {key: visit.on for key, visit in held.items() if visit.on})
    assert {key for key, visit in held.items() if not visit.in_window} == set(late)
    for key in held:
        noted = [one for one in participant.deviations if (one.category, one.visit) == ("VISIT", key)]
        assert [one.what for one in noted] == ([late[key]] if key in late else [])
    in_order = sorted(held, key=lambda key: desk.protocol.schedule.visits[key].target)
    assert [held[key].on for key in in_order] == sorted(visit.on for visit in held.values() if visit.on)
    assert replayed(desk.events, allocated=participant.allocation is not None) == desk.trial
