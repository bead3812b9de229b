"""ADTTE: the time from a start to the first of some events, or to the last date at which none had been seen.

AVAL = ADT - STARTDT + 1 days, CNSR 0 for an event, above 0 for a censoring. Where the record came from stays
beside it: SRCDOM, SRCVAR, SRCSEQ.
Source: ADaM Basic Data Structure for Time-to-Event Analyses 1.0. Checked against ADTTE of the CDISC pilot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from equipoise.datasets.check import require_variables
from equipoise.datasets.derive.selection import ALWAYS, find_first
from equipoise.errors import DataError


@dataclass(frozen=True, eq=False)
class TimeSource:
    """Where dates of an event, or of a last contact, are found.

    `frame` has USUBJID and the Date variable `date`; `where` selects its rows; `domain` is its name (SRCDOM),
    `sequence` its variable --SEQ if it has one; `description` becomes EVNTDESC; `censoring` is CNSR for a source
    of censoring (1 or above; several reasons may bear several numbers).
    """

    frame: pl.DataFrame
    date: str
    description: str
    domain: str
    sequence: str | None = None
    where: pl.Expr = ALWAYS
    censoring: int = 1


def derive_time_to_event(
    adsl: pl.DataFrame,
    *,
    parameter: str,
    label: str,
    events: Sequence[TimeSource],
    censorings: Sequence[TimeSource],
    start: str = "TRTSDT",
    carried: Sequence[str] = ("TRT01P", "TRT01A"),
) -> pl.DataFrame:
    """Return one row for each participant of `adsl`, in its order.

    The event is the earliest date of all `events` on or after `start`; of one day the source named first and then
    the lowest sequence counts. Without an event, the latest date of all `censorings` is taken, at the earliest the
    start itself. Raises DataError where a participant has no start date, or neither event nor censoring date.
    """
    require_variables(adsl, ["USUBJID", start], "time to event")
    without = adsl.filter(pl.col(start).is_null())["USUBJID"]
    if len(without):
        raise DataError(
            f"time to event {parameter} needs {start} of every participant; leave out those without, as by an "
            f"analysis set. Got none for {_named(without)}"
        )
    started = adsl.select("USUBJID", STARTDT=pl.col(start))
    event = (
        _collect(events, started).filter(pl.col("ADT") >= pl.col("STARTDT")).with_columns(CNSR=pl.lit(0, pl.Int64))
    )
    event = event[find_first(event, ["USUBJID"], ["ADT", "_source", "SRCSEQ"])]
    last = _collect(censorings, started)
    last = last[find_first(last, ["USUBJID"], ["ADT", "_source", "SRCSEQ"], descending=[True, False, False])]
    last = last.with_columns(ADT=pl.max_horizontal("ADT", "STARTDT"))
    either = pl.concat([event, last.join(event, on="USUBJID", how="anti")]).drop("_source", "STARTDT")
    missing = adsl.join(either, on="USUBJID", how="anti")["USUBJID"]
    if len(missing):
        raise DataError(
            f"time to event {parameter} needs an event or a censoring date of every participant; add a source, as "
            f"the last visit. Got neither for {_named(missing)}"
        )
    renamed = {"TRT01P": "TRTP", "TRT01A": "TRTA"}
    kept = [pl.col(name).alias(renamed.get(name, name)) for name in carried if name in adsl.columns]
    return (
        adsl.select("USUBJID", *kept, STARTDT=pl.col(start))
        .join(either, on="USUBJID", how="left", maintain_order="left")
        .with_columns(
            PARAMCD=pl.lit(parameter),
            PARAM=pl.lit(label),
            AVAL=((pl.col("ADT") - pl.col("STARTDT")).dt.total_days() + 1).cast(pl.Float64),
            AVALU=pl.lit("DAYS"),
        )
    )


def _collect(sources: Sequence[TimeSource], started: pl.DataFrame) -> pl.DataFrame:
    found = []
    for number, source in enumerate(sources):
        named = [source.date, *([source.sequence] if source.sequence else [])]
        require_variables(source.frame, ["USUBJID", *named], f"time to event source {source.domain}")
        sequence = pl.col(source.sequence).cast(pl.Int64) if source.sequence else pl.lit(None, pl.Int64)
        found.append(
            source.frame.filter(source.where & pl.col(source.date).is_not_null()).select(
                "USUBJID",
                ADT=pl.col(source.date),
                CNSR=pl.lit(source.censoring, pl.Int64),
                EVNTDESC=pl.lit(source.description),
                SRCDOM=pl.lit(source.domain),
                SRCVAR=pl.lit(source.date),
                SRCSEQ=sequence,
                _source=pl.lit(number, pl.Int64),
            )
        )
    if not found:
        raise DataError("time to event needs at least one source of events and one of censoring dates. Got none")
    return pl.concat(found).join(started, on="USUBJID", how="inner", maintain_order="left")


def _named(participants: pl.Series) -> str:
    shown = ", ".join(participants.head(5).to_list())
    return shown + (f", ... ({len(participants)})" if len(participants) > 5 else "")
