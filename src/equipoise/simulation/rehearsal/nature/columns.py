"""Columns of values, a row a person: how the types of items are held as arrays, evaluated, and typed in at last.

Numbers are floats (NaN for none), dates and times are numpy's (NaT for none), all else is text (None for none).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ....conduct.door.state import Scalar
from ....protocol.checks.vocabulary import type_of
from ....protocol.model import Item

Column = NDArray[Any]
Columns = Mapping[str, Column]

_KINDS = {"date": "datetime64[D]", "date and time": "datetime64[m]"}


def empty_column(item: Item, rows: int) -> Column:
    """Return a column without values."""
    if item.is_number:
        return np.full(rows, np.nan)
    kind = _KINDS.get(item.type)
    return np.full(rows, None, dtype=object) if kind is None else np.full(rows, "NaT", dtype=kind)


def has_value(column: Column) -> NDArray[np.bool_]:
    """Return which rows have a value."""
    if column.dtype == object:
        return np.array([value is not None for value in column], dtype=bool)
    found: NDArray[np.bool_] = ~(np.isnat(column) if column.dtype.kind == "M" else np.isnan(column))
    return found


def as_series(name: str, item: Item, column: Column) -> pl.Series:
    """Return a column as polars evaluates it, of the type that the item has in expressions."""
    if item.is_number:
        return pl.Series(name, column.astype(float), nan_to_null=True)
    if column.dtype.kind == "M":
        kind = "datetime64[D]" if item.type == "date" else "datetime64[us]"
        return pl.Series(name, column.astype(kind)).cast(type_of(item))
    return pl.Series(name, list(column), dtype=type_of(item))


def places_of(item: Item) -> int:
    """Return the decimals with which a number is typed in."""
    if item.decimals is not None:
        return item.decimals
    return 0 if item.type in ("integer", "count") else 1


def as_typed(item: Item, value: Any) -> Scalar:
    """Return a value as a person types it: a number, or a text (dates and times in ISO 8601)."""
    if item.is_number:
        places = places_of(item)
        return round(float(value)) if places == 0 else round(float(value), places)
    if isinstance(value, np.datetime64):
        return str(value)
    return value if isinstance(value, str) else value.isoformat(timespec="minutes")
