"""The forest plot: the comparison in all participants and within subgroups, with intervals and numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...errors import EstimationFailed
from ...protocol.model.analyses import Figure as FigureSpec
from ..language import Labels
from ..rounding import format_count, format_interval, format_number, format_p_equation
from ..tables.layout import confidence_label, endpoint_label, endpoint_of, outcome_decimals, population_line
from ..tables.lookup import Lookup, Numbers
from ..typesetting import shorten, text_width
from .figure import Figure
from .style import SECONDARY, WIDTH, add_legend, arm_styles, drawing, inches, legend_height, render_svg

ROW = 16.0
LABEL_SIZE = 8.5
_TOP, _BOTTOM = 30.0, 52.0
_LABEL_WIDTH = 150.0


@dataclass(frozen=True)
class _Line:
    """A line of the plot: its label, indent, and the comparison it shows (None for a heading).

    `spoken` is the label with everything that the eye takes from the lines above and the legend.
    """

    label: str
    indent: int = 0
    numbers: Numbers | None = None
    counts: str = ""
    bold: bool = False
    spoken: str = ""


def plot_forest(name: str, spec: FigureSpec, lookup: Lookup, labels: Labels) -> Figure:
    """Draw differences (or hazard ratios, on a logarithmic axis) of an analysis with subgroups.

    Raises EstimationFailed where the analysis compares no arms.
    """
    result, say = lookup.result, labels.say
    statistic = "hazard_ratio" if any("hazard_ratio" in n for n in lookup) else "estimate"
    lines = _lines(lookup, labels, statistic)
    drawn = [line.numbers for line in lines if line.numbers is not None]
    if not drawn:
        raise EstimationFailed(f"analysis {result.name} compares no arms, so there is nothing for a forest plot")
    ratio = statistic == "hazard_ratio"
    decimals = 2 if ratio else outcome_decimals(result, labels, drawn[0].reference.parameter) + 1
    texts = [_effect(numbers, statistic, decimals) for numbers in drawn]
    title = result.name if spec.title is None else spec.title.say(labels.language)
    interval = confidence_label(result, labels)
    heads = (say("n, each arm"), f"{say('Hazard ratio') if ratio else say('Difference')} ({interval})")
    label_width = max(
        text_width(line.label, LABEL_SIZE) * (1.1 if line.bold else 1) + 12 * line.indent for line in lines
    )
    counts_width = max(text_width(t, LABEL_SIZE) for t in (heads[0], *(line.counts for line in lines)))
    effect_width = max(text_width(t, LABEL_SIZE) for t in (heads[1], *texts)) * 1.06
    styles = arm_styles(labels)
    arms = list(dict.fromkeys(n.reference.arm for n in drawn))
    height = legend_height(arms, labels) + inches(_TOP + _BOTTOM + ROW * len(lines))
    left = inches(8 + label_width + 14 + counts_width + 16)
    right = inches(effect_width + 18)
    with drawing(height) as canvas:
        box = (
            left / WIDTH,
            inches(_BOTTOM) / height,
            (WIDTH - left - right) / WIDTH,
            inches(ROW * len(lines)) / height,
        )
        axes = canvas.add_axes(box)
        axes.set_ylim(len(lines) - 0.5, -0.5)
        if ratio:
            axes.set_xscale("log")
        _draw_lines(axes, lines, statistic, styles)
        axes.axvline(1.0 if ratio else 0.0, color=SECONDARY, linewidth=0.9, zorder=0)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        _ticks(axes, drawn, ratio=ratio)
        axes.set_xlabel(say("Hazard ratio") if ratio else say("Difference"))
        _write(canvas, axes, lines, texts, heads, height, left, right, counts_width)
        _write_sides(canvas, lookup, labels, height, left, right, ratio=ratio)
        add_legend(canvas, styles, arms, labels)
        alt = _alt(title, lines, texts, labels)
        svg = render_svg(canvas, name, title, alt)
    notes = (say("Subgroups are exploratory; p-values are not adjusted for their number."),)
    return Figure(name, result.name, title, _population(lookup, labels), svg, alt, notes)


def _population(lookup: Lookup, labels: Labels) -> str:
    what = endpoint_label(lookup.result, labels)
    line = population_line(lookup.result, labels)
    return f"{line}; {what}" if what else line


def _lines(lookup: Lookup, labels: Labels, statistic: str) -> list[_Line]:
    """List the lines: all participants first, then each variable with its levels and the interaction."""
    say = labels.say
    versuses = lookup.comparisons()
    against = versuses[0][1] if versuses else ""
    found = [n for n in lookup if n.reference.versus == against and statistic in n and n["lower"] is not None]
    last_visit = found[-1].reference.visit if found else ""
    found = [n for n in found if n.reference.visit == last_visit]
    lines = [_Line(say("All participants"), bold=True)]
    lines += _of_level(lookup, labels, [n for n in found if not n.reference.group])
    inside = [n for n in found if len(n.group) == 1]
    for variable in dict.fromkeys(next(iter(n.group)) for n in inside):
        of_variable = [n for n in inside if variable in n.group]
        parameter = of_variable[0].reference.parameter
        test = lookup.at(parameter, last_visit, group=f"model=interaction;by={variable}")
        p = f" ({say('interaction')}: {format_p_equation(test['p'])})" if test["p"] is not None else ""
        name = shorten(labels.variable(variable), _LABEL_WIDTH, LABEL_SIZE)
        lines.append(_Line(f"{name}{p}", bold=True))
        for group in dict.fromkeys(n.reference.group for n in of_variable):
            of_level = [n for n in of_variable if n.reference.group == group]
            lines += _of_level(lookup, labels, of_level, labels.level(variable, of_level[0].group[variable]))
    return lines if found else []


def _of_level(lookup: Lookup, labels: Labels, found: Sequence[Numbers], level: str = "") -> list[_Line]:
    """Make a line for each arm compared; the level stands on the first, the legend tells the arms."""
    lines: list[_Line] = []
    for numbers in found:
        place = numbers.reference
        own, other = (
            lookup.at(place.parameter, place.visit, arm, group=place.group)["n"]
            for arm in (place.arm, place.versus)
        )
        counts = f"{format_count(own)} / {format_count(other)}" if own is not None else ""
        arm = labels.arm(place.arm)
        label = (level if not lines else "") if level else arm
        label = shorten(label, _LABEL_WIDTH, LABEL_SIZE)
        lines.append(_Line(label, 1, numbers, counts, spoken=f"{level}, {arm}" if level else arm))
    return lines


def _effect(numbers: Numbers, statistic: str, decimals: int) -> str:
    interval = format_interval(numbers["lower"], numbers["upper"], decimals)
    return f"{format_number(numbers[statistic], decimals)} {interval}"


def _draw_lines(axes: Any, lines: Sequence[_Line], statistic: str, styles: Any) -> None:
    for place, line in enumerate(lines):
        if line.numbers is None:
            continue
        style = styles[line.numbers.reference.arm]
        value = line.numbers[statistic]
        axes.plot(
            [line.numbers["lower"], line.numbers["upper"]], [place, place], color=style.colour, linewidth=1.4
        )
        axes.plot([value], [place], color=style.colour, marker=style.marker, markersize=6)


def _ticks(axes: Any, drawn: Sequence[Numbers], *, ratio: bool) -> None:
    """Cover every interval and the line of no difference, and label a few round numbers."""
    from matplotlib.ticker import FixedLocator, MaxNLocator, NullFormatter, NullLocator

    null = 1.0 if ratio else 0.0
    low = min([null, *(n["lower"] for n in drawn if n["lower"] is not None)])
    high = max([null, *(n["upper"] for n in drawn if n["upper"] is not None)])
    if not ratio:
        pad = 0.04 * (high - low)
        axes.set_xlim(low - pad, high + pad)
        axes.xaxis.set_major_locator(MaxNLocator(6))
        return
    low, high = max(low, 1e-3), min(high, 1e3)
    ticks = [
        t for t in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100) if low / 1.3 <= t <= high * 1.3
    ]
    axes.set_xlim(low / 1.12, high * 1.12)
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xticklabels([f"{t:g}" for t in ticks])


def _write(
    canvas: Any,
    axes: Any,
    lines: Sequence[_Line],
    texts: Sequence[str],
    heads: tuple[str, str],
    height: float,
    left: float,
    right: float,
    counts_width: float,
) -> None:
    """Write labels and counts left of the plot and the numbers right of it."""
    from matplotlib.transforms import blended_transform_factory

    beside = blended_transform_factory(canvas.transFigure, axes.transData)
    counts_x = (left - inches(16 + counts_width / 2)) / WIDTH
    effect_x = (WIDTH - right + inches(10)) / WIDTH
    above = axes.get_position().y1 + inches(10) / height
    canvas.text(counts_x, above, heads[0], fontsize=LABEL_SIZE, ha="center", fontweight="bold")
    canvas.text(effect_x, above, heads[1], fontsize=LABEL_SIZE, fontweight="bold")
    shown = iter(texts)
    for place, line in enumerate(lines):
        weight = "bold" if line.bold else "normal"
        axes.text(
            inches(8 + 12 * line.indent) / WIDTH,
            place,
            line.label,
            transform=beside,
            va="center",
            fontsize=LABEL_SIZE,
            fontweight=weight,
        )
        if line.numbers is not None:
            axes.text(
                counts_x, place, line.counts, transform=beside, ha="center", va="center", fontsize=LABEL_SIZE
            )
            axes.text(effect_x, place, next(shown), transform=beside, va="center", fontsize=LABEL_SIZE)


def _write_sides(
    canvas: Any, lookup: Lookup, labels: Labels, height: float, left: float, right: float, *, ratio: bool
) -> None:
    """Say below the axis which side favours whom, where the estimand says what is better."""
    endpoint = endpoint_of(lookup.result, labels)
    if endpoint is None or endpoint.better is None:
        return
    versus = labels.arm(lookup.comparisons()[0][1])
    treatment = (
        labels.say("treatment")
        if len({a for a, _ in lookup.comparisons()}) > 1
        else labels.arm(lookup.comparisons()[0][0])
    )
    right_is_treatment = (endpoint.better == "higher") != ratio
    sides = (versus, treatment) if right_is_treatment else (treatment, versus)
    y, middle = inches(8) / height, (left + WIDTH - right) / 2
    for side, text, x, room in (
        ("right", labels.say("← favours {arm}", arm=sides[0]), middle - inches(8), middle - inches(16)),
        ("left", labels.say("favours {arm} →", arm=sides[1]), middle + inches(8), WIDTH - middle - inches(16)),
    ):
        canvas.text(x / WIDTH, y, shorten(text, 72 * room, 8.0), fontsize=8, ha=side)


def _alt(title: str, lines: Sequence[_Line], texts: Sequence[str], labels: Labels) -> str:
    shown = iter(texts)
    parts = [f"{line.spoken}: {next(shown)}" for line in lines if line.numbers is not None]
    return labels.say("Forest plot. {title}. {parts}.", title=title, parts="; ".join(parts))
