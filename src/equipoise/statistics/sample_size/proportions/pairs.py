"""Pairs of binary values by McNemar's test, unconditional normal approximation.

With psi the share of discordant pairs and d the difference of the two proportions,
power = Phi((|d| root(n) - z root(psi)) / root(psi - d^2)): Miettinen, Biometrics 1968;24:339-52; Connor,
Biometrics 1987;43:207-11. Checked against a program in R.
"""

import numpy as np

from equipoise.errors import DataError
from equipoise.statistics.distributions import normal_upper_p
from equipoise.statistics.sample_size.result import (
    Direction,
    Question,
    SampleSize,
    require_one_of,
    require_share,
    solve,
)


def power_mcnemar(
    difference: float | None = None,
    *,
    discordant: float,
    n: float | None = None,
    power: float | None = None,
    alpha: float = 0.05,
    sides: int = 2,
    direction: Direction = "above",
) -> SampleSize:
    """Relate the number of pairs `n`, power and `difference` of the two proportions of a pair (-1 to 1).

    `discordant` is the share of pairs whose two values differ (0-1): the sum of the two discordant probabilities,
    of which `difference` is the difference. Raises `DataError` for a difference that the discordant pairs cannot
    give.
    """
    require_one_of("direction", direction, Direction)
    require_share("discordant", discordant)
    if difference is not None and not abs(difference) <= discordant:
        raise DataError(
            f"difference must not exceed the share {discordant:g} of discordant pairs. Got {difference:g}"
        )
    question = Question(n, power, difference, alpha, sides)

    def curve(sizes: tuple[float, ...], effect: float) -> float:
        excess = question.critical * np.sqrt(discordant) - abs(effect) * np.sqrt(sizes[0])
        sd = np.sqrt(discordant - effect**2)
        return normal_upper_p(float(excess / sd))

    return solve(
        question,
        curve,
        method="McNemar's test, normal approximation",
        arms=("pairs",),
        allocation=(1.0,),
        fewest=1.0,
        farthest=discordant if direction == "above" else -discordant,
    )
