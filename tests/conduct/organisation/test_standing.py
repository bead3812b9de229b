"""How the trial stands, in counts: sites, places left, and what somebody has to look at."""

from collections.abc import Mapping
from datetime import date

import pytest
from tests.conduct.organisation.desk import Desk

from equipoise.conduct.door.state import Allocation, Drill, Leaving, Pause
from equipoise.conduct.organisation.standing import (
    Alarm,
    count_alarms,
    describe_sites,
    describe_strata,
    planned_size,
)
from equipoise.protocol import read_protocol


@pytest.fixture
def desk() -> Desk:
    return Desk(read_protocol("hucmsc_inr"))


def alarms(desk: Desk) -> Mapping[Alarm, int]:
    return count_alarms(desk.protocol, desk.trial, desk.now, desk.today)


def test_a_participant_is_counted_once_where_they_stand(desk: Desk) -> None:
    desk.open_site("01")
    desk.open_site("02", activate=False)
    desk.approve()
    _, failed, allocated, ended = (desk.screen() for _ in range(4))
    failed.ended["screening"] = Leaving(on=desk.today, why="OTHER")
    for one in (allocated, ended):
        one.allocation = Allocation(number="R", stratum="s", strata={}, at=desk.now)
    ended.ended["participation"] = Leaving(on=desk.today, why="COMPLETED")
    first, second = describe_sites(desk.trial)
    assert (first.screened, first.in_screening, first.allocated, first.ended) == (4, 1, 2, 1)
    assert (first.version, second.version) == (desk.version, None)
    assert (second.screened, second.allocated) == (0, 0)
    assert planned_size(desk.protocol) == 72


def test_places_are_those_neither_used_nor_given_up(desk: Desk) -> None:
    desk.announce({"site=01": 20, "site=02": 40})
    desk.trial.allocated["site=01"] = 7
    desk.trial.given_up["site=01"] = 2
    found = {
        one.stratum: (one.places, one.used, one.left, one.few)
        for one in describe_strata(desk.protocol, desk.trial)
    }
    assert found == {"site=01": (20, 9, 11, True), "site=02": (40, 0, 40, False)}


def test_each_alarm_is_told_while_it_holds_and_not_after(desk: Desk) -> None:
    assert not alarms(desk)
    desk.open_site("01")
    desk.open_site("02", activate=False)
    desk.announce({"site=01": 3})
    desk.trial.paused = Pause(cause="board", reason="a signal", by="sponsor", at=desk.now)
    assert dict(alarms(desk)) == {
        "enrolment is paused": 1,
        "strata that are nearly full": 1,
        "the drill of restoring is overdue": 1,
        "the review of access is due": 1,
        "sites without a protocol version": 1,
    }
    desk.trial.paused = None
    desk.trial.sites["02"].closed_on = date(2026, 3, 1)
    desk.trial.drills.append(Drill(at=desk.now, through=1))
    desk.trial.access_attested_at = desk.now
    desk.trial.places["site=01"] = 60
    assert not alarms(desk)
    desk.wait(120)
    assert set(alarms(desk)) == {"the drill of restoring is overdue", "the review of access is due"}
