"""Schemes of randomisation side by side, as a section of the plan."""

from ...randomisation import SchemeComparison, plot_schemes
from ..figures.figure import Figure
from ..figures.style import name_svg
from ..rounding import format_number, format_percent
from .tables import PlanTable
from .words import PlanWords

_SHARES = ("correct guesses", "best guesses", "deterministic")


def tabulate_schemes(words: PlanWords, schemes: SchemeComparison) -> PlanTable:
    """Tabulate imbalance, predictability and size of the analyses, a scheme a row."""
    say = words.say
    properties = [
        name for name in schemes.summary["property"].unique(maintain_order=True) if "percentile" not in name
    ]
    names = schemes.summary["scheme"].unique(maintain_order=True).to_list()
    rows = []
    for scheme in names:
        cells = []
        for name in properties:
            value = schemes.value(scheme, name)
            is_share = name in _SHARES or name.startswith("size")
            cells.append(format_percent(100 * value) if is_share else format_number(value, 1))
        rows.append((say(scheme), *cells))
    notes = (
        say(
            "From {trials} simulated trials of {n} participants. Imbalance: of the arms, in participants, on "
            "average. Size: of tests without an effect at a level of {alpha}, outcomes drifting over time and "
            "differing by stratum.",
            trials=schemes.trials,
            n=schemes.participants,
            alpha=words.percent(schemes.alpha),
        ),
    )
    head = (say("Scheme"), *(say(_heading(name)) for name in properties))
    return PlanTable("schemes", say("Schemes of randomisation"), head, tuple(rows), notes)


def plot_comparison(words: PlanWords, schemes: SchemeComparison) -> Figure:
    """Draw the comparison."""
    title = words.say("Schemes of randomisation")
    alt = words.say(
        "Imbalance over time, predictability and size of the analyses by scheme; the table has the numbers."
    )
    svg = name_svg(plot_schemes(schemes, title=title), "schemes", title, alt)
    return Figure("schemes", "", title, "", svg, alt)


def _heading(name: str) -> str:
    return name[:1].upper() + name[1:]
