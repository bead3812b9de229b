"""What tests of forms start from."""

import pytest

from equipoise.protocol.quantity import unit_registry

from .desk import SCREENED, Desk


@pytest.fixture(autouse=True, scope="session")
def units() -> None:
    """The registry of units takes half a second to load; no single test is to be blamed for it."""
    unit_registry()


@pytest.fixture
def desk() -> Desk:
    """A desk on the day of screening, the screening visit held."""
    desk = Desk()
    desk.hold("SCR", SCREENED)
    return desk
