"""Times to events: delivered as a parameter (ADTTE), or derived from the rule of an estimand.

A time is a study day, day 1 being the start, in the unit of the estimand. A derived time ends with the first
occurrence after the start, or is censored on the day that the estimand names, else when the participant was last
seen.
- of a measurement: the first analysed record after day 1 at which the rule holds and, where the estimand asks for
  it, also holds at the next visit with a value;
- of an adverse event: the first event for which the rule holds, begun on day 1 or later;
- of a participant: the earliest of the days that the rule names, where the rule holds.
Source: ADaM Basic Data Structure for Time-to-Event Analyses 1.0.
"""

from collections.abc import Mapping

import polars as pl

from ...errors import DataError
from ...protocol import Protocol, Quantity, names_in, parse_expression
from ...protocol.model import Endpoint, Estimand
from ..baseline import replace_baseline
from ..check import require_dataset
from ..dataset import Dataset
from .columns import source, text_or_null
from .events import with_participants

VARIABLES = ("USUBJID", "PARAMCD", "AVAL", "CNSR", "EVNTDESC", "CNSDTDSC", "AVALU")
_UNITS = {"DAYS": "d", "DAY": "d", "WEEKS": "week", "WEEK": "week", "MONTHS": "month", "MONTH": "month"}
_UNITS |= {"YEARS": "year", "YEAR": "year"}


def read_times(dataset: Dataset, endpoint: Endpoint) -> pl.DataFrame:
    """Return the delivered times of the endpoint's parameter, in the unit of the endpoint.

    AVAL is in days unless AVALU says otherwise; CNSR is 0 for an event. Raises DataError where a variable is
    absent or of the wrong kind, a participant has two times, a row has no time or AVALU another unit.
    """
    assert endpoint.parameter is not None
    require_dataset(dataset, {"USUBJID": "text", "PARAMCD": "text", "AVAL": "number", "CNSR": "number"})
    frame = dataset.frame.with_row_index("_row", offset=1).filter(pl.col("PARAMCD") == endpoint.parameter)
    for name in ("AVAL", "CNSR"):
        if frame[name].null_count():
            rows = ", ".join(map(str, frame.filter(pl.col(name).is_null())["_row"].head(5)))
            raise DataError(
                f"{dataset.origin} variable {name} must not be missing in a time to event; rows {rows}"
            )
    require_one_each(dataset, frame, "USUBJID", endpoint.parameter)
    factors = {said: Quantity.parse(f"1 {unit}").to(endpoint.unit) for said, unit in _UNITS.items()}
    said = text_or_null(frame, "AVALU").str.to_uppercase().fill_null("DAYS")
    frame = frame.with_columns(_factor=said.replace_strict(factors, default=None, return_dtype=pl.Float64))
    if frame["_factor"].null_count():
        wrong = frame.filter(pl.col("_factor").is_null()).row(0, named=True)
        raise DataError(
            f"{dataset.origin} variable AVALU must be the unit of a time, one of {', '.join(_UNITS)}; "
            f"row {wrong['_row']}. Got {wrong['AVALU']}"
        )
    return frame.select(
        participant=pl.col("USUBJID"),
        time=pl.col("AVAL").cast(pl.Float64) * pl.col("_factor"),
        event=pl.col("CNSR") == 0,
        description=text_or_null(frame, "EVNTDESC"),
        source=source(dataset.name, pl.col("_row")),
    )


def require_one_each(dataset: Dataset, frame: pl.DataFrame, key: str, what: str) -> None:
    """Raise DataError, with rows (`_row`), where a participant has two times."""
    twice = frame.filter(pl.col(key).is_duplicated())
    if twice.height:
        first = twice[key][0]
        rows = ", ".join(map(str, twice.filter(pl.col(key) == first)["_row"].head(5)))
        raise DataError(
            f"{dataset.origin} must have one time to {what} for each participant ({key}); rows {rows}. Got {first}"
        )


