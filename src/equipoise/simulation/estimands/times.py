"""The time to a first event of each virtual participant, by the rule of an estimand.

As `datasets.assemble.times` and `analysis.estimand.times` derive it for one trial: the first measurement after
day 1 at which the rule holds (and holds again at the next one, where it must be confirmed), else censored when
last seen; then intercurrent events censor, or count as events.
"""

from dataclasses import dataclass

import numpy as np

from ...errors import ProtocolError
from ...protocol import Protocol, Quantity
from ...protocol.model import Estimand
from ...statistics.distributions import Floats
from ..population import VirtualTrials
from ..population.trials import Booleans
from .outcomes import baseline_values, members_of
from .rules import evaluate_rule


@dataclass(frozen=True, eq=False)
class Times:
    """Time in the unit of the estimand, and whether the event came (1) or the time is censored (0); T x n.

    members: who is in the analysis.
    """

    time: Floats
    event: Floats
    members: Booleans


def time_outcomes(protocol: Protocol, name: str, estimand: Estimand, trials: VirtualTrials) -> Times:
    """Return the times of an estimand; ProtocolError for one that virtual participants do not have."""
    endpoint = estimand.variable
    members = members_of(protocol, estimand, trials)
    if name in trials.times:
        time, event = trials.times[name]
    elif endpoint.of != "measurement" or endpoint.rule is None or endpoint.item is None:
        what = endpoint.parameter or endpoint.of
        raise ProtocolError(f"estimands.{name}: times to an event of {what} are not among what is drawn")
    elif endpoint.censored is not None:
        raise ProtocolError(f"estimands.{name}: censoring by a rule of its own is not simulated")
    else:
        time, event = _first(protocol, estimand, trials)
        time = time * Quantity.parse("1 d").to(endpoint.unit)
    per_day = Quantity.parse("1 d").to(endpoint.unit)
    time, event = _with_events(estimand, trials, time, event, per_day)
    return Times(time, event, members & ~np.isnan(time))


def _first(protocol: Protocol, estimand: Estimand, trials: VirtualTrials) -> tuple[Floats, Floats]:
    """Return the study day of the first event or of censoring, and whether it was the event."""
    endpoint = estimand.variable
    visits = protocol.schedule.visits
    start = visits[endpoint.from_visit].target if endpoint.from_visit is not None else 2
    places = [v for v, visit in enumerate(trials.visits) if visits[visit].target >= start]
    value = trials.observed(endpoint.item or "")[..., places]
    baseline = baseline_values(protocol, endpoint, trials)[..., None]
    days = trials.days[..., places].astype(float)
    change = value - baseline
    measured = {
        "value": value,
        "baseline": baseline,
        "change": change,
        "percent_change": 100.0 * change / np.where(baseline != 0, baseline, np.nan),
        "day": days,
        "visit": np.array(trials.visits)[places],
    }
    holds = evaluate_rule(endpoint.rule or "", trials, endpoint.item or "", measured) == 1.0
    if endpoint.confirmed_by is not None:
        again = np.zeros(trials.shape, dtype=bool)
        for k in range(len(places) - 1, -1, -1):
            here = ~np.isnan(value[..., k])
            confirmed = holds[..., k] & again
            again = np.where(here, holds[..., k], again)
            holds[..., k] = confirmed
    day = np.where(holds, days, np.inf).min(axis=-1, initial=np.inf)
    event = np.isfinite(day)
    return np.where(event, day, np.maximum(trials.last_day, 1)), event.astype(float)


def _with_events(
    estimand: Estimand, trials: VirtualTrials, time: Floats, event: Floats, per_day: float
) -> tuple[Floats, Floats]:
    composite = [e for e, strategy in estimand.intercurrent.items() if strategy == "composite, event"]
    censoring = [e for e, s in estimand.intercurrent.items() if s in ("hypothetical", "while on treatment")]
    for name in (*composite, *censoring):
        if name not in trials.events:
            continue
        at = np.maximum(trials.events[name] * per_day, 0.0)
        if name in composite:
            hit = (at < time) | ((at == time) & (event == 0))
        else:
            on_the_day = estimand.intercurrent[name] == "hypothetical"
            hit = (at < time) | ((at == time) & (event == 1) & on_the_day)
        time = np.where(hit, at, time)
        event = np.where(hit, 1.0 if name in composite else 0.0, event)
    return time, event
