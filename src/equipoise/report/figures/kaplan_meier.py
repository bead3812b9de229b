"""Kaplan-Meier curves: steps, censoring ticks, confidence bands, numbers at risk aligned below, the test's p."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from ...errors import EstimationFailed
from ...protocol.model.analyses import Figure as FigureSpec
from ..language import Labels
from ..rounding import format_p
from ..tables.layout import endpoint_of, population_line
from ..tables.lookup import Lookup
from ..tables.survival import time_unit
from ..typesetting import text_width
from .figure import Figure
from .style import WIDTH, add_legend, arm_styles, drawing, inches, render_svg

MOST_TICKS = 11
ROW = 15.0
LABEL_SIZE = 8.5


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
    left = max(inches(max(text_width(labels.arm(arm), LABEL_SIZE) for arm in arms) + 26), 0.8)
    below = inches(ROW * (len(arms) + 1) + 46)
    height = 3.5 + below
    with drawing(height) as canvas:
        axes = canvas.add_axes(
            (left / WIDTH, below / height, (WIDTH - left - 0.25) / WIDTH, (3.5 - 0.25) / height)
        )
        for arm in arms:
            _draw_curve(axes, curve.filter(pl.col("arm") == arm), styles[arm])
        axes.set_ylim(0, 1.03)
        axes.set_xlim(0, max(ticks[-1], _last(curve)) * 1.02)
        axes.set_xticks(ticks)
        axes.set_yticks([0, 0.2, 0.4, 0.6, 0.8, 1.0], ["0", "20", "40", "60", "80", "100"])
        axes.set_ylabel(say("Without event (%)"))
        axes.set_xlabel(say("Time ({unit})", unit=unit))
        axes.grid(axis="y", color="#e6eaee", linewidth=0.6)
        axes.set_axisbelow(True)
        where = "upper right" if _mean_survival(curve) < 0.6 else "lower left"
        add_legend(axes, styles, arms, labels, loc=where)
        if test:
            corner = (0.02, 0.04) if where == "upper right" else (0.98, 0.04)
            align = "left" if where == "upper right" else "right"
            axes.text(*corner, test, transform=axes.transAxes, ha=align, va="bottom")
        _draw_at_risk(canvas, axes, arms, ticks, at_risk, styles, labels, height, below)
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


def _mean_survival(curve: pl.DataFrame) -> float:
    """Return the mean height of the curves over their last half, which tells where there is room for words."""
    half = _last(curve) / 2
    last = curve.filter(pl.col("time") >= half)["survival"].mean()
    return float(last) if isinstance(last, float) else 1.0


def _at_risk(lookup: Lookup, arms: Sequence[str], curve: pl.DataFrame) -> tuple[list[float], dict[str, list[int]]]:
    """Return times and numbers at risk by arm: those of the results, else counted from the records."""
    rows = lookup.select(keys={"time"}, having="at_risk")
    times = sorted({float(n.group["time"]) for n in rows})
    if len(times) >= 2:
        step = -(-len(times) // MOST_TICKS)
        times = times[::step]
        found = {(n.reference.arm, float(n.group["time"])): int(n["at_risk"] or 0) for n in rows}
        return times, {arm: [found.get((arm, t), 0) for t in times] for arm in arms}
    from matplotlib.ticker import MaxNLocator

    last = _last(curve)
    times = [float(t) for t in MaxNLocator(8).tick_values(0, last) if 0 <= t <= last * 1.001]
    records = lookup.result.records.with_columns(pl.col("arm").cast(pl.String))
    return times, {
        arm: [records.filter((pl.col("arm") == arm) & (pl.col("time") >= t)).height for t in times] for arm in arms
    }


def _draw_at_risk(
    canvas: Any,
    axes: Any,
    arms: Sequence[str],
    ticks: Sequence[float],
    at_risk: dict[str, list[int]],
    styles: Any,
    labels: Labels,
    height: float,
    below: float,
) -> None:
    """Write the table of numbers at risk below the axis, a row an arm, each number under its time."""
    from matplotlib.transforms import blended_transform_factory

    under = blended_transform_factory(axes.transData, canvas.transFigure)
    top = (below - inches(44)) / height
    step = inches(ROW) / height
    canvas.text(inches(8) / WIDTH, top, labels.say("At risk"), fontsize=LABEL_SIZE, fontweight="bold", va="center")
    for place, arm in enumerate(arms, start=1):
        y = top - place * step
        canvas.text(
            inches(8) / WIDTH, y, labels.arm(arm), fontsize=LABEL_SIZE, va="center", color=styles[arm].colour
        )
        for tick, number in zip(ticks, at_risk[arm], strict=True):
            axes.text(
                tick, y, str(number), transform=under, fontsize=LABEL_SIZE, ha="center", va="center", clip_on=False
            )


def _test(lookup: Lookup, labels: Labels) -> str:
    overall = lookup.at(lookup.parameters()[0])
    if overall["p"] is None:
        return ""
    kind = {
        "log-rank": "Log-rank test",
        "gehan-breslow": "Gehan-Breslow test",
        "fleming-harrington": "Fleming-Harrington test",
    }
    name = labels.say(kind.get(getattr(lookup.result.spec, "test", ""), "Test"))
    p = format_p(overall["p"])
    return f"{name}: p {p[0]} {p[1:]}" if p[0] in "<>" else f"{name}: p = {p}"


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
