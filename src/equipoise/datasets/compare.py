"""Two datasets side by side: what differs, variable by variable.

A second derivation is the oldest check of an analysis dataset. Rows are matched by keys; each variable is counted
by itself; numbers agree within a tolerance, missing agrees with missing only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from equipoise.datasets.check import require_variables
from equipoise.errors import DataError

_EXAMPLES = 3
SCHEMA = {
    "variable": pl.String,
    "theirs": pl.String,
    "n_compared": pl.Int64,
    "n_different": pl.Int64,
    "examples": pl.String,
}


def compare_datasets(
    ours: pl.DataFrame,
    theirs: pl.DataFrame,
    *,
    keys: Sequence[str],
    variables: Mapping[str, str] | Sequence[str],
    tolerance: float = 1e-9,
) -> pl.DataFrame:
    """Return one row a variable: its name in each, rows compared, rows that differ, and up to 3 examples.

    `variables` maps our name to theirs, or lists names common to both. Rows found on one side only are counted
    under the variables "(rows only in ours)" and "(rows only in theirs)". `tolerance` is relative to the larger
    of 1 and the value. Raises DataError where a variable is absent or the keys do not name single rows.
    """
    names = dict(variables) if isinstance(variables, Mapping) else {name: name for name in variables}
    require_variables(ours, [*keys, *names], "our dataset")
    require_variables(theirs, [*keys, *names.values()], "their dataset")
    for frame, whose in ((ours, "our"), (theirs, "their")):
        if frame.select(keys).is_duplicated().any():
            row = frame.filter(frame.select(keys).is_duplicated()).select(keys).row(0)
            raise DataError(f"{whose} dataset must have one row for each {' '.join(keys)}. Got {row} twice")
    left = ours.select(*keys, *(pl.col(name).alias(f"ours.{name}") for name in names))
    right = theirs.select(*keys, *(pl.col(other).alias(f"theirs.{name}") for name, other in names.items()))
    both = left.join(right, on=list(keys), how="inner", maintain_order="left")
    found = [
        _rows_only("(rows only in ours)", left.join(right, on=list(keys), how="anti"), keys),
        _rows_only("(rows only in theirs)", right.join(left, on=list(keys), how="anti"), keys),
        *(_compare(both, name, other, keys, tolerance) for name, other in names.items()),
    ]
    return pl.DataFrame(found, schema=SCHEMA, orient="row")


def _compare(
    both: pl.DataFrame, name: str, other: str, keys: Sequence[str], tolerance: float
) -> tuple[str, str, int, int, str]:
    mine, their = both[f"ours.{name}"], both[f"theirs.{name}"]
    if mine.dtype.is_numeric() and their.dtype.is_numeric():
        mine, their = mine.cast(pl.Float64), their.cast(pl.Float64)
        scale = (
            pl.DataFrame([mine.abs().alias("a"), their.abs().alias("b")]).max_horizontal().clip(lower_bound=1.0)
        )
        same = ((mine - their).abs() <= tolerance * scale).fill_null(value=False) | (
            mine.is_null() & their.is_null()
        )
    elif mine.dtype == their.dtype or mine.null_count() == len(mine) or their.null_count() == len(their):
        same = mine.cast(pl.String).eq_missing(their.cast(pl.String))
    else:
        raise DataError(
            f"variable {name} must be of one kind in both datasets. Got {mine.dtype} and {their.dtype}"
        )
    different = both.filter(~same)
    examples = "; ".join(
        f"{' '.join(str(row[key]) for key in keys)}: {row[f'ours.{name}']} / {row[f'theirs.{name}']}"
        for row in different.head(_EXAMPLES).iter_rows(named=True)
    )
    return name, other, both.height, different.height, examples


def _rows_only(what: str, rows: pl.DataFrame, keys: Sequence[str]) -> tuple[str, str, int, int, str]:
    examples = "; ".join(" ".join(map(str, row)) for row in rows.select(keys).head(_EXAMPLES).iter_rows())
    return what, "", rows.height, rows.height, examples
