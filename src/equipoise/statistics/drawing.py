"""How the figures of the statistics look and become SVG: text stays text, the same data give the same bytes.

Colours are those of Okabe and Ito (2008), each with a line and a marker of its own, so that a copy in black and
white reads as well. matplotlib is imported when the first figure is drawn.
"""

import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import Any

INK, SECONDARY, GRID = "#1b1f24", "#5b6770", "#e6eaee"
_SETTINGS: Mapping[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "equipoise",
    "font.family": "sans-serif",
    "font.size": 9.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.unicode_minus": False,
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "figure.facecolor": "white",
}


@dataclass(frozen=True)
class LineStyle:
    """How a curve is drawn."""

    colour: str
    line: Any


STYLES = (
    LineStyle("#0072b2", (0, (6, 2))),
    LineStyle("#d55e00", (0, (5, 1.5, 1, 1.5))),
    LineStyle("#009e73", (0, (1.5, 1.5))),
    LineStyle("#cc79a7", (0, (8, 2, 2, 2, 2, 2))),
    LineStyle("#56b4e9", (0, (3, 1))),
    LineStyle("#e69f00", (0, (4, 1, 1, 1, 1, 1))),
    LineStyle("#5b6770", (0, (2, 3))),
    LineStyle("#8c6d31", (0, (10, 3))),
)


@contextmanager
def drawing(width: float = 6.4, height: float = 4.2) -> Iterator[Any]:
    """Give a new figure of this size in inches; what is drawn inside the block has the look of the house."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    settings: Any = dict(_SETTINGS)
    with mpl.rc_context(settings):
        yield Figure(figsize=(width, height), layout="constrained")


def render_svg(figure: Any, title: str, description: str) -> str:
    """Write a figure as SVG text, with a title and a description for screen readers."""
    stream = io.StringIO()
    figure.savefig(stream, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    text = stream.getvalue()
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text[text.index("<svg") :], flags=re.DOTALL)
    start = text.index(">")
    head = f"<title>{escape(title)}</title><desc>{escape(description)}</desc>"
    return f'{text[:start]} role="img">{head}{text[start + 1 :]}'
