"""The scripted trial at a stage, with both portals in front of it."""

from collections.abc import Callable

import pytest
from tests.invariants.conftest import TrialAt, protocols_are_read_once, trial_at
from tests.web.portals import Portals, serve

__all__ = ["each_server", "portals_at", "protocols_are_read_once", "trial_at"]


@pytest.fixture
def each_server() -> str:
    """The server of the wheel."""
    return "wheel"


@pytest.fixture
def portals_at(trial_at: TrialAt) -> Callable[..., Portals]:
    """Give the portals of a scripted trial at a stage: `portals_at("allocated", 2)`."""
    return lambda stage=None, number=0, **given: serve(trial_at(stage, number), **given)
