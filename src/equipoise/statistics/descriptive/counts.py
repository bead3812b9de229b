"""Counts and percentages of the levels of a column, by groups, each level and group present even at zero.

Percent = 100 x count / denominator. Checked against the published tables of the CDISC pilot study.
"""

from collections.abc import Sequence

import polars as pl
from narwhals.typing import IntoFrame

from equipoise.errors import DataError
from equipoise.statistics.descriptive.summary import all_levels
from equipoise.statistics.frames import require_columns, require_labels, to_polars


def counts(
    data: IntoFrame,
    value: str,
    by: Sequence[str] = (),
    *,
    denominators: IntoFrame | int | None = None,
    distinct: str | None = None,
) -> pl.DataFrame:
    """Count the rows at each level of `value` in each group of `by`.

    One row for each group and level, zeros included, in level order (all declared levels of an `Enum`): the
    columns of `by`, `value`, `count`, `denominator`, `percent` (0-100, null where the denominator is 0).

    `denominators`: by default the rows of the group that have a value; a number for all groups; or a frame with
    the columns of `by` and `denominator`, whose groups are then those of the result, so that a group without any
    row counts zero. `distinct` names a column (the participant): each of its values counts once at a level and,
    by default, once in the denominator. Rows without a `value` are not counted. Raises `DataError` for an absent
    column, a missing label, a group without denominator, or a count above its denominator.
    """
    frame = to_polars(data)
    groups = list(by)
    require_columns(frame, [value, *([distinct] if distinct else [])])
    require_labels(frame, [*groups, *([distinct] if distinct else [])])
    if clash := {"count", "denominator", "percent"} & {value, *groups}:
        raise DataError(f"a counted column must not be named like a result; rename it. Got {min(clash)}")
    valued = frame.filter(pl.col(value).is_not_null())
    amount = (pl.col(distinct).n_unique() if distinct else pl.len()).cast(pl.Int64)

    below = _denominators(frame, valued, groups, amount, denominators)
    cells = below.join(pl.DataFrame(all_levels(frame[value])), how="cross", maintain_order="left_right")
    counted = valued.group_by([*groups, value]).agg(amount.alias("count"))
    table = cells.join(counted, on=[*groups, value], how="left", maintain_order="left").with_columns(
        pl.col("count").fill_null(0)
    )
    if counted["count"].sum() != table["count"].sum():
        raise DataError(f"every group of {', '.join(groups)} must have a denominator. Got a group without one")
    over = table.filter(pl.col("count") > pl.col("denominator"))
    if over.height:
        raise DataError(
            f"a count of {value} must not exceed its denominator; pass `distinct` to count participants. "
            f"Got {over['count'][0]} of {over['denominator'][0]} at {over[value][0]}"
        )
    percent = pl.when(pl.col("denominator") > 0).then(100.0 * pl.col("count") / pl.col("denominator"))
    return table.select(*groups, value, "count", "denominator", percent.alias("percent"))


def _denominators(
    frame: pl.DataFrame,
    valued: pl.DataFrame,
    groups: list[str],
    amount: pl.Expr,
    given: IntoFrame | int | None,
) -> pl.DataFrame:
    """One row a group with its `denominator`, groups in level order."""
    if given is not None and not isinstance(given, int):
        below = to_polars(given)
        require_columns(below, [*groups, "denominator"], where="the denominators")
        if groups and below.select(groups).is_duplicated().any():
            raise DataError("the denominators must have one row a group. Got a group twice")
        if groups:
            casts = [pl.col(name).cast(frame[name].dtype) for name in groups]
            below = below.with_columns(casts)
        return below.select(*groups, pl.col("denominator").cast(pl.Int64))
    if not groups:
        own = valued.select(amount.alias("denominator"))
        return own if given is None else pl.DataFrame({"denominator": [given]})
    grid = pl.DataFrame(all_levels(frame[groups[0]]))
    for name in groups[1:]:
        grid = grid.join(pl.DataFrame(all_levels(frame[name])), how="cross", maintain_order="left_right")
    if given is not None:
        return grid.with_columns(pl.lit(given, dtype=pl.Int64).alias("denominator"))
    own = valued.group_by(groups).agg(amount.alias("denominator"))
    return grid.join(own, on=groups, how="left", maintain_order="left").with_columns(
        pl.col("denominator").fill_null(0)
    )
