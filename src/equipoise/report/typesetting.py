"""How wide a text is, and how it is broken into lines, for drawings whose text nobody sets again.

Widths are those of DejaVu Sans, which is wider than the faces that a reader's machine would put in its place, so
that nothing measured here is clipped there. A Chinese character counts as one em. Lines are broken between words,
and between any two Chinese characters.
"""

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

FONT_FAMILY = "DejaVu Sans, Equipoise Sans, Verdana, Noto Sans CJK SC, Microsoft YaHei, PingFang SC, sans-serif"
"""Families in the order in which a drawing asks for them."""

_FIRST_WIDE = 0x2E80
_PIECES = re.compile(r"\s+|[\u2e80-\uffff]|[^\s\u2e80-\uffff]+")


def latin_font() -> Path:
    """Return the file of DejaVu Sans, which comes with matplotlib."""
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"


@cache
def _font() -> Any:
    from matplotlib.ft2font import FT2Font

    font = FT2Font(str(latin_font()))
    font.set_size(100, 72)
    return font


@lru_cache(maxsize=4096)
def _advance(character: str) -> float:
    """Return the width of one character in ems."""
    if ord(character) >= _FIRST_WIDE:
        return 1.0
    return float(_font().load_char(ord(character)).linearHoriAdvance) / 65536 / 100


def text_width(text: str, size: float) -> float:
    """Return the width of a line of text in the unit of `size`."""
    return size * sum(_advance(character) for character in text)


def wrap_text(text: str, width: float, size: float) -> list[str]:
    """Break a text into lines at most `width` wide; a single word that is wider is broken too."""
    lines: list[str] = []
    line = ""
    for piece in _PIECES.findall(text):
        if text_width(line + piece.rstrip(), size) <= width:
            line += piece
            continue
        if line.strip():
            lines.append(line.rstrip())
        line = piece.lstrip()
        while text_width(line, size) > width:
            cut = max(n for n in range(1, len(line)) if n == 1 or text_width(line[:n], size) <= width)
            lines.append(line[:cut])
            line = line[cut:]
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def shorten(text: str, width: float, size: float) -> str:
    """Cut a text that is wider than `width`, ending it with an ellipsis."""
    if text_width(text, size) <= width:
        return text
    kept = max((n for n in range(len(text)) if text_width(f"{text[:n].rstrip()}…", size) <= width), default=0)
    return f"{text[:kept].rstrip()}…"
