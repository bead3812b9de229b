"""Tipping points: the comparison along the deltas added to imputed values, a panel for each arm compared."""

from typing import Any

import polars as pl

from ...errors import EstimationFailed
from ...protocol.model.analyses import Figure as FigureSpec
from ..language import Labels
from ..language.tipping import say_tipping_points
from ..rounding import format_number, format_p
from ..tables.layout import asked_visits, endpoint_label, outcome_decimals, population_line
from ..tables.lookup import Lookup, Numbers
from ..typesetting import wrap_text
from .figure import Figure
from .style import GRID, WIDTH, arm_styles, drawing, inches, render_svg

_LEFT, _GAP, _UPPER, _LOWER = 0.95, 0.75, 2.3, 1.5
_GREY = "#5b6770"
_SMALLEST_P = 1e-5


def plot_tipping_points(name: str, spec: FigureSpec, lookup: Lookup, labels: Labels) -> Figure:
    """Draw estimate with interval, and p below it, against delta; the tipping delta is marked.

    Raises EstimationFailed where no comparison has imputed values that a delta could change.
    """
    result, say = lookup.result, labels.say
    parameter = lookup.parameters()[0]
    visit = asked_visits(lookup, labels, parameter)[-1]
    curves = result.curves.get("deltas", pl.DataFrame(schema={"visit": pl.String, "arm": pl.String}))
    panels = [
        (arm, versus, curve)
        for arm, versus in lookup.comparisons()
        if (curve := curves.filter(pl.col("visit") == visit, pl.col("arm") == arm)).height
    ]
    if not panels:
        raise EstimationFailed(f"no arm of {result.name} has imputed values at {visit} that a delta could change")
    title = say("Tipping point") if spec.title is None else spec.title.say(labels.language)
    width = (WIDTH - _LEFT - 0.15 - _GAP * (len(panels) - 1)) / len(panels)
    below, above, between = inches(42), inches(34), 0.2
    height = below + _LOWER + between + _UPPER + above
    styles = arm_styles(labels)
    with drawing(height) as canvas:
        shared: list[Any] = [None, None]
        for place, (arm, versus, curve) in enumerate(panels):
            left = (_LEFT + place * (width + _GAP)) / WIDTH
            upper = canvas.add_axes(
                (left, (below + _LOWER + between) / height, width / WIDTH, _UPPER / height), sharey=shared[0]
            )
            lower = canvas.add_axes((left, below / height, width / WIDTH, _LOWER / height), sharey=shared[1])
            shared = [upper, lower]
            tipping = lookup.at(parameter, visit, arm, versus, "tipping=delta")
            _draw_panel(upper, lower, curve, tipping, styles[arm].colour, labels, lookup)
            who = say("{arm} against {versus}", arm=labels.arm(arm), versus=labels.arm(versus))
            upper.set_title("\n".join(wrap_text(who, 72 * width, 9.5)), fontsize=9.5, loc="left")
            if place == 0:
                what = endpoint_label(result, labels)
                upper.set_ylabel("\n".join(wrap_text(say("Difference, {what}", what=what), 72 * _UPPER, 9.0)))
                lower.set_ylabel(say("p-value"))
            lower.set_xlabel("\n".join(wrap_text(say("Delta added to imputed values"), 72 * width, 9.0)))
        alt = say(
            "Tipping points. {title}. {parts}", title=title, parts=" ".join(say_tipping_points(lookup, labels))
        )
        svg = render_svg(canvas, name, title, alt)
    notes = (
        *say_tipping_points(lookup, labels),
        say("Band: interval at the level of the comparison. Dotted: the delta at which the conclusion changes."),
    )
    return Figure(name, result.name, title, population_line(result, labels), svg, alt, notes)


def _draw_panel(
    upper: Any, lower: Any, curve: pl.DataFrame, tipping: Numbers, colour: str, labels: Labels, lookup: Lookup
) -> None:
    """Draw one comparison: the difference with its interval above, p below."""
    delta, p = curve["delta"], curve["p"].to_numpy()
    upper.fill_between(delta, curve["lower"], curve["upper"], color=colour, alpha=0.18, linewidth=0)
    upper.plot(delta, curve["estimate"], color=colour, linewidth=1.6)
    upper.axhline(0, color=_GREY, linewidth=0.8)
    lower.plot(delta, p, color=colour, linewidth=1.6)
    lower.set_yscale("log")
    # the ticks are written as plain numbers: 0.01, 0.1, 1
    lower.yaxis.set_major_formatter("{x:g}")
    lower.yaxis.set_minor_formatter("")
    level = tipping["level"]
    lower.set_ylim(max(min(float(p.min()), level or 1.0) / 1.8, _SMALLEST_P), 1)
    if level is not None:
        lower.axhline(level, color=_GREY, linewidth=0.8, linestyle=(0, (4, 3)))
        lower.text(delta[0], level, f" {format_p(level)}", va="bottom", fontsize=8)
    if tipping["delta"] is not None:
        decimals = outcome_decimals(lookup.result, labels, tipping.reference.parameter) + 1
        for axes in (upper, lower):
            axes.axvline(tipping["delta"], color="black", linewidth=1.0, linestyle=(0, (1, 2)))
        text = format_number(tipping["delta"], decimals)
        upper.annotate(f" {text}", (tipping["delta"], 1), xycoords=("data", "axes fraction"), va="top", fontsize=8)
    upper.tick_params(labelbottom=False)
    for axes in (upper, lower):
        axes.set_xlim(delta[0], delta[-1])
        axes.grid(axis="y", color=GRID, linewidth=0.6)
        axes.set_axisbelow(True)
