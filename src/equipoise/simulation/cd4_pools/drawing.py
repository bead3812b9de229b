"""The pools and the model of level and slope in one figure."""

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl

from equipoise.simulation.cd4_pools.comparison import POOLS, SLOPES, ModelComparison
from equipoise.statistics.drawing import GRID, INK, SECONDARY, STYLES, drawing, render_svg

MODELS = {SLOPES: (STYLES[0], "s"), POOLS: (STYLES[1], "^")}
PARTS = {"naive": STYLES[2].colour, "memory": STYLES[3].colour, "activated": STYLES[5].colour}


def plot_pools_against_slopes(comparison: ModelComparison) -> str:
    """Draw `comparison` as SVG text: courses, changes, correlations, pools, responses by noise, calibration."""
    panels: tuple[Callable[[Any, ModelComparison], None], ...] = (
        _draw_courses,
        _draw_changes,
        _draw_correlations,
        _draw_pools,
        _draw_responses,
        _draw_calibration,
    )
    with drawing(7.6, 9.0) as figure:
        for axes, panel in zip(figure.subplots(3, 2).ravel(), panels, strict=True):
            panel(axes, comparison)
        handles, labels = figure.axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=2, handlelength=3.5)
        return render_svg(figure, "CD4 on treatment: pools against level and slope", _describe(comparison))


def _describe(comparison: ModelComparison) -> str:
    at = {(row["model"], row["week"]): row for row in comparison.courses.iter_rows(named=True)}
    last = max(week for _, week in at)
    said = [
        f"{model}: mean true count {at[model, 0]['mean']:.0f} at week 0, {at[model, 48]['mean']:.0f} at week 48, "
        f"{at[model, last]['mean']:.0f} at week {last}"
        for model in MODELS
    ]
    responses = [
        f"{row['definition']}: {100 * row['share']:.0f}% ({row['model']})"
        for row in comparison.responses.iter_rows(named=True)
    ]
    return f"{'; '.join(said)}. Responses without any treatment: {'; '.join(responses)}."


def _title(axes: Any, title: str, x: str, y: str) -> None:
    axes.set_title(title, loc="left", fontsize=9.0, fontweight="bold")
    axes.set(xlabel=x, ylabel=y)
    axes.grid(axis="y", color=GRID)
    axes.set_axisbelow(True)


def _weeks(axes: Any) -> None:
    axes.set(xlim=(0, 96), xticks=range(0, 97, 24))


def _draw_courses(axes: Any, comparison: ModelComparison) -> None:
    for model, (style, marker) in MODELS.items():
        course = comparison.courses.filter(pl.col("model") == model)
        axes.fill_between(course["week"], course["lower"], course["upper"], color=style.colour, alpha=0.13, lw=0)
        for edge in ("lower", "upper"):
            axes.plot(course["week"], course[edge], color=style.colour, linestyle=style.line, linewidth=0.8)
        axes.plot(
            course["week"],
            course["mean"],
            color=style.colour,
            linestyle=style.line,
            linewidth=1.8,
            marker=marker,
            markevery=6,
            markersize=5,
            label=model,
        )
    _title(axes, "Mean, and 10 to 90 % of participants", "Week", "True CD4 (cells/uL)")
    axes.set_ylim(bottom=0)
    _weeks(axes)


def _draw_changes(axes: Any, comparison: ModelComparison) -> None:
    low, high = np.quantile(np.concatenate(list(comparison.changes.values())), [0.002, 0.998])
    edges = np.linspace(low, high, 41)
    for model, (style, _) in MODELS.items():
        changes = comparison.changes[model]
        share = 100.0 * np.histogram(changes, edges)[0] / changes.size / (edges[1] - edges[0])
        middles = (edges[:-1] + edges[1:]) / 2.0
        axes.plot(middles, share, color=style.colour, linestyle=style.line, linewidth=1.5)
    axes.axvline(0.0, color=SECONDARY, linewidth=0.8)
    _title(axes, "Change from week 0 to week 48", "Change of true CD4 (cells/uL)", "% of participants per cell/uL")
    axes.set_ylim(bottom=0)


def _draw_correlations(axes: Any, comparison: ModelComparison) -> None:
    for model, (style, _) in MODELS.items():
        course = comparison.courses.filter(pl.col("model") == model)
        axes.plot(course["week"], course["correlation"], color=style.colour, linestyle=style.line, linewidth=1.5)
    _title(axes, "Correlation with week 0", "Week", "Correlation of true CD4")
    axes.set_ylim(0, 1.02)
    _weeks(axes)


def _draw_pools(axes: Any, comparison: ModelComparison) -> None:
    weeks, below = comparison.pools["week"].to_numpy(), np.zeros(comparison.pools.height)
    for name, colour in PARTS.items():
        above = below + comparison.pools[name].to_numpy()
        axes.fill_between(weeks, below, above, color=colour, alpha=0.45, lw=0)
        if name != "activated":
            axes.text(48, (below[12] + above[12]) / 2.0, name, ha="center", va="center", color=INK)
        else:
            axes.text(48, above[12] + 4.0, name, ha="center", va="bottom", color=INK)
        below = above
    _title(axes, "What the count is made of (pools)", "Week", "Mean true CD4 (cells/uL)")
    axes.set_ylim(bottom=0)
    _weeks(axes)


def _draw_responses(axes: Any, comparison: ModelComparison) -> None:
    names = comparison.responses["definition"].unique(maintain_order=True).to_list()
    for offset, (model, (style, marker)) in zip((0.13, -0.13), MODELS.items(), strict=True):
        shares = comparison.responses.filter(pl.col("model") == model)
        places = len(names) - 1 - np.arange(len(names)) + offset
        percent = 100.0 * shares["share"].to_numpy()
        axes.plot(percent, places, linestyle="", marker=marker, markersize=5, color=style.colour)
        for at, place in zip(percent, places, strict=True):
            axes.text(at + 2.5, place, f"{at:.0f}", va="center", fontsize=8.0, color=style.colour)
    _title(axes, "'Response' without treatment", "% of enrolled participants", "")
    axes.grid(axis="x", color=GRID)
    axes.set(xlim=(0, 100), ylim=(-0.5, len(names) - 0.5), yticks=range(len(names)))
    axes.set_yticklabels([name.replace(", ", ",\n") for name in reversed(names)], fontsize=8.0)


def _draw_calibration(axes: Any, comparison: ModelComparison) -> None:
    agreement = comparison.parameters.agreement
    assert agreement is not None
    axes.set_title("Calibration (the first five are fitted)", loc="left", fontsize=9.0, fontweight="bold")
    axes.axis("off")
    rows = [
        (row["quantity"], _show(row["target"]), _show(row["reached"])) for row in agreement.iter_rows(named=True)
    ]
    for k, (name, target, reached) in enumerate([("", "target", "reached"), *rows]):
        height = 0.96 - 0.082 * k
        for place, text, side in ((0.0, name, "left"), (0.81, target, "right"), (1.0, reached, "right")):
            axes.text(place, height, text, transform=axes.transAxes, fontsize=7.5, va="center", ha=side)


def _show(value: float) -> str:
    # a residual of 1e-14 would read as if it said something
    return f"{round(value, 3) or 0.0:.4g}"
