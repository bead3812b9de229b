"""McNemar's test: whether a response is as frequent at one time as at another in the same participants.

b have the response first only, c second only. chi-square = (b - c)^2 / (b + c) on 1 degree of freedom (McNemar
1947), with (|b - c| - 1)^2 above for the continuity correction; exact: two tails of the binomial of b + c with
probability 1/2. Checked against R's `mcnemar.test` and `binom.test`.
"""

from dataclasses import dataclass

from scipy import special

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.categorical.tables import Counts, read_events
from equipoise.statistics.distributions import chi2_upper_p


@dataclass(frozen=True)
class McNemar:
    """`chi2` on `df` = 1 with `p`, `exact_p`, and the numbers with the response `first_only` and `second_only`."""

    chi2: float
    df: int
    p: float
    exact_p: float
    first_only: int
    second_only: int
    dropped: int


def mcnemar(
    data: Counts,
    first: str | None = None,
    second: str | None = None,
    *,
    count: str | None = None,
    continuity: bool = False,
) -> McNemar:
    """Compare two responses of the same participants: 0/1 columns `first` and `second` of a frame, or counts.

    Counts are (first with, without) x (second with, without). Raises `DataError` for bad columns or counts;
    `EstimationFailed` where nobody's responses differ.
    """
    table = read_events(data, second, first, count=count)
    counts = table.counts[0]
    with_first = 0 if second is None else 1
    if wrong := [label for label in table.arms if label not in (0, 1)]:
        raise DataError(f"column {first} must hold 1 or True (with) and 0 or False (without). Got {wrong[0]}")
    rows = dict(zip(table.arms, counts, strict=True))
    b = float(rows[with_first][1]) if with_first in rows else 0.0
    c = float(rows[1 - with_first][0]) if 1 - with_first in rows else 0.0
    differing = b + c
    if differing == 0:
        raise EstimationFailed("a comparison needs a participant whose two responses differ. Got none")
    distance = max(abs(b - c) - 1.0, 0.0) if continuity else abs(b - c)
    chi2 = distance**2 / differing
    exact = min(1.0, 2.0 * float(special.bdtr(min(b, c), int(differing), 0.5)))
    return McNemar(chi2, 1, chi2_upper_p(chi2, 1), exact, int(b), int(c), table.dropped)
