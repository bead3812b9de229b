"""Panels of dots with bars over shared rows: what every figure of the simulation is drawn with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ....report.figures.style import (
    GRID,
    SECONDARY,
    WIDTH,
    ArmStyle,
    add_keys,
    drawing,
    inches,
    keys_height,
    render_svg,
)
from ....report.typesetting import text_width, wrap_text

LABEL_SIZE = 8.5
_TITLE_SIZE = 9.0
_LINE = 11.5
_BOLD = 1.12
_AXIS = 32.0
_GAP = 30.0


@dataclass(frozen=True)
class Line:
    """A row: its label; a heading carries no dots."""

    label: str
    heading: bool = False


@dataclass(frozen=True)
class Dot:
    """A value of a series in a row, with the ends of its bar where it has one."""

    row: int
    series: str
    value: float
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True)
class Mark:
    """A vertical line with its name in the legend, empty for none."""

    value: float
    name: str
    colour: str = SECONDARY


@dataclass(frozen=True)
class Panel:
    """A plot over the rows; `band`: a range that is shaded; `percent`: the axis shows shares of 1."""

    title: str
    axis: str
    dots: tuple[Dot, ...]
    marks: tuple[Mark, ...] = ()
    band: tuple[float, float] | None = None
    percent: bool = True
    limits: tuple[float, float] | None = None


@dataclass(frozen=True)
class DotPlot:
    """Rows, panels two abreast, and the series by name: label in the legend and style.

    label_width, step: room for the labels, and between the series of a row, in points.
    """

    rows: tuple[Line, ...]
    panels: tuple[Panel, ...]
    series: Mapping[str, tuple[str, ArmStyle]]
    label_width: float = 165.0
    step: float = 8.0

    @property
    def keys(self) -> list[tuple[str, ArmStyle]]:
        """The entries of the legend: series, then marks, each once."""
        marks = {mark.name: mark for panel in self.panels for mark in panel.marks if mark.name}
        dotted = [(name, ArmStyle(mark.colour, (0, (1.5, 2)), "")) for name, mark in marks.items()]
        return [
            (label, ArmStyle(style.colour, "", style.marker)) for label, style in self.series.values()
        ] + dotted


def draw_dots(name: str, title: str, plot: DotPlot, alt: str, notice: str = "") -> str:
    """Draw a plot as SVG; `notice` stands in the drawing itself, so that it goes wherever the drawing goes."""
    columns = min(2, len(plot.panels))
    lines = [wrap_text(r.label, plot.label_width / (_BOLD if r.heading else 1), LABEL_SIZE) for r in plot.rows]
    heights = _row_heights(plot, lines)
    left = inches(min(plot.label_width, _widest(lines)) + 20)
    width = (WIDTH - left - inches(14) - inches(_GAP) * (columns - 1)) / columns
    titles = [
        wrap_text(panel.title, 72 * width / _BOLD, _TITLE_SIZE) if panel.title else [] for panel in plot.panels
    ]
    tall = [
        max(len(titles[k]) for k in range(n, min(n + columns, len(titles))))
        for n in range(0, len(titles), columns)
    ]
    plot_height, above = inches(sum(heights)), keys_height([key for key, _ in plot.keys])
    below = inches(16) if notice else 0.0
    bands = [
        inches(_LINE * tall[k] + (8 if tall[k] else 0)) + plot_height + inches(_AXIS) for k in range(len(tall))
    ]
    height = above + sum(bands) + below
    with drawing(height) as canvas:
        top = height - above
        for k, panel in enumerate(plot.panels):
            row, column = divmod(k, columns)
            lower = top - sum(bands[:row]) - bands[row] + inches(_AXIS)
            at = left + column * (width + inches(_GAP))
            axes = canvas.add_axes((at / WIDTH, lower / height, width / WIDTH, plot_height / height))
            _draw_panel(axes, panel, plot, heights)
            axes.set_title("\n".join(titles[k]), fontsize=_TITLE_SIZE, pad=4)
            if column == 0:
                _label_rows(axes, plot.rows, lines, heights)
        if notice:
            canvas.text(inches(8) / WIDTH, inches(5) / height, notice, fontsize=LABEL_SIZE, fontweight="bold")
        add_keys(canvas, plot.keys)
        return render_svg(canvas, name, title, alt)


def _widest(lines: Sequence[Sequence[str]]) -> float:
    return max(text_width(line, LABEL_SIZE) for row in lines for line in row)


def _row_heights(plot: DotPlot, lines: Sequence[Sequence[str]]) -> list[float]:
    """Give each row the room that its label and its dots need, in points."""
    found = []
    for place, row in enumerate(plot.rows):
        in_row = max((len({d.series for d in panel.dots if d.row == place}) for panel in plot.panels), default=0)
        found.append(max(_LINE * len(lines[place]) + (4 if row.heading else 6), plot.step * in_row + 6))
    return found


def _centres(heights: Sequence[float]) -> list[float]:
    return [sum(heights[:k]) + heights[k] / 2 for k in range(len(heights))]


def _draw_panel(axes: Any, panel: Panel, plot: DotPlot, heights: Sequence[float]) -> None:
    centres = _centres(heights)
    if panel.band is not None:
        axes.axvspan(*panel.band, color=GRID, linewidth=0, zorder=0)
    for mark in panel.marks:
        axes.axvline(mark.value, color=mark.colour, linewidth=1.3, linestyle=(0, (1.5, 2)), zorder=1)
    for place in range(len(plot.rows)):
        in_row = [name for name in plot.series if any(d.series == name and d.row == place for d in panel.dots)]
        for dot in (d for d in panel.dots if d.row == place):
            shift = plot.step * (in_row.index(dot.series) - (len(in_row) - 1) / 2)
            _draw_dot(axes, dot, centres[place] + shift, plot.series[dot.series][1])
    axes.set_ylim(sum(heights), 0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_xlabel(panel.axis)
    _scale(axes, panel)


def _draw_dot(axes: Any, dot: Dot, y: float, style: ArmStyle) -> None:
    if dot.lower is not None and dot.upper is not None:
        axes.plot(
            [dot.lower, dot.upper], [y, y], color=style.colour, linewidth=1.3, solid_capstyle="butt", zorder=2
        )
    axes.plot([dot.value], [y], color=style.colour, marker=style.marker, markersize=4.5, clip_on=False, zorder=3)


def _scale(axes: Any, panel: Panel) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    ends = [e for d in panel.dots for e in (d.value, d.lower, d.upper) if e is not None]
    low, high = panel.limits or (min(ends), max(ends))
    pad = 0.02 * (high - low) if panel.limits else 0.06 * (high - low) or 1.0
    axes.set_xlim(low - pad, high + pad)
    axes.xaxis.set_major_locator(MaxNLocator(5, min_n_ticks=3))
    if panel.percent:
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.4g}%"))


def _label_rows(axes: Any, rows: Sequence[Line], lines: Sequence[Sequence[str]], heights: Sequence[float]) -> None:
    from matplotlib.transforms import blended_transform_factory

    beside = blended_transform_factory(axes.figure.transFigure, axes.transData)
    for place, (row, label) in enumerate(zip(rows, lines, strict=True)):
        axes.text(
            inches(8) / WIDTH,
            _centres(heights)[place],
            "\n".join(label),
            transform=beside,
            va="center",
            linespacing=1.15,
            fontsize=LABEL_SIZE,
            fontweight="bold" if row.heading else "normal",
        )
