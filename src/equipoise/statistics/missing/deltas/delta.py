"""Delta adjustment: imputed outcomes made worse or better by a stated amount.

The adjustment of participant i at visit v is delta(arm of i) x multiplier(v), added to imputed values only; with
`cumulative` the multipliers add up from the visit of the event to v. Source: Permutt, Statistics in Medicine
2016;35:2876-84; Cro et al., Statistics in Medicine 2020;39:2815-42, section 4; the cumulative form is that of
rbmi's `delta_template` (Gower-Page et al. 2022).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats
from equipoise.statistics.frames import require_level
from equipoise.statistics.missing.imputation.outcomes import Outcomes


@dataclass(frozen=True)
class Delta:
    """How much imputed outcomes change, in units of the outcome.

    `by_arm`: the delta of each arm (0 for arms not named). `by_visit`: the multiplier of each visit (1 unless
    given for some visits, then 0 for the others). `from_event`: change only values at or after the participant's
    event, not gaps before it. `cumulative`: add the multipliers up from the event on (implies `from_event`).
    """

    by_arm: Mapping[object, float]
    by_visit: Mapping[object, float] | None = None
    from_event: bool = False
    cumulative: bool = False


def delta_values(outcomes: Outcomes, delta: Delta) -> Floats:
    """Lay out the adjustment of each participant and visit (N x V), 0 where a value was observed.

    Raises `DataError` for unknown arms or visits and for numbers that are not finite.
    """
    by_arm = np.zeros(len(outcomes.arms))
    for arm, value in delta.by_arm.items():
        by_arm[outcomes.arms.index(require_level(outcomes.arms, arm, outcomes.arm_name))] = value
    return by_arm[outcomes.arm][:, None] * delta_multipliers(outcomes, delta)


def delta_multipliers(outcomes: Outcomes, delta: Delta) -> Floats:
    """Lay out what a delta of 1 adds for each participant and visit (N x V)."""
    by_visit = np.full(len(outcomes.visits), 1.0 if delta.by_visit is None else 0.0)
    for visit, value in (delta.by_visit or {}).items():
        by_visit[outcomes.visits.index(require_level(outcomes.visits, visit, outcomes.visit))] = value
    numbers = np.array([*by_visit, *delta.by_arm.values()], dtype=float)
    if not np.isfinite(numbers).all():
        raise DataError(f"deltas must be finite numbers. Got {numbers[~np.isfinite(numbers)][0]}")
    after = outcomes.after_event
    multiplier = np.broadcast_to(by_visit, outcomes.values.shape)
    if delta.cumulative:
        multiplier = np.cumsum(np.where(after, multiplier, 0.0), axis=1)
    elif delta.from_event:
        multiplier = np.where(after, multiplier, 0.0)
    return np.where(outcomes.observed, 0.0, multiplier)
