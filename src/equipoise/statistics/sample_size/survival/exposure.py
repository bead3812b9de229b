"""Events to be expected while participants enter, are followed, have the event or drop out.

Hazards of event and of dropout and the rate of entry are constant within periods. For a participant followed for u
the probability of an observed event is F(u); with entries at rate r the expected share of events at calendar time
t is the integral of r(a) F(t - a), here in closed form from the integral of F, period by period (Lachin and
Foulkes, Biometrics 1986;42:507-19; Kim and Tsiatis, Biometrics 1990;46:81-92). Checked against gsDesign's event
probabilities, rpact's `getEventProbabilities` and quadrature.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import cast

import numpy as np
from numpy.typing import NDArray

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats
from equipoise.statistics.sample_size.result import require_positive, require_share

Places = NDArray[np.intp]
# one rate, or periods of (length, rate); the last period of a hazard goes on without end
Rates = float | Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Accrual:
    """Entry of participants: periods `lengths` with relative intensities `rates`."""

    lengths: tuple[float, ...]
    rates: tuple[float, ...]

    @property
    def duration(self) -> float:
        """Time from the first to the last entry."""
        return sum(self.lengths)

    def share_entered(self, time: float) -> float:
        """Share of all participants who have entered by `time`."""
        starts = np.concatenate([[0.0], np.cumsum(self.lengths)])
        inside = np.clip(time - starts[:-1], 0.0, self.lengths)
        rates = np.array(self.rates)
        return float(inside @ rates / (np.array(self.lengths) @ rates))


def read_accrual(accrual: float | Sequence[tuple[float, float]]) -> Accrual:
    """Read a duration of uniform entry, or periods of (length, relative intensity), else `DataError`."""
    lengths, rates = _read_periods("accrual", accrual if isinstance(accrual, Sequence) else [(accrual, 1.0)])
    require_positive("length of accrual", *lengths)
    if not (min(rates) >= 0 and 0 < sum(rates) < inf):
        raise DataError(f"accrual must have intensities of 0 or more, one above 0. Got {rates}")
    return Accrual(lengths, rates)


def read_dropout(dropout: Rates | tuple[Rates, Rates]) -> tuple[Rates, Rates]:
    """Read the dropout of both arms, or a tuple with that of treatment and of control, else `DataError`."""
    if not isinstance(dropout, tuple):
        return dropout, dropout
    if len(dropout) != 2:
        raise DataError(
            "dropout as a tuple must have one for treatment and one for control; periods are a list. "
            f"Got {dropout}"
        )
    return cast("tuple[Rates, Rates]", dropout)


def event_probability(
    time: float,
    hazard: Rates,
    *,
    accrual: float | Sequence[tuple[float, float]] = 0.0,
    dropout: Rates = 0.0,
    follow_up: float = inf,
) -> float:
    """Probability that a participant of the trial has had an observed event by calendar `time`.

    `hazard` of the event and `dropout` hazard: a rate, or periods of (length, rate) since entry. `accrual`: the
    duration of uniform entry (0 if all enter at once) or periods of (length, relative intensity). `follow_up`: the
    longest time that anyone is followed. Participants who enter after `time` count as without event. Raises
    `DataError` for negative hazards or times.
    """
    if not (0 <= time < inf and follow_up > 0):
        raise DataError(f"time must be finite and 0 or more, follow_up above 0. Got {time:g} and {follow_up:g}")
    event = _Incidence(hazard, dropout)
    if not isinstance(accrual, Sequence) and accrual == 0:
        return float(event.probability(np.array(min(time, follow_up))))
    entry = read_accrual(accrual)
    ends = np.minimum(np.cumsum(entry.lengths), time)
    starts = np.concatenate([[0.0], ends[:-1]])
    had = event.integral(time - starts, follow_up) - event.integral(time - ends, follow_up)
    return float(had @ np.array(entry.rates) / (np.array(entry.lengths) @ np.array(entry.rates)))


def expected_events(
    time: float,
    n: float,
    hazard: Rates,
    *,
    accrual: float | Sequence[tuple[float, float]] = 0.0,
    dropout: Rates = 0.0,
    follow_up: float = inf,
) -> float:
    """Events expected by calendar `time` in an arm of `n` participants; arguments as in `event_probability`."""
    require_positive("n", n)
    return n * event_probability(time, hazard, accrual=accrual, dropout=dropout, follow_up=follow_up)


def hazard_from_median(median: float) -> float:
    """Hazard of an exponential time with this `median`."""
    require_positive("median", median)
    return float(np.log(2.0) / median)


def hazard_from_share(share: float, time: float) -> float:
    """Hazard of an exponential time by which a `share` (0-1) has the event at `time`."""
    require_share("share", share)
    require_positive("time", time)
    return float(-np.log1p(-share) / time)


def scale_hazard(hazard: Rates, factor: float) -> Rates:
    """Multiply the rates of all periods by `factor`."""
    if isinstance(hazard, Sequence):
        return [(length, rate * factor) for length, rate in hazard]
    return hazard * factor


class _Incidence:
    """F(u), the probability of an observed event within u of entry, and its integral."""

    def __init__(self, hazard: Rates, dropout: Rates) -> None:
        event_starts, event_rates = _read_hazard("hazard", hazard)
        lost_starts, lost_rates = _read_hazard("dropout", dropout)
        self.starts = np.union1d(event_starts, lost_starts)
        self.event = event_rates[np.searchsorted(event_starts, self.starts, side="right") - 1]
        self.total = self.event + lost_rates[np.searchsorted(lost_starts, self.starts, side="right") - 1]
        lengths = np.diff(self.starts)
        steps = np.concatenate([[0.0], np.cumsum(self.total[:-1] * lengths)])
        self.at_risk = np.exp(-steps)
        self.before = np.zeros(self.starts.size)
        self.area = np.zeros(self.starts.size)
        for k, length in enumerate(lengths):
            self.before[k + 1] = self.before[k] + self._risen(np.array(k), length)
            self.area[k + 1] = self.area[k] + self.before[k] * length + self._risen_area(np.array(k), length)

    def probability(self, u: Floats) -> Floats:
        k = np.searchsorted(self.starts, u, side="right") - 1
        return self.before[k] + self._risen(k, u - self.starts[k])

    def integral(self, u: Floats, follow_up: float) -> Floats:
        """Integral of F from 0 to `u`, F held at its value at `follow_up` from there on."""
        followed = np.minimum(u, follow_up)
        k = np.searchsorted(self.starts, followed, side="right") - 1
        x = followed - self.starts[k]
        area = self.area[k] + self.before[k] * x + self._risen_area(k, x)
        return area + self.probability(followed) * (u - followed)

    def _risen(self, k: Places, x: Floats | float) -> Floats:
        total = np.where(self.total[k] > 0, self.total[k], 1.0)
        risen: Floats = self.at_risk[k] * self.event[k] / total * -np.expm1(-self.total[k] * x)
        return risen

    def _risen_area(self, k: Places, x: Floats | float) -> Floats:
        total = np.where(self.total[k] > 0, self.total[k], 1.0)
        y = total * x
        # x - (1 - e^-y) / total, by its series where the difference loses its digits
        series = x * y * (0.5 - y * (1.0 / 6.0 - y * (1.0 / 24.0 - y * (1.0 / 120.0 - y / 720.0))))
        area: Floats = self.at_risk[k] * self.event[k] / total
        return area * np.where(y < 1e-2, series, x + np.expm1(-y) / total)


def _read_periods(name: str, periods: Sequence[tuple[float, float]]) -> tuple[tuple[float, ...], ...]:
    """Read periods of (length, rate) as all lengths and all rates, else `DataError`."""
    if not periods or any(not isinstance(period, Sequence) or len(period) != 2 for period in periods):
        raise DataError(f"periods of {name} must be pairs, as [(6, 0.02), (inf, 0.05)]. Got {periods}")
    return tuple(tuple(float(x) for x in column) for column in zip(*periods, strict=True))


def _read_hazard(name: str, hazard: Rates) -> tuple[Floats, Floats]:
    periods = _read_periods(name, hazard if isinstance(hazard, Sequence) else [(inf, hazard)])
    lengths, rates = (np.array(column) for column in periods)
    if not (np.all(lengths > 0) and np.all(rates >= 0) and np.all(np.isfinite(rates))):
        raise DataError(
            f"{name} must have lengths above 0 and finite rates of 0 or more. "
            f"Got lengths {', '.join(f'{x:g}' for x in lengths)}, rates {', '.join(f'{x:g}' for x in rates)}"
        )
    return np.concatenate([[0.0], np.cumsum(lengths[:-1])]), rates
