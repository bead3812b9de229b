"""The words of the pages, in English and Simplified Chinese, in the language of who looks."""

import re

from django.utils.translation import get_language

from ...report.language import Phrases
from . import api, kinds, organisation, oversight, quality, shell, site, supply, vault

__all__ = ["CHAPTERS", "in_words", "language", "say"]

CHAPTERS = (api, kinds, organisation, oversight, quality, shell, site, supply, vault)
_CHINESE = {phrase: said for chapter in CHAPTERS for phrase, said in chapter.CHINESE.items()}
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PHRASES = {code: Phrases(code, _CHINESE) for code in ("en", "zh")}


def language() -> str:
    """Return the code by which the protocol's texts are said to who looks: en or zh."""
    return "zh" if (get_language() or "en").startswith("zh") else "en"


def say(phrase: str, **values: object) -> str:
    """Return a phrase, written in English, in the language of who looks."""
    return _PHRASES[language()](phrase, **values)


def in_words(name: str) -> str:
    """Return the name of a step or of a kind of event as words: `ScreenParticipant` is `Screen participant`."""
    return _CAPITAL.sub(" ", name).capitalize()
