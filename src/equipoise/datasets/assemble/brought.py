"""Data that are not CDISC's, by the protocol's section `data`: which column of which file holds what.

A code of a file is compared as text, whole numbers without a decimal point. Baseline is the last value at a visit
up to day 1; the change is given at later visits. A value counts for the day at which its visit is aimed, as such
files hold no dates.
"""

from collections.abc import Mapping

import polars as pl

from ...errors import DataError
from ...protocol import Protocol, Quantity, names_in, parse_expression
from ...protocol.model import Column, Measurements
from ...protocol.model.data import Code, Participants
from ..analysis_data import AnalysisData
from ..baseline import percent_change
from ..check import check_dataset, require_dataset, require_known_values
from ..dataset import Dataset
from ..folder import DataFolder
from .columns import as_text, source
from .measurements import find_baselines
from .participants import UNTOLD, match_arms, require_allocated, require_participants
from .times import require_one_each
from .variables import add_variables


def assemble_brought(protocol: Protocol, folder: DataFolder) -> AnalysisData:
    """Return the data that the protocol's section `data` describes.

    Raises DataError where a file or column is absent, a value is of the wrong kind or has no meaning under
    `codes`, a participant stands twice, or an arm has no participant.
    """
    plan = protocol.data
    assert plan is not None
    dataset = _filtered(folder.read(plan.participants.dataset), plan.participants)
    people, adsl = _participants(dataset, plan.participants, protocol)
    measured: dict[str, pl.DataFrame] = {}
    for part in plan.measurements:
        measured |= _measurements(folder.read(part.dataset), part, protocol)
    people, absent = add_variables(
        people, protocol, adsl, needed=(), baselines=find_baselines(measured), recorded={}, derived=True
    )
    times = {key: _times(folder, key, protocol) for key in plan.times}
    for estimand in protocol.estimands.values():
        parameter = estimand.variable.parameter
        if estimand.variable.kind == "time to event" and parameter is not None and parameter not in times:
            absent[parameter] = f"the protocol's section `data` does not say where the times to {parameter} are"
    origin = {"participants": dataset.file} | {
        item: folder.read(part.dataset).file
        for part in plan.measurements
        for item in (*part.items, part.item)
        if item
    }
    nothing = "the data brought along hold no"
    absent |= {
        name: f"the data do not tell {words}" for name, words in UNTOLD.items() if name not in people.columns
    }
    return AnalysisData(
        participants=people,
        measurements={item: frame.filter(_known(frame, people)) for item, frame in measured.items()},
        parameters={item: _parameter_label(protocol, item) for item in measured},
        times=times,
        origin=origin | {key: folder.read(plan.times[key].dataset).file for key in times},
        absent=absent | {"adverse_events": f"{nothing} adverse events", "deviations": f"{nothing} deviations"},
    )


def _known(frame: pl.DataFrame, people: pl.DataFrame) -> pl.Series:
    return frame["participant"].is_in(people["participant"].implode())


def _parameter_label(protocol: Protocol, item: str) -> str:
    declared = protocol.items[item]
    unit = f" ({declared.unit})" if declared.unit else ""
    return f"{declared.label.say()}{unit}"


def _filtered(dataset: Dataset, plan: Participants) -> Dataset:
    if plan.where is None:
        return dataset
    _require_columns(dataset, names_in(plan.where))
    kept = dataset.frame.filter(parse_expression(plan.where))
    return Dataset(dataset.name, kept, dataset.path, dataset.format, dataset.labels, dataset.label)


