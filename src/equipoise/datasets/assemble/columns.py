"""Columns of datasets in the types that the frames of `AnalysisData` have."""

import polars as pl

from ...errors import DataError
from ..check import require_dataset, show_rows
from ..dataset import Dataset


def as_text(column: pl.Series) -> pl.Series:
    """Return the values as text, whole numbers without a decimal point."""
    if column.dtype.is_float() and (column.drop_nulls() % 1 == 0).all():
        column = column.cast(pl.Int64)
    return column.cast(pl.String)


def text_or_null(frame: pl.DataFrame, *names: str) -> pl.Expr:
    """Return the first of the variables that the frame has, as text; null where it has none."""
    name = next((n for n in names if n in frame.columns), None)
    return pl.lit(None, pl.String) if name is None else pl.col(name).cast(pl.String)


def number_or_null(dataset: Dataset, *names: str) -> pl.Expr:
    """Return the first of the variables that the dataset has, as a number; DataError where it holds text."""
    name = next((n for n in names if n in dataset.frame.columns), None)
    if name is None:
        return pl.lit(None, pl.Float64)
    require_dataset(dataset, {name: "number"})
    return pl.col(name).cast(pl.Float64)


def day_or_null(dataset: Dataset, name: str) -> pl.Expr:
    """Return a study day of the dataset as a whole number; null where it has no such variable.

    Raises DataError, with rows, where the variable holds text or parts of days.
    """
    if name not in dataset.frame.columns:
        return pl.lit(None, pl.Int64)
    require_dataset(dataset, {name: "number"})
    column = dataset.frame[name]
    if column.dtype.is_float():
        broken = (column % 1) != 0
        if broken.any():
            where = f"{dataset.origin} variable {name}"
            first = column.filter(broken)[0]
            raise DataError(f"{where} must hold whole study days; rows {show_rows(broken)}. Got {first}")
    return pl.col(name).cast(pl.Int64)


def source(dataset: str, row: pl.Expr) -> pl.Expr:
    """Return where each record came from: the dataset and the row, counted from 1."""
    return pl.concat_str(pl.lit(f"{dataset} "), row.cast(pl.String))
