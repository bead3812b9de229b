"""Estimates of the planned analysis against the truth, and how often intervals cover it."""

import math

from ....report.figures.figure import Figure
from ....report.figures.style import SECONDARY, STYLES, ArmStyle
from ...analyses import Place
from ..characteristics import LEVEL, Z
from ..words import Words
from .dots import Dot, DotPlot, Line, Mark, Panel, draw_dots

TRUTH, ESTIMATE = "truth", "estimate"


def plot_estimates(words: Words) -> Figure | None:
    """Draw, for each comparison of the planned analysis, truth and estimates beside the bias."""
    name, say, found = words.planned, words.say, words.found
    if name is None:
        return None
    rows, spreads, biases, parts = list[Line](), list[Dot](), list[Dot](), list[str]()
    measure = words.measure(name)
    for scenario in found.scenarios:
        known = [p for p in found.comparisons(name) if found.at(scenario, p, "truth") is not None]
        if not known:
            continue
        rows.append(Line(words.scenario(scenario), heading=True))
        for place in known:
            mean, truth = found.at(scenario, place, "mean_estimate"), found.at(scenario, place, "truth")
            bias, spread = found.at(scenario, place, "bias"), found.at(scenario, place, "empirical_se")
            if mean is None or truth is None or bias is None or spread is None:
                continue
            row, by = len(rows), measure.factor
            rows.append(Line(words.comparison(place)))
            spreads.append(
                Dot(
                    row,
                    ESTIMATE,
                    mean.value * by,
                    (mean.value - spread.value) * by,
                    (mean.value + spread.value) * by,
                )
            )
            spreads.append(Dot(row, TRUTH, truth.value * by))
            low, high = bias.limits
            biases.append(Dot(row, ESTIMATE, bias.value * by, low * by, high * by))
            parts.append(
                say(
                    "{scenario}, {who}: truth {truth}, bias {bias}",
                    scenario=words.scenario(scenario),
                    who=words.comparison(place),
                    truth=measure.write(truth.value),
                    bias=measure.write(bias.value, 1),
                )
            )
    if not biases:
        return None
    nought = (Mark(0.0, "", SECONDARY),)
    unit = f" ({measure.unit})" if measure.unit else ""
    panels = (
        Panel(say("Estimates and truth"), say("Difference") + unit, tuple(spreads), nought, percent=False),
        Panel(say("Bias"), say("Bias") + unit, tuple(biases), nought, percent=False),
    )
    series = {
        ESTIMATE: (say("Mean estimate; bar: ± the standard deviation of the estimates"), STYLES[1]),
        TRUTH: (say("Truth"), ArmStyle("#d55e00", "", "D")),
    }
    title = say("Estimates against the truth: {analysis}", analysis=words.analysis(name))
    alt = say("Dots with bars, two panels. {parts}.", parts=say("; ").join(parts))
    svg = draw_dots("estimates", title, DotPlot(tuple(rows), panels, series, 150), alt, words.partial)
    notes = (
        say("Right: bias with its 95% Monte Carlo interval; an interval that holds 0 shows no bias."),
        say(
            "Read off: how far a single trial's estimate may lie from the truth, and whether their mean does too."
        ),
    )
    return Figure("estimates", "", title, words.partial, svg, alt, notes)


def plot_coverage(words: Words) -> Figure | None:
    """Draw how often the intervals of every analysis cover the truth, beside what chance alone would give."""
    say, found = words.say, words.found
    rows, dots, parts = list[Line](), list[Dot](), list[str]()
    styles = {s: STYLES[k % len(STYLES)] for k, s in enumerate(found.scenarios)}
    trials = []
    for name in words.analyses.names:
        covered = [p for p in found.of(name) if "coverage" in found.statistics(p)]
        if not covered:
            continue
        rows.append(Line(words.analysis(name), heading=True))
        for place in covered:
            shown = []
            for scenario in found.scenarios:
                quantity = found.at(scenario, place, "coverage")
                if quantity is not None:
                    dots.append(Dot(len(rows), scenario, quantity.value))
                    trials.append(quantity.trials)
                    shown.append(words.percent(quantity.value))
            rows.append(Line(_label(words, place)))
            who = say("{what}, {where}", what=words.analysis(name), where=_label(words, place))
            parts.append(say("{who}: {what}", who=who, what=say(", ").join(shown)))
    if not dots:
        return None
    half = Z * math.sqrt(LEVEL * (1 - LEVEL) / min(trials))
    band = (LEVEL - half, LEVEL + half)
    limits = (min(0.9, *(d.value for d in dots)), 1.0)
    level = Mark(LEVEL, say("Level of the intervals: {level}", level=words.level(LEVEL)))
    panel = Panel(
        "", say("Share of trials whose interval covers the truth"), tuple(dots), (level,), band, True, limits
    )
    series = {s: (words.scenario(s), style) for s, style in styles.items()}
    title = say("Coverage of the confidence intervals")
    alt = say("Dots, a row a comparison and a mark a scenario. {parts}.", parts=say("; ").join(parts))
    svg = draw_dots("coverage", title, DotPlot(tuple(rows), (panel,), series, 250, 4.5), alt, words.partial)
    notes = (
        say(
            "Shaded: {interval}, where a share of {trials} trials falls in 95 of 100 cases if the true coverage "
            "is {level}.",
            interval=words.between(band),
            trials=words.count(min(trials)),
            level=words.level(LEVEL),
        ),
        say("Read off: dots left of the band are intervals that promise more than they keep."),
    )
    return Figure("coverage", "", title, words.partial, svg, alt, notes)


def _label(words: Words, place: Place) -> str:
    who = words.comparison(place)
    several = len({p.visit for p in words.found.of(place.analysis) if p.visit}) > 1
    return words.say("{what}, {where}", what=who, where=words.visit(place.visit)) if several else who
