"""The scripted trial of the invariants, on the server of the wheel."""

import pytest
from tests.invariants.conftest import protocols_are_read_once, trial_at

__all__ = ["each_server", "protocols_are_read_once", "trial_at"]


@pytest.fixture
def each_server() -> str:
    """The server of the wheel."""
    return "wheel"