def derive_times(
    estimand: Estimand,
    participants: pl.DataFrame,
    measurements: Mapping[str, pl.DataFrame],
    adverse_events: pl.DataFrame | None,
    protocol: Protocol,
) -> pl.DataFrame | str:
    """Derive the times of an estimand from its rule; a sentence where the data lack what the rule needs."""
    endpoint = estimand.variable
    rule = endpoint.rule or ""
    if endpoint.of == "adverse event":
        if adverse_events is None:
            return "the data hold no adverse events"
        rows = with_participants(adverse_events, participants).with_columns(_day=pl.col("start_day"))
    elif endpoint.of == "participant":
        days = [n for n in names_in(rule) if n in participants.columns and participants.schema[n] == pl.Int64]
        if not days:
            return f"the rule `{rule}` names no day of the participants, so that it has no time"
        rows = participants.with_columns(_day=pl.min_horizontal(days), source=pl.lit("participants"))
    else:
        item = endpoint.item or ""
        if item not in measurements:
            return f"the data hold no measurements of {item}"
        rows = _at_visits(endpoint, measurements[item], participants, protocol)
    lacking = [name for name in names_in(rule) if name not in rows.columns]
    if lacking:
        return f"the rule `{rule}` names {', '.join(lacking)}, which the data lack"
    rows = rows.with_columns(_holds=parse_expression(rule).fill_null(value=False))
    if endpoint.confirmed_by is not None:
        rows = rows.with_columns(_holds=pl.col("_holds") & pl.col("_holds").shift(-1).over("participant"))
    first = (
        rows.filter(pl.col("_holds").fill_null(value=False) & (pl.col("_day") >= 1))
        .sort("_day", maintain_order=True)
        .unique("participant", keep="first", maintain_order=True)
        .select("participant", "_day", "source")
    )
    return _with_censoring(endpoint, participants, first)


def _at_visits(
    endpoint: Endpoint, measured: pl.DataFrame, participants: pl.DataFrame, protocol: Protocol
) -> pl.DataFrame:
    """Return the analysed records after baseline in the order of time, with the names that a rule may use."""
    if endpoint.baseline:
        measured = replace_baseline(measured, endpoint.baseline)
    targets = {name: visit.target for name, visit in protocol.schedule.visits.items()}
    target = pl.col("visit").replace_strict(targets, default=None, return_dtype=pl.Int64)
    start = targets[endpoint.from_visit] if endpoint.from_visit is not None else 2
    rows = (
        measured.filter(pl.col("analysed") & pl.col("imputed").is_null() & (target >= start))
        .with_columns(_day=pl.coalesce(pl.col("day"), target), _target=target)
        .sort("participant", "_target", maintain_order=True)
    )
    return with_participants(rows, participants).with_columns(pl.col("value").alias(endpoint.item or "value"))


def _with_censoring(endpoint: Endpoint, participants: pl.DataFrame, first: pl.DataFrame) -> pl.DataFrame:
    censored = parse_expression(endpoint.censored) if endpoint.censored else pl.col("last_seen_day")
    factor = Quantity.parse("1 d").to(endpoint.unit)
    joined = participants.select("participant", _censored=censored.cast(pl.Int64)).join(
        first, on="participant", how="left", maintain_order="left"
    )
    event = pl.col("_day").is_not_null() & (
        pl.col("_censored").is_null() | (pl.col("_day") <= pl.col("_censored"))
    )
    if endpoint.censored is None:
        event = pl.col("_day").is_not_null()
    return (
        joined.select(
            "participant",
            time=pl.when(event).then("_day").otherwise(pl.max_horizontal("_censored", pl.lit(1))).cast(pl.Float64)
            * factor,
            event=event,
            description=pl.when(event).then(pl.lit("event")).otherwise(pl.lit("censored")),
            source=pl.when(event).then("source").otherwise(pl.lit("participants")),
            _known=event | pl.col("_censored").is_not_null(),
        )
        .filter("_known")
        .drop("_known")
    )
