"""Trials that the tests of the vault run with."""

import pytest

from equipoise.protocol import Protocol, parse_protocol
from equipoise.protocol.read import SHIPPED


@pytest.fixture(scope="session")
def minimised() -> Protocol:
    """The shipped trial with minimisation over site and sex in place of permuted blocks."""
    text = (SHIPPED / "hucmsc_inr.yaml").read_text(encoding="utf-8")
    method = "  method: permuted blocks\n  block_sizes: [3, 6]\n  strata: [site]\n"
    assert method in text
    text = text.replace(method, "  method: minimisation\n  probability: 0.8\n  strata: [site, sex]\n")
    return parse_protocol(f"{text}  randomisation.probability: assumed; the value that is used most\n")
