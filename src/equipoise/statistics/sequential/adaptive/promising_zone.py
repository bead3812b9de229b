"""Unblinded re-estimation by conditional power: the promising zone of Mehta and Pocock (2011).

One interim look at n1 of n2 participants, statistic z1, last critical value c. Conditional power under the current
trend is Phi(z1 sqrt(m / n1) - (c sqrt n2 - z1 sqrt n1) / sqrt m) with m = n2 - n1. In the promising zone the size
rises to the one that has the conditional power wanted, within the largest. The critical value that keeps the
conditional type I error at the new total n* is b = (sqrt(m* / m) (c sqrt n2 - z1 sqrt n1) + z1 sqrt n1) / sqrt n*,
which always holds; where b <= c the ordinary c is valid too (Chen, DeMets and Lan 2004), and the zone begins with
the smallest conditional power of which that is true.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import optimize

from equipoise.errors import DataError
from equipoise.statistics.distributions import normal_cdf, normal_quantile

Zone = Literal["unfavourable", "promising", "favourable"]


@dataclass(frozen=True)
class PromisingZone:
    """The decision at an interim look.

    `n`: new total, not rounded; `conditional_power` with the planned and `conditional_power_after` with the new
    total, under the current trend; `critical_value`: b, at the new total; `start`: conditional power where the
    zone begins.
    """

    zone: Zone
    n: float
    conditional_power: float
    conditional_power_after: float
    critical_value: float
    start: float


def promising_zone(
    z1: float, n1: float, n2: float, largest: float, *, power: float = 0.9, critical: float | None = None
) -> PromisingZone:
    """Decide on the sample size at an interim look with statistic `z1` on `n1` of `n2` planned participants.

    `largest`: total never passed; `power`: conditional power wanted; `critical`: last critical value (default
    that of one-sided 0.025; of a group sequential design its last bound). Raises `DataError` for sizes out of
    order.
    """
    if not 0 < n1 < n2 < largest:
        raise DataError(f"sizes must rise: seen, planned, largest. Got {n1:g}, {n2:g}, {largest:g}")
    if not 0.5 < power < 1:
        raise DataError(f"power must lie between 0.5 and 1 (exclusive); did you mean 0.9? Got {power:g}")
    c = normal_quantile(0.975) if critical is None else critical
    if not (np.isfinite(z1) and np.isfinite(c)):
        raise DataError(f"z1 and the critical value must be finite numbers. Got {z1:g} and {c:g}")
    plan = _Plan(n1, n2, largest, power, c)
    start = plan.start()
    before = plan.conditional_power(z1, n2)
    zone: Zone = "unfavourable" if before < start else "promising" if before < power else "favourable"
    n = plan.wanted(z1) if zone == "promising" else n2
    return PromisingZone(zone, n, before, plan.conditional_power(z1, n), plan.bound(z1, n), start)


@dataclass(frozen=True)
class _Plan:
    n1: float
    n2: float
    largest: float
    power: float
    c: float

    def missing(self, z1: float) -> float:
        """Find what the score of the rest must reach in the plan, in its standard deviations."""
        return float((self.c * self.n2**0.5 - z1 * self.n1**0.5) / (self.n2 - self.n1) ** 0.5)

    def conditional_power(self, z1: float, n: float) -> float:
        """Conditional power with total `n` and its critical value b, which leaves what is missing as it was."""
        return normal_cdf(float(z1 * ((n - self.n1) / self.n1) ** 0.5) - self.missing(z1))

    def wanted(self, z1: float) -> float:
        """Total that has the power wanted, between the planned and the largest."""
        rest = self.n1 * ((self.missing(z1) + normal_quantile(self.power)) / z1) ** 2
        return min(max(self.n1 + rest, self.n2), self.largest)

    def bound(self, z1: float, n: float) -> float:
        """Critical value at total `n` that keeps the conditional type I error."""
        return float(((n - self.n1) ** 0.5 * self.missing(z1) + z1 * self.n1**0.5) / n**0.5)

    def z_of(self, conditional_power: float) -> float:
        """Interim statistic with this conditional power in the plan; it rises with z1."""
        return float(
            optimize.brentq(lambda z: self.conditional_power(z, self.n2) - conditional_power, -10.0, 10.0 + self.c)
        )

    def start(self) -> float:
        """Conditional power from which on b is at most c."""
        top = self.z_of(self.power)
        grid = np.linspace(1e-6 * top, top * (1.0 - 1e-9), 400)
        over = np.array([self.bound(z, self.wanted(z)) > self.c for z in grid])
        if not over.any():
            return 0.0
        last = int(np.flatnonzero(over)[-1])
        if last == grid.size - 1:
            return self.power
        z = optimize.brentq(lambda x: self.bound(x, self.wanted(x)) - self.c, grid[last], grid[last + 1])
        return self.conditional_power(float(z), self.n2)
