"""What a calculation of size needs to know of the population: means, spread, shares, by arm.

The numbers come from outside (drawn from the protocol's assumptions, or estimated from data); the calculations of
this package are functions of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ..statistics.distributions import Floats


@dataclass(frozen=True)
class MeasurementMoments:
    """Moments of a baseline and an outcome at the v visits of a model, by arm; a arms in the protocol's order.

    means: of the outcome at each visit, a x v; with everybody seen and what the estimand does with events.
    covariance: of baseline and outcome at the visits (baseline first), a x (v + 1) x (v + 1).
    patterns: which visits have a value, p x v, 1 or 0; shares: of each pattern by arm, a x p.
    """

    arms: tuple[str, ...]
    visits: tuple[str, ...]
    baseline_mean: float
    means: Floats
    covariance: Floats
    patterns: Floats
    shares: Floats


@dataclass(frozen=True)
class ResponseMoments:
    """Share of participants who respond, by arm in the protocol's order, missing values as the estimand says."""

    arms: tuple[str, ...]
    shares: Floats


@dataclass(frozen=True)
class TimeMoments:
    """Times to a first event by arm: share without event and share under observation on a grid of times.

    times: t, ascending from 0, in `unit`. survival: Kaplan-Meier share of each arm without event, a x t. followed:
    share not yet censored of those without event, a x t.
    """

    arms: tuple[str, ...]
    unit: str
    times: Floats
    survival: Floats
    followed: Floats


Moments = MeasurementMoments | ResponseMoments | TimeMoments
ByScenario = Mapping[str, Moments]
"""Moments of the planned analysis under each scenario, by its id."""
