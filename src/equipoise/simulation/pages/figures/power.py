"""How often the planned analysis, and each other one, finds a difference, under every scenario."""

from ....report.figures.figure import Figure
from ....report.figures.style import STYLES, ArmStyle, styles_of_arms
from ...analyses import Place
from ..words import Words
from .dots import Dot, DotPlot, Line, Mark, Panel, draw_dots

ANY = "any"
ANY_STYLE = STYLES[3]


def plot_power(words: Words) -> Figure | None:
    """Draw how often the planned analysis finds a difference under each scenario, with the power asked for."""
    name = words.planned
    if name is None:
        return None
    say, found = words.say, words.found
    places = [*found.against_control(name), *_families(words, name)]
    dots = tuple(
        dot
        for row, scenario in enumerate(found.scenarios)
        for place in places
        if (dot := _dot(words, scenario, place, row)) is not None
    )
    if not dots:
        return None
    panel = Panel(
        "", say("Share of trials with a significant difference"), dots, level_marks(words), limits=(0, 1)
    )
    rows = tuple(Line(words.scenario(scenario)) for scenario in found.scenarios)
    title = say("Power of the planned analysis: {analysis}", analysis=words.analysis(name))
    alt = say("Dots with bars, a row a scenario. {parts}.", parts=_parts(words, places, found.scenarios))
    plot = DotPlot(rows, (panel,), _series(words, places), 190)
    svg = draw_dots("power", title, plot, alt, words.partial)
    notes = [
        say("Bars: 95% Monte Carlo interval (Wilson)."),
        say(
            "Read off: how far each dot lies from the power asked for; under no effect, from the significance "
            "level."
        ),
    ]
    return Figure("power", "", title, words.partial, svg, alt, tuple(notes))


def plot_all_powers(words: Words) -> Figure | None:
    """Draw how often every analysis finds a difference, a panel a scenario."""
    say, found = words.say, words.found
    names = [name for name in words.analyses.names if found.against_control(name)]
    if len(names) < 2:
        return None
    panels, all_places = [], list[Place]()
    for scenario in found.scenarios:
        dots = list[Dot]()
        for row, name in enumerate(names):
            places = [*found.against_control(name), *_families(words, name)]
            all_places += places
            dots += [dot for place in places if (dot := _dot(words, scenario, place, row)) is not None]
        axis = say("Share of trials")
        panels.append(Panel(words.scenario(scenario), axis, tuple(dots), level_marks(words), limits=(0, 1)))
    title = say("How often each analysis finds a difference")
    rows = tuple(Line(words.analysis(name), heading=name == words.planned) for name in names)
    plot = DotPlot(rows, tuple(panels), _series(words, all_places))
    parts = say("; ").join(
        say(
            "{who}: {what}",
            who=words.analysis(name),
            what=_parts(words, _families(words, name), found.scenarios),
        )
        for name in names
    )
    alt = say("Dots with bars, a panel a scenario and a row an analysis. {parts}.", parts=parts)
    svg = draw_dots("power-of-all", title, plot, alt, words.partial)
    notes = (
        say("In bold: the planned analysis. After adjustment for the number of arms where an analysis adjusts."),
        say("Bars: 95% Monte Carlo interval (Wilson)."),
        say(
            "Read off: which analysis of the same question finds the effect more often, and which of them find "
            "one too often where there is none."
        ),
    )
    return Figure("power-of-all", "", title, words.partial, svg, alt, notes)


def _families(words: Words, name: str) -> list[Place]:
    """Return the family of an analysis that compares several arms with one."""
    found = words.found
    return [
        family
        for family in found.families(name)
        if sum(p.versus == family.versus and p.visit == family.visit for p in found.comparisons(name)) > 1
    ]


def _dot(words: Words, scenario: str, place: Place, row: int) -> Dot | None:
    quantity = words.found.at(scenario, place, "adjusted_rejected", "any_rejected", "rejected")
    if quantity is None:
        return None
    lower, upper = quantity.share_limits
    return Dot(row, place.arm or ANY, quantity.value, lower, upper)


def _series(words: Words, places: list[Place]) -> dict[str, tuple[str, ArmStyle]]:
    styles = styles_of_arms(words.protocol)
    found = {p.arm: (words.comparison(p), styles[p.arm]) for p in places if p.arm}
    if any(not place.arm for place in places):
        found[ANY] = (words.say("At least one arm"), ANY_STYLE)
    return found


def level_marks(words: Words) -> tuple[Mark, ...]:
    """Return lines at the significance level and at the power asked for."""
    say, plan = words.say, words.protocol.design
    level = Mark(words.alpha, say("Significance level: {level}", level=words.level(words.alpha)), "#56b4e9")
    if plan is None:
        return (level,)
    return (level, Mark(plan.power, say("Power asked for: {power}", power=words.level(plan.power)), "#cc79a7"))


def _parts(words: Words, places: list[Place], scenarios: tuple[str, ...]) -> str:
    parts = []
    for scenario in scenarios:
        shown = []
        for place in places:
            quantity = words.found.at(scenario, place, "adjusted_rejected", "any_rejected", "rejected")
            if quantity is not None:
                who = words.comparison(place) if place.arm else words.say("At least one arm")
                shown.append(words.say("{who} {share}", who=who, share=words.percent(quantity.value)))
        parts.append(words.say("{who}: {what}", who=words.scenario(scenario), what=words.say(", ").join(shown)))
    return words.say("; ").join(parts)
