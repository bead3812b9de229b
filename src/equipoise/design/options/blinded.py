"""The size found again from the spread of the outcome, arms unknown, half way through.

The variance of all values, which holds a part of the difference between arms too, replaces the planned one in the
formula (Gould and Shih 1992; Kieser and Friede 2003); the size never falls below the planned one and never passes
`MOST` times it. The estimate is averaged over its chi-square distribution; the type I error is kept for all
practical purposes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...statistics.multivariate.chi import chi_nodes
from ..models.measurements import LinearModel, PairModel
from ..size import Question, claimed_power, effective

MOST = 1.5
LOOK = 0.5


@dataclass(frozen=True)
class Reestimated:
    """What happens where the true standard deviation is `sd`.

    fixed_power: power of the size as planned. expected: participants on average with the size found again, at most
    `maximum`. power: then.
    """

    sd: float
    planned: float
    maximum: float
    expected: float
    fixed_power: float
    power: float


def plan_reestimation(
    model: LinearModel | PairModel, question: Question, planned: float, deviations: Sequence[float]
) -> tuple[Reestimated, ...]:
    """Find size and power for each true standard deviation, `planned` participants being right for `model.sd`."""
    if not effective(model).any() or planned <= model.smallest:
        return ()
    found = []
    for sd in deviations:
        # an effect in standard deviations is all that the power knows
        other = model.with_effects(model.effects * model.sd / sd)
        seen = max(LOOK * planned - 1.0, 2.0)
        nodes, weights = chi_nodes(seen)
        between = float(np.var(np.append(model.effects, 0.0)))
        ratio = nodes**2 * (sd**2 + between) / model.sd**2
        sizes = planned * np.clip(ratio, 1.0, MOST)
        grid = planned * np.linspace(1.0, MOST, 9)
        at_grid = np.array([claimed_power(other, question, float(size)) for size in grid])
        found.append(
            Reestimated(
                sd=sd,
                planned=planned,
                maximum=MOST * planned,
                expected=float(weights @ sizes),
                fixed_power=float(at_grid[0]),
                power=float(weights @ np.interp(sizes, grid, at_grid)),
            )
        )
    return tuple(found)
