"""The border of the statistics: any data frame that narwhals knows comes in, polars goes on.

Missing means null. A frame of pandas has no other way to say missing than NaN, so there NaN becomes null;
a NaN in any other frame is a value that a calculation failed to give, and is refused rather than dropped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import narwhals as nw
import numpy as np
import polars as pl
from narwhals.typing import IntoFrame

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats


@dataclass(frozen=True)
class CompleteRows:
    """The rows that have a value in every column needed, and how many had not."""

    frame: pl.DataFrame
    dropped: int


def to_polars(data: IntoFrame) -> pl.DataFrame:
    """Turn any data frame that narwhals knows into polars; a polars frame passes untouched.

    Raises `DataError` for anything else. Ordered categories keep their order (polars `Enum`).
    """
    if isinstance(data, pl.DataFrame):
        return data
    if isinstance(data, pl.LazyFrame):
        return data.collect()
    try:
        frame = nw.from_native(data)
    except TypeError:
        raise DataError(
            "data must be a data frame: polars, pandas, pyarrow or another that narwhals knows. "
            f"Got {type(data).__name__}"
        ) from None
    eager = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    return pl.DataFrame([_column(eager[name]) for name in eager.columns])


def require_columns(frame: pl.DataFrame, names: Sequence[str], *, where: str = "the data") -> None:
    """Refuse a frame that lacks one of `names`: `DataError` naming it and the closest columns that exist."""
    for name in names:
        if name not in frame.columns:
            near = get_close_matches(name, frame.columns, n=3, cutoff=0.5)
            hint = f"did you mean {', '.join(near)}" if near else f"columns are {', '.join(frame.columns)}"
            raise DataError(f"{where} must have a column {name}; {hint}. Got none of that name")


def keep_complete(frame: pl.DataFrame, names: Sequence[str], *, where: str = "the data") -> CompleteRows:
    """Keep the rows with a value in each of `names` (their columns are required) and count those dropped."""
    require_columns(frame, names, where=where)
    kept = frame.drop_nulls(list(names)) if names else frame
    return CompleteRows(kept, frame.height - kept.height)


def require_numeric(frame: pl.DataFrame, name: str, *, where: str = "the data") -> pl.Series:
    """Read a column as floats, missing values as nulls; `DataError` for text and values that are not finite."""
    require_columns(frame, [name], where=where)
    column = frame[name]
    if column.dtype == pl.Null:
        return column.cast(pl.Float64)
    if not (column.dtype.is_numeric() or column.dtype == pl.Boolean):
        raise DataError(f"{where} must hold numbers in column {name}; convert it first. Got {column.dtype}")
    values = column.cast(pl.Float64)
    wrong = ~values.is_finite()
    if wrong.any():
        row = wrong.arg_true()[0]
        raise DataError(
            f"{where} must hold finite numbers in column {name}; make them null if they are missing. "
            f"Got {values[row]} at row {row + 1}, {wrong.sum()} of {values.len()} rows in all"
        )
    return values


def require_numbers(frame: pl.DataFrame, name: str, *, where: str = "the data") -> Floats:
    """Read a column as an array of floats; `DataError` as in `require_numeric`, and for missing values."""
    values = require_numeric(frame, name, where=where)
    if values.null_count():
        raise DataError(
            f"{where} must have no missing value in column {name}; drop those rows. Got {values.null_count()}"
        )
    return values.to_numpy()


def require_labels(frame: pl.DataFrame, names: Sequence[str], *, where: str = "the data") -> None:
    """Refuse (`DataError`) a missing label in a column that forms groups: its rows would leave them unseen."""
    require_columns(frame, names, where=where)
    for name in names:
        if frame[name].null_count():
            raise DataError(
                f"{where} must have a label in every row of column {name}; drop those rows or label them. "
                f"Got {frame[name].null_count()} missing"
            )


@dataclass(frozen=True, eq=False)
class TwoGroups:
    """The values of two groups: `first` is compared with `versus`; `dropped` rows had no value or no group."""

    first: str
    versus: str
    first_values: Floats
    versus_values: Floats
    dropped: int


def split_two_groups(data: IntoFrame, value: str, by: str, versus: object = None) -> TwoGroups:
    """Split `value` by the two levels of `by`.

    `versus` is the level to compare with, by default the first one (declared order of an `Enum`, else sorted).
    Raises `DataError` unless `by` has exactly two levels and `versus` is one of them.
    """
    complete = keep_complete(to_polars(data), [value, by])
    frame = complete.frame
    first, other = require_two_levels(frame[by], versus)
    values = require_numbers(frame, value)
    in_first = (frame[by] == first).to_numpy()
    return TwoGroups(str(first), str(other), values[in_first], values[~in_first], complete.dropped)


def require_two_levels(column: pl.Series, versus: object = None) -> tuple[object, object]:
    """Find the two levels of `column`, the one to compare with second: `versus`, by default the first level.

    Raises `DataError` unless there are just two levels and `versus` is one of them.
    """
    levels = factor_levels(column)
    if len(levels) != 2:
        raise DataError(
            f"column {column.name} must have two levels; filter the data to two. Got {show_levels(levels)}"
        )
    chosen = levels[0] if versus is None else require_level(levels, versus, column.name)
    first = levels[1] if chosen == levels[0] else levels[0]
    return first, chosen


def require_level(levels: Sequence[object], level: object, name: str) -> object:
    """Find `level` among the `levels` of column `name`: `DataError` naming the closest one if it is not there."""
    if level in levels:
        return level
    near = get_close_matches(str(level), [str(known) for known in levels], n=1)
    hint = f"did you mean {near[0]}" if near else f"levels are {show_levels(levels)}"
    raise DataError(f"column {name} has no level of that name; {hint}. Got {level}")


def show_levels(levels: Sequence[object], most: int = 12) -> str:
    """Name the first `most` levels for a message."""
    names = ", ".join(str(level) for level in levels[:most])
    return f"{names or 'none'}{', ...' if len(levels) > most else ''}"


def factor_levels(column: pl.Series) -> list[object]:
    """List the levels that occur in `column`: an `Enum` in its declared order, anything else sorted."""
    present = column.drop_nulls().unique()
    if isinstance(column.dtype, pl.Enum):
        kept = set(present.to_list())
        return [level for level in column.dtype.categories.to_list() if level in kept]
    if column.dtype == pl.Categorical:
        present = present.cast(pl.String)
    return present.sort().to_list()


def _column(column: nw.Series) -> pl.Series:  # type: ignore[type-arg]
    missing = np.asarray(column.is_null().to_numpy(), dtype=bool)
    if column.dtype.is_numeric() and (values := column.to_numpy()).dtype.kind in "iuf":
        series = pl.Series(column.name, np.where(missing, 0, values).astype(values.dtype))
        if missing.any():
            series = series.zip_with(pl.Series(~missing), pl.Series([None], dtype=series.dtype))
        return series
    cells = [None if gone else cell for cell, gone in zip(column.to_list(), missing, strict=True)]
    if isinstance(column.dtype, nw.Enum):
        return pl.Series(column.name, cells, dtype=pl.Enum(list(column.dtype.categories)))
    return pl.Series(column.name, cells)
