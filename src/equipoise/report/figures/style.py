"""How every figure looks, and how it becomes SVG: one size of type, colours that all can tell apart, fixed bytes.

Colours are those of Okabe and Ito (2008), which people with any colour vision can tell apart; each arm also has a
line and a marker of its own, so that a copy in black and white reads as well. Text stays text, set in DejaVu Sans
or in whatever sans face the reader's machine has; as DejaVu Sans is the widest of the usual ones, what fits here
fits there. No clock and no random id enters the file.
"""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Any

from ..language import Labels
from ..typesetting import FONT_FAMILY, FONT_FOLDER

WIDTH = 7.6
INK = "#1b1f24"
GRID = "#d9dee3"
SETTINGS: Mapping[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "equipoise",
    "font.family": ["DejaVu Sans", "Equipoise Sans"],
    "font.size": 9.0,
    "axes.labelsize": 9.0,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.unicode_minus": False,
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.frameon": False,
    "legend.fontsize": 9.0,
    "figure.facecolor": "white",
}


@dataclass(frozen=True)
class ArmStyle:
    """How an arm is drawn."""

    colour: str
    line: Any
    marker: str


STYLES = (
    ArmStyle("#3b3b3b", "-", "o"),
    ArmStyle("#0072b2", (0, (6, 2)), "s"),
    ArmStyle("#d55e00", (0, (5, 1.5, 1, 1.5)), "^"),
    ArmStyle("#009e73", (0, (1.5, 1.5)), "D"),
    ArmStyle("#cc79a7", (0, (8, 2, 2, 2, 2, 2)), "v"),
    ArmStyle("#56b4e9", (0, (3, 1)), "P"),
)


def arm_styles(labels: Labels) -> dict[str, ArmStyle]:
    """Give each arm its style, by its label in the data: the control the first, the others in their order."""
    protocol = labels.context.protocol
    ordered = sorted(zip(protocol.arms, labels.arms, strict=True), key=lambda pair: pair[0] != protocol.control)
    return {label: STYLES[place % len(STYLES)] for place, (_, label) in enumerate(ordered)}


@cache
def _register_fonts() -> None:
    from matplotlib import font_manager

    for path in sorted(FONT_FOLDER.glob("*.otf")):
        font_manager.fontManager.addfont(str(path))


@contextmanager
def drawing(height: float, width: float = WIDTH) -> Iterator[Any]:
    """Give a new figure of this size in inches; what is drawn inside the block has the look of the house."""
    import matplotlib as mpl
    from matplotlib.figure import Figure as Canvas

    _register_fonts()
    settings: Any = dict(SETTINGS)
    with mpl.rc_context(settings):
        yield Canvas(figsize=(width, height))


def render_svg(canvas: Any, name: str, title: str, alt: str) -> str:
    """Write a figure as SVG text: named for screen readers, its ids its own, fit to stand inside a page."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    stream = io.StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    FigureCanvasSVG(canvas).print_figure(stream, format="svg", metadata=nothing)
    text = stream.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r"\bid=\"([^\"]+)\"", rf'id="{name}-\1"', text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", text)
    text = re.sub(r"href=\"#([^\"]+)\"", rf'href="#{name}-\1"', text)
    text = re.sub(r"'DejaVu Sans'(, *'Equipoise Sans')?", FONT_FAMILY.replace('"', "'"), text)
    head = f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-alt">{escape(alt)}</desc>'
    start = text.index(">") + 1
    tag = text[: start - 1] + f' role="img" aria-labelledby="{name}-title {name}-alt">'
    return f"{tag}{head}{text[start:]}"


def add_legend(
    axes: Any, styles: Mapping[str, ArmStyle], arms: Sequence[str], labels: Labels, **options: Any
) -> None:
    """Add the legend of the arms, each with its line and marker."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D(
            [],
            [],
            color=styles[a].colour,
            linestyle=styles[a].line,
            marker=styles[a].marker,
            markersize=5,
            label=labels.arm(a),
        )
        for a in arms
    ]
    axes.legend(handles=handles, **options)


def inches(points: float) -> float:
    """Turn points into inches."""
    return points / 72.0
