"""What tests of safety start from."""

from datetime import timedelta

import pytest
from tests.conduct.forms.desk import DAY_1, Desk


@pytest.fixture
def desk() -> Desk:
    """A desk whose participant was allocated on day 1, ten days ago."""
    started = Desk().start()
    started.today = DAY_1 + timedelta(days=10)
    return started
