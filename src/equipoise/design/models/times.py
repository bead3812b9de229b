"""Times to an event, compared by the log-rank test or Cox regression.

With events d_j at times t_j, of which the arm has d_1j, and n_1j, n_0j at risk, the statistic is U / root(V),
U = sum (d_1j - d_j n_1j / n_j), V = sum d_j (n_j - d_j) / (n_j - 1) n_1j n_0j / n_j^2. Their expectations follow
from the curves of both arms, whatever the hazards do, also where many events fall on one visit (Schoenfeld,
Biometrika 1981;68:316-9, for any hazards). Effect: the hazard ratio exp(U / V). Another effect than that of the
moments is a constant hazard ratio on the curve of the control. Under no effect the variance of U is V.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from ...errors import ProtocolError
from ...protocol import Protocol
from ...protocol.model import Cox, KaplanMeier
from ...statistics.distributions import Floats
from ..comparisons import Comparisons
from ..moments import TimeMoments
from .compared import compare_arms


@dataclass(frozen=True, eq=False)
class TimeModel:
    """Log hazard ratios of each arm against the control."""

    method: str
    arms: tuple[str, ...]
    effects: Floats
    sign: float
    allocation: Floats
    survival: Floats
    followed: Floats
    events: Floats
    unit: str
    horizon: float
    measure: str = "log hazard ratio"
    smallest: float = 8.0

    def at(self, participants: float) -> Comparisons:
        """Return the statistics in a trial of so many participants."""
        n = participants * self.allocation
        m = len(self.arms)
        mean, variance = np.empty(m), np.empty(m)
        for arm in range(m):
            pair = [arm + 1, 0]
            mean[arm], variance[arm] = _expected_statistic(n[pair], self.survival[pair], self.followed[pair])
        share = n[1:] / (n[0] + n[1:])
        return Comparisons(
            ncp=self.sign * mean / np.sqrt(np.maximum(variance, 1e-300)),
            df=np.full(m, np.inf),
            stretch=np.ones(m),
            loadings=np.sqrt(share),
            believed=np.sqrt(share),
        )

    def with_effects(self, effects: Floats) -> Self:
        """Return the same with other effects, one an arm: hazards in a constant ratio to those of the control."""
        curves = self.survival.copy()
        for arm, effect in enumerate(effects):
            if effect != self.effects[arm]:
                curves[arm + 1] = curves[0] ** np.exp(effect)
        return replace(self, effects=effects, survival=curves)


def plan_times(protocol: Protocol, spec: KaplanMeier | Cox, moments: TimeMoments) -> TimeModel:
    """Plan the comparison of times; ProtocolError where no event is to be expected, or nothing is tested.

    Power is for the side on which the largest effect lies.
    """
    if isinstance(spec, KaplanMeier) and spec.test != "log-rank":
        raise ProtocolError(f"the design plans times to an event by the log-rank test. Got {spec.test}")
    compared = compare_arms(protocol, protocol.estimands[spec.estimand], moments.arms)
    places = list(compared.places)
    survival, followed = moments.survival[places], moments.followed[places]
    events = _expected_events(survival, followed)
    if not (events > 0).all():
        raise ProtocolError(
            "the planned analysis needs events in every arm, and the virtual participants have none in "
            f"{compared.arms[int(np.argmin(events))]}"
        )
    effects = np.empty(len(compared.active))
    for arm in range(effects.size):
        mean, variance = _expected_statistic(
            1e6 * compared.allocation[[arm + 1, 0]], survival[[arm + 1, 0]], followed[[arm + 1, 0]]
        )
        effects[arm] = mean / variance
    return TimeModel(
        method="log-rank test" if isinstance(spec, KaplanMeier) else "Cox regression",
        arms=compared.active,
        effects=effects,
        sign=-1.0 if effects[np.argmax(np.abs(effects))] <= 0 else 1.0,
        allocation=compared.allocation,
        survival=survival,
        followed=followed,
        events=events,
        unit=moments.unit,
        horizon=float(moments.times[-1]),
    )


def _expected_events(survival: Floats, followed: Floats) -> Floats:
    """Share of the participants of each arm whose event is seen."""
    seen: Floats = (-np.diff(survival, axis=1, prepend=1.0) * followed).sum(axis=1)
    return seen


def _expected_statistic(sizes: Floats, survival: Floats, followed: Floats) -> tuple[float, float]:
    """Find U and V that are to be expected of an arm (first) and the control."""
    before = np.hstack([np.ones((2, 1)), survival[:, :-1]])
    events = sizes[:, None] * (before - survival) * followed
    at_risk = sizes[:, None] * before * followed
    all_events, everyone = events.sum(axis=0), at_risk.sum(axis=0)
    kept = (all_events > 0) & (everyone > 1.0)
    events, at_risk = events[:, kept], at_risk[:, kept]
    all_events, everyone = all_events[kept], everyone[kept]
    mean = events[0] - all_events * at_risk[0] / everyone
    ties = np.maximum(everyone - all_events, 0.0) / (everyone - 1.0)
    variance = all_events * ties * at_risk[0] * at_risk[1] / everyone**2
    return float(mean.sum()), float(variance.sum())
