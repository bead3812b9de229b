"""One valid protocol, kept small, and what is said of it once a few of its words are changed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from equipoise.errors import ProtocolError
from equipoise.protocol import Protocol, parse_protocol

Edit = tuple[str, str]


@pytest.fixture(scope="session")
def minimal() -> str:
    """The text of the small protocol."""
    return (Path(__file__).parent / "minimal.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def edited(minimal: str) -> Callable[..., str]:
    """Replace texts in the small protocol, each of which must stand there."""

    def edit(*edits: Edit) -> str:
        text = minimal
        for old, new in edits:
            assert old in text, old
            text = text.replace(old, new, 1)
        return text

    return edit


@pytest.fixture(scope="session")
def accepted(edited: Callable[..., str]) -> Callable[..., Protocol]:
    """Return the protocol that the edits give."""
    return lambda *edits: parse_protocol(edited(*edits), "p.yaml")


@pytest.fixture(scope="session")
def refused(edited: Callable[..., str]) -> Callable[..., tuple[str, ...]]:
    """Return every sentence of the refusal that the edits lead to."""

    def refuse(*edits: Edit) -> tuple[str, ...]:
        with pytest.raises(ProtocolError) as caught:
            parse_protocol(edited(*edits), "p.yaml")
        return caught.value.findings

    return refuse
