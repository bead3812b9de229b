"""Trials and vaults that the tests of the vault run with."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from tests.servers import crash_server, database, each_database

from equipoise.protocol import Protocol, parse_protocol, read_protocol
from equipoise.protocol.read import SHIPPED
from equipoise.record.server import Server
from equipoise.vault.ceremony.schedule import Ceremony, hold_ceremony
from equipoise.vault.schema import create_vault, install_schedule

__all__ = ["crash_server", "database", "each_database"]

PASSPHRASES = (("Li Na", "correct horse battery"), ("Wang Wei", "staple of the stable"))


@pytest.fixture(scope="session")
def trial() -> Protocol:
    """The shipped trial of three arms, in strata by site."""
    return read_protocol("hucmsc_inr")


@pytest.fixture(scope="session")
def minimised() -> Protocol:
    """The shipped trial with minimisation over site and sex in place of permuted blocks."""
    text = (SHIPPED / "hucmsc_inr.yaml").read_text(encoding="utf-8")
    method = "  method: permuted blocks\n  block_sizes: [3, 6]\n  strata: [site]\n"
    assert method in text
    text = text.replace(method, "  method: minimisation\n  probability: 0.8\n  strata: [site, sex]\n")
    return parse_protocol(f"{text}  randomisation.probability: assumed; the value that is used most\n")


def ceremony(protocol: Protocol, *, length: int | None = 12, seed: int = 1) -> Ceremony:
    """A ceremony with the same outcome each time; two sites where the list has strata."""
    factors = protocol.randomisation.strata if protocol.randomisation else ()
    levels = {"site": ["01", "02"]} if factors == ("site",) else None
    random: Callable[[int], bytes] = np.random.default_rng(seed).bytes
    return hold_ceremony(protocol, PASSPHRASES, levels=levels, length=length, cost="minimal", random=random)


def set_up(server: Server, held: Ceremony, trial: str = "hucmsc_inr") -> Server:
    """Put the vault of a ceremony into an empty database, with its own record in rehearsal mode."""
    with server.connect("owner") as owner:
        create_vault(owner, trial=trial, mode="rehearsal")
        install_schedule(owner, held.sealed)
    return server


@pytest.fixture(scope="session")
def held(trial: Protocol) -> Ceremony:
    """The ceremony of the shipped trial: two sites, twelve places each."""
    return ceremony(trial)


@pytest.fixture
def vault_server(database: Server, held: Ceremony) -> Server:
    """A database with the sealed list of `held`."""
    return set_up(database, held)


@pytest.fixture
def each_vault_server(each_database: Server, held: Ceremony) -> Server:
    """The same on either version of PostgreSQL."""
    return set_up(each_database, held)


again = partial(ceremony, seed=1)
