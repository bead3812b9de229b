"""Pages of the simulation made by hand, built once."""

import pytest

from equipoise.simulation.pages.contents import Page, build_page
from equipoise.simulation.run.simulate import Simulation

from .small import small_simulation


@pytest.fixture(scope="session")
def simulation() -> Simulation:
    """A simulation that is complete."""
    return small_simulation()


@pytest.fixture(scope="session")
def english(simulation: Simulation) -> Page:
    """Its page in English."""
    return build_page(simulation)


@pytest.fixture(scope="session")
def chinese(simulation: Simulation) -> Page:
    """Its page in Chinese."""
    return build_page(simulation, "zh")


@pytest.fixture(scope="session")
def partial() -> Page:
    """The page of a run that was stopped."""
    return build_page(small_simulation(10_000))
