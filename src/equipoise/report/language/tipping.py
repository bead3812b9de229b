"""A tipping point in words: how far missing values must change before the conclusion does."""

from ..rounding import format_number
from ..tables.layout import outcome_decimals
from ..tables.lookup import Lookup, Numbers
from .labels import Labels


def say_tipping_points(lookup: Lookup, labels: Labels) -> list[str]:
    """Say of each comparison at which delta its conclusion changes; nothing for an analysis of another kind."""
    return [_sentence(lookup, labels, numbers) for numbers in lookup.select(group="tipping=delta")]


def range_of_deltas(lookup: Lookup, numbers: Numbers) -> tuple[float, float]:
    """Return the lowest and the highest delta that the comparison at the place of `numbers` was looked at."""
    place = numbers.reference
    steps = [
        float(n.group["delta"])
        for n in lookup.select(
            parameter=place.parameter, visit=place.visit, arm=place.arm, versus=place.versus, keys={"delta"}
        )
    ]
    return min(steps), max(steps)


def _sentence(lookup: Lookup, labels: Labels, numbers: Numbers) -> str:
    say, place = labels.say, numbers.reference
    decimals = outcome_decimals(lookup.result, labels, place.parameter) + 1
    unchanged = lookup.at(place.parameter, place.visit, place.arm, place.versus)
    level, delta, p = numbers["level"], numbers["delta"], unchanged["p"]
    assert level is not None and p is not None
    low, high = range_of_deltas(lookup, numbers)
    words = {
        "who": say("{arm} against {versus}", arm=labels.arm(place.arm), versus=labels.arm(place.versus)),
        "level": format_number(level, 4),
        "delta": format_number(delta, decimals),
        "low": f"{low:g}",
        "high": f"{high:g}",
    }
    if delta is None:
        return say(_HOLDS if p < level else _NEVER, **words)
    return say(_UNTIL if p < level else _WOULD, **words)


_UNTIL = (
    "{who}: with missing values imputed as missing at random, p is below {level}; it would no longer be if "
    "{delta} were added to the imputed values of the arm."
)
_WOULD = (
    "{who}: with missing values imputed as missing at random, p is not below {level}; it would be if {delta} "
    "were added to the imputed values of the arm."
)
_HOLDS = (
    "{who}: with missing values imputed as missing at random, p is below {level}, and stays so whatever amount "
    "from {low} to {high} is added to the imputed values of the arm."
)
_NEVER = (
    "{who}: with missing values imputed as missing at random, p is not below {level}, and no amount from {low} "
    "to {high} added to the imputed values of the arm would bring it there."
)
