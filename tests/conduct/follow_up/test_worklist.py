"""The worklist of a day: every kind of work appears when it begins to wait, and goes when it is done."""

from datetime import date, timedelta

import pytest
from tests.conduct.forms.desk import (
    DAY_1,
    LEFT,
    SCREENED,
    VITALS,
    WHO,
    Desk,
    noon,
    one_participant,
    without_kits,
)
from tests.conduct.safety.cases import SERIOUS

from equipoise.conduct.closing.signatures import Sign, content_hash
from equipoise.conduct.door.state import ConsentDocument
from equipoise.conduct.follow_up.infusions import OrderInfusion
from equipoise.conduct.follow_up.visits import MissVisit
from equipoise.conduct.follow_up.worklist import ORDER, Task, What, list_tasks
from equipoise.conduct.quality.queries import AnswerQuery
from equipoise.conduct.quality.second_entry import AdjudicateEntry, EnterSecond


def work(desk: Desk, on: date | None = None) -> list[Task]:
    """List the work at the desk's site on a day."""
    day = on or desk.today
    return list_tasks(lambda _: desk.protocol, desk.trial, noon(day), day)


def kinds(desk: Desk, on: date | None = None) -> set[What]:
    """Return the kinds of work that wait."""
    return {task.what for task in work(desk, on)}


def test_who_is_screened_waits_for_the_criteria_and_then_for_a_number() -> None:
    desk = Desk(without_kits())
    desk.participant.eligibility = None
    assert kinds(desk) == set()
    desk.hold("SCR", SCREENED)
    assert kinds(desk) == {"form missing"}
    eligible = Desk(without_kits())
    assert kinds(eligible) == {"to be randomised"}


def test_a_visit_is_due_in_its_window_and_overdue_after_it(started: Desk) -> None:
    (due,) = (task for task in work(started, DAY_1 + timedelta(days=28)) if task.visit == "W4" and not task.form)
    assert due.what == "visit due"
    assert due.by is not None
    (late,) = (task for task in work(started, due.by + timedelta(days=1)) if task.visit == "W4" and not task.form)
    assert late.what == "visit overdue"
    started.today = due.by + timedelta(days=1)
    started.do(MissVisit(participant=WHO, visit="W4", why="abroad"))
    assert not [task for task in work(started) if task.visit == "W4"]


def test_an_infusion_waits_for_its_order(started: Desk) -> None:
    assert [task.visit for task in work(started) if task.what == "infusion to be ordered"] == ["W0"]
    started.do(OrderInfusion(participant=WHO, visit="W0"))
    assert "infusion to be ordered" not in kinds(started)


def test_an_earlier_infusion_cannot_be_ordered_any_more_and_waits_for_nobody(week_4: Desk) -> None:
    assert [task.visit for task in work(week_4) if task.what == "infusion to be ordered"] == ["W4"]


def test_a_query_waits_until_it_is_answered(started: Desk) -> None:
    started.save("vitals", "SCR", {**VITALS, "temperature": 38.5})
    queries = [task for task in work(started) if task.what == "query to be answered"]
    assert [(one.visit, one.form) for one in queries] == [("SCR", "vitals")] * len(started.participant.queries)
    for one in queries:
        started.do(AnswerQuery(participant=WHO, query=one.query, answer="as in the source"))
    assert queries
    assert "query to be answered" not in kinds(started)


def test_a_consent_to_be_renewed_comes_first(started: Desk) -> None:
    for document, valid_from, renew in (("1.0", date(2024, 1, 8), False), ("2.0", DAY_1, True)):
        started.trial.consent_documents.append(
            ConsentDocument(
                document=document, language="zh", site="01", protocol="v1", valid_from=valid_from, renew=renew
            )
        )
    assert work(started)[0].what == "consent to be renewed"


def test_a_serious_event_is_reported_and_followed(started: Desk) -> None:
    serious = {**SERIOUS, "ae_aware": f"{DAY_1}T09:00"}
    started.save("adverse_event", "", serious)
    found = {task.what: task for task in work(started) if task.form == "adverse_event"}
    assert found.keys() == {"serious event to be reported", "serious event to be followed"}
    assert found["serious event to be reported"].by == DAY_1 + timedelta(days=15)
    at_site = list_tasks(lambda _: started.protocol, started.trial, noon(DAY_1), DAY_1, "01")
    assert "serious event to be reported" not in {task.what for task in at_site}, "the sponsor reports"
    over = {**serious, "ae_outcome": "RECOVERED/RESOLVED", "ae_ended": str(DAY_1)}
    started.save("adverse_event", "", over, repeat=1, reason="over")
    assert "serious event to be followed" not in kinds(started)


def test_a_second_entry_is_due_and_differences_wait_for_a_third(started: Desk) -> None:
    started.save("immunology", "W0", {"cd4": 210, "cd8": 800})
    assert "second entry due" in kinds(started)
    started.do(EnterSecond(participant=WHO, form="immunology", visit="W0", values={"cd4": 201}), person="wang")
    assert "second entry due" not in kinds(started)
    assert "entries differ" in kinds(started)
    settle = AdjudicateEntry(participant=WHO, record="W0/immunology/1", item="cd4", keep="first", reason="report")
    started.do(settle, person="chen", role="investigator")
    assert "entries differ" not in kinds(started)


def test_what_is_signed_and_changed_is_signed_anew(started: Desk) -> None:
    sign = Sign(participant=WHO, meaning="reviewed", content=content_hash(started.participant))
    started.do(sign, role="investigator")
    assert "to be signed anew" not in kinds(started)
    started.save("vitals", "W0", {**VITALS, "weight": 62.5}, reason="misread")
    assert "to be signed anew" in kinds(started)


def test_the_most_urgent_comes_first_and_another_site_sees_nothing(started: Desk) -> None:
    found = work(started, DAY_1 + timedelta(days=200))
    assert [ORDER.index(task.what) for task in found] == sorted(ORDER.index(task.what) for task in found)
    day = DAY_1 + timedelta(days=200)
    assert not list_tasks(lambda _: started.protocol, started.trial, noon(day), day, "02")


def test_who_left_with_everything_there_waits_for_a_signature() -> None:
    desk = Desk(without_kits(), one_participant(allocated=True))
    desk.today = date(2024, 4, 20)
    desk.save("end_of_study", "", LEFT)
    assert "to be signed" not in kinds(desk), "a form is missing"
    desk.save("end_of_treatment", "", {"treatment_ended": "2024-04-19", "treatment_end_why": "COMPLETED"})
    assert "to be signed" in kinds(desk)
    sign = Sign(participant=WHO, meaning="reviewed", content=content_hash(desk.participant))
    desk.do(sign, role="investigator")
    assert "to be signed" not in kinds(desk)


@pytest.mark.parametrize("kind", ORDER)
def test_every_kind_is_ordered_once(kind: What) -> None:
    assert ORDER.count(kind) == 1
