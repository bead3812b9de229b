"""The course over the visits: means (or least-squares means) with intervals by arm, numbers below."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ...errors import EstimationFailed
from ...protocol.model.analyses import Figure as FigureSpec
from ...statistics.distributions import t_quantile
from ..language import Labels
from ..rounding import format_number
from ..tables.layout import confidence_label, endpoint_label, population_line
from ..tables.lookup import Lookup, Numbers
from ..typesetting import text_width, wrap_text
from .figure import Figure
from .style import GRID, WIDTH, CountRows, add_legend, arm_styles, drawing, inches, legend_height, render_svg

LABEL_SIZE = 8.5
_PLOT_HEIGHT = 3.0


@dataclass(frozen=True)
class _Point:
    visit: str
    day: float
    mean: float
    lower: float
    upper: float
    n: int


def plot_trajectory(name: str, spec: FigureSpec, lookup: Lookup, labels: Labels) -> Figure:
    """Draw the course of an item, change from baseline where the results have it.

    Raises EstimationFailed where fewer than two visits can be drawn.
    """
    result, say = lookup.result, labels.say
    parameter = lookup.parameters()[0] if spec.item is None else labels.context.parameter(spec.item)
    arms = [arm for arm in labels.arms if lookup.select(parameter=parameter, arm=arm)]
    is_model = any("estimate" in n for n in lookup.select(parameter=parameter, group="", versus=""))
    courses = {arm: _course(lookup, labels, parameter, arm, is_model=is_model) for arm in arms}
    courses = {arm: points for arm, points in courses.items() if points}
    days = sorted({p.day for points in courses.values() for p in points})
    if len(days) < 2:
        raise EstimationFailed(f"a course needs at least two visits with values; analysis {result.name} has fewer")
    visits = {p.day: p.visit for points in courses.values() for p in points}
    title = labels.parameter(parameter) if spec.title is None else spec.title.say(labels.language)
    styles = arm_styles(labels)
    rows = CountRows.of(list(courses), labels)
    left = max(rows.width, 0.9)
    below, above = rows.height + inches(38), legend_height(list(courses), labels) + inches(6)
    height = _PLOT_HEIGHT + below + above
    inside = WIDTH - left - 0.3
    with drawing(height) as canvas:
        axes = canvas.add_axes((left / WIDTH, below / height, inside / WIDTH, _PLOT_HEIGHT / height))
        positions = _positions(days, [visits[day] for day in days], inside)
        spread = 0.012 * (max(positions.values()) - min(positions.values()))
        for place, (arm, points) in enumerate(courses.items()):
            shift = spread * (place - (len(courses) - 1) / 2)
            _draw_course(axes, points, positions, shift, styles[arm])
        axes.axhline(0, color="#8a949e", linewidth=0.8, zorder=0)
        _label_visits(axes, positions, [visits[day] for day in days], inside)
        axis_label = wrap_text(_axis_label(lookup, labels, parameter, is_model=is_model), 72 * _PLOT_HEIGHT, 9.0)
        axes.set_ylabel("\n".join(axis_label))
        axes.grid(axis="y", color=GRID, linewidth=0.6)
        axes.set_axisbelow(True)
        add_legend(canvas, styles, list(courses), labels)
        numbers = [{positions[p.day]: p.n for p in points} for points in courses.values()]
        rows.write(canvas, axes, "n", below - inches(30), numbers)
        alt = _alt(title, courses, labels, parameter)
        svg = render_svg(canvas, name, title, alt)
    level = confidence_label(result, labels)
    kind = say("Least-squares means") if is_model else say("Means of the observed values")
    notes = (say("{kind} with {level}; n is the number of participants at the visit.", kind=kind, level=level),)
    return Figure(name, result.name, title, population_line(result, labels), svg, alt, notes)


def _course(lookup: Lookup, labels: Labels, parameter: str, arm: str, *, is_model: bool) -> list[_Point]:
    """Collect the points of one arm; at baseline a change is nought."""
    visits = labels.context.protocol.schedule.visits
    has_change = bool(lookup.select(parameter=parameter, arm=arm, group="summary=change"))
    points: list[_Point] = []
    for visit in filter(None, lookup.visits(parameter)):
        planned = labels.visit_id(visit)
        day = float(len(points)) if planned is None else float(visits[planned].target)
        if is_model:
            numbers = lookup.at(parameter, visit, arm)
            if numbers["estimate"] is not None:
                points.append(
                    _Point(
                        labels.visit(visit),
                        day,
                        numbers["estimate"],
                        numbers["lower"] or numbers["estimate"],
                        numbers["upper"] or numbers["estimate"],
                        int(numbers["n"] or 0),
                    )
                )
            continue
        value = lookup.at(parameter, visit, arm, group="summary=value")
        change = lookup.at(parameter, visit, arm, group="summary=change")
        if has_change and not change["n"] and not points and value["n"]:
            points.append(_Point(labels.say("Baseline"), day, 0.0, 0.0, 0.0, int(value["n"])))
            continue
        point = _mean_point(labels.visit(visit), day, change if has_change else value)
        if point is not None:
            points.append(point)
    return points


def _mean_point(visit: str, day: float, numbers: Numbers) -> _Point | None:
    mean, se, n = numbers["mean"], numbers["se"], int(numbers["n"] or 0)
    if mean is None:
        return None
    half = float(t_quantile(0.975, n - 1)) * se if se is not None and n > 1 else 0.0
    return _Point(visit, day, mean, mean - half, mean + half, n)


def _positions(days: Sequence[float], labels: Sequence[str], width: float) -> dict[float, float]:
    """Place visits on the axis of time; evenly where their labels would touch there."""
    scale = width / (days[-1] - days[0])
    roomy = all(
        (b - a) * scale > inches((text_width(x, LABEL_SIZE) + text_width(y, LABEL_SIZE)) / 2 + 8)
        for a, b, x, y in zip(days, days[1:], labels, labels[1:], strict=False)
    )
    return {day: day if roomy else float(place) for place, day in enumerate(days)}


def _draw_course(
    axes: Any, points: Sequence[_Point], positions: dict[float, float], shift: float, style: Any
) -> None:
    x = [positions[p.day] + shift for p in points]
    mean = [p.mean for p in points]
    bars = [[p.mean - p.lower for p in points], [p.upper - p.mean for p in points]]
    container = axes.errorbar(
        x,
        mean,
        yerr=bars,
        color=style.colour,
        linestyle=style.line,
        linewidth=1.5,
        marker=style.marker,
        markersize=5,
        elinewidth=0.9,
        capsize=2.5,
    )
    for line in container[2]:
        line.set_linestyle("-")


def _label_visits(axes: Any, positions: dict[float, float], labels: Sequence[str], width: float) -> None:
    """Name the visits below the axis, in two or three lines where one is too wide for its place."""
    places = list(positions.values())
    closest = min(b - a for a, b in pairwise(places))
    room = 72 * width * closest / ((places[-1] - places[0]) * 1.1)
    size = LABEL_SIZE if room > 30 else 7.5
    axes.set_xticks(places, ["\n".join(wrap_text(label, room - 4, size)) for label in labels], fontsize=size)


def _axis_label(lookup: Lookup, labels: Labels, parameter: str, *, is_model: bool) -> str:
    if is_model:
        return endpoint_label(lookup.result, labels)
    has_change = bool(lookup.select(parameter=parameter, group="summary=change"))
    item = labels.parameter(parameter)
    return (
        labels.say("{item}: {summary}", item=item, summary=labels.say("change from baseline"))
        if has_change
        else item
    )


def _alt(title: str, courses: dict[str, list[_Point]], labels: Labels, parameter: str) -> str:
    decimals = labels.decimals(parameter) + 1
    parts = [
        labels.say(
            "{arm}: {value} at {visit}",
            arm=labels.arm(arm),
            value=format_number(points[-1].mean, decimals),
            visit=points[-1].visit,
        )
        for arm, points in courses.items()
    ]
    return labels.say("Course of the means by visit. {title}. {parts}.", title=title, parts="; ".join(parts))
