"""Drills on record: when the next is due, and what cannot be recorded as one."""

from datetime import timedelta

import pytest

from equipoise.conduct.organisation.drills import EVERY, RecordDrill, is_drill_overdue, next_drill_due
from equipoise.errors import DecisionRefused
from equipoise.protocol import Protocol

from .desk import Desk

PASSED = RecordDrill(through=1, hash="ab" * 32, steps=10)
FAILED = RecordDrill(through=0, hash="", steps=10, failed=("restore",))


def test_the_first_is_due_when_a_site_is_active_and_the_next_a_month_after_one_that_passed(inr: Protocol) -> None:
    desk = Desk(inr)
    assert next_drill_due(desk.trial) is None
    assert not is_drill_overdue(desk.trial, desk.today)
    desk.open_site("01")
    first = next_drill_due(desk.trial)
    assert first == desk.trial.sites["01"].versions[desk.version]
    assert not is_drill_overdue(desk.trial, first)
    assert is_drill_overdue(desk.trial, first + timedelta(days=1))
    desk.do(FAILED)
    assert next_drill_due(desk.trial) == first, "one that failed proves nothing"
    desk.do(PASSED)
    held = desk.trial.drills[-1].at.date()
    assert next_drill_due(desk.trial) == held + EVERY == held + timedelta(days=31)
    assert next_drill_due(desk.trial, timedelta(days=90)) == held + timedelta(days=90)


@pytest.mark.parametrize(
    ("intent", "says"),
    [
        (RecordDrill(through=1, hash="ab", steps=0), "at least as many steps"),
        (RecordDrill(through=1, hash="ab", steps=1, failed=("a", "b")), "at least as many steps"),
        (RecordDrill(through=99_999, hash="ab", steps=10), "Got 99999"),
        (RecordDrill(through=0, hash="", steps=10), "brought nothing back has failed"),
    ],
)
def test_what_cannot_have_been_a_drill_of_this_trial_is_refused(
    inr: Protocol, intent: RecordDrill, says: str
) -> None:
    desk = Desk(inr)
    with pytest.raises(DecisionRefused, match=says):
        desk.do(intent)
