"""Visits and forms as a matrix: every state, and what comes next."""

from datetime import timedelta

from tests.conduct.forms.desk import DAY_1, VITALS, WHO, Desk

from equipoise.conduct.follow_up.matrix import Matrix, lay_out, next_form
from equipoise.conduct.follow_up.visits import HoldUnscheduledVisit, MissVisit


def matrix(desk: Desk, days: int = 0) -> Matrix:
    """Lay the participant out so many days after day 1."""
    return lay_out(desk.protocol, desk.participant, DAY_1 + timedelta(days=days))


def state(desk: Desk, form: str, visit: str, days: int = 0) -> str:
    """Return how a form at a visit stands."""
    return matrix(desk, days).rows[form][visit].state


def test_a_form_goes_from_to_come_to_due_to_overdue(started: Desk) -> None:
    closes = next(one.closes for one in matrix(started).visits if one.key == "W4")
    assert closes is not None
    after = (closes - DAY_1).days
    assert [state(started, "vitals", "W4", days) for days in (1, 28, after, after + 1)] == [
        "to come",
        "due",
        "due",
        "overdue",
    ]


def test_a_visit_that_was_held_lacks_its_forms(week_4: Desk) -> None:
    assert state(week_4, "vitals", "W4", 28) == "missing"
    week_4.save("vitals", "W4")
    assert state(week_4, "vitals", "W4", 28) == "complete"
    assert state(week_4, "demography", "W4", 28) == "not planned"


def test_a_form_with_a_query_or_a_missed_visit_says_so(started: Desk) -> None:
    started.save("vitals", "SCR", {**VITALS, "temperature": 38.5})
    cell = matrix(started).rows["vitals"]["SCR"]
    assert (cell.state, cell.queries) == ("query", len(started.participant.queries))
    started.today = DAY_1 + timedelta(days=60)
    started.do(MissVisit(participant=WHO, visit="W4", why="abroad"))
    assert state(started, "vitals", "W4", 60) == "missed"


def test_an_unscheduled_visit_stands_behind_the_planned_ones(started: Desk) -> None:
    started.do(HoldUnscheduledVisit(participant=WHO, on=DAY_1, why="pain"))
    assert matrix(started).visits[-1].key == "U1"
    assert state(started, "vitals", "U1") == "not planned"
    started.save("vitals", "U1")
    assert state(started, "vitals", "U1") == "complete"


def test_what_comes_next_is_the_first_form_that_is_missing(started: Desk) -> None:
    following = next_form(started.protocol, matrix(started))
    assert following is not None
    visit, form = following
    assert visit == "SCR"
    assert state(started, form, visit) == "missing"


def test_records_of_any_time_are_listed_unless_struck_out(started: Desk) -> None:
    started.save("adverse_event", "")
    assert [one.repeat for one in matrix(started).at_any_time["adverse_event"]] == [1]
    started.participant.forms["/adverse_event/1"].removed = "twice"
    assert matrix(started).at_any_time["adverse_event"] == ()
