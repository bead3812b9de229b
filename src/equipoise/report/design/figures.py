"""The pictures of a plan: power over size, and size over the assumptions."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from ...design.sensitivity import Assumed, planned_dropout
from ..figures.figure import Figure
from ..figures.style import GRID, SECONDARY, STYLES, WIDTH, drawing, inches, render_svg
from ..rounding import format_number
from ..typesetting import text_width, wrap_text
from .words import PlanWords

_HEIGHT = 3.4
_LEFT = 0.75
_LABEL = 8.5


def plot_power(words: PlanWords) -> Figure:
    """Draw the power for the claim over the number of participants, a curve for each scenario with an effect."""
    say, result = words.say, words.result
    labels = [words.scenario(curve.scenario) for curve in result.curves]
    title = say("Power by number of participants")
    with _plot(labels, first=1) as (canvas, axes):
        for place, curve in enumerate(result.curves):
            style = STYLES[(place + 1) % len(STYLES)]
            axes.plot(curve.participants, curve.power, color=style.colour, linestyle=style.line, linewidth=1.7)
        axes.axhline(result.power, color=SECONDARY, linewidth=0.9, linestyle=(0, (1.5, 2)))
        axes.axvline(result.participants, color=SECONDARY, linewidth=0.9, linestyle=(0, (1.5, 2)))
        last = max(curve.participants[-1] for curve in result.curves)
        _mark(axes, result.participants, last, say("planned: {n}", n=result.participants))
        axes.set(xlim=(0, last), ylim=(0, 1.02))
        axes.set_xlabel(say("Participants in all arms"))
        axes.set_ylabel(say("Power for {claim}", claim=words.claim) if len(result.arms) > 1 else say("Power"))
        _percent(axes)
        at = {
            words.scenario(one.scenario): words.power(
                _claimed(words, one.power.each, one.power.any_arm, one.power.all_arms)
            )
            for one in result.scenarios
            if any(curve.scenario == one.scenario for curve in result.curves)
        }
        parts = say("; ").join(f"{name}: {power}" for name, power in at.items())
        alt = say("Curves of power over participants. With {n}: {parts}.", n=result.participants, parts=parts)
        svg = render_svg(canvas, "power", title, alt)
    notes = (say("Dotted: the power asked for, and the number of participants planned."),)
    return Figure("power", "", title, "", svg, alt, notes)


def _claimed(words: PlanWords, each: Sequence[float], some: float, all_arms: float) -> float:
    effects = words.result.planned.effects
    counted = [one for one, arm in zip(each, words.result.arms, strict=True) if effects[arm]]
    return {"each": min(counted or each), "any": some, "all": all_arms}[words.result.claim]


def plot_sensitivity(words: PlanWords) -> Figure | None:
    """Draw the size that the power asks for over one assumption, a curve for each value of another."""
    say, result = words.say, words.result
    if not result.grid:
        return None
    axis, group, fixed = _roles(words)
    lines: dict[float | None, list[tuple[float, float]]] = {}
    for cell in result.grid:
        x, of = getattr(cell.assumed, axis), getattr(cell.assumed, group)
        if (
            x is not None
            and cell.participants is not None
            and fixed.get(_other(axis, group)) == getattr(cell.assumed, _other(axis, group))
        ):
            lines.setdefault(of, []).append((x, cell.participants))
    lines = {of: sorted(points) for of, points in lines.items() if len(points) > 1}
    if not lines:
        return None
    names = {"effect": words.measure, "sd": say("Standard deviation"), "dropout": say("Dropout")}
    labels = [_label(words, group, of) for of in lines]
    title = say("Participants that a power of {power} asks for", power=words.percent(result.power))
    with _plot(labels) as (canvas, axes):
        for place, points in enumerate(lines.values()):
            style = STYLES[place % len(STYLES)]
            xs, ys = zip(*points, strict=True)
            axes.plot(
                xs, ys, color=style.colour, linestyle=style.line, marker=style.marker, markersize=5, linewidth=1.5
            )
        axes.axhline(result.participants, color=SECONDARY, linewidth=0.9, linestyle=(0, (1.5, 2)))
        top = 1.08 * max(result.participants, *(y for points in lines.values() for _, y in points))
        axes.set(ylim=(0, top))
        axes.set_xlabel(names[axis])
        axes.set_ylabel(say("Participants in all arms"))
        axes.grid(axis="y", color=GRID, linewidth=0.6)
        axes.set_axisbelow(True)
        parts = say("; ").join(
            say(
                "{label}: {first} to {last}",
                label=label,
                first=words.number(points[0][1]),
                last=words.number(points[-1][1]),
            )
            for label, points in zip(labels, lines.values(), strict=True)
        )
        alt = say("Size over {axis}, a curve each. {parts}.", axis=names[axis], parts=parts)
        svg = render_svg(canvas, "sensitivity", title, alt)
    notes = [say("Dotted: the {n} participants that are planned.", n=result.participants)]
    third = _other(axis, group)
    if fixed.get(third) is not None:
        notes.append(_label(words, third, fixed[third]) + say("."))
    return Figure("sensitivity", "", title, "", svg, alt, tuple(notes))


def _roles(words: PlanWords) -> tuple[str, str, Mapping[str, float | None]]:
    """Choose what stands on the axis, what makes the curves, and the value, near the planned, of the third."""
    values = {
        name: list(dict.fromkeys(getattr(cell.assumed, name) for cell in words.result.grid))
        for name in Assumed.__dataclass_fields__
    }
    order = sorted(values, key=lambda name: (-min(len(values[name]), 2), list(values).index(name)))
    planned = planned_dropout(words.protocol, words.result.scenario)
    wanted = {
        "effect": max((abs(one) for one in words.result.planned.effects.values()), default=None),
        "sd": words.result.model.sd,
        "dropout": planned[0] if planned is not None else None,
    }
    held = {}
    for name, of in values.items():
        given = [one for one in of if one is not None]
        aim = wanted[name]
        held[name] = (
            None if not given else min(given, key=lambda one: abs(abs(one) - (aim if aim is not None else one)))
        )
    return order[0], order[1], held


def _other(axis: str, group: str) -> str:
    return next(name for name in Assumed.__dataclass_fields__ if name not in (axis, group))


def _label(words: PlanWords, name: str, value: float | None) -> str:
    if value is None:
        return words.say("as planned")
    if name == "effect":
        return words.say("effect {value}", value=words.effect_with_unit(value))
    if name == "dropout":
        return words.say("Dropout {share}", share=words.percent(value))
    return words.say("standard deviation {value}", value=format_number(value, 1))


@contextmanager
def _plot(labels: Sequence[str], first: int = 0) -> Iterator[tuple[Any, Any]]:
    """Give a figure with one plot and, above it, a legend of curves, the styles from `first` on."""
    from matplotlib.lines import Line2D

    lines = [wrap_text(label, 430.0, _LABEL) for label in labels]
    above = inches(14.0 * sum(len(one) for one in lines) + 14)
    below = inches(40)
    height = _HEIGHT + above + below
    handles = []
    for place, one in enumerate(lines):
        style = STYLES[(place + first) % len(STYLES)]
        handles.append(
            Line2D([], [], color=style.colour, linestyle=style.line, linewidth=1.7, label="\n".join(one))
        )
    with drawing(height) as canvas:
        inside = WIDTH - _LEFT - 0.3
        axes = canvas.add_axes((_LEFT / WIDTH, below / height, inside / WIDTH, _HEIGHT / height))
        canvas.legend(
            handles=handles,
            loc="upper left",
            borderaxespad=0.3,
            handlelength=3.2,
            fontsize=_LABEL,
            labelspacing=0.25,
        )
        yield canvas, axes


def _percent(axes: Any) -> None:
    axes.set_yticks([0, 0.2, 0.4, 0.6, 0.8, 1.0], ["0%", "20%", "40%", "60%", "80%", "100%"])
    axes.grid(axis="y", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)


def _mark(axes: Any, x: float, last: float, text: str) -> None:
    """Write what a vertical line is, on the side where there is room."""
    right = x + text_width(text, _LABEL) / 72 / (WIDTH - _LEFT - 0.3) * last < 0.98 * last
    axes.text(
        x + (0.008 if right else -0.008) * last, 0.03, text, ha="left" if right else "right", fontsize=_LABEL
    )
