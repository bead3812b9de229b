"""The scripted trial of the invariants, for commands; and the command line without a database of its own."""

import pytest
from tests.invariants.conftest import protocols_are_read_once, trial_at

__all__ = ["each_server", "protocols_are_read_once", "trial_at"]


@pytest.fixture
def each_server() -> str:
    """The server of the wheel."""
    return "wheel"
