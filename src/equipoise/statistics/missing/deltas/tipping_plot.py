"""The picture of a tipping point: a map of p over two deltas, or estimate and p along one.

Shades get lighter as p grows, what is not significant is hatched, and the line p = alpha is drawn and named, so
that a copy in black and white reads as well.
"""

from typing import Any

import numpy as np

from equipoise.statistics.distributions import Floats
from equipoise.statistics.drawing import INK, SECONDARY, STYLES, drawing, render_svg
from equipoise.statistics.missing.deltas.tipping_point import TippingPoint

_LEVELS = (0.0, 0.001, 0.01, 0.05, 0.1, 0.2, 0.4, 1.0)
_FINE = 161  # points in each direction of what is drawn
_COLOUR, _BAND = STYLES[0].colour, "#cfe3f1"


def plot_tipping_point(tipping: TippingPoint, *, unit: str = "") -> str:
    """Draw a tipping point as SVG text: a map if both arms have a range of deltas, else two curves.

    `unit` of the outcome goes to the labels of the axes.
    """
    measure = f" ({unit})" if unit else ""
    comparison = f"{tipping.arm} minus {tipping.versus} at {tipping.visit}"
    both = tipping.surface["delta_versus"].n_unique() > 1
    with drawing(height=4.6 if both else 5.0) as figure:
        (_draw_map if both else _draw_curves)(figure, tipping, measure)
        found = "none in the range" if tipping.tipping_delta is None else f"{tipping.tipping_delta:.4g}"
        return render_svg(
            figure,
            f"Tipping point: {comparison}",
            f"p by the delta of imputed outcomes; it crosses {tipping.alpha:g} at a delta of {found}",
        )


def _draw_map(figure: Any, tipping: TippingPoint, measure: str) -> None:
    x, y = (_along(tipping, name) for name in ("delta", "delta_versus"))
    p = tipping.response.p(np.stack(np.meshgrid(x, y), axis=-1))
    axes = figure.subplots()
    levels = sorted({*_LEVELS, tipping.alpha})
    shades = axes.contourf(x, y, p, levels=levels, colors=_shades(len(levels) - 1))
    bar = figure.colorbar(shades, ax=axes, ticks=levels, spacing="uniform", format="%g")
    bar.set_label("two-sided p")
    axes.contourf(x, y, p, levels=[tipping.alpha, 1.0], colors="none", hatches=["//"])
    if p.min() < tipping.alpha < p.max():
        line = axes.contour(x, y, p, levels=[tipping.alpha], colors=INK, linewidths=2.2)
        for label in axes.clabel(line, fmt={tipping.alpha: f"p = {tipping.alpha:g}"}, fontsize=9):
            label.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1.5})
    if x[0] <= 0 <= x[-1] and y[0] <= 0 <= y[-1]:
        axes.plot(0, 0, "o", color="white", markeredgecolor=INK, markersize=7, clip_on=False)
    axes.set_xlabel(f"delta in {tipping.arm}{measure}")
    axes.set_ylabel(f"delta in {tipping.versus}{measure}")
    title = f"{tipping.arm} minus {tipping.versus} at {tipping.visit}"
    axes.set_title(f"{title}; hatched: p > {tipping.alpha:g}; o: no delta", fontsize=9, loc="left")


def _draw_curves(figure: Any, tipping: TippingPoint, measure: str) -> None:
    x = _along(tipping, "delta")
    at = np.column_stack([x, np.zeros(x.size)])
    table = tipping.surface
    upper, lower = figure.subplots(2, sharex=True, height_ratios=(3, 2))
    delta = table["delta"].to_numpy()
    upper.fill_between(delta, table["lower"], table["upper"], color=_BAND, linewidth=0)
    upper.plot(delta, table["estimate"], color=_COLOUR, linewidth=1.8)
    upper.axhline(0.0, color=SECONDARY, linewidth=0.8, linestyle=(0, (4, 3)))
    upper.set_ylabel(f"{tipping.arm} minus {tipping.versus}{measure}")
    upper.set_title(
        f"{tipping.visit}: estimate with its {100 * (1 - tipping.alpha):g}% interval, and p",
        fontsize=9,
        loc="left",
    )
    lower.plot(x, tipping.response.p(at), color=_COLOUR, linewidth=1.8)
    lower.axhline(tipping.alpha, color=INK, linewidth=1.2, linestyle=(0, (4, 3)))
    lower.set_yscale("log")
    lower.yaxis.set_major_formatter("{x:g}")
    lower.set_ylabel("two-sided p")
    lower.set_xlabel(f"delta in {tipping.arm}{measure}")
    lower.text(x[-1], tipping.alpha, f"p = {tipping.alpha:g}", va="bottom", ha="right")
    if tipping.tipping_delta is not None:
        for axes in (upper, lower):
            axes.axvline(tipping.tipping_delta, color=INK, linewidth=1.2, linestyle=(0, (1, 2)))
        upper.text(
            tipping.tipping_delta,
            0.98,
            f" delta = {tipping.tipping_delta:.4g}",
            va="top",
            ha="left",
            transform=upper.get_xaxis_transform(),
        )


def _along(tipping: TippingPoint, name: str) -> Floats:
    cells = tipping.surface[name].to_numpy()
    return np.linspace(float(cells.min()), float(cells.max()), _FINE)


def _shades(count: int) -> Any:
    """Choose blues from middle to nearly white: dark enough to differ, light enough for the line to stand out."""
    from matplotlib import colormaps

    return colormaps["Blues"](np.linspace(0.75, 0.05, count))
