"""Closed tests: a hypothesis is rejected when every intersection that holds it is.

With a test of level alpha for each intersection the familywise error rate is at most alpha, and the adjusted
p-value of a hypothesis is the largest p of the intersections that hold it: Marcus, Peritz and Gabriel, Biometrika
1976;63:655-60.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import polars as pl

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats

MOST_CLOSED = 16
ROUNDING = 1e-12

Places = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class ClosedTest:
    """A closed test at familywise error rate `alpha`.

    `table`: hypothesis, p, adjusted_p, rejected. `intersections`, the largest first: intersection (names joined
    by ` & `), size, columns `weight ...` where the test has weights (null outside the intersection), p, rejected.
    """

    alpha: float
    table: pl.DataFrame
    intersections: pl.DataFrame


def close_tests(
    hypotheses: Sequence[str],
    p: Floats,
    intersection_p: Callable[[Places], float],
    *,
    alpha: float,
    weights: pl.DataFrame | None = None,
) -> ClosedTest:
    """Close the tests of `hypotheses` with p-values `p` under `intersection_p`, called with their places.

    `weights`: further columns of `intersections`, in the order of `list_intersections`. `DataError` for more than
    16 hypotheses or an `alpha` outside 0-1.
    """
    require_alpha(alpha)
    sets = list_intersections(len(hypotheses))
    found = [min(1.0, intersection_p(held)) for held in sets]
    adjusted = [
        max(value for held, value in zip(sets, found, strict=True) if place in held)
        for place in range(len(hypotheses))
    ]
    columns = [
        pl.Series("intersection", [join_names(hypotheses[place] for place in held) for held in sets]),
        pl.Series("size", [len(held) for held in sets]),
        *([] if weights is None else weights.get_columns()),
        pl.Series("p", found),
        pl.Series("rejected", [is_rejected(value, alpha) for value in found]),
    ]
    table = {
        "hypothesis": list(hypotheses),
        "p": p,
        "adjusted_p": adjusted,
        "rejected": [is_rejected(value, alpha) for value in adjusted],
    }
    return ClosedTest(alpha, pl.DataFrame(table), pl.DataFrame(columns))


def list_intersections(count: int) -> list[Places]:
    """List all intersections of `count` hypotheses, the largest first; `DataError` for more than 16."""
    if count > MOST_CLOSED:
        raise DataError(f"a closed test takes at most {MOST_CLOSED} hypotheses; use a shortcut. Got {count}")
    return [held for size in range(count, 0, -1) for held in combinations(range(count), size)]


def is_rejected(adjusted_p: float, alpha: float) -> bool:
    """Tell whether an adjusted p-value rejects at `alpha`, equality (but for rounding) included."""
    return bool(adjusted_p <= alpha * (1.0 + ROUNDING))


def require_alpha(alpha: float) -> None:
    """Refuse a familywise error rate outside 0-1 with `DataError`."""
    if not 0 < alpha < 1:
        raise DataError(f"a familywise error rate must lie between 0 and 1; try 0.025. Got {alpha:g}")


def join_names(names: Iterable[str]) -> str:
    """Name an intersection hypothesis."""
    return " & ".join(names)
