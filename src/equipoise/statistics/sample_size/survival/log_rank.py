"""Sample size of a trial with a time to an event: log-rank test under accrual, dropout and a limited duration.

The number of events comes from Schoenfeld, Freedman or Hsieh (`survival.events`) and is divided by the probability
of an observed event under the alternative; or Lachin and Foulkes (Biometrics 1986;42:507-19): variance of the log
hazard ratio 1 / (n1 P1) + 1 / (n2 P2), under the hypothesis with hazards of the same average,
lambda2 (1 + r HR) / (1 + r HR0) in control and HR0 times it with treatment. Accrual, hazards and dropout are
piecewise constant; the trial ends at `duration`, or each participant's follow-up after `follow_up`. Checked
against rpact's `getSampleSizeSurvival` and gsDesign's `nSurv` and `nSurvival`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from math import inf
from typing import Literal

import numpy as np
from scipy import optimize

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.distributions import normal_upper_p
from equipoise.statistics.sample_size.noncentral import normal_power
from equipoise.statistics.sample_size.result import (
    Direction,
    Question,
    SampleSize,
    require_one_of,
    require_positive,
    solve,
)
from equipoise.statistics.sample_size.survival.events import drift_an_event
from equipoise.statistics.sample_size.survival.exposure import (
    Rates,
    event_probability,
    read_accrual,
    read_dropout,
    scale_hazard,
)

Method = Literal["schoenfeld", "freedman", "hsieh-freedman", "lachin-foulkes"]
ARMS = ("treatment", "control")
LONGEST = 1e9


@dataclass(frozen=True)
class SurvivalSize(SampleSize):
    """A sample size with the `events` expected by `duration`, in all and in each arm, not rounded."""

    events: float
    events_per_arm: tuple[float, ...]
    duration: float
    accrual: float


def power_log_rank(
    hazard_ratio: float | None = None,
    *,
    control_hazard: Rates,
    accrual: float | Sequence[tuple[float, float]],
    duration: float | None = None,
    follow_up: float = inf,
    dropout: Rates | tuple[Rates, Rates] = 0.0,
    n: float | tuple[float, float] | None = None,
    power: float | None = None,
    null: float = 1.0,
    ratio: float = 1.0,
    alpha: float = 0.05,
    sides: int = 2,
    strict: bool = False,
    direction: Direction = "below",
    method: Method = "schoenfeld",
) -> SurvivalSize:
    """Relate sample size, power and hazard ratio of a trial that enters participants and ends at `duration`.

    `control_hazard`: a rate, or periods of [(length, rate), ...] since entry (a list). `accrual`: duration of
    uniform entry, or periods of (length, relative intensity). `dropout`: hazard of loss, as a rate or periods, or
    a tuple with one for treatment and one for control. `follow_up`: the longest time that each participant is
    followed; `duration` (from the first entry) may then be left out and is accrual + follow_up. If `n`, `power`
    and `hazard_ratio` are all given, the duration is found. `null` is the hazard ratio tested (a margin for
    non-inferiority), `ratio` treatment to control; an open hazard ratio is searched `below` or `above` it. Raises
    `DataError` for values out of range, `EstimationFailed` where no answer exists.
    """
    require_one_of("method", method, Method)
    require_one_of("direction", direction, Direction)
    require_positive("ratio", ratio)
    require_positive("null", null)
    if hazard_ratio is not None:
        require_positive("hazard_ratio", hazard_ratio)
    if method in ("freedman", "hsieh-freedman") and null != 1:
        raise DataError(f"method {method} tests a hazard ratio of 1; take schoenfeld. Got {null:g}")
    entry = read_accrual(accrual)
    losses = read_dropout(dropout)

    @cache
    def shares(time: float, effect: float, control: float = 1.0) -> tuple[float, float]:
        """Probability of an event in both arms when the control hazards are multiplied by `control`."""
        first, second = (
            event_probability(
                time,
                scale_hazard(control_hazard, factor),
                accrual=tuple(zip(entry.lengths, entry.rates, strict=True)),
                dropout=loss,
                follow_up=follow_up,
            )
            for factor, loss in zip((control * effect, control), losses, strict=True)
        )
        return first, second

    def power_at(sizes: tuple[float, ...], effect: float, time: float) -> float:
        n1, n2 = sizes
        p1, p2 = shares(time, effect)
        if method == "lachin-foulkes":
            control = (1.0 + n1 / n2 * effect) / (1.0 + n1 / n2 * null)
            q1, q2 = shares(time, null, control)
            sd0, sd1 = np.sqrt(1.0 / (n1 * q1) + 1.0 / (n2 * q2)), np.sqrt(1.0 / (n1 * p1) + 1.0 / (n2 * p2))
            distance = abs(float(np.log(effect / null)))
            right = normal_upper_p(float((z * sd0 - distance) / sd1))
            return right + normal_upper_p(float((z * sd0 + distance) / sd1)) if both else right
        drift = drift_an_event(effect, null=null, ratio=n1 / n2, formula=method)
        return normal_power(drift * float(np.sqrt(n1 * p1 + n2 * p2)), z, both=both)

    both = strict and sides == 2
    open_duration = duration is None and follow_up == inf
    if open_duration:
        if n is None or power is None or hazard_ratio is None:
            raise DataError(
                "give duration or follow_up; the duration is only found if n, power and hazard_ratio are given. "
                "Got neither"
            )
        question = Question(n, None, hazard_ratio, alpha, sides)
    else:
        question = Question(n, power, hazard_ratio, alpha, sides)
    z = question.critical

    def answer(time: float) -> SampleSize:
        return solve(
            question,
            lambda sizes, effect: power_at(sizes, effect, time),
            method=f"log-rank test, {method}",
            arms=ARMS,
            allocation=(ratio, 1.0),
            fewest=1e-6,
            null=null,
            farthest=0.0 if direction == "below" else inf,
        )

    if open_duration:
        assert power is not None
        wanted = power
        time = _find_duration(lambda t: answer(t).power - wanted, entry.duration)
    else:
        time = entry.duration + follow_up if duration is None else duration
        require_positive("duration", time)
    found = answer(time)
    p1, p2 = shares(time, found.effect)
    if not p1 + p2 > 0:
        raise DataError(f"control_hazard must let events happen by the end of the trial. Got none by {time:g}")
    events = (found.per_arm[0] * p1, found.per_arm[1] * p2)
    fields = vars(found) | ({"solved": "duration"} if open_duration else {})
    return SurvivalSize(**fields, events=sum(events), events_per_arm=events, duration=time, accrual=entry.duration)


def _find_duration(excess: Callable[[float], float], start: float) -> float:
    low, high = 0.0, start
    while excess(high) < 0:
        low, high = high, 2.0 * high
        if high > LONGEST * start:
            raise EstimationFailed(
                "no duration has the power wanted with these participants, as too few have the event before they "
                f"are lost; take more of them. Got power short by {-excess(low):.3g} in the end"
            )
    return float(optimize.brentq(excess, max(low, 1e-9 * start), high, xtol=1e-300, rtol=1e-14))
