"""Size and power for other values of an assumption: effect, standard deviation given the covariates, dropout.

An effect replaces the difference of every arm at the visit asked for. A standard deviation rescales the
covariance. Another dropout reweights the patterns of missing visits: with exponential times to leaving a share
P_d(k) stays until visit k exactly; a participant last seen at visit l stayed until some k of l or later and missed
the visits between, so that the share of the pattern is multiplied by sum_k P_d(k) m^(k - l) over the same at the
dropout assumed, m being the share of visits missed. Where nobody leaves by assumption, leaving is added.
"""

from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from ..errors import ProtocolError
from ..protocol import Protocol, Quantity
from ..protocol.model import Effect
from ..statistics.distributions import Floats
from .comparisons import Model
from .moments import MeasurementMoments, Moments
from .size import Question, claimed_power, required_size


@dataclass(frozen=True)
class Assumed:
    """Values of the assumptions; None where the planned one holds, which `plan` gives in numbers."""

    effect: float | None = None
    sd: float | None = None
    dropout: float | None = None


@dataclass(frozen=True)
class Sensible:
    """A cell of the grid: what is assumed, the size that the power asks for, and the power of the planned size."""

    assumed: Assumed
    participants: float | None
    power: float


def grid_of(protocol: Protocol, measure: str) -> tuple[Assumed, ...]:
    """List the combinations that the protocol asks for; none where it asks for no values."""
    asked = protocol.design.sensitivity if protocol.design is not None else None
    if asked is None or not (asked.effect or asked.sd or asked.dropout):
        return ()
    effects = [None] if not asked.effect else [effect_of(protocol, one, measure) for one in asked.effect]
    is_mean = measure == "difference in means"
    deviations = list(asked.sd) if asked.sd and is_mean else [None]
    leaving = list(asked.dropout) if asked.dropout and is_mean else [None]
    return tuple(Assumed(*one) for one in product(effects, deviations, leaving))


def effect_of(protocol: Protocol, effect: Quantity, measure: str) -> float:
    """Read an effect in the unit of the planned outcome; a hazard ratio as its logarithm."""
    assert protocol.design is not None
    spec = protocol.analyses[protocol.design.analysis]
    estimand = protocol.estimands[spec.estimand]  # type: ignore[union-attr]
    item = protocol.items.get(estimand.variable.item or "")
    unit = item.unit if item is not None and item.unit and measure == "difference in means" else ""
    try:
        value = effect.to(unit)
    except ValueError as error:
        raise ProtocolError(f"design.sensitivity.effect must be in {unit or 'no unit'}. Got {effect}") from error
    if measure != "log hazard ratio":
        return value
    if value <= 0:
        raise ProtocolError(f"design.sensitivity.effect must be hazard ratios above 0 here. Got {effect}")
    return float(np.log(value))


def assume(protocol: Protocol, moments: Moments, assumed: Assumed, scenario: str, planned_sd: float) -> Moments:
    """Return the moments with the standard deviation and dropout assumed; effects are left to the model."""
    if not isinstance(moments, MeasurementMoments):
        return moments
    if assumed.sd is not None:
        scale = (assumed.sd / planned_sd) ** 2
        moments = replace(moments, covariance=moments.covariance * scale)
    if assumed.dropout is not None:
        moments = _with_dropout(protocol, moments, assumed.dropout, scenario)
    return moments


def without_missing(moments: MeasurementMoments) -> MeasurementMoments:
    """Return the moments as if everyone were seen at every visit."""
    return replace(moments, patterns=np.ones((1, len(moments.visits))), shares=np.ones((len(moments.arms), 1)))


def evaluate(model: Model, question: Question, assumed: Assumed, participants: float) -> Sensible:
    """Find size and power for one combination; `model` has its standard deviation and dropout already."""
    if assumed.effect is not None:
        model = model.with_effects(np.full(len(model.arms), model.sign * abs(assumed.effect)))
    return Sensible(assumed, required_size(model, question), claimed_power(model, question, participants))


def planned_dropout(protocol: Protocol, scenario: str) -> tuple[float, str] | None:
    """Return share and visit of the dropout in a scenario; None where nobody is assumed to leave."""
    assumptions = protocol.assumptions
    if assumptions is None:
        return None
    effect: Effect | None = assumptions.scenarios.get(scenario)
    dropout = effect.dropout if effect is not None and effect.dropout is not None else assumptions.dropout
    return None if dropout is None else (dropout.share, dropout.by)


def _with_dropout(
    protocol: Protocol, moments: MeasurementMoments, share: float, scenario: str
) -> MeasurementMoments:
    planned = planned_dropout(protocol, scenario) or (0.0, moments.visits[-1])
    days = {name: visit.target for name, visit in protocol.schedule.visits.items()}
    times = np.array([days[visit] for visit in moments.visits]) / days[planned[1]]
    missed = (protocol.assumptions.missed_visit or 0.0) if protocol.assumptions is not None else 0.0
    if planned[0] == 0.0:
        return _truncated(moments, _last_stayed(times, share))
    visits = len(moments.visits)
    last = np.where(
        moments.patterns.any(axis=1), visits - np.argmax(moments.patterns[:, ::-1] > 0, axis=1), 0
    ).astype(int)
    ratio = _last_seen(_last_stayed(times, share), missed) / _last_seen(_last_stayed(times, planned[0]), missed)
    shares = moments.shares * ratio[last]
    return replace(moments, shares=shares / shares.sum(axis=1, keepdims=True))


def _last_stayed(times: Floats, share: float) -> Floats:
    """Share that stays until each number of visits exactly, 0 to all; exponential, `share` gone by time 1."""
    staying = np.concatenate([[1.0], (1.0 - share) ** times, [0.0]])
    last: Floats = -np.diff(staying)
    return last


def _last_seen(stayed: Floats, missed: float) -> Floats:
    """In proportion, the share last seen at each number of visits, when each visit may be missed too."""
    places = np.arange(stayed.size)
    distance = places[None, :] - places[:, None]
    power = np.where(distance >= 0, float(missed) ** np.maximum(distance, 0), 0.0)
    seen: Floats = power @ stayed
    return seen


def _truncated(moments: MeasurementMoments, stayed: Floats) -> MeasurementMoments:
    """Let participants of every pattern leave after each number of visits."""
    visits = len(moments.visits)
    kept = np.tri(visits + 1, visits, -1)
    patterns = (moments.patterns[:, None, :] * kept[None, :, :]).reshape(-1, visits)
    shares = (moments.shares[:, :, None] * stayed[None, None, :]).reshape(len(moments.arms), -1)
    found, place = np.unique(patterns, axis=0, return_inverse=True)
    summed = np.zeros((len(moments.arms), len(found)))
    for arm in range(len(moments.arms)):
        np.add.at(summed[arm], place.ravel(), shares[arm])
    return replace(moments, patterns=found, shares=summed)
