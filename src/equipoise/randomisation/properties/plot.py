"""A picture of schemes side by side: imbalance over time, imbalance against predictability, size of analyses."""

from typing import Any

import polars as pl

from equipoise.randomisation.properties.comparison import SchemeComparison
from equipoise.statistics.drawing import GRID, SECONDARY, STYLES, LineStyle, drawing, render_svg

_MARKERS = "osD^vP*X"


def plot_schemes(comparison: SchemeComparison, *, title: str = "Schemes of randomisation") -> str:
    """Draw a comparison of schemes and return the picture as SVG text; the same comparison gives the same text.

    Left: mean imbalance of the trial over the participants so far. Middle: the largest imbalance over time
    against the share of correct guesses, filled for the convergence strategy, hollow for one who knows the
    method; the nearer to the lower left corner the better. Right: size of each analysis under the null
    hypothesis, with 95% Monte Carlo intervals.
    """
    labels = comparison.summary["scheme"].unique(maintain_order=True).to_list()
    looks = {name: (STYLES[at % len(STYLES)], _MARKERS[at % len(_MARKERS)]) for at, name in enumerate(labels)}
    with drawing(11.0, 4.6) as figure:
        courses, trade, sizes = figure.subplots(1, 3)
        for name, (style, marker) in looks.items():
            _draw_course(courses, comparison, name, style)
            _draw_trade(trade, comparison, name, style.colour, marker)
        _draw_sizes(sizes, comparison, looks)
        courses.set(xlabel="Participants so far", ylabel="Imbalance, mean", xlim=(1, comparison.participants))
        trade.set(xlabel="Correct guesses (share)", ylabel="Largest imbalance, mean")
        for axes in (courses, trade, sizes):
            axes.grid(color=GRID)
        trade.set_ylim(bottom=0.0)
        courses.set_ylim(bottom=0.0)
        figure.legend(*_keys(looks), loc="outside lower center", ncols=min(4, len(labels)))
        figure.suptitle(title)
        return render_svg(figure, title, _describe(comparison, labels))


def _draw_course(axes: Any, comparison: SchemeComparison, name: str, style: LineStyle) -> None:
    course = comparison.imbalance.filter((pl.col("scheme") == name) & (pl.col("scope") == "trial"))
    axes.plot(course["participants"], course["mean"], color=style.colour, ls=style.line, lw=1.4)


def _draw_trade(axes: Any, comparison: SchemeComparison, name: str, colour: str, marker: str) -> None:
    guesses = [comparison.value(name, which) for which in ("correct guesses", "best guesses")]
    height = comparison.value(name, "largest imbalance")
    axes.plot(guesses, [height, height], color=colour, lw=0.8)
    for guessed, filled in zip(reversed(guesses), ("white", colour), strict=True):
        axes.plot([guessed], [height], marker=marker, color=colour, mfc=filled, ls="none", ms=8)


def _draw_sizes(axes: Any, comparison: SchemeComparison, looks: dict[str, tuple[LineStyle, str]]) -> None:
    table = comparison.summary.filter(pl.col("property").str.starts_with("size, "))
    analyses = table["property"].unique(maintain_order=True).to_list()
    axes.axvline(comparison.alpha, color=SECONDARY, lw=0.8, ls=":")
    for place, analysis in enumerate(analyses):
        for at, (name, (style, marker)) in enumerate(looks.items()):
            row = table.filter((pl.col("property") == analysis) & (pl.col("scheme") == name))
            height = place + 0.7 * (at + 0.5) / len(looks) - 0.35
            axes.errorbar(
                row["value"], [height], xerr=1.96 * row["error"], color=style.colour, marker=marker, ms=4, lw=0.8
            )
    axes.set(yticks=range(len(analyses)), yticklabels=[name.removeprefix("size, ") for name in analyses])
    axes.set(xlabel="Size under no difference", xlim=(0.0, None))
    axes.invert_yaxis()


def _keys(looks: dict[str, tuple[LineStyle, str]]) -> tuple[list[Any], list[str]]:
    from matplotlib.lines import Line2D

    keys = [
        Line2D([], [], color=style.colour, ls=style.line, marker=marker, lw=1.4)
        for style, marker in looks.values()
    ]
    return keys, list(looks)


def _describe(comparison: SchemeComparison, labels: list[str]) -> str:
    said = [
        f"{name}: largest imbalance {comparison.value(name, 'largest imbalance'):.2f}, "
        f"correct guesses {comparison.value(name, 'correct guesses'):.3f}"
        for name in labels
    ]
    return f"{comparison.trials} trials of {comparison.participants} participants. " + "; ".join(said) + "."
