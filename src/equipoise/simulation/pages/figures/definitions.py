"""What each definition of a response measures: who responds, what the test concludes, and changes within arms."""

from collections.abc import Callable

from ....report.figures.figure import Figure
from ....report.figures.style import STYLES, styles_of_arms
from ...analyses import Place
from ..words import Words
from .dots import Dot, DotPlot, Line, Mark, Panel, draw_dots
from .power import level_marks

PATTERNS = {
    "any_active_arm": "At least one active arm p < 0.001",
    "all_active_arms_and_not_control": "Every active arm p < 0.001, the control p ≥ 0.05",
}
"""What several changes within arms may say together, and how it is called."""


def plot_responders(words: Words) -> Figure | None:
    """Draw the share of participants who respond, by definition and arm, a panel a scenario."""
    say, found, styles = words.say, words.found, styles_of_arms(words.protocol)
    names = words.analyses.definitions

    def dots_of(scenario: str, row: int, name: str) -> list[Dot]:
        dots = []
        for place in (p for p in found.of(name) if p.arm and not p.versus):
            share = found.at(scenario, place, "mean_estimate")
            if share is not None:
                low, high = max(share.value - share.spread, 0.0), min(share.value + share.spread, 1.0)
                dots.append(Dot(row, place.arm, share.value, low, high))
        return dots

    panels = _panels(words, dots_of, say("Share of participants who respond"), published_marks(words))
    if panels is None:
        return None
    shown = {d.series for panel in panels for d in panel.dots}
    series = {arm: (words.arm(arm), styles[arm]) for arm in styles if arm in shown}
    title = say("Who responds by each definition")
    rows = tuple(Line(words.analysis(name)) for name in names)
    alt = say(
        "Dots with bars, a panel a scenario and a row a definition. {parts}.",
        parts=_told(words, names, lambda p: bool(p.arm) and not p.versus, "mean_estimate"),
    )
    svg = draw_dots("responders", title, DotPlot(rows, panels, series), alt, words.partial)
    notes = [
        say("Dots: mean share over the trials; bars: ± one standard deviation between trials of this size."),
    ]
    if published_marks(words):
        notes.append(say("Dotted lines: shares that were published, not simulated."))
    notes.append(
        say(
            "Read off, first under no effect: all that responds there responds by noise, drift and selection "
            "alone; only what lies right of it under another scenario is owed to the treatment."
        )
    )
    return Figure("responders", "", title, words.partial, svg, alt, tuple(notes))


def plot_definition_tests(words: Words) -> Figure | None:
    """Draw how often the test of each definition is significant, a panel a scenario."""
    say, found, styles = words.say, words.found, styles_of_arms(words.protocol)
    names = words.analyses.definitions

    def dots_of(scenario: str, row: int, name: str) -> list[Dot]:
        dots = []
        for place in found.comparisons(name):
            share = found.at(scenario, place, "rejected")
            if share is not None:
                dots.append(Dot(row, place.arm, share.value, *share.share_limits))
        return dots

    panels = _panels(
        words, dots_of, say("Share of trials with p < {alpha}", alpha=f"{words.alpha:g}"), level_marks(words)
    )
    if panels is None:
        return None
    places = [place for name in names for place in found.comparisons(name)]
    series = {place.arm: (words.comparison(place), styles[place.arm]) for place in places}
    title = say("What the test of each definition concludes")
    rows = tuple(Line(words.analysis(name)) for name in names)
    alt = say(
        "Dots with bars, a panel a scenario and a row a definition. {parts}.",
        parts=_told(words, names, lambda p: bool(p.arm and p.versus), "rejected"),
    )
    svg = draw_dots("definition-tests", title, DotPlot(rows, panels, series), alt, words.partial)
    notes = (
        say(
            "Times to a response: log-rank test; responses at a visit: Fisher's exact test. Not adjusted for arms."
        ),
        say("Bars: 95% Monte Carlo interval (Wilson)."),
        say(
            "Read off: under no effect the size of the test, which should not exceed the significance level; "
            "under an effect its power."
        ),
    )
    return Figure("definition-tests", "", title, words.partial, svg, alt, notes)


