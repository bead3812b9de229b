"""Reads a drawing back: its words, and where each of them lies."""

import re
from dataclasses import dataclass
from xml.etree import ElementTree

from equipoise.report.typesetting import text_width

_SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True)
class Word:
    """A text of a drawing with the box that it covers."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Drawing:
    """The size of a drawing and its words."""

    width: float
    height: float
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """All words in their order."""
        return " ".join(word.text for word in self.words)


def read_drawing(svg: str) -> Drawing:
    """Parse SVG as our figures write it."""
    root = ElementTree.fromstring(svg)
    _, _, width, height = (float(part) for part in root.attrib["viewBox"].split())
    words = tuple(_word(element, root) for element in root.iter(f"{_SVG}text"))
    return Drawing(width, height, words)


def _word(element: ElementTree.Element, root: ElementTree.Element) -> Word:
    style = element.get("style", "")
    size = _size(style) or float(element.get("font-size") or root.get("font-size") or 0)
    text = "".join(element.itertext())
    x, y, turn = _place(element)
    anchor = element.get("text-anchor") or (re.search(r"text-anchor: (\w+)", style) or [None, "start"])[1]
    width = text_width(text, size) * (1.08 if "bold" in style + (element.get("font-weight") or "") else 1.0)
    start = {"start": 0.0, "middle": -width / 2, "end": -width}[str(anchor)]
    if turn == -90:
        return Word(text, x - 0.8 * size, y - start - width, x + 0.25 * size, y - start)
    assert turn == 0
    return Word(text, x + start, y - 0.8 * size, x + start + width, y + 0.25 * size)


def _size(style: str) -> float:
    match = re.search(r"font(?:-size)?:\s*(?:[\w ]*?)([\d.]+)px", style)
    return float(match[1]) if match else 0.0


def _place(element: ElementTree.Element) -> tuple[float, float, float]:
    transform = element.get("transform", "")
    turn = re.search(r"rotate\((-?[\d.]+)", transform)
    shift = re.search(r"translate\((-?[\d.]+)[ ,]+(-?[\d.]+)\)", transform)
    if shift:
        return float(shift[1]), float(shift[2]), float(turn[1]) if turn else 0.0
    return float(element.get("x") or 0), float(element.get("y") or 0), float(turn[1]) if turn else 0.0
