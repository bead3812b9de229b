"""What names are called: in Simplified Chinese texts and ids of a protocol, and steps; in English its ids."""

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
_last_labels: tuple[Protocol, Mapping[str, str]] | None = None


def called(protocol: Protocol) -> Mapping[str, str]:
    """Return the Chinese of every text and id of a protocol, and of every step; who looks reads Chinese.

    An id that means several things, or that is a word of the pages besides, is left out. Kept for the protocol
    that was asked for last, since a page of the audit trail asks for every line.
    """
    global _last  # noqa: PLW0603  a cache of one
    if _last is None or _last[0] is not protocol:
        _last = protocol, {**_ids(protocol, "zh"), **dict(_steps()), **dict(_texts(protocol.model_dump()))}
    return _last[1]


def labels(protocol: Protocol) -> Mapping[str, str]:
    """Return the English label of each id of a protocol that has one alone; kept as the names of `called` are."""
    global _last_labels  # noqa: PLW0603  a cache of one
    if _last_labels is None or _last_labels[0] is not protocol:
        _last_labels = protocol, _ids(protocol, "en")
    return _last_labels[1]


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


def _ids(protocol: Protocol, language: str) -> Mapping[str, str]:
    """Return what the ids that stand in sentences are called; of one with several meanings, nothing."""
    found: dict[str, set[str]] = defaultdict(set)
    for name, said in _labelled(protocol, language):
        found[name].add(said)
    own = {name: said.pop() for name, said in found.items() if len(said) == 1}
    known = {name: one.label.say(language) for name, one in protocol.variables.items()} | own
    return {name: said for name, said in known.items() if language != "zh" or name not in TERMS}


def _labelled(protocol: Protocol, language: str) -> Iterator[tuple[str, str]]:
    """Give what each id is called wherever it stands, and each code as it stands in sentences behind its item."""
    colon = "：" if language == "zh" else ": "
    authorities = {} if protocol.safety is None else protocol.safety.authorities
    yield from ((name, one.label.say(language)) for name, one in protocol.interventions.items())
    yield from ((name, one.label.say(language)) for name, one in authorities.items())
    yield from ((name, one.label.say(language)) for name, one in protocol.forms.items())
    for name, variable in protocol.variables.items():
        for code, level in variable.codes.items():
            yield f"{name}={code}", f"{variable.label.say(language)}={level.say(language)}"
            yield f"{name} {code}", f"{variable.label.say(language)}{colon}{level.say(language)}"
    for form in protocol.forms.values():
        for name, item in form.items.items():
            label = item.label.say(language)
            yield name, label
            codes = {"Y": say("Yes"), "N": say("No")} if item.type == "yes or no" else {}
            codes |= {code: text.say(language) for code, text in item.codes.items()}
            for code, said in codes.items():
                yield f"{name} = {code}", f"{label} = {said}"
                if len(code) >= _SHORTEST_CODE:
                    yield code, said


def _steps() -> Iterator[tuple[str, str]]:
    """Give the steps as the door names them (`save form`), in the words of the page of rights."""
    for intent in {permission.intent for permission in role_matrix()}:
        yield in_words(intent).lower(), say(in_words(intent))
