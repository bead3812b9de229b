"""The dot plot of adverse events: share of participants by arm, and risk difference with its interval.

Laid out as in Amit, Heiberger and Lane (Pharm Stat 2008;7:20): terms down, shares left, differences from the
control right, the largest difference on top. Intervals are Newcombe's (1998, method 10), of the counts in the
results.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import EstimationFailed
from ...protocol.model.analyses import Figure as FigureSpec
from ...statistics.categorical import risk_difference
from ..language import Labels
from ..rounding import format_percent
from ..tables.layout import population_line
from ..tables.lookup import Lookup
from ..typesetting import text_width, wrap_text
from .figure import Figure
from .style import SECONDARY, WIDTH, add_legend, arm_styles, drawing, inches, legend_height, render_svg

MOST_TERMS = 20
_ARM_ROW = 6.5
LABEL_SIZE = 8.0
_TOP, _BOTTOM = 10.0, 42.0
_LABEL_WIDTH = 165.0


@dataclass(frozen=True)
class _Term:
    """A term with percent by arm, and difference with limits (in percent) of each arm from the control."""

    label: str
    percent: dict[str, float]
    difference: dict[str, tuple[float, float, float]]

    @property
    def largest(self) -> float:
        """The largest difference, by which terms are ordered; the largest share where there is no control."""
        if self.difference:
            return max(d for d, _, _ in self.difference.values())
        return max(self.percent.values())


def plot_adverse_events(name: str, spec: FigureSpec, lookup: Lookup, labels: Labels) -> Figure:
    """Draw the terms with the highest shares; EstimationFailed where there are no events."""
    result, say = lookup.result, labels.say
    arms = [arm for arm in labels.arms if lookup.select(arm=arm)]
    control = labels.context.protocol.control
    versus = labels.context.arm_labels[control] if control is not None and len(arms) > 1 else None
    terms = _terms(lookup, arms, versus)
    if not terms:
        raise EstimationFailed(f"analysis {result.name} has no adverse events to draw")
    title = say("Adverse events") if spec.title is None else spec.title.say(labels.language)
    styles = arm_styles(labels)
    lines = [wrap_text(term.label, _LABEL_WIDTH, LABEL_SIZE) for term in terms]
    row = max(18.0, _ARM_ROW * (len(arms) + 0.6))
    height = legend_height(arms, labels) + inches(_TOP + _BOTTOM + row * len(terms))
    left = inches(12 + max(text_width(line, LABEL_SIZE) for part in lines for line in part))
    inside = WIDTH - left - 0.2
    share = 0.48 if versus is not None else 1.0
    with drawing(height) as canvas:
        bottom, tall = inches(_BOTTOM) / height, inches(row * len(terms)) / height
        axes = canvas.add_axes((left / WIDTH, bottom, inside * share / WIDTH, tall))
        _draw_percent(axes, terms, arms, styles)
        axes.set_yticks(range(len(terms)), ["\n".join(part) for part in lines], fontsize=LABEL_SIZE)
        axes.set_xlabel(say("Participants (%)"))
        if versus is not None:
            other = canvas.add_axes(
                ((left + inside * (share + 0.04)) / WIDTH, bottom, inside * 0.48 / WIDTH, tall)
            )
            _draw_difference(other, terms, [arm for arm in arms if arm != versus], styles)
            other.set_yticks(range(len(terms)), [])
            other.set_xlabel(say("Difference from {versus} (percentage points)", versus=labels.arm(versus)))
            other.axvline(0, color=SECONDARY, linewidth=0.9, zorder=0)
        add_legend(canvas, styles, arms, labels)
        alt = _alt(title, terms, labels)
        svg = render_svg(canvas, name, title, alt)
    notes = [say("The {n} terms with the highest share in any arm.", n=len(terms))]
    if versus is not None:
        notes.append(
            say("Bars: 95% intervals of the difference (Newcombe); not adjusted for the number of terms.")
        )
    return Figure(name, result.name, title, population_line(result, labels), svg, alt, tuple(notes))


def _terms(lookup: Lookup, arms: Sequence[str], versus: str | None) -> list[_Term]:
    groups = dict.fromkeys(n.reference.group for n in lookup if "term" in n.group)
    below = {arm: int(lookup.at(arm=arm)["n"] or 0) for arm in arms}
    counts: dict[str, dict[str, int]] = {}
    for group in groups:
        label = lookup.select(group=group)[0].group["term"]
        counts[label] = {arm: int(lookup.at(arm=arm, group=group)["count"] or 0) for arm in arms if below[arm]}
    shares = {label: max(c / below[arm] for arm, c in of.items()) for label, of in counts.items()}
    chosen = sorted(shares, key=lambda label: (-shares[label], label))[:MOST_TERMS]
    terms = [
        _Term(
            label,
            {arm: 100 * c / below[arm] for arm, c in counts[label].items()},
            {} if versus is None else _differences(counts[label], below, versus),
        )
        for label in chosen
        if shares[label] > 0
    ]
    return sorted(terms, key=lambda term: (-term.largest, term.label))


def _differences(
    counts: dict[str, int], below: dict[str, int], versus: str
) -> dict[str, tuple[float, float, float]]:
    found = {}
    for arm, count in counts.items():
        if arm != versus and versus in counts:
            table = np.array([[counts[versus], below[versus] - counts[versus]], [count, below[arm] - count]])
            row = risk_difference(table, method="newcombe").estimates.row(0, named=True)
            found[arm] = (100 * row["estimate"], 100 * row["lower"], 100 * row["upper"])
    return found


def _stripes(axes: Any, terms: Sequence[_Term]) -> None:
    axes.set_ylim(len(terms) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    for place in range(0, len(terms), 2):
        axes.axhspan(place - 0.5, place + 0.5, color="#f2f5f8", linewidth=0, zorder=-1)
    axes.grid(axis="x", color="#dde3e8", linewidth=0.6)
    axes.set_axisbelow(True)


def _offsets(arms: Sequence[str]) -> dict[str, float]:
    """Set the arms of a term apart, so that equal values do not hide each other."""
    return {arm: 0.72 / len(arms) * (place - (len(arms) - 1) / 2) for place, arm in enumerate(arms)}


def _draw_percent(axes: Any, terms: Sequence[_Term], arms: Sequence[str], styles: Any) -> None:
    _stripes(axes, terms)
    for arm, offset in _offsets(arms).items():
        x = [term.percent.get(arm, 0.0) for term in terms]
        y = [place + offset for place in range(len(terms))]
        axes.plot(
            x,
            y,
            linestyle="none",
            marker=styles[arm].marker,
            markersize=4.5,
            color=styles[arm].colour,
            clip_on=False,
        )
    highest = max(p for term in terms for p in term.percent.values())
    axes.set_xlim(-0.03 * highest, 1.04 * highest)


def _draw_difference(axes: Any, terms: Sequence[_Term], arms: Sequence[str], styles: Any) -> None:
    _stripes(axes, terms)
    for arm, offset in _offsets(arms).items():
        style = styles[arm]
        for place, term in enumerate(terms):
            if arm in term.difference:
                value, lower, upper = term.difference[arm]
                y = place + offset
                axes.plot([lower, upper], [y, y], color=style.colour, linewidth=1.1)
                axes.plot([value], [y], color=style.colour, marker=style.marker, markersize=4.5)


def _alt(title: str, terms: Sequence[_Term], labels: Labels) -> str:
    parts = [
        f"{term.label} {', '.join(f'{labels.arm(a)} {format_percent(p)}' for a, p in term.percent.items())}"
        for term in terms[:5]
    ]
    return labels.say("Dot plot of adverse events. {title}. On top: {parts}.", title=title, parts="; ".join(parts))
