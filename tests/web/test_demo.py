"""A demonstration has somebody in every role, and work for its pharmacy, by the same doors as all others."""

from tests.invariants.conftest import TrialAt

from equipoise.conduct.organisation.wall import ROLES
from equipoise.conduct.supply.pending import list_preparations
from equipoise.web.demo import QUESTION, WEIGHT, leave_orders, leave_questions, let_in_the_others


def test_infusions_whose_window_is_open_are_ordered_and_wait(trial_at: TrialAt) -> None:
    script = trial_at("infused", 3)
    assert leave_orders(script.running, script.now()) == [], "no window is open"
    script.wait(28)
    left = leave_orders(script.running, script.now(), most=2)
    assert len(left) == 2
    door = script.running.door
    found = list_preparations(lambda person: door.protocol_of(person.id), door.trial)
    assert [one.order for one in found] == left
    assert {one.weight_kg for one in found} == {str(WEIGHT)}
    assert {one.visit for one in found} == {"W4"}


def test_there_is_somebody_in_every_role(trial_at: TrialAt) -> None:
    script = trial_at()
    let_in = let_in_the_others(script.running, script.now())
    people = script.running.door.refresh().people
    assert {grant.role for one in people.values() for grant in one.grants} == set(ROLES)
    assert "auditor" not in let_in, "somebody is auditor already"
    assert let_in_the_others(script.running, script.now()) == []


def test_each_site_is_asked_about_a_value(trial_at: TrialAt) -> None:
    script = trial_at("infused", 3)
    assert len(leave_questions(script.running, script.now())) == 2
    people = script.running.door.refresh().participants.values()
    asked = {one.site: query for one in people for query in one.queries.values() if query.check is None}
    assert asked.keys() == {"01", "02"}
    assert {query.question for query in asked.values()} == {QUESTION}
