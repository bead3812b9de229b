"""The summary of a value by groups: n, missing, mean, SD, SE, quartiles and range.

SD has n - 1 below, SE is SD over the root of n, quartiles follow SAS by default (see `quantiles`). Checked against
R's `mean`, `sd`, `quantile` (types 2 and 7) and the published tables of the CDISC pilot study.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
from narwhals.typing import IntoFrame

from equipoise.errors import DataError
from equipoise.statistics.descriptive.quantiles import Definition, between, positions
from equipoise.statistics.distributions import Floats
from equipoise.statistics.frames import factor_levels, require_labels, require_numeric, to_polars

STATISTICS = ("n", "missing", "mean", "sd", "se", "median", "q1", "q3", "min", "max")


def summarise(
    data: IntoFrame,
    value: str,
    by: Sequence[str] = (),
    *,
    quantiles: Definition = "sas",
    complete: bool = False,
) -> pl.DataFrame:
    """Summarise the column `value` in each group of `by`.

    One row a group, sorted by `by` (an `Enum` in its declared order): the columns of `by`, then `n` (values),
    `missing` (rows without one), `mean`, `sd`, `se`, `median`, `q1`, `q3`, `min`, `max` in the unit of `value`.
    SD and SE are null for n = 1, all but the counts for n = 0. With `complete` every combination of the levels
    of `by` has a row (all declared levels of an `Enum`), otherwise those that occur. Raises `DataError` for a
    column that is absent or not numeric, a value that is not finite, or a missing group label.
    """
    frame = to_polars(data)
    groups = list(by)
    if clash := [name for name in groups if name in STATISTICS]:
        raise DataError(f"a group column must not be named like a statistic; rename it. Got {clash[0]}")
    require_labels(frame, groups)
    measured = frame.select(*groups, require_numeric(frame, value).alias("_value"))
    cell = pl.col("_value")
    present = cell.drop_nulls()
    statistics = [
        present.len().cast(pl.Int64).alias("n"),
        cell.null_count().cast(pl.Int64).alias("missing"),
        cell.mean().alias("mean"),
        cell.std(ddof=1).alias("sd"),
        cell.min().alias("min"),
        cell.max().alias("max"),
        present.sort().alias("_sorted"),
    ]
    if groups:
        table = order_groups(measured.group_by(groups).agg(statistics), groups, frame, complete=complete)
    else:
        table = measured.select(
            *(
                expression.implode() if expression.meta.output_name() == "_sorted" else expression
                for expression in statistics
            )
        )
    table = table.with_columns(pl.col("n", "missing").fill_null(0))
    table = table.with_columns(
        (pl.col("sd") / pl.col("n").sqrt()).alias("se"),
        *(_quantile_column(table, p, quantiles).alias(name) for name, p in _QUARTILES.items()),
    )
    return table.select(*groups, *STATISTICS)


def order_groups(table: pl.DataFrame, by: Sequence[str], source: pl.DataFrame, *, complete: bool) -> pl.DataFrame:
    """Sort `table` by the levels of `by` in `source`; with `complete` add the combinations that are absent."""
    if complete:
        grid = pl.DataFrame({name: all_levels(source[name]) for name in by[:1]})
        for name in by[1:]:
            grid = grid.join(pl.DataFrame({name: all_levels(source[name])}), how="cross")
        return grid.join(table, on=list(by), how="left", maintain_order="left")
    ranks = {}
    for name in by:
        levels = all_levels(source[name])
        ranks[name] = pl.col(name).replace_strict(levels, range(levels.len()), return_dtype=pl.Int64)
    return table.sort(*ranks.values())


def all_levels(column: pl.Series) -> pl.Series:
    """List the levels of a column in order, with its type: all declared ones of an `Enum`, else those present."""
    if isinstance(column.dtype, pl.Enum):
        return pl.Series(column.name, column.dtype.categories, dtype=column.dtype)
    return pl.Series(column.name, factor_levels(column), dtype=column.dtype)


_QUARTILES = {"q1": 0.25, "median": 0.5, "q3": 0.75}


def _quantile_column(table: pl.DataFrame, p: float, definition: Definition) -> pl.Series:
    n = table["n"].to_numpy()
    below, above, share = positions(np.maximum(n, 1), p, definition)
    lists = table["_sorted"]
    low: Floats = lists.list.get(pl.Series(below), null_on_oob=True).to_numpy()
    high: Floats = lists.list.get(pl.Series(above), null_on_oob=True).to_numpy()
    return pl.Series(between(low, high, share)).fill_nan(None)
