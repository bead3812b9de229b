"""The outcome of an estimand that is a time to an event.

Study days of intercurrent events and times are on one scale: a time is the study day of the event or of
censoring (ADaM: ADT - STARTDT + 1 with day 1 as the start), in the unit of the estimand. How each strategy of
ICH E9(R1) is carried out:

- treatment policy: times stay as they are.
- hypothetical: follow-up ends, censored, on the day of the event; an event of interest on that day is not seen.
- while on treatment: follow-up ends, censored, on the day of the event; an event of interest on that day counts.
- composite, event: the intercurrent event is an event of interest, if follow-up had not ended before it.
- principal stratum: participants with the event are left out (`intercurrent`).
"""

from collections.abc import Sequence

import polars as pl

from ...errors import DataError, EstimationFailed
from ...protocol.model import Estimand
from ...protocol.quantity import Quantity
from ..context import Context, count_of
from .intercurrent import LEFT_OUT, Occurrence, of_strategy
from .measurements import Outcomes


def time_outcomes(
    context: Context, name: str, estimand: Estimand, members: pl.DataFrame, occurrences: Sequence[Occurrence]
) -> Outcomes:
    """Build time and event of each member; both are null where the data have no time for a member.

    Raises EstimationFailed where the data have no times for the estimand, DataError where a participant has
    two times.
    """
    times = _times(context, name, estimand)
    if times["participant"].is_duplicated().any():
        twice = times.filter(times["participant"].is_duplicated())["participant"][0]
        raise DataError(f"a participant has one time to event; {name} has more. Got {twice}")
    rows = members.select("participant", "arm").join(
        times.select(
            "participant",
            pl.col("time").cast(pl.Float64),
            pl.col("event").cast(pl.Boolean),
            "description",
            "source",
        ),
        on="participant",
        how="left",
        maintain_order="left",
    )
    rows = rows.with_columns(
        pl.when(pl.col("time").is_not_null()).then(pl.lit("observed")).otherwise(None).alias("handled")
    )
    per_day = Quantity.parse("1 d").to(estimand.variable.unit)
    said = []
    for event in (
        *of_strategy(occurrences, "composite, event"),
        *of_strategy(occurrences, "hypothetical", "while on treatment"),
    ):
        rows, hit = _apply(rows, event, per_day)
        said.append(event.say(_effect(event, hit)))
    untouched = of_strategy(occurrences, "treatment policy")
    said += [event.say("times are used whatever happened") for event in untouched]
    outside = of_strategy(occurrences, "principal stratum")
    said += [event.say(LEFT_OUT) for event in outside]
    return Outcomes(rows.with_columns(pl.col("event").cast(pl.Float64).alias("outcome")), tuple(said))


def _times(context: Context, name: str, estimand: Estimand) -> pl.DataFrame:
    for key in (estimand.variable.parameter, name):
        found = context.data.times.get(key) if key is not None else None
        if found is not None and not found.is_empty():
            return found
    wanted = estimand.variable.parameter or name
    raise EstimationFailed(context.absence(wanted, f"times to event for {wanted}"))


def _apply(rows: pl.DataFrame, event: Occurrence, per_day: float) -> tuple[pl.DataFrame, int]:
    days = event.days.select("participant", (pl.col("event_day") * per_day).alias("at"))
    rows = rows.join(days, on="participant", how="left", maintain_order="left")
    if event.strategy == "composite, event":
        hit = (pl.col("at") < pl.col("time")) | ((pl.col("at") == pl.col("time")) & ~pl.col("event"))
        seen = True
    else:
        tie = pl.col("event") if event.strategy == "hypothetical" else pl.lit(False)
        hit = (pl.col("at") < pl.col("time")) | ((pl.col("at") == pl.col("time")) & tie)
        seen = False
    hit = hit.fill_null(False)
    number = int(rows.select(hit.sum()).item())
    how = "counted as the event" if seen else "censored"
    return rows.with_columns(
        pl.when(hit).then(pl.max_horizontal("at", pl.lit(0.0))).otherwise(pl.col("time")).alias("time"),
        pl.when(hit).then(pl.lit(seen)).otherwise(pl.col("event")).alias("event"),
        pl.when(hit).then(pl.lit(event.label)).otherwise(pl.col("description")).alias("description"),
        pl.when(hit).then(pl.lit(f"{how}: {event.label}")).otherwise(pl.col("handled")).alias("handled"),
    ).drop("at"), number


def _effect(event: Occurrence, number: int) -> str:
    if event.strategy == "composite, event":
        return f"{count_of(number, 'participant')} counted as having the event on that day"
    return f"{count_of(number, 'participant')} censored on that day"
