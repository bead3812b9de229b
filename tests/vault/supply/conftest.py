"""The vault of a trial with kits: two lots of cells, which serve two arms, and placebo."""

import pytest
from tests.servers import database
from tests.vault.worlds import hold, open_vault, set_up

from equipoise.line import take_next_slot
from equipoise.protocol import Protocol
from equipoise.record.server import Server
from equipoise.vault.ceremony.schedule import Ceremony
from equipoise.vault.service import Vault
from equipoise.vault.supply.desk import SupplyDesk

from .depot import supplied

__all__ = ["database"]


@pytest.fixture(scope="session")
def trial() -> Protocol:
    """The shipped trial, given from kits."""
    return supplied()


@pytest.fixture(scope="session")
def held(trial: Protocol) -> Ceremony:
    """Its ceremony."""
    return hold(trial)


@pytest.fixture
def vault(database: Server, held: Ceremony, trial: Protocol) -> Vault:
    """Its vault, with twelve participants who have come."""
    set_up(database, held)
    with database.connect("conduct") as conduct:
        for n in range(1, 13):
            take_next_slot(conduct, "site=01", f"01-{n:03}", f"r{n}")
    return open_vault(database, held, trial)


@pytest.fixture
def desk(vault: Vault) -> SupplyDesk:
    """Its supply desk."""
    return SupplyDesk(vault)
