"""Intercurrent events: who had one, on which study day, and the strategy that the estimand names for it.

Strategies are those of ICH E9(R1) A.3.2. How each changes the data is written in `measurements` and `times`;
a principal stratum, which changes the population, is here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from ...protocol.model import Estimand
from ..context import Context, count_of, spoken_counts

LEFT_OUT = "left out, whichever day it happened"
"""What comes of an event that defines a principal stratum."""


@dataclass(frozen=True)
class Occurrence:
    """An intercurrent event in this trial.

    `days` has a row for each participant of the analysis set who had it: `participant`, `arm`, `event_day`.
    """

    name: str
    label: str
    strategy: str
    days: pl.DataFrame

    def say(self, effect: str) -> str:
        """Say how many had it and what came of it."""
        had = self.days.height
        if not had:
            return f"{self.label}: no participant had it ({self.strategy})."
        arms = list(self.days["arm"].cast(pl.String).unique(maintain_order=True).sort())
        if isinstance(self.days["arm"].dtype, pl.Enum):
            arms = [a for a in self.days["arm"].dtype.categories.to_list() if a in arms]
        who = f"{count_of(had, 'participant')} had it ({spoken_counts(self.days, arms)})"
        return f"{self.label}: {who}; {effect} ({self.strategy})."


def find_occurrences(context: Context, estimand: Estimand, members: pl.DataFrame) -> tuple[Occurrence, ...]:
    """Find who of the members had each intercurrent event of the estimand, and on which study day."""
    found = []
    for name, strategy in estimand.intercurrent.items():
        event = context.protocol.intercurrent_events[name]
        day = context.evaluate(members, event.day).cast(pl.Float64)
        days = members.select("participant", "arm", day.alias("event_day")).drop_nulls("event_day")
        found.append(Occurrence(name, event.label.say(), strategy, days))
    return tuple(found)


def of_strategy(occurrences: Iterable[Occurrence], *strategies: str) -> tuple[Occurrence, ...]:
    """Keep the events that the estimand handles by one of these strategies."""
    return tuple(o for o in occurrences if o.strategy in strategies)


def first_days(occurrences: Sequence[Occurrence]) -> pl.DataFrame:
    """Return for each participant the first of the events: `participant`, `event_day`."""
    empty = pl.DataFrame(schema={"participant": pl.String, "event_day": pl.Float64})
    days = pl.concat([empty, *(o.days.select("participant", "event_day") for o in occurrences)])
    return days.group_by("participant", maintain_order=True).agg(pl.col("event_day").min())


def keep_principal_stratum(
    members: pl.DataFrame, occurrences: Sequence[Occurrence]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Leave out who had an event that defines the principal stratum.

    Returns the members kept, and those left out (`participant`, `arm`, `reason`).
    """
    out = pl.DataFrame(schema={"participant": pl.String, "arm": members.schema["arm"], "reason": pl.String})
    for event in of_strategy(occurrences, "principal stratum"):
        left = event.days.select("participant", "arm", pl.lit(event.label).alias("reason"))
        out = pl.concat([out, left.join(out, on="participant", how="anti")])
    return members.join(out, on="participant", how="anti"), out
