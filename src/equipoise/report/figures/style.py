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
from dataclasses import dataclass, replace
from functools import cache
from html import escape
from typing import Any

from ...protocol import Protocol
from ...standards.fonts import FONT_FOLDER
from ..language import Labels
from ..typesetting import FONT_FAMILY, text_width, wrap_text

WIDTH = 7.6
INK = "#1b1f24"
GRID = "#e6eaee"
SECONDARY = "#5b6770"
"""Lines that carry no data: no difference, arrows, boxes."""
LEGEND_SIZE = 9.0
COUNT_SIZE = 8.5
_LEGEND_ROW = 15.0
_LEGEND_LABEL = 440.0
_COUNT_ROW = 15.0
_COUNT_LABEL = 140.0
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
    "legend.fontsize": LEGEND_SIZE,
    "figure.facecolor": "white",
}
_STYLE = re.compile(r'\bstyle="([^"]*)"')
_STYLE_OF_ALL = re.compile(r"\s*<style[^>]*>\s*\*\{([^}]*)\}\s*</style>")


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
    """Give each arm its style, by its label in the data."""
    styles = styles_of_arms(labels.context.protocol)
    return {label: styles[arm] for arm, label in zip(labels.context.protocol.arms, labels.arms, strict=True)}


def styles_of_arms(protocol: Protocol) -> dict[str, ArmStyle]:
    """Give each arm its style, by its id: the control the first, the others in their order."""
    ordered = sorted(protocol.arms, key=lambda arm: arm != protocol.control)
    return {arm: STYLES[place % len(STYLES)] for place, arm in enumerate(ordered)}


@cache
def register_fonts() -> None:
    """Make the Chinese characters known; bold ones too are taken from the regular face, which has them."""
    from matplotlib import font_manager

    fonts = font_manager.fontManager
    fonts.addfont(str(FONT_FOLDER / "EquipoiseSans-Regular.otf"))
    fonts.ttflist.append(replace(fonts.ttflist[-1], weight=700))


@contextmanager
def drawing(height: float, width: float = WIDTH) -> Iterator[Any]:
    """Give a new figure of this size in inches; what is drawn inside the block has the look of the house."""
    import matplotlib as mpl
    from matplotlib.figure import Figure as Canvas

    register_fonts()
    settings: Any = dict(SETTINGS)
    with mpl.rc_context(settings):
        yield Canvas(figsize=(width, height))


def render_svg(canvas: Any, name: str, title: str, alt: str) -> str:
    """Write a figure as SVG text: named for screen readers, its ids its own, fit to stand inside a page."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    stream = io.StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    FigureCanvasSVG(canvas).print_figure(stream, format="svg", metadata=nothing)
    return name_svg(stream.getvalue(), name, title, alt)


def name_svg(drawn: str, name: str, title: str, alt: str) -> str:
    """Make a drawing fit for a page: ids of its own, named for screen readers, in the faces of reports."""
    text = drawn[drawn.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r' role="img"><title>.*?</desc>', ">", text, count=1, flags=re.DOTALL)
    text = re.sub(r"\bid=\"([^\"]+)\"", rf'id="{name}-\1"', text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", text)
    text = re.sub(r"href=\"#([^\"]+)\"", rf'href="#{name}-\1"', text)
    text = re.sub(r"'DejaVu Sans'(, *'Equipoise Sans')?", FONT_FAMILY.replace('"', "'"), text)
    head = f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-alt">{escape(alt)}</desc>'
    start = text.index(">") + 1
    tag = text[: start - 1] + f' role="img" aria-labelledby="{name}-title {name}-alt">'
    return f"{tag}{head}{text[start:]}"


def as_attributes(svg: str) -> str:
    """Say how each part of a drawing looks by attributes of its own, not by style, so that it is drawn everywhere.

    A browser that opens it under a Content-Security-Policy without inline style leaves all style out, and draws a
    black box (SVG 2, 6.6: presentation attributes). What matplotlib says of all parts is said of the whole.
    """
    of_all = _attributes("".join(_STYLE_OF_ALL.findall(svg)))
    text = _STYLE_OF_ALL.sub("", svg).replace("<svg ", f"<svg {of_all} ", 1)
    return _STYLE.sub(lambda found: _attributes(found[1]), text)


def _attributes(style: str) -> str:
    pairs = (one.partition(":") for one in style.split(";") if one.strip())
    return " ".join(f'{name.strip()}="{value.strip()}"' for name, _, value in pairs)


def legend_height(arms: Sequence[str], labels: Labels) -> float:
    """Return the height in inches that the legend of the arms above a plot takes."""
    return keys_height([labels.arm(arm) for arm in arms])


def add_legend(canvas: Any, styles: Mapping[str, ArmStyle], arms: Sequence[str], labels: Labels) -> None:
    """Put the legend of the arms, each with its line and marker, above the plots of a figure."""
    add_keys(canvas, [(labels.arm(arm), styles[arm]) for arm in arms])


def keys_height(names: Sequence[str]) -> float:
    """Return the height in inches that a legend of these names takes above a plot."""
    columns = _legend_columns(names)
    lines = [len(_legend_label(name)) for name in names]
    in_column = [sum(lines[i::columns]) for i in range(columns)] if columns > 1 else [sum(lines)]
    return inches(_LEGEND_ROW * max(in_column) + 8)


def add_keys(canvas: Any, keys: Sequence[tuple[str, ArmStyle]]) -> None:
    """Put a legend, each name with its line and marker, above the plots of a figure."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D(
            [],
            [],
            color=style.colour,
            linestyle=style.line,
            marker=style.marker,
            markersize=5,
            label="\n".join(_legend_label(name)),
        )
        for name, style in keys
    ]
    canvas.legend(
        handles=handles,
        loc="upper left",
        ncols=_legend_columns([name for name, _ in keys]),
        borderaxespad=0.3,
        handlelength=3.2,
    )


