"""A demonstration leaves work for its pharmacy: orders that wait, by the same doors as all others."""

from tests.invariants.conftest import TrialAt

from equipoise.conduct.supply.pending import list_preparations
from equipoise.web.demo import WEIGHT, leave_orders


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
