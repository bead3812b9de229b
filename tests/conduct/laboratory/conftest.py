"""What tests of laboratories start from."""

import pytest

from equipoise.protocol.quantity import unit_registry


@pytest.fixture(autouse=True, scope="session")
def units() -> None:
    """The registry of units takes half a second to load; no single test is to be blamed for it."""
    unit_registry()
