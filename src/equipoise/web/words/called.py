"""What the names in a sentence are called in Simplified Chinese: labels of the protocol, steps of conduct."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ...conduct.door.roles import role_matrix
from ...protocol import Protocol
from . import say

_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_last: tuple[Protocol, Mapping[str, str]] | None = None


def called(protocol: Protocol) -> Mapping[str, str]:
    """Return the Chinese of every text of a protocol, and of every step, by its English; who looks reads Chinese.

    Kept for the protocol that was asked for last, since a page of the audit trail asks for every line.
    """
    global _last  # noqa: PLW0603  a cache of one
    if _last is None or _last[0] is not protocol:
        _last = protocol, {**dict(_steps()), **dict(_texts(protocol.model_dump()))}
    return _last[1]


def _texts(part: Any) -> Iterator[tuple[str, str]]:
    """Give the texts of a part of a protocol that are there in both languages."""
    if isinstance(part, Mapping):
        english, chinese = part.get("en"), part.get("zh")
        if isinstance(english, str) and isinstance(chinese, str):
            yield english, chinese
        else:
            yield from (text for inner in part.values() for text in _texts(inner))
    elif isinstance(part, list | tuple):
        yield from (text for inner in part for text in _texts(inner))


def _steps() -> Iterator[tuple[str, str]]:
    """Give the steps as the door names them (`save form`), in the words of the page of rights."""
    for intent in {permission.intent for permission in role_matrix()}:
        words = _CAPITAL.sub(" ", intent)
        yield words.lower(), say(words.capitalize())
