"""The language of the parts of a page: what is not in the language of the page is marked with its own.

Names, what people have typed and texts that a protocol has in one language only come in either, and no template
can tell which; so they are told by their letters, on the way out (WCAG 2.2, 3.1.2). A screen reader then says each
in its own voice.
"""

import re
from collections.abc import Callable
from html import unescape

from django.http import HttpRequest, HttpResponse

from ..words import language

Respond = Callable[[HttpRequest], HttpResponse]

_OF_MACHINES = ("script", "style", "code")
_VOID = ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
_AFTER_TAG = r"<(/?)([a-z][a-z0-9]*)([^<>]*)>({})(?=<(/?))"
_CHINESE = "\u4e00-\u9fff"
_IS_ENGLISH = re.compile("[a-z]{3}")
_TEXTS = {
    "zh": re.compile(_AFTER_TAG.format(f"[^<>{_CHINESE}]*[a-z]{{3}}[^<>{_CHINESE}]*")),
    "en": re.compile(_AFTER_TAG.format(f"[^<>]*[{_CHINESE}][^<>]*")),
}
"""By the language of a page: each text in the other one, behind the tag before it."""

_OTHER = {"zh": "en", "en": "zh-Hans"}


def mark_parts(page: str, of: str) -> str:
    """Return a page in a language, `en` or `zh`, with its texts in the other one marked as such.

    A text that is all of an element is marked there, any other in an element of its own. What is marked already,
    and what is of machines, stays as it is.
    """

    def mark(found: re.Match[str]) -> str:
        closing, tag, given, text, closes = found.groups()
        is_silent = not closing and (tag in _OF_MACHINES or " lang=" in given)
        if is_silent or (of == "zh" and not _IS_ENGLISH.search(unescape(text))):
            return found[0]
        if closes and not closing and tag not in _VOID:
            return f'<{tag}{given} lang="{_OTHER[of]}">{text}'
        word = text.strip()
        before, after = text.split(word, 1)
        return f'<{closing}{tag}{given}>{before}<span lang="{_OTHER[of]}">{word}</span>{after}'

    return _TEXTS[of].sub(mark, page)


class PartsMiddleware:
    """Marks the parts of every page."""

    def __init__(self, respond: Respond) -> None:
        self._respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request with its parts marked, where it is a page."""
        response = self._respond(request)
        if not response.streaming and response.headers.get("Content-Type", "").startswith("text/html"):
            response.content = mark_parts(response.content.decode(), language()).encode()
        return response
