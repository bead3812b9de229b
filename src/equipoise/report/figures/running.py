"""Figures of a running trial, which know no arms: accrual, the courses of participants, the values of each site.

Everybody is drawn alike, in the order of time or of participants, so that a drawing is the same whatever the arms
are (ICH E6(R3) 3.11.4, central monitoring; 3.16.1, the blind).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from statistics import median
from typing import Any

from .figure import Figure
from .style import GRID, SECONDARY, STYLES, WIDTH, add_keys, drawing, inches, keys_height, render_svg

Say = Callable[..., str]
"""Says a phrase in the language of the reader."""
MOST_LINES = 300
"""Participants of whom each has a line of their own; of more, only medians and quartiles are drawn."""
_HEIGHT = 3.2


def plot_accrual(screened: Sequence[date], randomised: Sequence[date], planned: int | None, say: Say) -> Figure:
    """Draw how many were screened and randomised by day, against the number planned."""
    title = say("Accrual")
    shown = [(say("screened"), sorted(screened), STYLES[1]), (say("randomised"), sorted(randomised), STYLES[2])]
    alt = say(
        "Accrual: {screened} screened, {randomised} randomised, {planned} planned.",
        screened=len(screened),
        randomised=len(randomised),
        planned=planned or say("no number"),
    )
    keys = [(name, style) for name, _, style in shown]
    above = keys_height([name for name, _ in keys]) + inches(6)
    height = _HEIGHT + above + inches(34)
    with drawing(height) as canvas:
        axes = _axes(canvas, height, above)
        for _, days, style in shown:
            if days:
                counts = range(1, len(days) + 1)
                axes.step(days, counts, where="post", color=style.colour, linestyle=style.line, linewidth=1.6)
        if planned is not None:
            axes.axhline(planned, color=SECONDARY, linewidth=1.0, linestyle=(0, (2, 2)))
            axes.annotate(
                say("planned: {number}", number=planned),
                (0.01, planned),
                xycoords=("axes fraction", "data"),
                xytext=(0, 3),
                textcoords="offset points",
                color=SECONDARY,
            )
        _label_days(axes, [*screened, *randomised])
        axes.set_ylim(bottom=0)
        axes.set_ylabel(say("participants"))
        add_keys(canvas, keys)
        svg = render_svg(canvas, "accrual", title, alt)
    return Figure("accrual", "", title, "", svg, alt)


def plot_courses(courses: Mapping[str, Sequence[tuple[float, float]]], item: str, unit: str, say: Say) -> Figure:
    """Draw the course of an item over the study weeks, a line a participant, all alike; and the median by week.

    courses: by participant, the weeks since day 1 and the values.
    """
    title = say("{item}: courses of all participants", item=item)
    by_week: dict[int, list[float]] = {}
    for points in courses.values():
        for week, value in points:
            by_week.setdefault(round(week), []).append(value)
    weeks = [week for week in sorted(by_week) if len(by_week[week]) >= _enough(courses)]
    middle = [median(by_week[week]) for week in weeks]
    alt = say(
        "{item} of {people} participants over time. Medians: {medians}.",
        item=item,
        people=len(courses),
        medians="; ".join(
            say("week {week}: {value}", week=week, value=f"{value:.4g}")
            for week, value in zip(weeks, middle, strict=True)
        )
        or "–",
    )
    keys = [(say("median"), STYLES[0])]
    above = keys_height([name for name, _ in keys]) + inches(6)
    height = _HEIGHT + above + inches(40)
    with drawing(height) as canvas:
        axes = _axes(canvas, height, above)
        if len(courses) <= MOST_LINES:
            for points in courses.values():
                x, y = zip(*points, strict=True) if points else ((), ())
                axes.plot(x, y, color=STYLES[1].colour, linewidth=0.6, alpha=0.45)
        else:
            low, high = zip(*(_quartiles(by_week[week]) for week in weeks), strict=True) if weeks else ((), ())
            axes.fill_between(weeks, low, high, color=STYLES[1].colour, alpha=0.2, linewidth=0)
        axes.plot(weeks, middle, color=STYLES[0].colour, marker=STYLES[0].marker, markersize=4, linewidth=1.8)
        axes.set_xlabel(say("weeks since day 1"))
        axes.set_ylabel(f"{item} ({unit})" if unit else item)
        add_keys(canvas, keys)
        svg = render_svg(canvas, "courses", title, alt)
    return Figure("courses", "", title, "", svg, alt)


def plot_sites(values: Mapping[str, Sequence[float]], item: str, unit: str, say: Say) -> Figure:
    """Draw all values of an item at each site: quartiles as a box, the values that lie apart as points."""
    title = say("{item}: values by site", item=item)
    filled = {site: sorted(found) for site, found in values.items() if found}
    alt = say(
        "{item} by site: {sites}.",
        item=item,
        sites="; ".join(
            say("{site}: {number} values, median {value}", site=site, number=len(v), value=f"{median(v):.4g}")
            for site, v in filled.items()
        )
        or "–",
    )
    height = _HEIGHT + inches(40)
    with drawing(height) as canvas:
        axes = _axes(canvas, height, inches(10))
        if filled:
            line = {"color": STYLES[1].colour}
            axes.boxplot(
                list(filled.values()),
                tick_labels=list(filled),
                boxprops=line,
                whiskerprops=line,
                capprops=line,
                medianprops={"color": STYLES[0].colour, "linewidth": 1.6},
                flierprops={"marker": ".", "markersize": 4, "markeredgecolor": STYLES[1].colour},
            )
        axes.set_xlabel(say("site"))
        axes.set_ylabel(f"{item} ({unit})" if unit else item)
        svg = render_svg(canvas, "sites", title, alt)
    return Figure("sites", "", title, "", svg, alt)


def _enough(courses: Mapping[str, object]) -> int:
    """Return of how many values a median is drawn: a tenth of the participants, at least three."""
    return max(3, len(courses) // 10)


def _quartiles(values: Sequence[float]) -> tuple[float, float]:
    ordered = sorted(values)
    return ordered[len(ordered) // 4], ordered[3 * len(ordered) // 4]


def _axes(canvas: Any, height: float, above: float) -> Any:
    below, left = inches(40), 0.75
    axes = canvas.add_axes(
        (left / WIDTH, below / height, (WIDTH - left - 0.3) / WIDTH, 1 - (below + above) / height)
    )
    axes.grid(axis="y", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    return axes


def _label_days(axes: Any, days: Sequence[date]) -> None:
    """Name at most seven days below the axis, evenly spaced from the first to the last."""
    first, last = (min(days), max(days)) if days else (date(1970, 1, 1), date(1970, 1, 1))
    length = max((last - first).days, 1)
    ticks = dict.fromkeys(first + timedelta(days=length * step // 6) for step in range(7))
    axes.set_xlim(first, first + timedelta(days=length))
    axes.set_xticks(list(ticks), [day.isoformat() for day in ticks])
    axes.get_xticklabels()[-1].set_horizontalalignment("right")  # centred, it would be cut off at the edge
