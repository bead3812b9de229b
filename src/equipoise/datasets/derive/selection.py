"""One record of several: the pattern under every "first", "last" and "closest" flag of ADaM.

Rows are put in order, the first of each group is marked. The order is total: rows that the given variables leave
equal keep the order in which they came, so that one dataset always gives one result.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

ALWAYS = pl.lit(value=True)


def find_first(
    frame: pl.DataFrame,
    keys: Sequence[str],
    order: Sequence[str | pl.Expr],
    *,
    descending: bool | Sequence[bool] = False,
    where: pl.Expr = ALWAYS,
) -> pl.Series:
    """Return the positions (from 0) of the first row of each group of `keys`, among the rows `where` holds.

    `order` is sorted ascending or as `descending` says, missing values last.
    """
    by = {f"_{n}": pl.col(key) if isinstance(key, str) else key for n, key in enumerate(order)}
    # Numbers instead of texts: the groups are found once, the sort and the search are then on numbers.
    group = pl.struct(keys).rank("dense")
    ordered = frame.with_row_index("_row").filter(where).select("_row", _group=group, **by)
    if by:
        ordered = ordered.sort(list(by), descending=descending, nulls_last=True, maintain_order=True)
    return ordered.filter(pl.col("_group").is_first_distinct())["_row"]


def derive_first_flag(
    frame: pl.DataFrame,
    flag: str,
    keys: Sequence[str],
    order: Sequence[str | pl.Expr],
    *,
    descending: bool | Sequence[bool] = False,
    where: pl.Expr = ALWAYS,
) -> pl.DataFrame:
    """Add `flag`: "Y" in the first row of each group of `keys` among the rows `where` holds, else missing."""
    chosen = pl.repeat(value=False, n=frame.height, eager=True, dtype=pl.Boolean)
    chosen = chosen.scatter(find_first(frame, keys, order, descending=descending, where=where), True)
    return frame.with_columns(pl.when(chosen).then(pl.lit("Y")).alias(flag))
