"""What tests of the follow-up start from."""

from datetime import timedelta

import pytest
from tests.conduct.forms.desk import DAY_1, VITALS, Desk, without_kits


@pytest.fixture
def started() -> Desk:
    """A desk whose participant was allocated on day 1 and weighed on that day."""
    desk = Desk(without_kits()).start()
    desk.save("vitals", "W0", {**VITALS, "weight": 61.5})
    return desk


@pytest.fixture
def week_4(started: Desk) -> Desk:
    """The same at week 4, before the participant is weighed again."""
    started.hold("W4", DAY_1 + timedelta(days=28))
    return started
