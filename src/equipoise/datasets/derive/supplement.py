"""Supplemental qualifiers: SUPP-- joined to the domain that they qualify, a variable for each QNAM.

IDVAR names the variable of the parent that finds the record (empty in DM, where the participant does),
IDVARVAL its value as text. Source: SDTMIG 3.4 section 8.4.
"""

from __future__ import annotations

import polars as pl

from equipoise.datasets.check import require_variables
from equipoise.errors import DataError


def derive_with_supplement(parent: pl.DataFrame, supplement: pl.DataFrame) -> pl.DataFrame:
    """Return `parent` with a text variable for each QNAM of `supplement`, missing where it says nothing.

    Raises DataError where a QNAM is already a variable of `parent`, or has two values for one record.
    """
    require_variables(
        supplement, ["USUBJID", "IDVAR", "IDVARVAL", "QNAM", "QVAL"], "supplemental qualifiers (SUPP--)"
    )
    joined = parent
    for (idvar,), rows in supplement.group_by(["IDVAR"], maintain_order=True):
        joined = _join(joined, rows, idvar if isinstance(idvar, str) else None)
    return joined


def _join(parent: pl.DataFrame, rows: pl.DataFrame, idvar: str | None) -> pl.DataFrame:
    keys = ["USUBJID", "_id"] if idvar else ["USUBJID"]
    taken = [name for name in rows["QNAM"].unique() if name in parent.columns]
    if taken:
        raise DataError(f"QNAM must not be a variable of the domain that it qualifies. Got {', '.join(taken)}")
    values = rows.select(*keys[:1], "QNAM", pl.col("QVAL").cast(pl.String), _id=_as_text(rows["IDVARVAL"]))
    repeated = values.filter(values.select(*keys, "QNAM").is_duplicated())
    if len(repeated):
        raise DataError(
            f"supplemental qualifier {repeated['QNAM'][0]} must have one value for each record. "
            f"Got two for {repeated['USUBJID'][0]}"
        )
    wide = values.pivot("QNAM", index=keys, values="QVAL")
    if idvar is None:
        return parent.join(wide, on="USUBJID", how="left", maintain_order="left")
    require_variables(parent, [idvar], "the domain of the supplemental qualifiers")
    keyed = parent.with_columns(_id=_as_text(parent[idvar]))
    return keyed.join(wide, on=keys, how="left", maintain_order="left").drop("_id")


def _as_text(column: pl.Series) -> pl.Series:
    if column.dtype.is_float():
        column = column.cast(pl.Int64)
    return column.cast(pl.String)