def plot_within_arms(words: Words, name: str, visit: str) -> Figure | None:
    """Draw how often the change within each arm is significant, though nothing is compared."""
    say, found = words.say, words.found
    places = [p for p in found.of(name) if p.arm and not p.versus and p.visit == visit]
    family = Place(name, visit)
    lines = [Line(words.arm(place.arm)) for place in places]
    kept = [(s, say(label)) for s, label in PATTERNS.items() if s in found.statistics(family)]
    usual, strict = list[Dot](), list[Dot]()
    for scenario in found.scenarios:
        for row, place in enumerate(places):
            for dots, statistic in ((usual, "rejected"), (strict, "p_below_0.001")):
                share = found.at(scenario, place, statistic)
                if share is not None:
                    dots.append(Dot(row, scenario, share.value, *share.share_limits))
        for row, (statistic, _) in enumerate(kept, start=len(places)):
            share = found.at(scenario, family, statistic)
            if share is not None:
                strict.append(Dot(row, scenario, share.value, *share.share_limits))
    if not strict or not usual:
        return None
    rows = (*lines, *(Line(label) for _, label in kept))
    axis = say("Share of trials")
    panels = (
        Panel(say("p < {alpha} within the arm", alpha=f"{words.alpha:g}"), axis, tuple(usual), limits=(0, 1)),
        Panel(say("p < 0.001 within the arm"), axis, tuple(strict), limits=(0, 1)),
    )
    series = {s: (words.scenario(s), STYLES[k % len(STYLES)]) for k, s in enumerate(found.scenarios)}
    title = say("Significant changes within an arm, at {visit}", visit=words.visit(visit))
    told = [
        say("{what}, {where}", what=words.scenario(s), where=f"{words.arm(p.arm)} {words.percent(q.value)}")
        for s in found.scenarios
        for p in places
        if (q := found.at(s, p, "p_below_0.001")) is not None
    ]
    alt = say("Dots with bars, two panels. p < 0.001: {parts}.", parts=say("; ").join(told))
    svg = draw_dots("within-arms", title, DotPlot(rows, panels, series, 150), alt, words.partial)
    notes = (
        say("Bars: 95% Monte Carlo interval (Wilson)."),
        say(
            "Read off, first under no effect: how often an arm changes significantly from its own baseline "
            "though no arm differs from another."
        ),
    )
    return Figure("within-arms", "", title, words.partial, svg, alt, notes)


def published_marks(words: Words) -> tuple[Mark, ...]:
    """Return a line for each share that was published."""
    plan = words.protocol.design
    if plan is None or plan.reported is None:
        return ()
    styles = styles_of_arms(words.protocol)
    return tuple(
        Mark(
            share,
            words.say("Published, {arm}: {share}", arm=words.arm(arm), share=words.percent(share)),
            styles[arm].colour,
        )
        for arm, share in plan.reported.shares.items()
    )


def _panels(
    words: Words, dots_of: Callable[[str, int, str], list[Dot]], axis: str, marks: tuple[Mark, ...]
) -> tuple[Panel, ...] | None:
    """Make a panel of each scenario, no effect first; None where nothing was found."""
    panels = []
    for scenario in nothing_first(words):
        dots = [d for row, name in enumerate(words.analyses.definitions) for d in dots_of(scenario, row, name)]
        if dots:
            panels.append(Panel(words.scenario(scenario), axis, tuple(dots), marks, limits=(0, 1)))
    return tuple(panels) or None


def nothing_first(words: Words) -> tuple[str, ...]:
    """Return the scenarios, those without an effect first."""
    return tuple(sorted(words.found.scenarios, key=lambda name: not words.is_null(name)))


def _told(words: Words, names: tuple[str, ...], wanted: Callable[[Place], bool], statistic: str) -> str:
    parts = []
    for scenario in nothing_first(words):
        for name in names:
            shown = [
                words.say("{who} {share}", who=words.comparison(place), share=words.percent(quantity.value))
                for place in words.found.of(name)
                if wanted(place) and (quantity := words.found.at(scenario, place, statistic)) is not None
            ]
            who = words.say("{what}, {where}", what=words.scenario(scenario), where=words.analysis(name))
            parts.append(words.say("{who}: {what}", who=who, what=words.say(", ").join(shown)))
    return words.say("; ").join(parts)
