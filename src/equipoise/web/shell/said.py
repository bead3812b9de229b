"""What the door and the audit trail have said, in the language of who looks."""

from ..words import language
from ..words.called import called
from ..words.said import in_language
from .trial import running


def said(sentence: object) -> str:
    """Return a refusal, or what a fact tells, in the language of who looks; what is in it already stays so."""
    return in_language(str(sentence), language(), called(running().protocol) if language() == "zh" else None)
