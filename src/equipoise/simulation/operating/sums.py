"""What a chunk of trials leaves behind: of each quantity its count, sum and sum of squares.

Sums of chunks add up to those of the run, so that memory does not grow with the number of trials; they are added
in the order of the chunks, so that the bytes of a result do not depend on who worked in which order.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from ...statistics.distributions import Floats
from ..analyses import Place

KEYS = ("analysis", "visit", "arm", "versus", "statistic")


@dataclass
class Sums:
    """Count, sum and sum of squares by place and statistic, in the order in which they came."""

    rows: dict[tuple[str, ...], tuple[int, float, float]] = field(default_factory=dict)

    def add(self, place: Place, statistics: Mapping[str, Floats]) -> None:
        """Add the values of statistics in each trial of a chunk; NaN does not count."""
        for statistic, values in statistics.items():
            known = np.asarray(values, dtype=float)
            known = known[~np.isnan(known)]
            key = (place.analysis, place.visit, place.arm, place.versus, statistic)
            self.rows[key] = (len(known), float(known.sum()), float((known * known).sum()))

    def frame(self) -> pl.DataFrame:
        """Return the sums as a frame: `KEYS`, count, sum, squares."""
        records = [(*key, *values) for key, values in self.rows.items()]
        schema = {name: pl.String() for name in KEYS} | {
            "count": pl.Int64(),
            "sum": pl.Float64(),
            "squares": pl.Float64(),
        }
        return pl.DataFrame(records, schema=schema, orient="row")


def add_up(chunks: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Add the sums of chunks, in their order."""
    totals: dict[tuple[str, ...], list[float]] = {}
    for chunk in chunks:
        for row in chunk.iter_rows():
            total = totals.setdefault(row[: len(KEYS)], [0, 0.0, 0.0])
            for k, value in enumerate(row[len(KEYS) :]):
                total[k] += value
    found = Sums({key: (int(n), total, squares) for key, (n, total, squares) in totals.items()})
    return found.frame()
