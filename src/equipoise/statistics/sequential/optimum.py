"""The Wang-Tsiatis design with the smallest expected information under its alternative (Wang and Tsiatis 1987).

Expected information relative to the fixed design is minimised over Delta. Checked against R rpact `WToptimum`,
which finds Delta to three digits.
"""

from collections.abc import Sequence

from scipy import optimize

from equipoise.statistics.sequential.boundaries import WangTsiatis
from equipoise.statistics.sequential.design import GroupSequential, Sides, group_sequential


def optimal_wang_tsiatis(
    looks: int | Sequence[float], *, alpha: float = 0.025, sides: Sides = 1, power: float = 0.9
) -> GroupSequential:
    """Find the design with bounds c t^(Delta - 1/2) of least expected information at its drift.

    Arguments and errors as in `group_sequential`; Delta, found to 1e-6, is `result.rule.delta`.
    """

    def design(delta: float) -> GroupSequential:
        return group_sequential(looks, alpha=alpha, sides=sides, bounds=WangTsiatis(delta), power=power)

    def expected(delta: float) -> float:
        found = design(delta)
        return float(found.expected_information(found.drift)) * found.inflation

    best = optimize.minimize_scalar(expected, bounds=(-0.5, 1.0), method="bounded", options={"xatol": 1e-6})
    return design(float(best.x))
