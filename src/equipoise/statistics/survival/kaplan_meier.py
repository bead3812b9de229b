"""The product-limit estimate of survival with Greenwood's standard error.

S(t) = prod over event times t_i <= t of (1 - d_i / n_i), where d_i of the n_i at risk just before t_i have the
event (Kaplan and Meier 1958); var S = S^2 sum d_i / (n_i (n_i - d_i)) (Greenwood 1926). Intervals are symmetric
on a chosen scale: log(-log S) (the default of SAS LIFETEST), log S (the default of R survfit), S itself, or
arcsin of the root of S. Checked against R survival 3.5 (`survfit`, `quantile`, `summary`) and published tables.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from narwhals.typing import IntoFrame

from equipoise.errors import DataError
from equipoise.statistics.confidence import critical_value
from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import Codes
from equipoise.statistics.survival.observations import (
    Observations,
    read_observations,
    sort_by_stratum_and_time,
)

Interval = Literal["log-log", "log", "plain", "arcsine"]
INTERVALS = ("log-log", "log", "plain", "arcsine")
# two doubles closer than this are the same survival: products of fractions carry rounding
SAME = 1e-8


@dataclass(frozen=True)
class KaplanMeier:
    """Survival curves by arm.

    `curve` has a row for each arm and distinct time: the column of arms (named as in the data; absent without
    `by`), `time`, `at_risk` just before it, `events` and `censored` at it, `survival` after it with `se`, `lower`,
    `upper`, and the Nelson-Aalen `cumulative_hazard` with its SE. Where survival is 1 the log-log and arcsine
    scales have no interval, where it is 0 there is no SE and no interval: null, as SAS and R print.
    `dropped` rows had a missing value.
    """

    curve: pl.DataFrame
    interval: Interval
    level: float
    by: str | None
    dropped: int
    _arms: tuple[pl.DataFrame, ...]

    @property
    def summary(self) -> pl.DataFrame:
        """One row an arm: `n`, `events`, `censored`, `median` with `lower` and `upper`, and the last time seen."""
        counts = [
            arm.select(
                *self._keys(arm),
                pl.col("at_risk").first().alias("n"),
                pl.col("events").sum(),
                pl.col("censored").sum(),
            )
            for arm in self._arms
        ]
        medians = self.quantiles(0.5).select(pl.col("estimate").alias("median"), "lower", "upper")
        last = pl.Series("last_time", [arm["time"][-1] for arm in self._arms])
        return pl.concat(counts).hstack(medians).with_columns(last)

    def quantiles(self, *p: float) -> pl.DataFrame:
        """Find the times by which a share `p` (0-1, exclusive; 0.5 unless given) has had the event.

        The quantile is the first event time with S <= 1 - p; where S equals 1 - p it is the middle of the time
        over which the curve stays there (at the end of the curve: up to the last time seen, as in R). Lower and
        upper are the same quantile of the lower and upper confidence limits of the curve (Brookmeyer and Crowley
        1982). Null where a curve does not fall that far.
        Columns: arm, `p`, `estimate`, `lower`, `upper`. Raises `DataError` for a share outside 0-1.
        """
        shares = p or (0.5,)
        for share in shares:
            if not 0 < share < 1:
                raise DataError(f"p must lie between 0 and 1 (exclusive). Got {share:g}")
        rows = []
        for arm in self._arms:
            time = arm["time"].to_numpy()
            found = [
                [_crossing(time, arm[name], 1.0 - share) for share in shares]
                for name in ("survival", "lower", "upper")
            ]
            table = pl.DataFrame(
                {"p": list(shares), "estimate": found[0], "lower": found[1], "upper": found[2]},
                schema_overrides=dict.fromkeys(("p", "estimate", "lower", "upper"), pl.Float64),
            )
            rows.append(table.select(*self._keys(arm), pl.all()))
        return pl.concat(rows)

    def at(self, times: float | Sequence[float]) -> pl.DataFrame:
        """Read survival just after each of `times`: arm, `time`, `at_risk`, `survival`, `se`, `lower`, `upper`.

        Null after the last time seen in an arm, unless survival had reached 0. `DataError` for a negative time.
        """
        asked = _read_times(times)
        at_start = 1.0 if self.interval in {"plain", "log"} else np.nan
        begin = {"survival": 1.0, "se": 0.0, "lower": at_start, "upper": at_start}
        rows = []
        for arm in self._arms:
            seen = arm["time"].to_numpy()
            step = np.searchsorted(seen, asked, side="right")
            followed = (asked <= seen[-1]) | (arm["survival"][-1] == 0)
            values = [
                pl.Series(name, np.where(followed, np.r_[first, arm[name].to_numpy()][step], np.nan)).fill_nan(
                    None
                )
                for name, first in begin.items()
            ]
            table = pl.DataFrame([pl.Series("time", asked), _count_at_risk(arm, asked), *values])
            rows.append(table.select(*self._keys(arm), pl.all()))
        return pl.concat(rows)

    def at_risk(self, times: Sequence[float]) -> pl.DataFrame:
        """Count those seen without the event until just before each time: arm, `time`, `at_risk`."""
        asked = _read_times(times)
        rows = [
            pl.DataFrame([pl.Series("time", asked), _count_at_risk(arm, asked)]).select(*self._keys(arm), pl.all())
            for arm in self._arms
        ]
        return pl.concat(rows)

    def _keys(self, arm: pl.DataFrame) -> list[pl.Expr]:
        if self.by is None:
            return []
        return [pl.lit(arm[self.by].head(1)).first().alias(self.by)]


def kaplan_meier(
    data: IntoFrame,
    time: str,
    event: str,
    by: str | None = None,
    *,
    interval: Interval = "log-log",
    level: float = 0.95,
) -> KaplanMeier:
    """Estimate survival in each level of `by` from the columns `time` and `event` (1 or True: seen).

    `interval` is the scale on which the pointwise limits at `level` are symmetric. Raises `DataError` for times
    that are negative or not finite, events other than 0 and 1, an unknown scale or a level outside 0-1.
    """
    if interval not in INTERVALS:
        raise DataError(f"interval must be one of {', '.join(INTERVALS)}. Got {interval}")
    z = critical_value(level)
    observed = read_observations(data, time, event, by=by)
    if by in {"time", "at_risk", "events", "censored", "survival", "p", "n"}:
        raise DataError(f"the column of arms must not be named like a statistic; rename it. Got {by}")
    curve, codes = _estimate(observed, interval, z)
    arms = tuple(curve.filter(pl.Series(codes == arm)) for arm in range(len(observed.arm.levels)))
    return KaplanMeier(curve, interval, level, by, observed.dropped, arms)


def _estimate(observed: Observations, interval: Interval, z: float) -> tuple[pl.DataFrame, Codes]:
    order = sort_by_stratum_and_time(observed.time, observed.arm)
    time, event, arm = observed.time[order], observed.event[order], observed.arm.codes[order]
    first = np.flatnonzero(np.r_[True, (np.diff(time) != 0) | (np.diff(arm) != 0)])
    events = np.add.reduceat(event.astype(np.int64), first)
    leaving = np.diff(np.r_[first, time.size])
    arm_end = np.cumsum(np.bincount(arm))
    at_risk = arm_end[arm[first]] - first
    survival = np.empty(first.size)
    spread = np.empty(first.size)
    hazard = np.empty(first.size)
    hazard_variance = np.empty(first.size)
    share = events / at_risk
    with np.errstate(divide="ignore"):
        greenwood = np.where(events > 0, events / (at_risk * np.maximum(at_risk - events, 0.0)), 0.0)
    for code in range(arm_end.size):
        rows = slice(*np.searchsorted(arm[first], [code, code + 1]))
        survival[rows] = np.cumprod(1.0 - share[rows])
        spread[rows] = np.sqrt(np.cumsum(greenwood[rows]))
        hazard[rows] = np.cumsum(share[rows])
        hazard_variance[rows] = np.cumsum(events[rows] / at_risk[rows] ** 2.0)
    lower, upper = _limits(survival, spread, interval, z)
    ended = survival == 0
    se = np.where(ended, np.nan, survival * np.where(ended, 0.0, spread))
    curve = pl.DataFrame(
        [
            *observed.arm_column(arm[first]),
            pl.Series("time", time[first]),
            pl.Series("at_risk", at_risk.astype(np.int64)),
            pl.Series("events", events),
            pl.Series("censored", (leaving - events).astype(np.int64)),
            pl.Series("survival", survival),
            pl.Series("se", se).fill_nan(None),
            pl.Series("lower", lower).fill_nan(None),
            pl.Series("upper", upper).fill_nan(None),
            pl.Series("cumulative_hazard", hazard),
            pl.Series("cumulative_hazard_se", np.sqrt(hazard_variance)),
        ]
    )
    return curve, arm[first]


def _limits(survival: Floats, spread: Floats, interval: Interval, z: float) -> tuple[Floats, Floats]:
    """Pointwise limits; `spread` is the SE of log S. Not a number where the scale has no interval."""
    inside = (survival > 0) & (survival < 1)
    s = np.where(inside, survival, 0.5)
    half = z * np.where(inside, spread, 0.0)
    if interval == "log-log":
        power = np.exp(half / np.log(s))
        lower, upper = s ** (1.0 / power), s**power
    elif interval == "log":
        lower, upper = s * np.exp(-half), np.minimum(s * np.exp(half), 1.0)
    elif interval == "plain":
        lower, upper = np.maximum(s - half * s, 0.0), np.minimum(s + half * s, 1.0)
    else:
        angle, turn = np.arcsin(np.sqrt(s)), 0.5 * half * np.sqrt(s / (1.0 - s))
        lower = np.sin(np.maximum(angle - turn, 0.0)) ** 2
        upper = np.sin(np.minimum(angle + turn, np.pi / 2.0)) ** 2
    at_one = 1.0 if interval in {"plain", "log"} else np.nan
    outside = np.where(survival == 1, at_one, np.nan)
    return np.where(inside, lower, outside), np.where(inside, upper, outside)


def _crossing(time: Floats, column: pl.Series, level: float) -> float | None:
    """First time at which a falling curve is at or below `level`; the middle of the flat where it equals it."""
    # the curve is 1 before the first time, and where its scale has no limit it has not fallen
    curve = column.to_numpy()
    with np.errstate(invalid="ignore"):
        below = np.flatnonzero(curve <= level + SAME)
        if below.size == 0:
            return None
        start = below[0]
        if abs(curve[start] - level) > SAME:
            return float(time[start])
        further = np.flatnonzero(curve < level - SAME)
    # a curve that ends at 0 has no limit there: it has fallen past the level all the same
    gone = np.flatnonzero(np.isnan(curve[start:])) + start
    ends = [int(found[0]) for found in (further, gone) if found.size]
    end = min(ends) if ends else time.size - 1
    return float((time[start] + time[end]) / 2.0)


def _read_times(times: float | Sequence[float]) -> Floats:
    asked = np.atleast_1d(np.asarray(times, dtype=float))
    if asked.size == 0 or not np.all(np.isfinite(asked)) or asked.min() < 0:
        raise DataError(f"times must be one or more numbers from 0 on. Got {times}")
    return asked


def _count_at_risk(arm: pl.DataFrame, asked: Floats) -> pl.Series:
    position = np.searchsorted(arm["time"].to_numpy(), asked, side="left")
    return pl.Series("at_risk", np.append(arm["at_risk"].to_numpy(), 0)[position])
