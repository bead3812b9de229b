"""What the names in a sentence are called in Simplified Chinese: texts and ids of a protocol, steps."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from ...conduct.door.roles import role_matrix
from ...protocol import Protocol
from . import in_words, say
from .terms import TERMS

_SHORTEST_CODE = 3
"""Letters of a code that is a word, and not a sign such as Y or M."""
_last: tuple[Protocol, Mapping[str, str]] | None = None


def called(protocol: Protocol) -> Mapping[str, str]:
    """Return the Chinese of every text and id of a protocol, and of every step; who looks reads Chinese.

    An id that means several things, or that is a word of the pages besides, is left out. Kept for the protocol
    that was asked for last, since a page of the audit trail asks for every line.
    """
    global _last  # noqa: PLW0603  a cache of one
    if _last is None or _last[0] is not protocol:
        _last = protocol, {**_ids(protocol), **dict(_steps()), **dict(_texts(protocol.model_dump()))}
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


def _ids(protocol: Protocol) -> Mapping[str, str]:
    """Return what the ids that stand in sentences are called; of one with several meanings, nothing."""
    found: dict[str, set[str]] = defaultdict(set)
    for name, said in _labelled(protocol):
        found[name].add(said)
    own = {name: said.pop() for name, said in found.items() if len(said) == 1 and name not in TERMS}
    return {**{name: one.label.say("zh") for name, one in protocol.variables.items() if name not in TERMS}, **own}


def _labelled(protocol: Protocol) -> Iterator[tuple[str, str]]:
    """Give what each id is called wherever it stands, and each code as it stands in sentences behind its item."""
    authorities = {} if protocol.safety is None else protocol.safety.authorities
    yield from ((name, one.label.say("zh")) for name, one in protocol.interventions.items())
    yield from ((name, one.label.say("zh")) for name, one in authorities.items())
    yield from ((name, one.label.say("zh")) for name, one in protocol.forms.items())
    for name, variable in protocol.variables.items():
        for code, level in variable.codes.items():
            yield f"{name}={code}", f"{variable.label.say('zh')}={level.say('zh')}"
            yield f"{name} {code}", f"{variable.label.say('zh')}：{level.say('zh')}"
    for form in protocol.forms.values():
        for name, item in form.items.items():
            label = item.label.say("zh")
            yield name, label
            codes = {"Y": say("Yes"), "N": say("No")} if item.type == "yes or no" else {}
            codes |= {code: text.say("zh") for code, text in item.codes.items()}
            for code, said in codes.items():
                yield f"{name} = {code}", f"{label} = {said}"
                if len(code) >= _SHORTEST_CODE:
                    yield code, said


def _steps() -> Iterator[tuple[str, str]]:
    """Give the steps as the door names them (`save form`), in the words of the page of rights."""
    for intent in {permission.intent for permission in role_matrix()}:
        yield in_words(intent).lower(), say(in_words(intent))
