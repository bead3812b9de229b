"""A proportion with its interval: exact (Clopper and Pearson 1934), Wilson (1927) score, or Wald.

Exact: the beta quantiles alpha/2 of (x, n - x + 1) and 1 - alpha/2 of (x + 1, n - x). Wilson: the p at which the
score test just rejects, (x + z^2/2 -+ z root(x (n - x) / n + z^2 / 4)) / (n + z^2). Wald: p -+ z root(p q / n),
within 0 and 1. Checked against R's `binom.test` and `prop.test`.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from scipy import special

from equipoise.errors import DataError
from equipoise.statistics.categorical.tables import Counts, read_events
from equipoise.statistics.confidence import critical_value
from equipoise.statistics.distributions import Floats

Method = Literal["clopper-pearson", "wilson", "wald"]
METHODS = ("clopper-pearson", "wilson", "wald")


@dataclass(frozen=True)
class Proportion:
    """Proportions: `estimates` has the arm, `events`, `n`, `estimate` (0-1), `se`, `lower`, `upper`."""

    estimates: pl.DataFrame
    method: Method
    level: float
    dropped: int


def proportion(
    data: Counts,
    response: str | None = None,
    by: str | None = None,
    *,
    count: str | None = None,
    method: Method = "clopper-pearson",
    level: float = 0.95,
) -> Proportion:
    """Estimate the proportion with the response (column of 0 and 1, or counts with and without) in each arm.

    The column of arms is called `by`, or `arm` for counts. Raises `DataError` for bad columns, counts or options.
    """
    if method not in METHODS:
        raise DataError(f"method must be one of {', '.join(METHODS)}. Got {method}")
    table = read_events(data, response, by, count=count)
    x, n = table.counts[0, :, 0], table.counts[0].sum(axis=1)
    share = x / n
    lower, upper = proportion_limits(x, n, method, level)
    arms = [] if by is None and len(table.arms) == 1 else [pl.Series(by or "arm", list(table.arms))]
    estimates = pl.DataFrame(
        [
            *arms,
            pl.Series("events", x.astype(np.int64)),
            pl.Series("n", n.astype(np.int64)),
            pl.Series("estimate", share),
            pl.Series("se", np.sqrt(share * (1.0 - share) / n)),
            pl.Series("lower", lower),
            pl.Series("upper", upper),
        ]
    )
    return Proportion(estimates, method, level, table.dropped)


def proportion_limits(x: Floats, n: Floats, method: Method, level: float) -> tuple[Floats, Floats]:
    """Limits of x out of n for each element, at the two-sided `level`."""
    z = critical_value(level)
    if method == "clopper-pearson":
        tail = 0.5 - level / 2.0
        lower = np.where(x > 0, special.betaincinv(np.maximum(x, 1.0), n - x + 1.0, tail), 0.0)
        upper = np.where(x < n, special.betainccinv(x + 1.0, np.maximum(n - x, 1.0), tail), 1.0)
        return lower, upper
    if method == "wilson":
        half = z * np.sqrt(x * (n - x) / n + z * z / 4.0)
        lower = np.where(x > 0, (x + z * z / 2.0 - half) / (n + z * z), 0.0)
        upper = np.where(x < n, (x + z * z / 2.0 + half) / (n + z * z), 1.0)
        return lower, upper
    half = z * np.sqrt(x * (n - x) / n) / n
    return np.maximum(x / n - half, 0.0), np.minimum(x / n + half, 1.0)
