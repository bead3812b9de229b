"""The bounds of a group sequential design, drawn.

Over the information: upper bounds, lower bounds where there are any, and between them the region in which the
trial goes on; beside them the cumulative power at the design's drift.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from equipoise.statistics.distributions import Floats
from equipoise.statistics.drawing import GRID, SECONDARY, STYLES, drawing, render_svg
from equipoise.statistics.sequential.design import GroupSequential

MARGIN = 0.6


def plot_boundaries(design: GroupSequential, *, title: str = "Bounds of the group sequential design") -> str:
    """Draw the bounds of `design` (z) over information, and its cumulative power; gives SVG text."""
    rates = np.asarray(design.information_rates)
    # Half way between the bounds of the last look nothing goes on: the region closes on the upper bound
    ends = np.where(np.isfinite(design.lower), design.lower, np.nan)
    floor = ends.copy()
    if design.sides == 1 and design.looks > 1 and np.isfinite(ends[:-1]).any():
        floor[-1] = design.upper[-1]
    upper = np.where(np.isfinite(design.upper), design.upper, np.nan)
    top = float(np.nanmax(upper)) + MARGIN
    bottom = min(-MARGIN, float(np.nanmin(ends)) - MARGIN) if np.isfinite(ends).any() else -MARGIN
    power = design.tabulate()["power"].to_list()
    looks = list(range(1, design.looks + 1))
    with drawing(7.2, 3.4) as figure:
        left, right = figure.subplots(1, 2, width_ratios=(2, 1))
        going_on = np.nan_to_num(floor, nan=bottom), np.nan_to_num(upper, nan=top)
        left.fill_between(rates, *going_on, color=GRID, lw=0)
        left.axhline(0.0, color=SECONDARY, lw=0.6, ls=":")
        two = design.sides == 2
        _draw(left, rates, upper, 0, 6, "reject" if two else "efficacy")
        _draw(left, rates, ends, 0 if two else 1, -12, "_reject below" if two else "futility or harm")
        left.legend(loc="upper right")
        left.set(
            xlabel="information, share of maximum", ylabel="z", xlim=(0.0, 1.08 * rates[-1]), ylim=(bottom, top)
        )
        right.bar(looks, power, color=STYLES[0].colour, width=0.6)
        right.set(xlabel="look", ylabel="power until this look", ylim=(0.0, 1.0), xticks=looks)
        figure.suptitle(title)
        return render_svg(figure, title, _describe(design, power))


def _draw(axes: Any, rates: Floats, bound: Floats, style: int, above: int, name: str) -> None:
    if np.isnan(bound).all():
        return
    axes.plot(
        rates, bound, color=STYLES[style].colour, ls=STYLES[style].line, marker="o", ms=5, lw=1.2, label=name
    )
    for rate, z in zip(rates, bound, strict=True):
        if np.isfinite(z):
            axes.annotate(
                f"{z:.2f}", (rate, z), (0, above), textcoords="offset points", ha="center", color=SECONDARY, size=8
            )


def _describe(design: GroupSequential, power: Sequence[float]) -> str:
    looks = [
        f"at {t:.3g} of the maximum information z between {_say(a)} and {_say(b)} goes on, power {p:.3f}"
        for t, a, b, p in zip(design.information_rates, design.lower, design.upper, power, strict=True)
    ]
    return "; ".join(
        [*looks[:-1], f"at the last look z from {_say(design.upper[-1])} rejects, power {power[-1]:.3f}."]
    )


def _say(z: float) -> str:
    return f"{z:.3f}".replace("inf", "infinity")
