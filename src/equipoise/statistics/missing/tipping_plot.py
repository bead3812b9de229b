"""The picture of a tipping point, as SVG text: a map of p over two deltas, or estimate and p along one.

Shades get lighter as p grows and the line p = alpha is drawn and named, so that a copy in black and white reads as
well. Text stays text; the same data give the same bytes.
"""

import io
import re
from typing import Any

import numpy as np

from equipoise.statistics.distributions import Floats
from equipoise.statistics.missing.tipping_point import TippingPoint

_LEVELS = (0.0, 0.001, 0.01, 0.05, 0.1, 0.2, 0.4, 1.0)
_INK, _SECONDARY, _BLUE = "#1b1f24", "#5b6770", "#0072b2"
_SETTINGS = {
    "svg.fonttype": "none",
    "svg.hashsalt": "equipoise",
    "font.family": "sans-serif",
    "font.size": 9.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": _INK,
    "axes.labelcolor": _INK,
    "text.color": _INK,
    "text.parse_math": False,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "hatch.linewidth": 0.5,
    "figure.facecolor": "white",
}


def plot_tipping_point(tipping: TippingPoint, *, unit: str = "") -> str:
    """Draw a tipping point as SVG text: a map if both arms have a range of deltas, else two curves.

    `unit` of the outcome goes to the labels of the axes.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    settings: Any = _SETTINGS
    measure = f" ({unit})" if unit else ""
    with mpl.rc_context(settings):
        if tipping.surface["delta_versus"].n_unique() > 1:
            figure = Figure(figsize=(6.4, 4.6), layout="constrained")
            _draw_map(figure, tipping, measure)
        else:
            figure = Figure(figsize=(6.4, 5.0), layout="constrained")
            _draw_curves(figure, tipping, measure)
        stream = io.StringIO()
        figure.savefig(stream, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    text = stream.getvalue()
    return re.sub(r"<metadata>.*?</metadata>\s*", "", text[text.index("<svg") :], flags=re.DOTALL)


def _draw_map(figure: Any, tipping: TippingPoint, measure: str) -> None:
    x, y = (_along(tipping, name) for name in ("delta", "delta_versus"))
    p = tipping.response.p(np.stack(np.meshgrid(x, y), axis=-1))
    axes = figure.subplots()
    levels = sorted({*_LEVELS, tipping.alpha})
    shades = axes.contourf(x, y, p, levels=levels, cmap="Blues_r", norm=_by_step(levels))
    bar = figure.colorbar(shades, ax=axes, ticks=levels, spacing="uniform", format="%g")
    bar.set_label("two-sided p")
    axes.contourf(x, y, p, levels=[tipping.alpha, 1.0], colors="none", hatches=["///"])
    if p.min() < tipping.alpha < p.max():
        line = axes.contour(x, y, p, levels=[tipping.alpha], colors=_INK, linewidths=2.2)
        axes.clabel(line, fmt={tipping.alpha: f"p = {tipping.alpha:g}"}, fontsize=9)
    if x[0] <= 0 <= x[-1] and y[0] <= 0 <= y[-1]:
        axes.plot(0, 0, "o", color="white", markeredgecolor=_INK, markersize=7, clip_on=False)
    axes.set_xlabel(f"delta in {tipping.arm}{measure}")
    axes.set_ylabel(f"delta in {tipping.versus}{measure}")
    axes.set_title(
        f"{tipping.arm} minus {tipping.versus} at {tipping.visit}; hatched: p > {tipping.alpha:g}; o: no delta",
        fontsize=9,
        loc="left",
    )


def _draw_curves(figure: Any, tipping: TippingPoint, measure: str) -> None:
    x = _along(tipping, "delta")
    at = np.column_stack([x, np.zeros(x.size)])
    table = tipping.surface
    upper, lower = figure.subplots(2, sharex=True, height_ratios=(3, 2))
    delta = table["delta"].to_numpy()
    upper.fill_between(delta, table["lower"], table["upper"], color="#cfe3f1", linewidth=0)
    upper.plot(delta, table["estimate"], color=_BLUE, linewidth=1.8)
    upper.axhline(0.0, color=_SECONDARY, linewidth=0.8, linestyle=(0, (4, 3)))
    upper.set_ylabel(f"{tipping.arm} minus {tipping.versus}{measure}")
    upper.set_title(
        f"{tipping.visit}: estimate with its {100 * (1 - tipping.alpha):g}% interval, and p",
        fontsize=9,
        loc="left",
    )
    lower.plot(x, tipping.response.p(at), color=_BLUE, linewidth=1.8)
    lower.axhline(tipping.alpha, color=_INK, linewidth=1.2, linestyle=(0, (4, 3)))
    lower.set_yscale("log")
    lower.set_ylabel("two-sided p")
    lower.set_xlabel(f"delta in {tipping.arm}{measure}")
    lower.text(x[0], tipping.alpha, f" p = {tipping.alpha:g}", va="bottom", ha="left")
    if tipping.tipping_delta is not None:
        for axes in (upper, lower):
            axes.axvline(tipping.tipping_delta, color=_INK, linewidth=1.2, linestyle=(0, (1, 2)))
        lower.text(tipping.tipping_delta, 1.0, f" delta = {tipping.tipping_delta:.4g}", va="top", ha="left")


def _along(tipping: TippingPoint, name: str) -> Floats:
    cells = tipping.surface[name].to_numpy()
    return np.linspace(float(cells.min()), float(cells.max()), 161)


def _by_step(levels: list[float]) -> Any:
    from matplotlib.colors import BoundaryNorm

    return BoundaryNorm(levels, ncolors=256, extend="neither")
