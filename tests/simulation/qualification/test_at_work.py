"""A running trial is looked at, and what is wrong with it is said."""

import pytest
from tests.invariants.conftest import TrialAt, protocols_are_read_once, trial_at

from equipoise.report.evidence import carry_out
from equipoise.simulation.qualification.performance import AtWork
from equipoise.simulation.qualification.requirements import plan_at_work
from equipoise.trial.drill import hold_drill

__all__ = ["protocols_are_read_once", "trial_at"]


@pytest.fixture
def each_server() -> str:
    return "wheel"


def test_a_running_trial_is_looked_at(trial_at: TrialAt) -> None:
    script = trial_at("allocated", 2, mode="live")
    running = script.running

    def look() -> dict[str, str]:
        return {check.id: carry_out(check, test).failure for check, test in plan_at_work(lambda: AtWork(running))}

    found = look()
    assert found["RT-04"].startswith("a drill was due by")
    assert found["RT-05"] == "fsync must be on. Got off"  # as the servers of the tests are set
    assert not any(found[name] for name in ("RT-01", "RT-02", "RT-03"))
    hold_drill(running, script.by("administrator"))
    trial_at.admin.execute("SELECT record.shut_gate('a test')")
    running.folder.anchors.unlink()
    found = look()
    assert not found["RT-04"]
    assert found["RT-02"] == "allocation and dosing are shut, because a test"
    assert found["RT-03"].startswith("nothing was anchored outside the database yet")
    trial_at.admin.execute("SET session_replication_role = replica")
    trial_at.admin.execute("UPDATE record.event SET actor = 'somebody' WHERE sequence = 7")
    assert look()["RT-01"].startswith("event 7 ")
