"""What a dataset must be before anything is derived from it.

Each finding is one sentence that names file, dataset, variable and rows (counted from 1 under the header).
The keys and kinds are those that SDTMIG 3.4 and ADaMIG 1.3 give; nothing here knows a particular dataset.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from typing import Literal

import polars as pl

from equipoise.datasets.dataset import Dataset
from equipoise.errors import DataError

Kind = Literal["text", "number", "date"]
_SHOWN = 5


def check_dataset(dataset: Dataset, required: Mapping[str, Kind], keys: Sequence[str] = ()) -> list[str]:
    """List what is wrong with `dataset`; empty where it can be used.

    `required` maps each variable that must be there to its kind; a variable without any value is of every kind.
    `keys` are the variables that together name a row: none may be missing, no two rows may agree in all.
    """
    findings: list[str] = []
    for name, kind in required.items():
        findings += _check_variable(dataset, name, kind)
    absent = [name for name in keys if name not in dataset.frame.columns]
    findings += [_absent(dataset, name) for name in absent if name not in required]
    if keys and not absent:
        findings += _check_keys(dataset, keys)
    return findings


def require_dataset(dataset: Dataset, required: Mapping[str, Kind], keys: Sequence[str] = ()) -> Dataset:
    """Return `dataset` unchanged; raises DataError with every finding of `check_dataset`, a line each."""
    findings = check_dataset(dataset, required, keys)
    if findings:
        raise DataError("\n".join(findings))
    return dataset


def check_known_values(dataset: Dataset, variable: str, allowed: Collection[str]) -> list[str]:
    """List the values of a text variable that are not in `allowed`; missing values pass."""
    if variable not in dataset.frame.columns:
        return [_absent(dataset, variable)]
    values = dataset.frame[variable]
    unknown = (
        values.filter(values.is_not_null() & ~values.is_in(list(allowed))).unique(maintain_order=True).to_list()
    )
    return [
        f"{dataset.origin} variable {variable} must be one of {', '.join(map(repr, allowed))}"
        f"{_did_you_mean(str(value), allowed)}; rows {show_rows(values == value)}. Got {value!r}"
        for value in unknown
    ]


def require_known_values(dataset: Dataset, variable: str, allowed: Collection[str]) -> Dataset:
    """Return `dataset` unchanged; raises DataError with every finding of `check_known_values`."""
    findings = check_known_values(dataset, variable, allowed)
    if findings:
        raise DataError("\n".join(findings))
    return dataset


def require_variables(frame: pl.DataFrame, names: Sequence[str], what: str) -> None:
    """Raise DataError where `frame`, called `what` in the message, lacks one of the variables `names`."""
    absent = [name for name in names if name not in frame.columns]
    if absent:
        raise DataError(
            f"{what} needs variable {', '.join(absent)}{_did_you_mean(absent[0], frame.columns)}; "
            f"it has {', '.join(frame.columns)}"
        )


def _check_variable(dataset: Dataset, name: str, kind: Kind) -> list[str]:
    if name not in dataset.frame.columns:
        return [_absent(dataset, name)]
    column = dataset.frame[name]
    found = _kind_of(column)
    if column.null_count() == len(column):
        return []
    if found != kind:
        example = column.drop_nulls()[0]
        hint = ""
        if kind == "number" and found == "text":
            wrong = column.is_not_null() & column.cast(pl.Float64, strict=False).is_null()
            example = column.filter(wrong).first() or example
            hint = f"; rows {show_rows(wrong)} are no numbers, leave missing values empty" if wrong.any() else ""
        return [f"{dataset.origin} variable {name} must hold {kind}, not {found}{hint}. Got {example!r}"]
    if kind == "number" and column.dtype.is_float() and not column.drop_nulls().is_finite().all():
        rows = show_rows(column.is_infinite())
        return [f"{dataset.origin} variable {name} must hold finite numbers; rows {rows}. Got inf"]
    return []


def _check_keys(dataset: Dataset, keys: Sequence[str]) -> list[str]:
    frame = dataset.frame.select(keys)
    findings = [
        f"{dataset.origin} variable {name} is part of the key and must not be missing; rows {show_rows(missing)}"
        for name in keys
        if (missing := frame[name].is_null()).any()
    ]
    repeated = frame.is_duplicated()
    if repeated.any():
        twice = frame.filter(repeated).unique(maintain_order=True)
        for row in twice.head(_SHOWN).iter_rows(named=True):
            same = frame.select(
                pl.all_horizontal(pl.col(name).eq_missing(pl.lit(value)) for name, value in row.items()).alias(
                    "same"
                )
            )["same"]
            described = ", ".join(f"{name}={value}" for name, value in row.items())
            findings.append(
                f"{dataset.origin} must have one row for each {' '.join(keys)}; rows {show_rows(same)} agree"
                f"{f' ({twice.height} such keys in all)' if twice.height > _SHOWN else ''}. Got {described}"
            )
    return findings


def _kind_of(column: pl.Series) -> str:
    if column.dtype == pl.String:
        return "text"
    if column.dtype.is_numeric():
        return "number"
    if column.dtype == pl.Date or isinstance(column.dtype, pl.Datetime):
        return "date"
    return str(column.dtype).lower()


def _absent(dataset: Dataset, name: str) -> str:
    columns = dataset.frame.columns
    return f"{dataset.origin} lacks variable {name}{_did_you_mean(name, columns)}; it has {', '.join(columns)}"


def _did_you_mean(name: str, names: Collection[str]) -> str:
    close = {other.casefold(): other for other in names}
    found = get_close_matches(name.casefold(), list(close), n=3, cutoff=0.6)
    return f"; did you mean {' or '.join(repr(close[other]) for other in found)}?" if found else ""


def show_rows(where: pl.Series) -> str:
    """Return the rows (from 1) where a condition holds: the first five, and how many there are beyond."""
    numbers = (where.fill_null(value=False).arg_true() + 1).to_list()
    return ", ".join(map(str, numbers[:_SHOWN])) + (f", ... ({len(numbers)})" if len(numbers) > _SHOWN else "")
