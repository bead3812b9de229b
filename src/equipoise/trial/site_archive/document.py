"""A document as plain data: sections with lines and tables, ready to be set; characters no font has are named."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

from ...record.event import Event
from ...standards.fonts import FONT_FOLDER

_LONG = re.compile(r"[^\s\u2e80-\uffff]{15,}")
_PIECE = re.compile(r"[^._/-]{1,10}[._/-]?|[._/-]")


@dataclass(frozen=True)
class Grid:
    """A table; `widths` are shares of the page, a cell may have several lines."""

    head: tuple[str, ...]
    widths: tuple[float, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Section:
    """A section of depth 1 or 2: its title, lines of text, and a table."""

    title: str
    lines: tuple[str, ...] = ()
    grid: Grid | None = None
    depth: int = 1


@dataclass(frozen=True)
class Document:
    """A document: what stands at its head, its sections, and the moment of the record that it shows."""

    title: str
    band: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    language: str
    at: datetime


def when(event: Event) -> str:
    """Return the time of an event by the clock of its site, with its distance from UTC, and below it UTC."""
    return moment(event.at, event.zone)


def moment(at: datetime, zone: str) -> str:
    """Return a moment by the clock of a time zone, with its distance from UTC, and below it UTC."""
    local = at.astimezone(ZoneInfo(zone))
    offset = local.strftime("%z")
    return f"{local:%Y-%m-%d %H:%M:%S} {offset[:3]}:{offset[3:]}\n{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def showable(text: str) -> str:
    """Return a text with each character that the fonts lack written as its number, such as [U+1F600].

    Words that are longer than a column may be broken, so that nothing runs off the page.
    """
    if not all(sign in _signs() for sign in text):
        text = "".join(sign if sign in _signs() else f"[U+{ord(sign):04X}]" for sign in text)
    return _LONG.sub(lambda word: "\u200b".join(_PIECE.findall(word[0])), text)


@cache
def _signs() -> frozenset[str]:
    from matplotlib.ft2font import FT2Font

    font = FT2Font(str(FONT_FOLDER / "EquipoiseSans-Regular.otf"))
    return frozenset({"\n", *map(chr, font.get_charmap())})


def as_content(document: Document) -> Mapping[str, object]:
    """Return a document as its template reads it."""
    return {
        "title": showable(document.title),
        "band": showable(document.band),
        "facts": [[showable(name), showable(value)] for name, value in document.facts],
        "language": document.language,
        "at": [getattr(document.at, part) for part in ("year", "month", "day", "hour", "minute", "second")],
        "sections": [
            {
                "title": showable(section.title),
                "lines": [showable(line) for line in section.lines],
                "depth": section.depth,
                "grid": None if section.grid is None else _grid(section.grid),
            }
            for section in document.sections
        ],
    }


def _grid(grid: Grid) -> Mapping[str, object]:
    return {
        "head": [showable(cell) for cell in grid.head],
        "widths": grid.widths,
        "rows": [[showable(cell).split("\n") for cell in row] for row in grid.rows],
    }
