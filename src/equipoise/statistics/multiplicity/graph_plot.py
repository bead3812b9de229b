"""The drawn graph: hypotheses with their weights, arrows with what they pass on, the rejected ones marked.

As in Bretz, Posch, Glimm, Klinglmueller, Maurer and Rohmeyer, Biom J 2011;53:894-913, figure 1.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from textwrap import wrap
from typing import Any

import numpy as np

from equipoise.errors import DataError
from equipoise.statistics.arrays import read_floats
from equipoise.statistics.distributions import Floats
from equipoise.statistics.drawing import GRID, INK, drawing, render_svg
from equipoise.statistics.multiplicity.graph import MultiplicityGraph
from equipoise.statistics.multiplicity.graph_test import GraphTest

Point = tuple[float, float]

OPEN = "#dceaf5"
EDGE = "#0072b2"
RADIUS = 0.44
BEND = 0.2
WEAK = 1e-3
INCHES = 0.95
LABEL_AWAY = 1.2


def plot_graph(
    procedure: MultiplicityGraph | GraphTest,
    *,
    step: int | None = None,
    positions: Mapping[str, Point] | None = None,
    rejected: str = "rejected",
    fonts: Sequence[str] = ("DejaVu Sans",),
) -> str:
    """Draw a graph of 1 to 12 hypotheses as SVG text.

    `procedure`: a graph, or a test on one, then drawn after rejection number `step` (default: after the last; 0:
    at the start), rejected hypotheses grey, dashed, with the word `rejected` in place of a weight. `positions`:
    places of the hypotheses (x to the right, y upwards, neighbours about 2 apart); by default they stand clockwise
    on a circle, four in two rows. Fractions are written as such where a small one fits; a transition below 0.001
    is an epsilon. `fonts`: families that have the characters of the names. `DataError` for more
    hypotheses, an unknown step, or positions that lack one.
    """
    if isinstance(procedure, MultiplicityGraph):
        graph, gone = procedure, set[str]()
    else:
        last = len(procedure.graphs) - 1
        chosen = last if step is None else step
        if not 0 <= chosen <= last:
            raise DataError(f"the test has steps 0 to {last}. Got {chosen}")
        graph = procedure.graphs[chosen]
        gone = set(procedure.sequence["rejected"].head(chosen))
    if len(graph.hypotheses) > 12:
        raise DataError(f"a graph of at most 12 hypotheses can be drawn. Got {len(graph.hypotheses)}")
    places = _places(graph) if positions is None else dict(positions)
    missing = [name for name in graph.hypotheses if name not in places]
    if missing:
        raise DataError(f"every hypothesis needs a position. Got none for {', '.join(missing)}")
    points = {name: read_floats(places[name], "positions") for name in graph.hypotheses}
    for name, point in points.items():
        if point.shape != (2,) or not np.isfinite(point).all():
            raise DataError(f"a position must be two finite numbers. Got {point.tolist()} for {name}")
    return _draw(graph, gone, rejected, points, fonts)


def _places(graph: MultiplicityGraph) -> dict[str, Point]:
    """Place hypotheses clockwise from the top left, neighbours far enough apart for an arrow with its label."""
    count = len(graph.hypotheses)
    if count == 1:
        return {graph.hypotheses[0]: (0.0, 0.0)}
    if count == 4:
        corners = [(-1.3, 1.1), (1.3, 1.1), (-1.3, -1.1), (1.3, -1.1)]
        return dict(zip(graph.hypotheses, corners, strict=True))
    radius = {2: 1.15, 3: 1.35}.get(count, 1.15 / np.sin(np.pi / count))
    first = np.pi if count == 2 else np.pi / 2
    angles = first - 2.0 * np.pi * np.arange(count) / count
    return {
        name: (float(radius * np.cos(angle)), float(radius * np.sin(angle)))
        for name, angle in zip(graph.hypotheses, angles, strict=True)
    }


def _draw(
    graph: MultiplicityGraph, gone: set[str], rejected: str, places: dict[str, Floats], fonts: Sequence[str]
) -> str:
    import matplotlib as mpl

    points = np.array(list(places.values()))
    low, high = points.min(axis=0) - RADIUS - 0.35, points.max(axis=0) + RADIUS + 0.35
    with drawing(*(high - low) * INCHES) as figure, mpl.rc_context({"font.family": list(fonts)}):
        figure.set_layout_engine("none")
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
        axes.axis("off")
        for start, row in zip(graph.hypotheses, graph.transitions, strict=True):
            for end, share in zip(graph.hypotheses, row, strict=True):
                if share > 0:
                    _draw_arrow(axes, places[start], places[end], show_share(float(share)))
        for name, weight in zip(graph.hypotheses, graph.weights, strict=True):
            _draw_node(
                axes, places[name], name, rejected if name in gone else show_share(float(weight)), name in gone
            )
        return render_svg(figure, "Graph of hypotheses", _describe(graph, gone, rejected))


def _describe(graph: MultiplicityGraph, gone: set[str], rejected: str) -> str:
    held = [
        f"{name} {rejected if name in gone else show_share(float(weight))}"
        for name, weight in zip(graph.hypotheses, graph.weights, strict=True)
    ]
    passed = [
        f"{start} to {end} {show_share(float(share))}"
        for start, row in zip(graph.hypotheses, graph.transitions, strict=True)
        for end, share in zip(graph.hypotheses, row, strict=True)
        if share > 0
    ]
    return f"Weights: {', '.join(held)}. Passed on: {', '.join(passed) or 'nothing'}."


def _draw_arrow(axes: Any, start: Floats, end: Floats, label: str) -> None:
    """Draw an arrow bent to its left, so that the one back runs apart, and its label nearer to its start."""
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    along = end - start
    length = float(np.hypot(*along))
    middle = (start + end) / 2 + BEND * np.array([-along[1], along[0]])
    at = np.linspace(0.0, 1.0, 401)[:, None]
    curve = (1 - at) ** 2 * start + 2 * at * (1 - at) * middle + at**2 * end
    from_start = np.hypot(*(curve - start).T)
    from_end = np.hypot(*(curve - end).T)
    shown = curve[(from_start > RADIUS + 0.02) & (from_end > RADIUS + 0.03)]
    if not len(shown):
        raise DataError(f"hypotheses must stand at least {2 * RADIUS + 0.2:.1f} apart. Got {length:.2g}")
    axes.add_patch(
        FancyArrowPatch(
            path=Path([*shown[: -1 : max(1, len(shown) // 24)].tolist(), shown[-1].tolist()]),
            arrowstyle="-|>,head_length=5,head_width=2.5",
            linewidth=1.1,
            color=EDGE,
            mutation_scale=1.0,
            shrinkA=0.0,
            shrinkB=0.0,
        )
    )
    place = curve[int(np.argmin(np.abs(from_start - min(LABEL_AWAY, 0.45 * length))))]
    box = {"boxstyle": "round,pad=0.12", "facecolor": "white", "edgecolor": "none"}
    axes.text(*place, label, ha="center", va="center", color=INK, fontsize=8.5, bbox=box, zorder=3)


def _draw_node(axes: Any, place: Floats, name: str, below: str, gone: bool) -> None:
    from matplotlib.patches import Circle

    style = {"facecolor": GRID, "linestyle": "--"} if gone else {"facecolor": OPEN, "linestyle": "-"}
    axes.add_patch(Circle(tuple(place), RADIUS, edgecolor=INK, linewidth=1.1, zorder=4, **style))
    lines = [*wrap(name, 11), below]
    longest = max(len(line) for line in lines)
    size = min(10.0, 74.0 / max(longest, 1), 26.0 / len(lines))
    heights = (np.arange(len(lines))[::-1] - (len(lines) - 1) / 2) * size * 1.25 / (72 * INCHES)
    for line, height, last in zip(lines, heights, [False] * (len(lines) - 1) + [True], strict=True):
        weight = "normal" if last else "bold"
        axes.text(
            place[0],
            place[1] + height,
            line,
            ha="center",
            va="center",
            color=INK,
            fontsize=size,
            weight=weight,
            zorder=5,
        )


def show_share(share: float) -> str:
    """Write a share of alpha: as a fraction where its denominator is at most 12, else with three digits."""
    if 0 < share < WEAK:
        return "\u03b5"
    near = Fraction(share).limit_denominator(12)
    return str(near) if abs(float(near) - share) < 1e-9 else f"{share:.3g}"
