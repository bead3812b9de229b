"""From numbers to the digits that a reader sees; nothing is rounded anywhere else.

Half is rounded away from zero in decimal, as SAS prints: a mean of 42.65 prints 42.7, also where its nearest
binary number lies just below. Numbers are first read to twelve significant digits, which takes away the dust of
binary arithmetic and nothing else. Customs: a mean has one decimal more than the values recorded, a standard
deviation or error two more; ratios have two, p-values three or four with a smallest value that is printed.
"""

import math
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

NOT_ESTIMABLE = "NE"
"""Printed where a limit or a quantile was not reached or cannot be estimated."""

_SIGNIFICANT = 12
_MOST_DECIMALS = 4


def round_half_up(value: float, decimals: int) -> Decimal:
    """Round a finite number half away from zero to `decimals` places; zero carries no sign."""
    exact = Decimal(f"{value:.{_SIGNIFICANT}g}")
    rounded = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return abs(rounded) if rounded == 0 else rounded


def format_number(value: float | None, decimals: int) -> str:
    """Write a number with `decimals` places; a missing or infinite one as not estimable."""
    if value is None or not math.isfinite(value):
        return NOT_ESTIMABLE
    return f"{round_half_up(value, decimals):f}"


def format_count(value: float | None) -> str:
    """Write a whole number."""
    return format_number(value, 0)


def format_interval(lower: float | None, upper: float | None, decimals: int) -> str:
    """Write an interval as `(-2.1, 1.1)`."""
    return f"({format_number(lower, decimals)}, {format_number(upper, decimals)})"


def format_p(p: float | None, decimals: int = 4) -> str:
    """Write a p-value; below the smallest that can be printed as `<0.0001`, just below one as `>0.9999`."""
    if p is None or not math.isfinite(p):
        return NOT_ESTIMABLE
    smallest = Decimal(1).scaleb(-decimals)
    if 0 <= p < float(smallest):
        return f"<{smallest:f}"
    rounded = round_half_up(p, decimals)
    is_one = Decimal(f"{p:.{_SIGNIFICANT}g}") == 1
    return f">{1 - smallest:f}" if rounded == 1 and not is_one else f"{rounded:f}"


def format_p_equation(p: float | None, decimals: int = 4) -> str:
    """Write a p-value as in a sentence: `p = 0.0123`, `p < 0.0001`."""
    text = format_p(p, decimals)
    return f"p {text[0]} {text[1:]}" if text[0] in "<>" else f"p = {text}"


def format_percent(percent: float | None, decimals: int = 1) -> str:
    """Write a percentage (0 to 100) with its sign."""
    return f"{format_number(percent, decimals)}%"


def format_count_percent(count: float | None, percent: float | None, decimals: int = 1) -> str:
    """Write `33 (38.4%)`; none as `0`, and a count without a percentage alone."""
    text = format_count(count)
    return text if not count or percent is None else f"{text} ({format_percent(percent, decimals)})"


def recorded_decimals(values: Iterable[float | None]) -> int:
    """Return with how many decimals values were recorded: the fewest that lose nothing, at most four.

    Values that need more were computed, not recorded; then as many are returned as show three significant
    digits of their usual size.
    """
    finite = [value for value in values if value is not None and math.isfinite(value)]
    for decimals in range(_MOST_DECIMALS + 1):
        if all(math.isclose(value, round(value, decimals), rel_tol=1e-9, abs_tol=1e-9) for value in finite):
            return decimals
    usual = sorted(abs(value) for value in finite)[len(finite) // 2]
    return min(_MOST_DECIMALS, max(0, 2 - math.floor(math.log10(usual)))) if usual > 0 else 1
