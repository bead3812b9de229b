"""The scripted trial of the invariants, on the server of the wheel."""

import pytest
from tests.invariants.conftest import protocols_are_read_once, trial_at
from tests.servers import database

__all__ = ["database", "each_server", "protocols_are_read_once", "trial_at"]


@pytest.fixture
def each_server() -> str:
    """The server of the wheel."""
    return "wheel"
