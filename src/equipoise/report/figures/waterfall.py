"""The waterfall: the change of every participant as a bar, sorted, an arm a panel on one scale."""

from typing import Any

import polars as pl

from ...errors import EstimationFailed
from ...protocol.model.analyses import Figure as FigureSpec
from ..language import Labels
from ..rounding import format_number
from ..tables.layout import endpoint_label, population_line
from ..tables.lookup import Lookup
from ..typesetting import wrap_text
from .figure import Figure
from .style import GRID, INK, WIDTH, arm_styles, drawing, inches, render_svg

_PLOT_HEIGHT = 2.5
_LEFT, _GAP, _BOTTOM = 0.75, 0.18, 0.55
TITLE_SIZE = 9.0


def plot_waterfall(name: str, spec: FigureSpec, lookup: Lookup, labels: Labels) -> Figure:
    """Draw the outcome of each participant at the last visit of the estimand, filled values in a lighter tone.

    Raises EstimationFailed where the records hold no change.
    """
    result, say = lookup.result, labels.say
    records = _changes(lookup)
    arms = [arm for arm in labels.arms if (records["arm"] == arm).any()]
    if not arms:
        raise EstimationFailed(f"analysis {result.name} has no change of single participants to draw")
    title = result.name if spec.title is None else spec.title.say(labels.language)
    styles = arm_styles(labels)
    low, high = min(0.0, *records["outcome"]), max(0.0, *records["outcome"])
    pad = 0.04 * (high - low or 1.0)
    panel = (WIDTH - _LEFT - 0.15 - _GAP * (len(arms) - 1)) / len(arms)
    filled_any = bool(records["filled"].any())
    parts = {
        arm: records.filter(pl.col("arm") == arm).sort("outcome", descending=True, maintain_order=True)
        for arm in arms
    }
    headings = [
        wrap_text(f"{labels.arm(arm)} (n={part.height})", panel * 72 - 4, TITLE_SIZE * 1.1)
        for arm, part in parts.items()
    ]
    height = _BOTTOM + _PLOT_HEIGHT + inches(12.5 * max(len(heading) for heading in headings) + 10)
    with drawing(height) as canvas:
        for place, (arm, part) in enumerate(parts.items()):
            left = (_LEFT + place * (panel + _GAP)) / WIDTH
            box = (left, _BOTTOM / height, panel / WIDTH, _PLOT_HEIGHT / height)
            axes = canvas.add_axes(box)
            _draw_panel(axes, part, styles[arm].colour)
            axes.set_ylim(low - pad, high + pad)
            axes.set_xticks([])
            axes.set_title("\n".join(headings[place]), fontsize=TITLE_SIZE)
            if place:
                axes.set_yticklabels([])
            else:
                axes.set_ylabel("\n".join(wrap_text(endpoint_label(result, labels), 72 * _PLOT_HEIGHT, 9.0)))
        middle = (_LEFT + (WIDTH - _LEFT - 0.15) / 2) / WIDTH
        canvas.text(middle, 0.25 / height, say("Participants, sorted by change"), ha="center")
        alt = _alt(title, records, arms, lookup, labels)
        svg = render_svg(canvas, name, title, alt)
    notes = (say("One bar a participant. Light bars: values that were filled in, not observed at the visit."),)
    return Figure(name, result.name, title, population_line(result, labels), svg, alt, notes if filled_any else ())


def _changes(lookup: Lookup) -> pl.DataFrame:
    """Return `arm`, `outcome`, `filled` of each participant at the last visit."""
    records = lookup.result.records
    if "outcome" not in records.columns or "visit" not in records.columns:
        return pl.DataFrame(schema={"arm": pl.String, "outcome": pl.Float64, "filled": pl.Boolean})
    last = records["visit"].to_list()[-1] if records.height else None
    handled = pl.col("handled") != "observed" if "handled" in records.columns else pl.lit(False)
    return (
        records.filter(pl.col("visit") == last)
        .drop_nulls("outcome")
        .select(pl.col("arm").cast(pl.String), "outcome", handled.fill_null(False).alias("filled"))
    )


def _draw_panel(axes: Any, part: pl.DataFrame, colour: str) -> None:
    from matplotlib.collections import PolyCollection

    for filled, alpha in ((False, 0.95), (True, 0.4)):
        bars = [
            [(i - 0.42, 0.0), (i - 0.42, height), (i + 0.42, height), (i + 0.42, 0.0)]
            for i, (height, flag) in enumerate(zip(part["outcome"], part["filled"], strict=True))
            if flag == filled
        ]
        axes.add_collection(PolyCollection(bars, facecolor=colour, alpha=alpha, linewidth=0))
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.spines["bottom"].set_visible(False)
    axes.grid(axis="y", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_xlim(-0.8, part.height - 0.2)


def _alt(title: str, records: pl.DataFrame, arms: list[str], lookup: Lookup, labels: Labels) -> str:
    decimals = labels.decimals(lookup.parameters()[0])
    parts = []
    for arm in arms:
        part = records.filter(pl.col("arm") == arm)["outcome"]
        parts.append(
            labels.say(
                "{arm}: {n} participants, from {low} to {high}",
                arm=labels.arm(arm),
                n=part.len(),
                low=format_number(_number(part.min()), decimals),
                high=format_number(_number(part.max()), decimals),
            )
        )
    return labels.say("Waterfall plot. {title}. {parts}.", title=title, parts="; ".join(parts))


def _number(value: Any) -> float:
    return float(value)
