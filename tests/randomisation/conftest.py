"""The small protocol of the tests of protocols, with other sections `randomisation`."""

from collections.abc import Callable
from pathlib import Path

import pytest

from equipoise.protocol import Protocol, parse_protocol

TEXT = (Path(__file__).parents[1] / "protocol" / "minimal.yaml").read_text(encoding="utf-8")
SECTION = "randomisation: {size: 40, method: permuted blocks, block_sizes: [2, 4], strata: [site]}"


@pytest.fixture(scope="session")
def protocol_with() -> Callable[[str], Protocol]:
    """Return the small protocol with this line for its section `randomisation`."""
    assert SECTION in TEXT
    return lambda line: parse_protocol(TEXT.replace(SECTION, line), "p.yaml")