def _participants(dataset: Dataset, plan: Participants, protocol: Protocol) -> tuple[pl.DataFrame, Dataset]:
    """Return participants with what every trial has, and a dataset with the mapped variables by their ids."""
    _require_columns(dataset, [plan.key, plan.arm.column, *(c.column for c in plan.variables.values())])
    require_dataset(dataset, {}, keys=[plan.key])
    require_participants(dataset)
    arm = as_text(dataset.frame[plan.arm.column])
    if plan.arm.codes:
        ids = _decoded(dataset, plan.arm.column, plan.arm.codes)
        require_allocated(dataset, plan.arm.column, ids, protocol)
    else:
        ids = match_arms(dataset, plan.arm.column, arm, protocol)
    labels = {name: plan.label.say() for name, plan in protocol.arms.items()}
    columns = {name: _column(dataset, column, name, protocol) for name, column in plan.variables.items()}
    mapped = pl.DataFrame([series.alias(name) for name, series in columns.items()])
    frame = dataset.frame.select(
        participant=as_text(dataset.frame[plan.key]),
        arm=ids,
        arm_label=ids.replace_strict(labels, return_dtype=pl.String),
        randomised=ids.is_not_null(),
    )
    return frame.hstack(mapped).sort("participant"), Dataset(
        dataset.name, pl.DataFrame(), dataset.path, dataset.format
    )


def _column(dataset: Dataset, column: Column, name: str, protocol: Protocol) -> pl.Series:
    """Return a mapped column in the type of the participant variable."""
    variable = protocol.variables.get(name)
    if column.codes:
        return _decoded(dataset, column.column, column.codes)
    if variable is not None and variable.type in ("number", "day"):
        require_dataset(dataset, {column.column: "number"})
        return dataset.frame[column.column].cast(pl.Float64 if variable.type == "number" else pl.Int64)
    text = as_text(dataset.frame[column.column])
    if variable is not None and variable.type in ("code", "yes or no"):
        allowed = list(variable.codes) or ["Y", "N"]
        _refuse_unknown(dataset, column.column, text, allowed)
    return text


def _decoded(dataset: Dataset, name: str, codes: Mapping[Code, str]) -> pl.Series:
    """Return the meaning of each code; DataError with rows for a code without one."""
    text = as_text(dataset.frame[name])
    meanings = {str(code).removesuffix(".0"): meaning for code, meaning in codes.items()}
    _refuse_unknown(dataset, name, text, list(meanings))
    return text.replace_strict(meanings, default=None, return_dtype=pl.String)


def _refuse_unknown(dataset: Dataset, name: str, text: pl.Series, allowed: list[str]) -> None:
    require_known_values(Dataset(dataset.name, pl.DataFrame({name: text}), dataset.path), name, allowed)


def _require_columns(dataset: Dataset, names: tuple[str, ...] | list[str]) -> None:
    for name in names:
        if name not in dataset.frame.columns:
            raise DataError(check_dataset(dataset, {name: "text"})[0])


def _measurements(dataset: Dataset, plan: Measurements, protocol: Protocol) -> dict[str, pl.DataFrame]:
    _require_columns(dataset, [plan.key])
    if plan.items:
        return {item: _wide(dataset, plan.key, columns, protocol) for item, columns in plan.items.items()}
    assert plan.item is not None and plan.visit is not None
    _require_columns(
        dataset, [plan.visit.column, *(names_in(plan.compute) if plan.compute else [plan.value or ""])]
    )
    if plan.value:
        require_dataset(dataset, {plan.value: "number"})
    values = dataset.frame.select(parse_expression(plan.compute) if plan.compute else pl.col(plan.value or ""))
    rows = pl.DataFrame(
        {
            "participant": as_text(dataset.frame[plan.key]),
            "visit": _decoded(dataset, plan.visit.column, plan.visit.codes)
            if plan.visit.codes
            else as_text(dataset.frame[plan.visit.column]),
            "value": values.to_series().cast(pl.Float64),
            "_row": pl.Series(range(1, dataset.frame.height + 1)),
        }
    ).drop_nulls("value")
    twice = rows.filter(rows.select("participant", "visit").is_duplicated())
    if twice.height:
        first = twice.row(0, named=True)
        same = twice.filter((pl.col("participant") == first["participant"]) & (pl.col("visit") == first["visit"]))
        raise DataError(
            f"{dataset.origin} must have one value of {plan.item} for each participant ({plan.key}) and visit; "
            f"rows {', '.join(map(str, same['_row']))} agree. Got {first['participant']} at {first['visit']}"
        )
    return {plan.item: _with_baseline(rows, dataset, protocol)}


