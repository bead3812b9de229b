"""What a serious event starts, in the step that records it, and what can stop it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.conduct.forms.desk import DAY_1, Desk, edited, replayed

from equipoise.conduct.forms.entry import RemoveForm
from equipoise.conduct.safety.reporting import AssessCase, LiftClock, MeetClock
from equipoise.conduct.safety.watch import WatchClocks, count_open, list_clocks, open_cases
from equipoise.errors import DecisionRefused

from .cases import GRAVE, RECORD, SERIOUS, WHO, as_monitor, clock, names, report

DEATH = {"ae_outcome": "FATAL", "ae_death": "Y", "ae_grade": "5", "ae_ended": "2024-03-27"}
AWARE = datetime(2024, 3, 27, 14, 15, tzinfo=UTC)


def assess(**changed: Any) -> AssessCase:
    return AssessCase(
        **{"participant": WHO, "record": RECORD, "suspected": False, "comment": "no other cause", **changed}
    )


def test_an_event_that_is_not_serious_starts_nothing(desk: Desk) -> None:
    assert names(report(desk, {**SERIOUS, "ae_serious": "N", "ae_hospital": None})) == ["FormSaved"]


def test_a_suspected_unexpected_event_starts_the_clocks_of_sponsor_and_authority(desk: Desk) -> None:
    assert names(report(desk)) == ["FormSaved", "ClockStarted", "ClockStarted", "ClockMet"]
    assert clock(desk, "serious", "sponsor").since == clock(desk, "suspected").since == AWARE
    assert clock(desk, "serious", "sponsor").met_at is not None, "the entry is the report to the sponsor"
    assert clock(desk, "suspected").met_at is None


def test_a_life_threatening_one_is_due_sooner_and_in_two_parts(desk: Desk) -> None:
    report(desk, GRAVE)
    assert [one.what for one in desk.participant.clocks.values()] == ["serious", "fatal", "complete"]


@pytest.mark.parametrize(
    ("changed", "starts"),
    [
        ({"ae_causality": "UNLIKELY RELATED"}, False),
        ({"ae_causality": "NOT RELATED"}, False),
        ({"ae_term": "pyrexia"}, False),  # the list of expected reactions has it, in other letters
        ({"ae_term": "Pyrexia", **DEATH}, True),  # a death never is
        ({"ae_causality": "RELATED"}, True),
    ],
)
def test_the_authority_is_told_of_what_is_suspected_and_unexpected(
    desk: Desk, changed: dict[str, Any], starts: bool
) -> None:
    report(desk, **changed)
    assert any(one.authority == "nmpa" for one in desk.participant.clocks.values()) == starts


def test_an_event_of_unknown_seriousness_is_refused_since_no_clock_would_start(desk: Desk) -> None:
    known = {name: value for name, value in SERIOUS.items() if name != "ae_serious"}
    with pytest.raises(DecisionRefused, match="the event counts as serious: enter Y"):
        desk.save("adverse_event", "", known, missing={"ae_serious": "UNKNOWN"})


def test_a_serious_event_without_awareness_is_refused_and_a_code_does_not_stand_for_it(desk: Desk) -> None:
    values = {name: value for name, value in SERIOUS.items() if name != "ae_aware"}
    with pytest.raises(DecisionRefused, match="When the site became aware must be filled in"):
        report(desk, values)
    with pytest.raises(DecisionRefused, match="needs the moment from which its reports are counted") as refused:
        desk.save("adverse_event", "", values, missing={"ae_aware": "UNKNOWN"})
    assert str(refused.value).endswith("Got none for Pulmonary embolism")
    assert RECORD not in desk.participant.forms


def test_an_awareness_in_the_future_is_refused(desk: Desk) -> None:
    with pytest.raises(DecisionRefused, match="must not lie in the future"):
        report(desk, ae_aware="2024-03-28T12:01")


def test_more_that_becomes_known_counts_from_when_it_was_known(desk: Desk) -> None:
    report(desk, ae_causality="NOT RELATED")
    desk.today = DAY_1 + timedelta(days=20)
    report(desk, ae_causality="RELATED")
    assert clock(desk, "serious", "sponsor").since == AWARE
    assert clock(desk, "suspected").since == datetime(2024, 4, 7, 4, tzinfo=UTC)
    desk.today = DAY_1 + timedelta(days=25)
    report(desk, ae_life_threatening="Y")
    assert clock(desk, "fatal").since == datetime(2024, 4, 12, 4, tzinfo=UTC)


def test_the_sponsors_own_suspicion_counts_from_the_awareness(desk: Desk) -> None:
    report(desk, ae_causality="NOT RELATED")
    assert names(as_monitor(desk, assess(suspected=True))) == ["CaseAssessed", "ClockStarted"]
    assert clock(desk, "suspected").since == AWARE


def test_the_sponsor_never_takes_a_suspicion_away(desk: Desk) -> None:
    report(desk)
    as_monitor(desk, assess(suspected=False))
    with pytest.raises(DecisionRefused, match="its report is due"):
        as_monitor(desk, LiftClock(participant=WHO, clock=f"{RECORD}/suspected/nmpa", reason="no"))


def test_a_corrected_awareness_moves_the_clock_with_it(desk: Desk) -> None:
    report(desk)
    report(desk, ae_aware="2024-03-26T08:00")
    assert clock(desk, "suspected").since == datetime(2024, 3, 26, tzinfo=UTC)
    assert clock(desk, "serious", "sponsor").met_at is not None


@pytest.mark.parametrize("how", ["corrected", "struck out"])
def test_no_clock_stops_by_itself(desk: Desk, how: str) -> None:
    report(desk)
    if how == "corrected":
        report(desk, ae_causality="NOT RELATED")
    else:
        desk.do(RemoveForm(participant=WHO, form="adverse_event", reason="of another participant"))
    assert clock(desk, "suspected").lifted is None
    name = f"{RECORD}/suspected/nmpa"
    with pytest.raises(DecisionRefused, match="say why"):
        as_monitor(desk, LiftClock(participant=WHO, clock=name, reason=" "))
    as_monitor(desk, LiftClock(participant=WHO, clock=name, reason="not suspected"))
    assert clock(desk, "suspected").lifted == "not suspected"
    with pytest.raises(DecisionRefused, match="was lifted: not suspected"):
        as_monitor(desk, MeetClock(participant=WHO, clock=name))


def test_a_lifted_clock_starts_again_where_the_event_is_such_after_all(desk: Desk) -> None:
    report(desk)
    report(desk, ae_causality="NOT RELATED")
    as_monitor(desk, LiftClock(participant=WHO, clock=f"{RECORD}/suspected/nmpa", reason="not suspected"))
    desk.today = DAY_1 + timedelta(days=30)
    report(desk, ae_causality="RELATED")
    again = clock(desk, "suspected")
    assert (again.lifted, again.since) == (None, datetime(2024, 4, 17, 4, tzinfo=UTC))


def test_a_fatal_clock_that_is_lifted_leaves_the_other_term(desk: Desk) -> None:
    report(desk, GRAVE)
    report(desk, {**GRAVE, "ae_life_threatening": "N"})
    assert "suspected" not in {one.what for one in desk.participant.clocks.values()}
    as_monitor(desk, LiftClock(participant=WHO, clock=f"{RECORD}/fatal/nmpa", reason="was not in danger"))
    assert clock(desk, "suspected").since == AWARE


def test_a_report_is_made_once_between_awareness_and_now(desk: Desk) -> None:
    report(desk)
    name = f"{RECORD}/suspected/nmpa"
    for sent, said in (
        (AWARE - timedelta(hours=1), "between the awareness"),
        (AWARE + timedelta(days=9), "between the awareness"),
        (datetime(2024, 3, 28, 1), "with its offset"),
    ):
        with pytest.raises(DecisionRefused, match=said):
            as_monitor(desk, MeetClock(participant=WHO, clock=name, sent=sent))
    as_monitor(desk, MeetClock(participant=WHO, clock=name, sent=AWARE + timedelta(hours=1)))
    assert clock(desk, "suspected").met_at == AWARE + timedelta(hours=1)
    with pytest.raises(DecisionRefused, match="this report was made on 2024-03-27 15:15 UTC"):
        as_monitor(desk, MeetClock(participant=WHO, clock=name))
    with pytest.raises(DecisionRefused, match="no such clock runs for 01-001; did you mean"):
        as_monitor(desk, MeetClock(participant=WHO, clock=f"{RECORD}/suspected/nmpb"))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"comment": ""}, "say in a sentence"),
        ({"record": "/adverse_event/2"}, "has no adverse event of this record; did you mean /adverse_event/1"),
        ({"record": "SCR/vitals/1"}, "has no adverse event of this record"),
    ],
)
def test_an_assessment_that_lacks_something_is_refused(desk: Desk, changed: dict[str, Any], said: str) -> None:
    report(desk)
    with pytest.raises(DecisionRefused, match=said):
        as_monitor(desk, assess(**changed))


def test_the_watch_writes_down_once_what_has_run_out_and_a_later_one_makes_up_for_a_missed_one(desk: Desk) -> None:
    report(desk)
    due = datetime(2024, 4, 11, 16, tzinfo=UTC)  # the end of 11 April in Shanghai, fifteen days after the 27th

    def watch() -> list[str]:
        try:
            return names(desk.do(WatchClocks(), person="zhao", role="medical monitor"))
        except DecisionRefused:
            return []

    desk.today = DAY_1 + timedelta(days=24)
    assert desk.today.isoformat() == "2024-04-11"
    assert watch() == [], "none early"
    desk.today += timedelta(days=40)
    assert watch() == ["ClockPassed"]
    assert clock(desk, "suspected").passed_at is not None
    assert watch() == [], "none twice"
    (overdue, *_) = list_clocks(desk.protocol, desk.trial, due)
    assert (overdue.standing, overdue.due) == ("overdue", due)
    (running, *_) = list_clocks(desk.protocol, desk.trial, due - timedelta(seconds=1))
    assert running.standing == "running"


def test_a_late_entry_is_told_as_late(desk: Desk) -> None:
    desk.today = DAY_1 + timedelta(days=12)
    report(desk)
    found = {one.what: one.standing for one in list_clocks(desk.protocol, desk.trial, AWARE + timedelta(days=3))}
    assert found == {"serious": "met late", "suspected": "running"}


def test_an_open_case_is_listed_until_it_is_assessed_reported_and_followed(desk: Desk) -> None:
    report(desk)
    (case,) = open_cases(desk.protocol, desk.trial)
    assert case.suspected_unexpected
    assert [one.partition(":")[0] for one in case.to_do] == ["assess", "report", "follow to its end"]
    assert sum(count_open(desk.protocol, desk.trial).values()) == 2
    as_monitor(desk, assess())
    as_monitor(desk, MeetClock(participant=WHO, clock=f"{RECORD}/suspected/nmpa"))
    report(desk, ae_outcome="RECOVERED/RESOLVED", ae_ended="2024-03-28")
    (case,) = open_cases(desk.protocol, desk.trial)
    assert case.to_do == ("assess again, as the record has changed",)
    as_monitor(desk, assess())
    assert open_cases(desk.protocol, desk.trial) == []
    assert not any(count_open(desk.protocol, desk.trial).values())


def test_without_an_item_of_awareness_the_entry_is_the_awareness() -> None:
    plain = Desk(
        edited(("serious: {report_within: 24 h, aware: ae_aware}", "serious: {report_within: 24 h}"))
    ).start()
    plain.today = DAY_1 + timedelta(days=10)
    report(plain)
    assert clock(plain, "suspected").since == datetime(2024, 3, 28, 4, tzinfo=UTC)


def test_clocks_follow_from_the_events_alone(desk: Desk) -> None:
    report(desk, GRAVE)
    report(desk, {**GRAVE, "ae_aware": "2024-03-27T08:00"})
    as_monitor(desk, assess(suspected=True, unexpected=True))
    as_monitor(desk, MeetClock(participant=WHO, clock=f"{RECORD}/fatal/nmpa"))
    again = replayed(desk.events).participants[WHO]
    assert again.clocks == desk.participant.clocks
    assert again.assessments == desk.participant.assessments
