"""Adverse events and protocol deviations in the words of the protocol, from ADAE (or AE) and DV."""

import polars as pl

from ...protocol import Protocol, names_in, parse_expression
from ..check import require_dataset
from ..dataset import Dataset
from ..derive.dates import derive_date, study_day
from .columns import day_or_null, source, text_or_null

VARIABLES = (
    *("USUBJID", "AETERM", "AEDECOD", "AEBODSYS", "AESOC", "AESEV", "AETOXGR", "ATOXGR", "AESER", "AEREL", "AREL"),
    *("AEOUT", "AEACN", "AESDTH", "TRTEMFL", "CQ01NAM", "ASTDY", "AENDY", "AESTDY", "AEENDY", "ASEV"),
)


def read_adverse_events(dataset: Dataset, participants: pl.DataFrame, protocol: Protocol) -> pl.DataFrame:
    """Return the adverse events of participants, in the order of the dataset.

    `special_interest` is the customised query of the data (CQ01NAM), else the label of the first group of the
    protocol (`safety.special_interest`) whose rule holds. Raises DataError where a variable is absent or of the
    wrong kind.
    """
    require_dataset(dataset, {"USUBJID": "text", "AEDECOD": "text", "AESER": "text", "TRTEMFL": "text"})
    frame = dataset.frame.with_row_index("_row", offset=1)
    start = "ASTDY" if "ASTDY" in frame.columns else "AESTDY"
    end = "AENDY" if "AENDY" in frame.columns else "AEENDY"
    events = frame.select(
        participant=pl.col("USUBJID"),
        term=pl.col("AEDECOD"),
        reported_term=text_or_null(frame, "AETERM"),
        system_organ_class=text_or_null(frame, "AEBODSYS", "AESOC"),
        severity=text_or_null(frame, "ASEV", "AESEV"),
        grade=_grade(frame),
        serious=text_or_null(frame, "AESER"),
        causality=text_or_null(frame, "AREL", "AEREL"),
        outcome=text_or_null(frame, "AEOUT"),
        action_taken=text_or_null(frame, "AEACN"),
        fatal=_fatal(frame),
        treatment_emergent=text_or_null(frame, "TRTEMFL"),
        special_interest=text_or_null(frame, "CQ01NAM"),
        start_day=day_or_null(dataset, start),
        end_day=day_or_null(dataset, end),
        source=source(dataset.name, pl.col("_row")),
    ).filter(pl.col("participant").is_in(participants["participant"].implode()))
    return _with_special_interest(events, participants, protocol)


def fatal_days(events: pl.DataFrame) -> pl.DataFrame:
    """Return the day of each fatal event: `participant`, `death_day`."""
    return events.filter(pl.col("fatal") == "Y").select(
        "participant", death_day=pl.coalesce("end_day", "start_day")
    )


def read_deviations(dataset: Dataset, participants: pl.DataFrame) -> pl.DataFrame:
    """Return the protocol deviations of participants: category, term, study day.

    Raises DataError where a variable is absent or of the wrong kind.
    """
    require_dataset(dataset, {"USUBJID": "text", "DVTERM": "text"})
    frame = dataset.frame.with_row_index("_row", offset=1)
    day = day_or_null(dataset, "DVSTDY" if "DVSTDY" in frame.columns else "ADY")
    if "DVSTDY" not in frame.columns and "DVSTDTC" in frame.columns:
        references = participants.select(USUBJID=pl.col("participant"), _reference=pl.col("reference_date"))
        frame = derive_date(frame, "DVSTDTC", "_date").join(
            references, on="USUBJID", how="left", maintain_order="left"
        )
        day = study_day(pl.col("_date"), pl.col("_reference")).cast(pl.Int64)
    return frame.select(
        participant=pl.col("USUBJID"),
        category=text_or_null(frame, "DVCAT", "DVDECOD", "ACAT1"),
        term=pl.col("DVTERM"),
        day=day,
        source=source(dataset.name, pl.col("_row")),
    ).filter(pl.col("participant").is_in(participants["participant"].implode()))


def _grade(frame: pl.DataFrame) -> pl.Expr:
    name = next((n for n in ("ATOXGR", "AETOXGR") if n in frame.columns), None)
    if name is None:
        return pl.lit(None, pl.Float64)
    return pl.col(name).cast(pl.String).str.extract(r"(\d)").cast(pl.Float64)


def _fatal(frame: pl.DataFrame) -> pl.Expr:
    """Whether the event led to death: AESDTH, else the outcome."""
    flag, outcome = text_or_null(frame, "AESDTH"), text_or_null(frame, "AEOUT")
    return (
        pl.when((flag == "Y") | (outcome.str.to_uppercase() == "FATAL")).then(pl.lit("Y")).otherwise(pl.lit("N"))
    )


def _with_special_interest(events: pl.DataFrame, participants: pl.DataFrame, protocol: Protocol) -> pl.DataFrame:
    if protocol.safety is None or not protocol.safety.special_interest:
        return events
    joined = with_participants(events, participants)
    for group in protocol.safety.special_interest.values():
        if set(names_in(group.rule)) <= set(joined.columns):
            holds = joined.select(parse_expression(group.rule).fill_null(value=False).alias("holds"))["holds"]
            label = pl.when(holds).then(pl.lit(group.label.say()))
            events = events.with_columns(special_interest=pl.coalesce("special_interest", label))
    return events


def with_participants(frame: pl.DataFrame, participants: pl.DataFrame) -> pl.DataFrame:
    """Put the names of the participant scope beside each row of `frame`, as expressions may use both."""
    known = participants.drop([n for n in participants.columns if n in frame.columns and n != "participant"])
    return frame.join(known, on="participant", how="left", maintain_order="left")
