"""The outcome of an estimand that is a measurement, or a response, at one or more visits.

How each strategy of ICH E9(R1) is carried out, in this order, whatever their order in the file; the day of a
record is its study day, else the day at which its visit is aimed:

- treatment policy: records stay as they are.
- hypothetical: records on or after the day of the event are set missing, then handled as missing data are.
- while on treatment: records after the day of the event are dropped; the last one after day 1 that is left
  stands for each visit from then on.
- composite, worst value: from the visit on that comes on or after the day of the event (without a record: whose
  window ends on or after it) the outcome is the worst one observed at that visit by anyone in the analysis.
- composite, non-response: from that visit on the participant has not responded.
- principal stratum: participants with the event are left out (`intercurrent`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from ...datasets.baseline import percent_change, replace_baseline
from ...errors import DataError, EstimationFailed
from ...protocol.model import Endpoint, Estimand
from ..context import Context, count_of
from .intercurrent import LEFT_OUT, Occurrence, first_days, of_strategy
from .missing import VALUES, carry_forward, require_better

OUTCOME: Mapping[str, str] = {
    "value": "value",
    "change from baseline": "change",
    "percent change from baseline": "percent_change",
}
"""Column of the outcome by summary of the variable."""
MISSING_AS_NON_RESPONSE = "missing, taken as non-response"


@dataclass(frozen=True)
class Outcomes:
    """`records`: one a participant and visit, with `outcome` (null where missing); `said`: sentences."""

    records: pl.DataFrame
    said: tuple[str, ...]


def measure_outcomes(
    context: Context, estimand: Estimand, members: pl.DataFrame, occurrences: Sequence[Occurrence]
) -> Outcomes:
    """Build the outcome of each member at each visit of the estimand, every intercurrent event handled.

    Raises EstimationFailed where the item was not measured, DataError where a participant has two analysed
    records at one visit.
    """
    endpoint = estimand.variable
    assert endpoint.item is not None
    everything = _with_time(context, context.measurements(endpoint.item)).join(
        members.select("participant"), on="participant", how="semi"
    )
    if endpoint.baseline:
        everything = replace_baseline(everything, endpoint.baseline)
    observed = everything.filter(pl.col("imputed").is_null() & pl.col("value").is_not_null())
    kept, touched, effects = _take_away(observed, occurrences)
    parts, said = [], []
    for visit in endpoint.at:
        rows = _at_visit(context, members, visit, observed, kept)
        rows = _last_on_treatment(context, rows, visit, kept, of_strategy(occurrences, "while on treatment"))
        if estimand.missing in ("last observation carried forward", "worst observation carried forward"):
            filled = carry_forward(
                rows,
                estimand.missing,
                delivered=everything.filter((pl.col("visit") == visit) & pl.col("analysed")),
                before=_before(context, kept, visit),
                touched=touched,
                better=endpoint.better,
            )
            rows = filled.rows
            said.append(_filled(context, visit, everything, estimand.missing, filled.delivered, filled.derived))
        rows = _worst_values(rows, endpoint, of_strategy(occurrences, "composite, worst value"), effects)
        parts.append(_outcome(context, rows, estimand, members, occurrences, effects))
    if endpoint.response is not None and endpoint.confirmed_by is not None:
        parts = _confirm(context, endpoint, members, kept, parts)
        said.append("A response counts where the next visit with a value confirms it.")
    return Outcomes(pl.concat(parts), (*(o.say(_effect(o, effects)) for o in occurrences), *said))


def _with_time(context: Context, measured: pl.DataFrame) -> pl.DataFrame:
    """Add `time`, the day of each record, and `place` of its visit in the schedule."""
    visits = context.protocol.schedule.visits
    days = {name: float(visit.target) for name, visit in visits.items()}
    target = pl.col("visit").replace_strict(days, default=None, return_dtype=pl.Float64)
    place = pl.col("visit").replace_strict(context.visit_order(), default=None, return_dtype=pl.Int64)
    return measured.with_columns(
        pl.coalesce(pl.col("day").cast(pl.Float64), target).alias("time"), place.alias("place")
    ).sort("time", "place", nulls_last=True, maintain_order=True)


def _take_away(
    observed: pl.DataFrame, occurrences: Sequence[Occurrence]
) -> tuple[pl.DataFrame, pl.Series, dict[str, int]]:
    """Set missing or drop records as hypothetical and while-on-treatment strategies ask.

    Returns the records left, the participants of whom one was taken, and the number taken by event.
    """
    kept, effects, touched = observed, {}, []
    for event in of_strategy(occurrences, "hypothetical", "while on treatment"):
        after = pl.col("time") >= pl.col("event_day")
        if event.strategy == "while on treatment":
            after = pl.col("time") > pl.col("event_day")
        days = event.days.select("participant", "event_day")
        taken = kept.join(days, on="participant", how="inner").filter(after)
        kept = (
            kept.join(days, on="participant", how="left", maintain_order="left")
            .filter(~after.fill_null(False))
            .drop("event_day")
        )
        effects[event.name] = taken.height
        touched += taken["participant"].to_list()
    return kept, pl.Series("participant", touched, dtype=pl.String).unique(), effects


def _at_visit(
    context: Context, members: pl.DataFrame, visit: str, observed: pl.DataFrame, kept: pl.DataFrame
) -> pl.DataFrame:
    """Return a row for each member, with the values of the visit where there are any left."""
    here = (pl.col("visit") == visit) & pl.col("analysed")
    left = kept.filter(here)
    if left["participant"].is_duplicated().any():
        twice = left.filter(left["participant"].is_duplicated())["participant"][0]
        raise DataError(f"a participant has one analysed record a visit; at {visit} there are more. Got {twice}")
    end = float(context.protocol.schedule.visits[visit].allowed.last)
    times = observed.filter(here).unique("participant", keep="last").select("participant", "time")
    own = observed.group_by("participant").agg(pl.col("baseline").drop_nulls().first().alias("own_baseline"))
    return (
        members.select("participant", "arm")
        .with_columns(
            pl.lit(visit).alias("visit"), pl.lit(context.visit_label(visit, observed)).alias("visit_label")
        )
        .join(left.select("participant", *VALUES), on="participant", how="left", maintain_order="left")
        .join(times, on="participant", how="left", maintain_order="left")
        .join(own, on="participant", how="left", maintain_order="left")
        .with_columns(
            pl.col("time").fill_null(end),
            pl.coalesce("baseline", "own_baseline").alias("baseline"),
            pl.when(pl.col("value").is_not_null()).then(pl.lit("observed")).otherwise(None).alias("handled"),
        )
        .drop("own_baseline")
    )


def _before(context: Context, kept: pl.DataFrame, visit: str) -> pl.DataFrame:
    """Return the records after day 1 that come before a visit, in the order of time."""
    planned = context.protocol.schedule.visits[visit]
    earlier = pl.col("place") <= context.visit_order()[visit]
    unplanned = pl.col("place").is_null() & (pl.col("time") <= planned.allowed.last)
    stands = pl.col("place").is_null() | pl.col("analysed")
    return kept.filter((earlier.fill_null(False) | unplanned) & stands & (pl.col("time") > 1))


def _last_on_treatment(
    context: Context, rows: pl.DataFrame, visit: str, kept: pl.DataFrame, events: Sequence[Occurrence]
) -> pl.DataFrame:
    """Let the last record before the event stand for the visits after it."""
    if not events:
        return rows
    days = first_days(events)
    over = rows.join(days, on="participant", how="inner").filter(pl.col("event_day") <= pl.col("time"))
    before = _before(context, kept, visit).join(over.select("participant"), on="participant", how="semi")
    last = before.unique("participant", keep="last", maintain_order=True)
    wanted = rows.filter(pl.col("value").is_null()).join(last, on="participant", how="semi")["participant"]
    replaced = (
        rows.filter(pl.col("participant").is_in(wanted.implode()))
        .drop(*VALUES, "handled")
        .join(last.select("participant", *VALUES), on="participant", how="left", maintain_order="left")
        .with_columns(pl.lit("last value while on treatment").alias("handled"))
        .select(rows.columns)
    )
    others = rows.filter(~pl.col("participant").is_in(wanted.implode()))
    order = rows.select("participant")
    return order.join(pl.concat([others, replaced]), on="participant", how="left", maintain_order="left").select(
        rows.columns
    )


def _worst_values(
    rows: pl.DataFrame, endpoint: Endpoint, events: Sequence[Occurrence], effects: dict[str, int]
) -> pl.DataFrame:
    """Replace the outcome by the worst one observed where such an event came on or before the visit."""
    if not events:
        return rows
    column = OUTCOME[endpoint.summary]
    lower_is_worse = require_better(endpoint.better) == "higher"
    seen = rows[column].drop_nulls().sort(descending=not lower_is_worse)
    if seen.is_empty():
        raise EstimationFailed(f"no {endpoint.summary} was observed, so there is no worst one")
    worst = float(seen[0])
    for event in events:
        rows = rows.join(
            event.days.select("participant", "event_day"), on="participant", how="left", maintain_order="left"
        )
        hit = (pl.col("event_day") <= pl.col("time")).fill_null(False)
        effects[event.name] = effects.get(event.name, 0) + int(rows.select(hit.sum()).item())
        value = {
            "value": pl.lit(worst),
            "change": pl.col("baseline") + worst,
            "percent_change": pl.col("baseline") * (1.0 + worst / 100.0),
        }[column]
        rows = rows.with_columns(pl.when(hit).then(value).otherwise(pl.col("value")).alias("value"))
        change = pl.col("value") - pl.col("baseline")
        rows = rows.with_columns(
            pl.when(hit).then(change).otherwise(pl.col("change")).alias("change"),
            pl.when(hit).then(percent_change(change)).otherwise(pl.col("percent_change")).alias("percent_change"),
            pl.when(hit)
            .then(pl.lit(f"worst value after {event.label}"))
            .otherwise(pl.col("handled"))
            .alias("handled"),
        )
        rows = rows.with_columns(pl.when(hit).then(pl.lit(worst)).otherwise(pl.col(column)).alias(column)).drop(
            "event_day"
        )
    return rows


def _outcome(
    context: Context,
    rows: pl.DataFrame,
    estimand: Estimand,
    members: pl.DataFrame,
    occurrences: Sequence[Occurrence],
    effects: dict[str, int],
) -> pl.DataFrame:
    """Add `outcome`: the summary asked for, or 1 and 0 for a response and its absence."""
    endpoint = estimand.variable
    if endpoint.response is None:
        return rows.with_columns(pl.col(OUTCOME[endpoint.summary]).alias("outcome"))
    rows = rows.with_columns(responds(context, endpoint, rows, members).alias("outcome"))
    for event in of_strategy(occurrences, "composite, non-response"):
        rows = rows.join(
            event.days.select("participant", "event_day"), on="participant", how="left", maintain_order="left"
        )
        hit = (pl.col("event_day") <= pl.col("time")).fill_null(False)
        effects[event.name] = effects.get(event.name, 0) + int(rows.select(hit.sum()).item())
        rows = rows.with_columns(
            pl.when(hit).then(0.0).otherwise(pl.col("outcome")).alias("outcome"),
            pl.when(hit)
            .then(pl.lit(f"non-response after {event.label}"))
            .otherwise(pl.col("handled"))
            .alias("handled"),
        ).drop("event_day")
    if estimand.missing == "non-response":
        taken = pl.when(pl.col("outcome").is_null()).then(pl.lit(MISSING_AS_NON_RESPONSE))
        rows = rows.with_columns(
            taken.otherwise(pl.col("handled")).alias("handled"), pl.col("outcome").fill_null(0.0)
        )
    return rows


def responds(context: Context, endpoint: Endpoint, rows: pl.DataFrame, members: pl.DataFrame) -> pl.Series:
    """Evaluate the response on each row: 1, 0, or null where the value is missing or the rule undecided."""
    assert endpoint.response is not None and endpoint.item is not None
    known = members.drop([name for name in members.columns if name in rows.columns and name != "participant"])
    frame = rows.join(known, on="participant", how="left", maintain_order="left").with_columns(
        pl.col("value").alias(endpoint.item)
    )
    answer = context.evaluate(frame, endpoint.response).cast(pl.Float64)
    return answer.zip_with(frame["value"].is_not_null(), pl.Series([None], dtype=pl.Float64))


def _confirm(
    context: Context, endpoint: Endpoint, members: pl.DataFrame, kept: pl.DataFrame, parts: list[pl.DataFrame]
) -> list[pl.DataFrame]:
    """Turn a response into none where the next visit with a value does not confirm it."""
    later = kept.filter(pl.col("place").is_not_null() & pl.col("analysed"))
    later = later.with_columns(responds(context, endpoint, later, members).alias("again"))
    order = context.visit_order()
    confirmed = []
    for rows in parts:
        place = order[rows["visit"][0]]
        following = later.filter(pl.col("place") > place).unique("participant", keep="first", maintain_order=True)
        joined = rows.join(
            following.select("participant", "again"), on="participant", how="left", maintain_order="left"
        )
        both = pl.when(pl.col("outcome") == 1.0).then(pl.col("again").fill_null(0.0)).otherwise(pl.col("outcome"))
        confirmed.append(joined.with_columns(both.alias("outcome")).drop("again"))
    return confirmed


def _filled(context: Context, visit: str, measured: pl.DataFrame, rule: str, delivered: int, derived: int) -> str:
    label = context.visit_label(visit, measured)
    if not delivered + derived:
        return f"Missing at {label}: no value had to be filled ({rule})."
    return (
        f"Missing at {label}: {count_of(delivered + derived, 'value')} filled by {rule}, "
        f"{delivered} as delivered with the data and {derived} derived here."
    )


def _effect(event: Occurrence, effects: Mapping[str, int]) -> str:
    number = effects.get(event.name, 0)
    return {
        "treatment policy": "values are used whatever happened",
        "hypothetical": f"{count_of(number, 'record')} on or after it set missing",
        "while on treatment": f"{count_of(number, 'record')} after it dropped, the last one before it stands",
        "composite, worst value": f"{count_of(number, 'outcome')} replaced by the worst observed",
        "composite, non-response": f"{count_of(number, 'outcome')} counted as non-response",
        "principal stratum": LEFT_OUT,
    }[event.strategy]