def _wide(dataset: Dataset, key: str, columns: Mapping[str, str], protocol: Protocol) -> pl.DataFrame:
    _require_columns(dataset, list(columns.values()))
    parts = []
    for visit, name in columns.items():
        require_dataset(dataset, {name: "number"})
        parts.append(
            pl.DataFrame(
                {
                    "participant": as_text(dataset.frame[key]),
                    "visit": pl.repeat(visit, dataset.frame.height, dtype=pl.String, eager=True),
                    "value": dataset.frame[name].cast(pl.Float64),
                    "_row": pl.Series(range(1, dataset.frame.height + 1)),
                }
            ).drop_nulls("value")
        )
    return _with_baseline(pl.concat(parts), dataset, protocol)


def _with_baseline(rows: pl.DataFrame, dataset: Dataset, protocol: Protocol) -> pl.DataFrame:
    days = {name: visit.target for name, visit in protocol.schedule.visits.items()}
    labels = {name: protocol.visit_label(name) for name in protocol.schedule.visits}
    placed = rows.with_columns(
        visit_label=pl.col("visit").replace_strict(labels, default=pl.col("visit"), return_dtype=pl.String),
        day=pl.col("visit").replace_strict(days, default=None, return_dtype=pl.Int64),
    ).sort("participant", "day", maintain_order=True)
    before = placed.filter(pl.col("day") <= 1).unique("participant", keep="last", maintain_order=True)
    change = pl.when(pl.col("day") > 1).then(pl.col("value") - pl.col("baseline"))
    nothing = {
        name: pl.lit(None, pl.String) for name in ("imputed", "range_indicator", "baseline_range_indicator")
    }
    return (
        placed.join(before.select("participant", baseline=pl.col("value")), on="participant", how="left")
        .sort("participant", "day", maintain_order=True)
        .with_columns(change=change)
        .with_columns(percent_change=percent_change())
        .select(
            *("participant", "visit", "visit_label", "day", "value", "baseline", "change", "percent_change"),
            **nothing,
            analysed=pl.lit(value=True),
            grade=pl.lit(None, pl.Float64),
            baseline_grade=pl.lit(None, pl.Float64),
            source=source(dataset.name, pl.col("_row")),
        )
    )


def _times(folder: DataFolder, key: str, protocol: Protocol) -> pl.DataFrame:
    assert protocol.data is not None
    plan = protocol.data.times[key]
    dataset = folder.read(plan.dataset)
    _require_columns(dataset, [plan.key, plan.time, *names_in(plan.event)])
    require_dataset(dataset, {plan.time: "number"})
    wanted = next((e.variable.unit for e in protocol.estimands.values() if e.variable.parameter == key), plan.unit)
    factor = Quantity.parse(f"1 {plan.unit}").to(wanted)
    frame = dataset.frame.with_row_index("_row", offset=1).select(
        "_row",
        participant=as_text(dataset.frame[plan.key]),
        time=pl.col(plan.time).cast(pl.Float64) * factor,
        event=parse_expression(plan.event).cast(pl.Boolean),
    )
    lacking = frame.filter(pl.col("time").is_null() | pl.col("event").is_null())["_row"]
    if len(lacking):
        rows = ", ".join(map(str, lacking.head(5)))
        raise DataError(
            f"{dataset.origin} variable {plan.time} and what `{plan.event}` names must not be missing; rows {rows}"
        )
    each = frame.unique(["participant", "time", "event"], keep="first", maintain_order=True)
    require_one_each(dataset, each, "participant", key)
    return each.select(
        "participant",
        "time",
        "event",
        description=pl.when("event").then(pl.lit("event")).otherwise(pl.lit("censored")),
        source=source(dataset.name, pl.col("_row")),
    ).sort("participant")
