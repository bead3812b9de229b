"""What tests of data quality start from."""

from datetime import timedelta

import pytest
from tests.conduct.forms.desk import DAY_1, Desk

from equipoise.protocol.quantity import unit_registry


@pytest.fixture(autouse=True, scope="session")
def units() -> None:
    """The registry of units takes half a second to load; no single test is to be blamed for it."""
    unit_registry()


@pytest.fixture
def desk() -> Desk:
    """A desk whose participant was allocated on day 1, ten days ago."""
    started = Desk().start()
    started.today = DAY_1 + timedelta(days=10)
    return started
