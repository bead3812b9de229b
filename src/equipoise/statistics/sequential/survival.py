"""Group sequential trials with a time to an event: events, participants and calendar times of the looks.

Information is the number of events (Schoenfeld 1981), so a look comes when its share of the maximum number of
events is there, in expectation under the alternative. Maximum events and participants are those of the fixed
design (Schoenfeld, Freedman or Hsieh, `sample_size.survival`) times the inflation factor. Checked against R rpact
`getSampleSizeSurvival`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
import polars as pl
from scipy import optimize

from equipoise.errors import DataError
from equipoise.statistics.distributions import normal_quantile
from equipoise.statistics.sample_size.survival.exposure import (
    Rates,
    event_probability,
    read_accrual,
    read_dropout,
    scale_hazard,
)
from equipoise.statistics.sample_size.survival.log_rank import Method, SurvivalSize, power_log_rank
from equipoise.statistics.sequential.design import GroupSequential


@dataclass(frozen=True)
class SequentialSurvival:
    """Looks of a trial with a time to an event, expected under the alternative.

    Per look: `events` (cumulative), `times` (calendar, from the first entry) and `entered` (participants by then),
    not rounded. `n`: participants in all; `drift` of the hazard ratio assumed and `power` there; `fixed`: the
    fixed design that it comes from; `hazard_ratio_bounds`: estimates at which the upper bound is crossed (None:
    no bound).
    """

    design: GroupSequential
    fixed: SurvivalSize
    events: tuple[float, ...]
    times: tuple[float, ...]
    entered: tuple[float, ...]
    n: float
    drift: float
    power: float
    hazard_ratio_bounds: tuple[float | None, ...]

    def expected(self, drift: float | None = None) -> dict[str, float]:
        """Find the expected `events`, `duration` and `n` at `drift`, by default that of the alternative.

        Times and entries at the looks stay those of the alternative.
        """
        below, above = (side[:, 0] for side in self.design.exits(self.drift if drift is None else drift))
        stop = below + above
        stop[-1] = 1.0 - stop[:-1].sum()
        return {
            "events": float(stop @ self.events),
            "duration": float(stop @ self.times),
            "n": float(stop @ self.entered),
        }

    def tabulate(self) -> pl.DataFrame:
        """Tabulate the looks: look, information_rate, events, time, entered, upper, nominal_p, hazard_ratio."""
        bounds = self.design.tabulate()
        return bounds.select("look", "information_rate").with_columns(
            pl.Series("events", self.events),
            pl.Series("time", self.times),
            pl.Series("entered", self.entered),
            bounds["upper"],
            bounds["nominal_p"],
            pl.Series("hazard_ratio", self.hazard_ratio_bounds, dtype=pl.Float64),
        )


def sequential_log_rank(
    design: GroupSequential,
    hazard_ratio: float,
    *,
    control_hazard: Rates,
    accrual: float | Sequence[tuple[float, float]],
    duration: float | None = None,
    follow_up: float = inf,
    dropout: Rates | tuple[Rates, Rates] = 0.0,
    n: float | None = None,
    null: float = 1.0,
    ratio: float = 1.0,
    method: Method = "schoenfeld",
) -> SequentialSurvival:
    """Plan the looks of a log-rank test.

    Arguments as in `power_log_rank`: rates of event and dropout, `accrual`, `duration` or `follow_up`, `ratio`
    treatment to control. With `n` given it is the number of participants and the power follows; otherwise the
    design's power is met. Raises `DataError` for values out of range or Lachin and Foulkes' method, whose drift is
    not a function of the number of events.
    """
    if method == "lachin-foulkes":
        raise DataError(
            "looks by numbers of events go with schoenfeld, freedman or hsieh-freedman. Got lachin-foulkes"
        )
    fixed = power_log_rank(
        hazard_ratio,
        control_hazard=control_hazard,
        accrual=accrual,
        duration=duration,
        follow_up=follow_up,
        dropout=dropout,
        n=n,
        power=design.power if n is None else None,
        null=null,
        ratio=ratio,
        alpha=design.alpha,
        sides=design.sides,
        method=method,
    )
    factor = design.inflation if n is None else 1.0
    drift = design.drift if n is None else normal_quantile(1.0 - design.level) + normal_quantile(fixed.power)
    losses = read_dropout(dropout)
    entry = read_accrual(accrual)
    periods = tuple(zip(entry.lengths, entry.rates, strict=True))

    def events_by(time: float) -> float:
        return sum(
            factor
            * size
            * event_probability(
                time, scale_hazard(control_hazard, hazard), accrual=periods, dropout=loss, follow_up=follow_up
            )
            for size, hazard, loss in zip(fixed.per_arm, (hazard_ratio, 1.0), losses, strict=True)
        )

    events = tuple(factor * fixed.events * rate for rate in design.information_rates)
    times = tuple(
        float(optimize.brentq(lambda t: events_by(t) - wanted, 0.0, fixed.duration, xtol=1e-12))  # noqa: B023
        for wanted in events[:-1]
    )
    unit = (1.0 + ratio) / float(np.sqrt(ratio)) * (1.0 if hazard_ratio > null else -1.0)
    return SequentialSurvival(
        design=design,
        fixed=fixed,
        events=events,
        times=(*times, fixed.duration),
        entered=tuple(factor * fixed.n * entry.share_entered(time) for time in (*times, fixed.duration)),
        n=factor * fixed.n,
        drift=drift,
        power=float(design.power_at(drift)),
        hazard_ratio_bounds=tuple(
            null * float(np.exp(unit * z / np.sqrt(d))) if np.isfinite(z) else None
            for z, d in zip(design.upper, events, strict=True)
        ),
    )
