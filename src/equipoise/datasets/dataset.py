"""A dataset: one frame with its name, where it came from and what its variables are called.

Every reader returns one, every writer takes one. Whatever the format, the frame has the same form (`conform`):
text without blanks at its ends and null where it is empty; whole numbers Int64, other numbers Float64, never
NaN; a date-time that is midnight in every row is a Date; identifiers are text even where a program stored them
as numbers, so that datasets of different origin join. SDTMIG 3.4 section 4 and ADaMIG 1.3 section 3 know three
kinds of variable (text, number, date), and so do the checks of this package.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from equipoise.errors import DataError

IDENTIFIERS = frozenset({"STUDYID", "DOMAIN", "USUBJID", "SUBJID", "SITEID"})
"""Variables that SDTM and ADaM declare as text and that programs like to turn into numbers."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """One dataset: `name` in lower case, `frame`, and what its file said about it.

    `labels` maps a variable to its description, `label` describes the dataset; both are empty where the format
    has none. `path` and `format` are those of the file, None and "" for a derived dataset.
    """

    name: str
    frame: pl.DataFrame
    path: Path | None = None
    format: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    label: str = ""

    @property
    def origin(self) -> str:
        """How an error names this dataset: its file, or that it was derived."""
        return f"{self.path} ({self.name})" if self.path else f"derived dataset {self.name}"

    @property
    def file(self) -> str:
        """How a report names this dataset: its file without the folder, which says nothing of the data."""
        return f"{self.path.name} ({self.name})" if self.path else f"derived dataset {self.name}"


def conform(frame: pl.DataFrame, where: str) -> pl.DataFrame:
    """Return `frame` in the one form that all readers give (see the head of this module).

    `where` opens the message. Raises DataError for a column that holds neither text, number nor date.
    """
    return frame.with_columns(
        _identifier(column) if column.name in IDENTIFIERS else _conform_column(column, where)
        for column in frame.iter_columns()
    )


def _conform_column(column: pl.Series, where: str) -> pl.Series:
    kind = column.dtype
    if isinstance(kind, pl.Categorical | pl.Enum | pl.Null):
        column, kind = column.cast(pl.String), pl.String()
    if kind == pl.String:
        return _without_blanks(column)
    if kind.is_integer():
        return column.cast(pl.Int64)
    if kind.is_float() or kind.is_decimal():
        return column.cast(pl.Float64).fill_nan(None)
    if isinstance(kind, pl.Datetime):
        return _date_where_midnight(column)
    if kind in (pl.Date, pl.Time, pl.Boolean):
        return column
    raise DataError(f"{where} variable {column.name} must hold text, numbers or dates; found {kind}")


def _without_blanks(column: pl.Series) -> pl.Series:
    stripped = column.str.strip_chars()
    return stripped.set(stripped == "", None)


def _date_where_midnight(column: pl.Series) -> pl.Series:
    moments = column.dt.replace_time_zone(None).dt.cast_time_unit("us")
    dates = moments.dt.date()
    return dates if (dates.cast(pl.Datetime("us")) == moments).all() else moments


def _identifier(column: pl.Series) -> pl.Series:
    if column.dtype.is_float() and (column.drop_nulls() % 1 == 0).all():
        column = column.cast(pl.Int64)
    return _without_blanks(column.cast(pl.String))
