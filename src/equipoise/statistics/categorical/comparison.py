"""What every comparison of proportions between arms hands back."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from equipoise.statistics.categorical.tables import Table, name_pairs


@dataclass(frozen=True)
class Comparison:
    """A comparison of each arm with one.

    `estimates`: `arm`, `versus`, `events`, `n`, `events_versus`, `n_versus` (over all strata), `estimate`, `se`
    (of the difference, or of the log of a ratio; null where the method has none), `lower`, `upper` (a ratio's may
    be infinite).
    """

    estimates: pl.DataFrame
    measure: str
    method: str
    level: float
    dropped: int


@dataclass(frozen=True)
class Estimate:
    """One comparison: an estimate, its standard error if the method has one, and its limits."""

    estimate: float
    se: float | None
    lower: float
    upper: float


def assemble(
    table: Table, pairs: list[tuple[int, int]], found: list[Estimate], *, measure: str, method: str, level: float
) -> Comparison:
    """Put the estimates of all pairs into a `Comparison`."""
    rows = name_pairs(table, pairs).with_columns(
        pl.Series("estimate", [one.estimate for one in found]),
        pl.Series("se", [one.se for one in found], dtype=pl.Float64),
        pl.Series("lower", [one.lower for one in found]),
        pl.Series("upper", [one.upper for one in found]),
    )
    return Comparison(rows, measure, method, level, table.dropped)


def on_log_scale(log_estimate: float, se: float, z: float) -> Estimate:
    """Exponentiate an estimate with symmetric limits on the log scale; `se` stays that of the log."""
    return Estimate(
        float(np.exp(log_estimate)), se, float(np.exp(log_estimate - z * se)), float(np.exp(log_estimate + z * se))
    )
