"""Participant variables of the protocol, each from the first of four places that the data can give.

These are ADSL, the records of a form, an item's baseline value, and a rule, which is evaluated when every variable
that it names is there. A flag that the data leave empty instead of N (ADaMIG 1.3, 3.1.4) is N.
"""

from collections.abc import Collection, Mapping

import polars as pl

from ...errors import DataError
from ...protocol import Protocol, names_in, parse_expression
from ...protocol.model import ParticipantVariable
from ..check import check_known_values, require_dataset
from ..dataset import Dataset
from ..derive.dates import study_day
from .columns import as_text


def add_variables(
    participants: pl.DataFrame,
    protocol: Protocol,
    adsl: Dataset,
    *,
    needed: Collection[str],
    baselines: Mapping[str, pl.DataFrame],
    recorded: Mapping[str, pl.DataFrame],
    derived: bool,
) -> tuple[pl.DataFrame, dict[str, str]]:
    """Add the variables of `protocol` to `participants`; return also, by variable, why one is not there.

    `baselines` holds `participant` and `value` by item, `recorded` by variable. `derived` says that ADSL was
    derived from SDTM: then a variable that is not found is reported, while a delivered ADSL must have it if an
    analysis needs it (`needed`), or DataError is raised. Raises DataError for values of the wrong kind or outside
    the codes.
    """
    frame, absent = participants, dict[str, str]()
    waiting: dict[str, ParticipantVariable] = {}
    for name, variable in protocol.variables.items():
        if name in frame.columns:
            continue
        column = next((n for n in variable.adam if n in adsl.frame.columns), None)
        if column is not None:
            frame = frame.with_columns(_from_adsl(frame, adsl, column, variable).alias(name))
        elif (values := recorded.get(name, baselines.get(variable.item or ""))) is not None:
            values = values.rename({"value": name})
            frame = frame.join(values, on="participant", how="left", maintain_order="left")
        elif variable.rule:
            waiting[name] = variable
        else:
            absent[name] = _not_found(name, variable, adsl)
            if variable.adam and not variable.item and not derived and name in needed:
                require_dataset(adsl, {variable.adam[0]: "number" if variable.type == "number" else "text"})
    while ready := [n for n, v in waiting.items() if set(names_in(v.rule or "")) <= set(frame.columns)]:
        for name in ready:
            frame = frame.with_columns(_from_rule(frame, name, waiting.pop(name)))
    for name, variable in waiting.items():
        lacking = [n for n in names_in(variable.rule or "") if n not in frame.columns]
        absent[name] = f"{name} is derived from {', '.join(lacking)}, which the data lack"
    return frame, absent


def _from_adsl(frame: pl.DataFrame, adsl: Dataset, name: str, variable: ParticipantVariable) -> pl.Series:
    column = frame[name]
    if variable.type == "number":
        require_dataset(adsl, {name: "number"})
        return column.cast(pl.Float64)
    if variable.type == "day":
        if column.dtype.is_temporal():
            return frame.select(study_day(pl.col(name).cast(pl.Date), pl.col("reference_date")).cast(pl.Int64))[
                name
            ]
        require_dataset(adsl, {name: "number"})
        return column.cast(pl.Int64)
    text = as_text(column)
    if variable.type == "yes or no":
        require_codes(adsl, name, {"Y": "", "N": ""})
        return text if (text == "N").any() else text.fill_null("N")
    if variable.type == "code":
        require_codes(adsl, name, variable.codes)
    return text


def require_codes(dataset: Dataset, name: str, codes: Mapping[str, object]) -> None:
    """Raise DataError, with rows, where a variable holds a value that is not one of `codes`; missing passes."""
    texts = Dataset(dataset.name, pl.DataFrame({name: as_text(dataset.frame[name])}), dataset.path, dataset.format)
    if findings := check_known_values(texts, name, list(codes)):
        raise DataError(findings[0])


def _from_rule(frame: pl.DataFrame, name: str, variable: ParticipantVariable) -> pl.Series:
    found = frame.select(parse_expression(variable.rule or "").alias(name))[name]
    if variable.type == "number":
        return found.cast(pl.Float64)
    return found.cast(pl.Int64 if variable.type == "day" else pl.String)


def _not_found(name: str, variable: ParticipantVariable, adsl: Dataset) -> str:
    if variable.adam:
        return f"{adsl.file} has no {' or '.join(variable.adam)}, from which {name} would be taken"
    if variable.item:
        return f"the data hold no values of {variable.item}, whose baseline {name} would be"
    return f"the protocol does not say where {name} is found in the data: give it `adam`, `item` or `rule`"
