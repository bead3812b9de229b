"""What the door and the audit trail have said, in the language of who looks."""

from ..words import language
from ..words.called import called, labels
from ..words.said import Names, in_language, name_in_chinese, reason_in_language
from .trial import running


def said(sentence: object) -> str:
    """Return a refusal, or what a fact tells, in the language of who looks; what is in it already stays so."""
    return in_language(str(sentence), language(), _names())


def named(name: object) -> str:
    """Return what conduct names on its own, such as a record or a stratum, in the language of who looks."""
    if (known := _names()) is not None:
        return name_in_chinese(str(name), known)
    return labels(running().protocol).get(str(name), str(name))


def as_given(words: str) -> str:
    """Return a question or a reason in the language of who looks; as it was typed where somebody has typed it."""
    return reason_in_language(words, language(), _names())


def _names() -> Names | None:
    return called(running().protocol) if language() == "zh" else None
