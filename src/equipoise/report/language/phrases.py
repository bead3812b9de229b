"""The fixed words of a report, in English and Simplified Chinese.

A phrase is written in English where it is used; its Chinese stands in `chinese.py` under the English.
"""

from collections.abc import Mapping

from .chinese import CHINESE

LANGUAGES = ("en", "zh")


class Phrases:
    """Says phrases in one language; placeholders in braces are filled in after translation.

    chinese: further phrases of one chapter, which come first.
    """

    def __init__(self, language: str = "en", chinese: Mapping[str, str] | None = None) -> None:
        self.language = language if language in LANGUAGES else "en"
        self._chinese = CHINESE if chinese is None else {**CHINESE, **chinese}

    def __call__(self, phrase: str, **values: object) -> str:
        """Return the phrase in the language, filled in; a phrase without a translation stays English."""
        text = self._chinese.get(phrase, phrase) if self.language == "zh" else phrase
        return text.format(**values) if values else text

    def listing(self, parts: list[str]) -> str:
        """Join parts as a list in running text: `a, b and c`."""
        if self.language == "zh":
            return "、".join(parts)
        return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""
