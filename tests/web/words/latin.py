"""What a page still says in Latin letters to somebody who reads Chinese."""

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser

SHOWN = ("alt", "title", "placeholder", "aria-label")
"""Attributes that a page shows or that a screen reader says."""

SILENT = ("script", "style", "code")
"""Elements whose text is of machines."""

_OPEN = {"input", "br", "meta", "link", "img", "hr", "option"}
_WORD = re.compile(r"[A-Za-z][A-Za-z'-]*[A-Za-z]")
_TOKEN = re.compile(r"[^\s\u3000-\u303f\u4e00-\u9fff\uff00-\uffef·→–“”()|,;:]+")


class _Texts(HTMLParser):
    """Collects the texts of a page that are not marked as English."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._within: list[tuple[str, bool]] = []
        self.feed(page)
        self.close()

    @property
    def _is_silent(self) -> bool:
        return any(silent for _, silent in self._within)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        silent = tag in SILENT or given.get("lang", "zh")[:2] != "zh"
        if tag not in _OPEN:
            self._within.append((tag, silent))
        if not silent and not self._is_silent:
            self.found += [given[name] for name in SHOWN if given.get(name)]
            if tag == "input" and given.get("type") in ("submit", "button"):
                self.found.append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        while any(one == tag for one, _ in self._within):
            if self._within.pop()[0] == tag:
                break

    def handle_data(self, data: str) -> None:
        if not self._is_silent and data.strip():
            self.found.append(" ".join(data.split()))


def texts(page: str) -> list[str]:
    """Return the texts of a page, those left out that are marked as English or are of machines."""
    return _Texts(page).found


def latin_words(text: str, known: Iterable[str]) -> Iterator[str]:
    """Give the words in Latin letters of a text; what is known, and tokens with a digit in them, are left out."""
    for one in known:
        text = text.replace(one, " ")
    for token in _TOKEN.findall(text):
        if not any(sign.isdigit() for sign in token):
            yield from _WORD.findall(token)
