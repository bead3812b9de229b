"""What the tests of the vault may ask for."""

import pytest
from tests.servers import crash_server, database, each_database

from equipoise.protocol import Protocol, parse_protocol
from equipoise.protocol.read import SHIPPED
from equipoise.record.server import Server
from equipoise.vault.ceremony.schedule import Ceremony

from .worlds import hold, set_up

__all__ = ["crash_server", "database", "each_database"]


@pytest.fixture(scope="session")
def trial() -> Protocol:
    """The shipped trial of three arms, in strata by site; in blocks of three, so that twelve places are twelve."""
    text = (SHIPPED / "hucmsc_inr.yaml").read_text(encoding="utf-8")
    blocks = "  block_sizes: [3, 6]\n"
    assert blocks in text
    return parse_protocol(text.replace(blocks, "  block_sizes: [3]\n"))


@pytest.fixture(scope="session")
def minimised() -> Protocol:
    """The shipped trial with minimisation over site and sex in place of permuted blocks."""
    text = (SHIPPED / "hucmsc_inr.yaml").read_text(encoding="utf-8")
    method = "  method: permuted blocks\n  block_sizes: [3, 6]\n  strata: [site]\n"
    assert method in text
    text = text.replace(method, "  method: minimisation\n  probability: 0.8\n  strata: [site, sex]\n")
    return parse_protocol(f"{text}  randomisation.probability: assumed; the value that is used most\n")


@pytest.fixture(scope="session")
def held(trial: Protocol) -> Ceremony:
    """The ceremony of the shipped trial: two sites, twelve places each."""
    return hold(trial)


@pytest.fixture
def vault_server(database: Server, held: Ceremony) -> Server:
    """A database with the sealed list of `held`."""
    return set_up(database, held)


@pytest.fixture
def each_vault_server(each_database: Server, held: Ceremony) -> Server:
    """The same on either version of PostgreSQL."""
    return set_up(each_database, held)
