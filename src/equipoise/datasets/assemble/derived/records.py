"""Participant variables that follow from the records of a form: the day of the first, or whether there is any.

The records are those of the form's SDTM domain, told from other forms' records by --CAT where the form has a
category. An item is found under its `sdtm` name; one that has none stands in SUPP-- under the first eight letters
of its id (SDTMIG 3.4 section 8.4). The day of a record is its study day of the form's first date.
"""

from collections.abc import Mapping

import polars as pl

from ....protocol import Protocol, names_in, parse_expression
from ....protocol.model import Form, Item, ParticipantVariable
from ...check import require_dataset
from ...dataset import Dataset
from ...derive.dates import derive_date, study_day
from ...derive.supplement import derive_with_supplement
from ..columns import as_text
from ..shelf import Shelf


def derive_recorded(
    shelf: Shelf, protocol: Protocol, people: pl.DataFrame
) -> tuple[Mapping[str, pl.DataFrame], Mapping[str, str]]:
    """Return `participant` and `value` by variable, and by variable why it cannot be derived.

    A participant without a matching record has no day, and N for a flag. `people` has `participant` and
    `reference_date`. Raises DataError where a domain lacks a variable that the form's items name.
    """
    found: dict[str, pl.DataFrame] = {}
    absent: dict[str, str] = {}
    for name, variable in protocol.variables.items():
        if variable.recorded_in is None:
            continue
        form = protocol.forms[variable.recorded_in]
        domain = (form.sdtm or "").lower()
        if domain in shelf:
            found[name] = _values(_records(shelf, domain, form, variable, people), variable, people)
        else:
            there = ", ".join(shelf.folder.names)
            absent[name] = f"no dataset {domain} holds the records of {variable.recorded_in}; there are {there}"
    return found, absent


def qualifier(item_name: str, item: Item) -> str:
    """Return the SDTM variable, or the QNAM, of an item that has no test code."""
    return item.sdtm or item_name.replace("_", "")[:8].upper()


def _records(
    shelf: Shelf, domain: str, form: Form, variable: ParticipantVariable, people: pl.DataFrame
) -> pl.DataFrame:
    """Return the matching records: `participant` and `day`."""
    dataset = shelf.read(domain)
    frame = dataset.frame
    if f"supp{domain}" in shelf:
        frame = derive_with_supplement(frame, shelf.read(f"supp{domain}").frame)
    if form.category is not None:
        category = f"{domain.upper()}CAT"
        require_dataset(dataset, {category: "text"})
        frame = frame.filter(pl.col(category) == form.category)
    if frame.is_empty():  # supplemental qualifiers of records that are not there are not there either
        return pl.DataFrame(schema={"participant": pl.String, "day": pl.Int64})
    date = next((n for n, item in form.items.items() if item.type == "date"), None)
    used = {n: qualifier(n, form.items[n]) for n in names_in(variable.when)} if variable.when else {}
    if date is not None and variable.type == "day":
        used[date] = qualifier(date, form.items[date])
    require_dataset(Dataset(dataset.name, frame, dataset.path), dict.fromkeys(used.values(), "text"))
    columns = [_typed(frame[column], form.items[name]).alias(name) for name, column in used.items()]
    frame = pl.DataFrame([frame["USUBJID"].alias("participant"), *columns])
    if variable.when:
        frame = frame.filter(parse_expression(variable.when))
    if date is None or variable.type != "day":
        return frame.select("participant", day=pl.lit(None, pl.Int64))
    dated = derive_date(frame, date, "_date").join(
        people.select("participant", "reference_date"), on="participant", how="left", maintain_order="left"
    )
    return dated.select("participant", day=study_day(pl.col("_date"), pl.col("reference_date")).cast(pl.Int64))


def _typed(column: pl.Series, item: Item) -> pl.Series:
    return column.cast(pl.Float64) if item.is_number else as_text(column)


def _values(records: pl.DataFrame, variable: ParticipantVariable, people: pl.DataFrame) -> pl.DataFrame:
    first = records.group_by("participant").agg(pl.col("day").min(), pl.len().alias("n"))
    joined = people.select("participant").join(first, on="participant", how="left", maintain_order="left")
    flag = pl.when(pl.col("n").is_null()).then(pl.lit("N")).otherwise(pl.lit("Y"))
    return joined.select("participant", value=pl.col("day") if variable.type == "day" else flag)
