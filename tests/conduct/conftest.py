"""Protocols for the tests of conduct, read once."""

import pytest

from equipoise.protocol import Protocol, read_protocol


@pytest.fixture(scope="session")
def inr() -> Protocol:
    """The blinded trial with three arms, stratified by site."""
    return read_protocol("hucmsc_inr")


@pytest.fixture(scope="session")
def confirm() -> Protocol:
    """The blinded trial that is stratified by site and by two values of the participant."""
    return read_protocol("hucmsc_confirm")


@pytest.fixture(scope="session")
def pilot() -> Protocol:
    """The open trial without randomisation."""
    return read_protocol("hucmsc_pilot")