def _legend_label(name: str) -> list[str]:
    return wrap_text(name, _LEGEND_LABEL, LEGEND_SIZE)


def _legend_columns(names: Sequence[str]) -> int:
    widest = max(text_width(line, LEGEND_SIZE) for name in names for line in _legend_label(name)) + 54
    return max(1, min(len(names), int(72 * (WIDTH - 0.2) // widest)))


@dataclass(frozen=True)
class CountRows:
    """The rows of numbers below a plot: an arm a row, its label broken into lines where it is long."""

    labels: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, arms: Sequence[str], labels: Labels) -> "CountRows":
        """Break the labels of the arms."""
        return cls(tuple(tuple(wrap_text(labels.arm(arm), _COUNT_LABEL, COUNT_SIZE)) for arm in arms))

    @property
    def width(self) -> float:
        """The width in inches that the labels take left of the plot."""
        return inches(max(text_width(line, COUNT_SIZE) for lines in self.labels for line in lines) + 32)

    @property
    def height(self) -> float:
        """The height in inches of all rows and their heading."""
        return inches(_COUNT_ROW + sum(self._row(lines) for lines in self.labels))

    @staticmethod
    def _row(lines: Sequence[str]) -> float:
        return max(_COUNT_ROW, 11.0 * len(lines) + 4)

    def write(
        self, canvas: Any, axes: Any, heading: str, top: float, numbers: Sequence[Mapping[float, int]]
    ) -> None:
        """Write heading and rows from `top` (inches above the lower edge) down, each number under its place."""
        from matplotlib.transforms import blended_transform_factory

        height = canvas.get_figheight()
        under = blended_transform_factory(axes.transData, canvas.transFigure)
        left = inches(8) / WIDTH
        canvas.text(left, top / height, heading, fontsize=COUNT_SIZE, fontweight="bold", va="center_baseline")
        y = top - inches(_COUNT_ROW / 2)
        for lines, row in zip(self.labels, numbers, strict=True):
            y -= inches(self._row(lines) / 2)
            canvas.text(
                left, y / height, "\n".join(lines), fontsize=COUNT_SIZE, va="center_baseline", linespacing=1.1
            )
            for x, number in row.items():
                axes.text(
                    x,
                    y / height,
                    str(number),
                    transform=under,
                    fontsize=COUNT_SIZE,
                    ha="center",
                    va="center_baseline",
                )
            y -= inches(self._row(lines) / 2)


def inches(points: float) -> float:
    """Turn points into inches."""
    return points / 72.0
