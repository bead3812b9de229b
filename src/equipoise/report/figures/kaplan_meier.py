"""Kaplan-Meier curves: steps, censoring ticks, confidence bands, numbers at risk aligned below, the test's p."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from ...errors import EstimationFailed
from ...protocol.model.analyses import Figure as FigureSpec
from ..language import Labels
from ..rounding import format_p_equation
from ..tables.layout import endpoint_of, population_line
from ..tables.lookup import Lookup
from ..tables.survival import TESTS, time_unit
from .figure import Figure
from .style import GRID, WIDTH, CountRows, add_legend, arm_styles, drawing, inches, legend_height, render_svg

FEWEST_TICKS, MOST_TICKS = 5, 11
_PLOT_HEIGHT = 3.2


def plot_kaplan_meier(name: str, spec: FigureSpec, lookup: Lookup, labels: Labels) -> Figure:
    """Draw the curves of a Kaplan-Meier analysis; EstimationFailed where it has none."""
    result, say = lookup.result, labels.say
    curve = result.curves.get("survival")
    if curve is None or curve.is_empty():
        raise EstimationFailed(f"analysis {result.name} has no curves to draw")
    seen = set(curve["arm"])
    arms = [arm for arm in labels.arms if arm in seen]
    ticks, at_risk = _at_risk(lookup, arms, curve)
    endpoint = endpoint_of(result, labels)
    unit = say(time_unit("d" if endpoint is None else endpoint.unit))
    title = lookup.result.name if spec.title is None else spec.title.say(labels.language)
    styles = arm_styles(labels)
    test = _test(lookup, labels)
    rows = CountRows.of(arms, labels)
    left = max(rows.width, 0.8)
    below = rows.height + inches(50)
    above = legend_height(arms, labels) + inches(20)
    height = _PLOT_HEIGHT + below + above
    with drawing(height) as canvas:
        box = (left / WIDTH, below / height, (WIDTH - left - 0.25) / WIDTH, _PLOT_HEIGHT / height)
        axes = canvas.add_axes(box)
        for arm in arms:
            _draw_curve(axes, curve.filter(pl.col("arm") == arm), styles[arm])
        axes.set_ylim(0, 1.03)
        axes.set_xlim(0, max(ticks[-1], _last(curve)) * 1.02)
        axes.set_xticks(ticks)
        axes.set_yticks([0, 0.2, 0.4, 0.6, 0.8, 1.0], ["0", "20", "40", "60", "80", "100"])
        axes.set_ylabel(say("Without event (%)"))
        axes.set_xlabel(say("Time ({unit})", unit=unit))
        axes.grid(axis="y", color=GRID, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.set_title(test, loc="right", fontsize=9, fontweight="normal")
        add_legend(canvas, styles, arms, labels)
        rows.write(canvas, axes, say("At risk"), below - inches(42), at_risk)
        alt = _alt(title, arms, lookup, labels, test)
        svg = render_svg(canvas, name, title, alt)
    notes = (say("Shaded: pointwise confidence intervals. Ticks: censored participants."),)
    return Figure(name, result.name, title, population_line(result, labels), svg, alt, notes)


def _draw_curve(axes: Any, part: pl.DataFrame, style: Any) -> None:
    times = [0.0, *part["time"]]
    survival = [1.0, *part["survival"]]
    axes.step(times, survival, where="post", color=style.colour, linestyle=style.line, linewidth=1.5)
    lower, upper = ([1.0, *part[c].fill_null(strategy="forward").fill_null(1.0)] for c in ("lower", "upper"))
    axes.fill_between(times, lower, upper, step="post", color=style.colour, alpha=0.12, linewidth=0)
    censored = part.filter(pl.col("censored") > 0)
    axes.plot(
        censored["time"],
        censored["survival"],
        linestyle="none",
        marker="|",
        markersize=6,
        color=style.colour,
        markeredgewidth=0.9,
    )


def _last(curve: pl.DataFrame) -> float:
    return float(max(curve["time"].to_list()))


def _at_risk(
    lookup: Lookup, arms: Sequence[str], curve: pl.DataFrame
) -> tuple[list[float], list[dict[float, int]]]:
    """Return times and numbers at risk by arm: those of the results, else counted from the records."""
    rows = lookup.select(keys={"time"}, having="at_risk")
    times = sorted({float(n.group["time"]) for n in rows})
    if len(times) >= FEWEST_TICKS:
        step = -(-len(times) // MOST_TICKS)
        found = {(n.reference.arm, float(n.group["time"])): int(n["at_risk"] or 0) for n in rows}
        everyone = {(arm, 0.0): int(lookup.at(lookup.parameters()[0], arm=arm)["n"] or 0) for arm in arms}
        found, times = {**everyone, **found}, sorted({0.0, *times[::step]})
        return times, [{t: found.get((arm, t), 0) for t in times} for arm in arms]
    from matplotlib.ticker import MaxNLocator

    last = _last(curve)
    times = [float(t) for t in MaxNLocator(8).tick_values(0, last) if 0 <= t <= last * 1.001]
    records = lookup.result.records.with_columns(pl.col("arm").cast(pl.String))
    return times, [
        {t: records.filter((pl.col("arm") == arm) & (pl.col("time") >= t)).height for t in times} for arm in arms
    ]


def _test(lookup: Lookup, labels: Labels) -> str:
    overall = lookup.at(lookup.parameters()[0])
    if overall["p"] is None:
        return ""
    name = labels.say(TESTS.get(getattr(lookup.result.spec, "test", ""), "Test"))
    return f"{name}: {format_p_equation(overall['p'])}"


def _alt(title: str, arms: Sequence[str], lookup: Lookup, labels: Labels, test: str) -> str:
    say, parts = labels.say, []
    for arm in arms:
        numbers = lookup.at(lookup.parameters()[0], arm=arm)
        parts.append(
            say(
                "{arm}: {events} events among {n}",
                arm=labels.arm(arm),
                events=int(numbers["events"] or 0),
                n=int(numbers["n"] or 0),
            )
        )
    return say(
        "Kaplan-Meier curves. {title}. {parts}. {test}", title=title, parts="; ".join(parts), test=test
    ).strip()
