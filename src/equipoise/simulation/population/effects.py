"""How the effect of a scenario comes and goes in each participant.

The share of the full difference grows evenly from study day 1 to `reached_by`, stays until `lasts_until` and then
halves with each `half_life`. After an intercurrent event that ends the effect it goes as it came: evenly, in the
time that it takes to be reached.
"""

import numpy as np

from ...protocol import Protocol
from ...protocol.model import Effect
from ...statistics.distributions import Floats
from .trials import Integers


def differences(protocol: Protocol, effect: Effect | None, unit: str | None) -> Floats:
    """Return the full difference of each arm from the control, in the unit of the item."""
    found = effect.differences if effect is not None else {}
    return np.array(
        [found[arm].to(unit) if arm in found and unit else float(found[arm].value) if arm in found else 0.0
         for arm in protocol.arms]
    )  # fmt: skip


def effect_share(protocol: Protocol, effect: Effect | None, days: Integers, ended: Floats | None = None) -> Floats:
    """Return the share of the full difference on study `days` (... x v), 0 to 1.

    `ended`: study day on which the effect began to go, NaN where it did not; the shape of `days` without visits.
    """
    since = np.maximum(days - 1, 0).astype(float)
    if effect is None:
        return np.zeros_like(since)
    visits = protocol.schedule.visits
    reached = float(visits[effect.reached_by].target - 1) if effect.reached_by else 1.0
    if ended is None:
        return _course(protocol, effect, since, reached)
    gone = np.where(np.isnan(ended), np.inf, np.maximum(ended - 1.0, 0.0))[..., None]
    share = _course(protocol, effect, np.minimum(since, gone), reached)
    left: Floats = np.maximum(share - np.maximum(since - gone, 0.0) / reached, 0.0)
    return left


def _course(protocol: Protocol, effect: Effect, since: Floats, reached: float) -> Floats:
    share: Floats = np.minimum(since / reached, 1.0)
    if effect.lasts_until is None or effect.half_life is None:
        return share
    until = protocol.schedule.visits[effect.lasts_until].target - 1
    waned: Floats = share * np.exp2(-np.maximum(since - until, 0.0) / effect.half_life.to("day"))
    return waned
