"""Factors as integers: the codes 0, 1, ... of a column's levels, in the order that `factor_levels` gives.

A stratum is a combination of levels of several columns that occurs in the data; its code counts the
combinations in the order of their columns' levels. Checked by `tests/statistics/test_factors_property.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from equipoise.errors import DataError
from equipoise.statistics.frames import factor_levels

Codes = NDArray[np.intp]


@dataclass(frozen=True)
class Factor:
    """A column of levels: `codes` (a row each, indices into `levels`) and the levels that occur."""

    codes: Codes
    levels: tuple[object, ...]


def code_factor(column: pl.Series) -> Factor:
    """Code a column without nulls by the levels that occur in it, in their order.

    Raises `DataError` where a value is missing or a number is not finite.
    """
    if column.null_count():
        raise DataError(f"column {column.name} must have no missing level. Got {column.null_count()}")
    if column.dtype.is_float() and not column.is_finite().all():
        raise DataError(f"column {column.name} must hold finite numbers or labels. Got NaN or infinity")
    levels = tuple(factor_levels(column))
    if column.dtype in (pl.String, pl.Categorical) or isinstance(column.dtype, pl.Enum):
        codes = column.cast(pl.String).cast(pl.Enum([str(level) for level in levels])).to_physical().to_numpy()
    else:
        codes = column.rank("dense").to_numpy() - 1
    return Factor(codes.astype(np.intp), levels)


def code_strata(frame: pl.DataFrame, names: str | Sequence[str] | None) -> Factor:
    """Code the combinations of levels of the columns `names` that occur; no name: one stratum, labelled `all`.

    The label of a combination is its level for one column, its levels joined by ` / ` for several.
    """
    columns = [names] if isinstance(names, str) else list(names or ())
    if not columns:
        return Factor(np.zeros(frame.height, dtype=np.intp), ("all",))
    factors = [code_factor(frame[name]) for name in columns]
    if len(factors) == 1:
        return factors[0]
    shape = tuple(len(factor.levels) for factor in factors)
    cells = np.ravel_multi_index(tuple(factor.codes for factor in factors), shape)
    present, codes = np.unique(cells, return_inverse=True)
    positions = np.transpose(np.unravel_index(present, shape))
    labels = [
        " / ".join(str(factor.levels[i]) for factor, i in zip(factors, cell, strict=True)) for cell in positions
    ]
    return Factor(codes.astype(np.intp), tuple(labels))
