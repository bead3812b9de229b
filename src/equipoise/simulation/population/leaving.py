"""When participants leave, miss visits, or have an intercurrent event.

Leaving has a hazard that is even in time, multiplied for each interval between visits by hazard_ratio^(-change /
per), where change is that of the main item since baseline at the last visit seen (missing at random) or at the
visit to come (not at random). The even hazard is such that the assumed share has left by the
visit named: mean exp(-h C) = 1 - share over the participants of the pilot draw that measures C.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...protocol.model import Dropout, ExpectedIntercurrentEvent
from ...statistics.distributions import Floats
from .trials import Booleans, Integers


@dataclass(frozen=True)
class Leaving:
    """The hazard of leaving, a day; `dropout` says what it depends on."""

    dropout: Dropout
    hazard: float


def burden(dropout: Dropout, days: Integers, change: Floats, seen: Booleans, unit: str | None) -> Floats:
    """Return by how much the even hazard is multiplied in the interval that ends with each visit; 1 before day 1.

    days, change (from baseline), seen: trials x participants x visits.
    """
    if dropout.depends_on == "chance":
        return np.ones(days.shape)
    assert dropout.per is not None
    per = dropout.per.to(unit) if unit else float(dropout.per.value)
    known = np.where(np.isnan(change), 0.0, change)
    if dropout.depends_on == "last value":
        last = np.zeros(days.shape)
        for v in range(1, days.shape[-1]):
            last[..., v] = np.where(seen[..., v - 1] & (days[..., v - 1] > 1), known[..., v - 1], last[..., v - 1])
        known = last
    return np.asarray(np.power(dropout.hazard_ratio, -known / per))


def exposure(days: Integers, weights: Floats, until: int | None = None) -> Floats:
    """Return the weighted days under observation up to each visit (or up to the study day `until`), cumulated."""
    ends = np.maximum(days - 1, 0).astype(float)
    if until is not None:
        ends = np.minimum(ends, until - 1)
    lengths = np.diff(ends, axis=-1, prepend=0.0)
    return np.cumsum(np.maximum(lengths, 0.0) * weights, axis=-1)


def even_hazard(share: float, burdens: Floats) -> float:
    """Return the hazard a day such that `share` has left when the weighted exposure is `burdens`."""
    from scipy.optimize import brentq

    if share == 0:
        return 0.0
    typical = -np.log1p(-share) / float(burdens.mean())
    return float(
        brentq(
            lambda h: float(np.exp(-h * burdens).mean()) - (1 - share), 0.0, 100 * typical, xtol=1e-16, rtol=1e-12
        )
    )


def draw_last_days(rng: np.random.Generator, leaving: Leaving, days: Integers, weights: Floats) -> Integers:
    """Draw the study day on which each participant was last seen, at most that of the last visit."""
    end = days[..., -1]
    if leaving.hazard == 0:
        return end
    tolerance = rng.exponential(1.0, end.shape)
    cumulated = leaving.hazard * exposure(days, weights)
    place = (cumulated < tolerance[..., None]).sum(axis=-1)
    inside = np.minimum(place, days.shape[-1] - 1)[..., None]
    before = np.maximum(inside - 1, 0)

    def pick(values: Floats, where: Integers) -> Floats:
        return np.take_along_axis(values, where, axis=-1)[..., 0]

    ends = np.maximum(days - 1, 0).astype(float)
    low = np.where(inside[..., 0] > 0, pick(cumulated, before), 0.0)
    high = pick(cumulated, inside)
    start = np.where(inside[..., 0] > 0, pick(ends, before), 0.0)
    fraction = np.where(high > low, (tolerance - low) / np.where(high > low, high - low, 1.0), 1.0)
    gone = np.ceil(start + np.clip(fraction, 0.0, 1.0) * (pick(ends, inside) - start)).astype(np.int64)
    return np.where(place == days.shape[-1], end, np.clip(gone, 1, end))


def draw_event_days(
    rng: np.random.Generator, expected: ExpectedIntercurrentEvent, arms: Sequence[str], arm: Integers, by: int
) -> Floats:
    """Draw the study day of an intercurrent event whose share is reached on study day `by`; infinite where never.

    arms: ids of the arms, in which `arm` gives positions.
    """
    hazard = -np.log1p(-np.array([expected.arms.get(name, expected.share) for name in arms])) / max(by - 1, 1)
    waiting = rng.exponential(1.0, arm.shape)
    with np.errstate(divide="ignore"):
        return np.asarray(1.0 + np.ceil(waiting / hazard[arm]))
