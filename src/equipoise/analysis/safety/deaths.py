"""Deaths by arm; each with its day, and its cause where an adverse event is recorded as fatal."""

import polars as pl

from ...protocol.model import Deaths
from ..context import Context, count_by_arm, count_of
from ..result import AnalysisResult
from ..rows import ResultRows
from ..summaries import add_shares


def tabulate_deaths(context: Context, name: str, spec: Deaths) -> AnalysisResult:
    """Count the participants who died, with a record for each: day of death and cause.

    The cause is the term of the adverse events recorded as fatal. Raises EstimationFailed where the data do not
    tell who died.
    """
    members = context.members(spec.set, spec.where)
    arms = list(context.arm_labels.values())
    died = context.evaluate(members, "death_day").is_not_null()
    fatal = _causes(context)
    dead = members.filter(died | members["participant"].is_in(fatal["participant"].implode()))
    records = (
        dead.select("participant", "arm", pl.col("death_day").alias("day"))
        .join(fatal, on="participant", how="left", maintain_order="left")
        .sort("arm", "day", "participant", nulls_last=True)
    )
    rows = ResultRows(name, spec.set)
    below = count_by_arm(members, arms, total=True)
    for arm, number in below.items():
        rows.add({"n": number}, arm=arm)
    add_shares(rows, count_by_arm(records, arms, total=True), below, group={"status": "died"})
    causes = records.drop_nulls("cause")
    for cause in causes["cause"].unique().sort():
        counted = count_by_arm(causes.filter(pl.col("cause") == cause), arms, total=True)
        add_shares(rows, counted, below, group={"cause": cause})
    said = [
        context.say_set(spec.set, members),
        f"{count_of(records.height, 'participant')} died, {causes.height} with a cause recorded.",
    ]
    return AnalysisResult(name, spec, spec.set, rows.frame(), records, tuple(said))


def _causes(context: Context) -> pl.DataFrame:
    """Return the terms of fatal adverse events by participant, several joined."""
    events = context.data.adverse_events
    schema = {"participant": pl.String, "cause": pl.String, "source": pl.String}
    if events is None or "fatal" not in events.columns:
        return pl.DataFrame(schema=schema)
    fatal = events.filter(pl.col("fatal") == "Y")
    return fatal.group_by("participant", maintain_order=True).agg(
        pl.col("term").drop_nulls().str.join(", ").replace("", None).alias("cause"),
        pl.col("source").drop_nulls().str.join(", ").alias("source"),
    )
