"""Fisher's exact test: of independence in an r x c table, and of an odds ratio of 1 in a 2 x 2 table.

p sums the probabilities, given the margins, of all tables no more probable than the one seen, up to the factor
1 + 1e-7 (Freeman and Halton 1951). A 2 x 2 table also has its conditional odds ratio with exact limits, as in R's
`fisher.test`; SAS FREQ prints the same p and, by EXACT OR, the same limits. Checked against R, scipy, enumeration.
"""

from dataclasses import dataclass

import numpy as np

from equipoise.errors import DataError
from equipoise.statistics.categorical.conditional_odds import condition_on_margins
from equipoise.statistics.categorical.network import exact_p
from equipoise.statistics.categorical.tables import Counts, one_stratum, pair_arms, read_table
from equipoise.statistics.confidence import critical_value
from equipoise.statistics.distributions import Floats


@dataclass(frozen=True)
class FisherExact:
    """`p`, two-sided; for a 2 x 2 table the conditional `odds_ratio` with exact `lower`, `upper` (else none)."""

    p: float
    odds_ratio: float | None
    lower: float | None
    upper: float | None
    level: float
    dropped: int


def fisher_exact(
    data: Counts,
    response: str | None = None,
    by: str | None = None,
    *,
    versus: object = None,
    count: str | None = None,
    level: float = 0.95,
) -> FisherExact:
    """Test that the response does not depend on the arm: columns of a frame, or counts (arms x levels).

    In a 2 x 2 table the odds are those of the first column of counts, or of the later level of a column
    (1 before 0), in the other arm against `versus` (the first arm unless given).
    Raises `DataError` for bad columns or counts, or fewer than two arms or levels seen; `EstimationFailed` for a
    table too large for exact work.
    """
    critical_value(level)
    table = read_table(data, response, by, count=count)
    counts = one_stratum(table)
    seen = require_two_by_two(counts)
    if counts.shape != (2, 2):
        return FisherExact(exact_p(seen), None, None, None, level, table.dropped)
    ((arm, control),) = pair_arms(table, versus)
    # levels of a column are sorted, so that the one that counts as the response comes last
    with_it = 0 if response is None else 1
    totals = counts.sum(axis=1)
    conditional = condition_on_margins(
        counts[[arm], with_it], totals[[arm]], counts[[control], with_it], totals[[control]]
    )
    return FisherExact(
        conditional.two_sided_p(), conditional.estimate(), *conditional.limits(level), level, table.dropped
    )


def require_two_by_two(counts: Floats) -> Floats:
    """Leave out arms and levels with nobody; `DataError` where fewer than two of either are left."""
    seen = counts[np.ix_(counts.sum(axis=1) > 0, counts.sum(axis=0) > 0)]
    if seen.shape[0] < 2 or seen.shape[1] < 2:
        raise DataError(
            "a test of independence needs two or more arms and two or more levels with participants. "
            f"Got {seen.shape[0]} and {seen.shape[1]}"
        )
    return seen
