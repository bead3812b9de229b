"""Group sequential designs: bounds, power and expected information.

Information is counted in shares of the maximum, t_k = I_k / I_K, and an effect delta as drift, delta sqrt(I_K); so
Z_k has mean drift sqrt(t_k), and everything here holds for means, rates, times to an event and models alike
(Jennison and Turnbull 2000). The inflation factor is the maximum information over that of a fixed
design with the same alpha and power, (z_{1-alpha} + z_{power})^2. Checked against R rpact 4.5 and gsDesign 3.11.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import polars as pl

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats, normal_cdf, normal_quantile, normal_upper_p
from equipoise.statistics.sequential.boundaries import Bounds, Rule, rule_of
from equipoise.statistics.sequential.futility import LowerRule, lower_rule, solve
from equipoise.statistics.sequential.recursion import exit_probabilities, require_information

Sides = Literal[1, 2]


@dataclass(frozen=True)
class GroupSequential:
    """A group sequential design.

    `information_rates`: share of the maximum information at each look; `upper`, `lower`: bounds on the scale of z,
    infinite where there is none, the lower ones for futility or harm (one-sided) or of the other direction
    (two-sided); `alpha_spent`: cumulative probability of rejecting without drift (both sides where two-sided;
    non-binding lower bounds ignored); `drift`: at which the upper bounds are crossed with probability `power`;
    `inflation`: maximum information over that of the fixed design; `planned_beta`: 1 - power of the plan, which
    spending of beta uses.
    """

    information_rates: tuple[float, ...]
    alpha: float
    sides: Sides
    power: float
    rule: Rule
    lower_rule: LowerRule | None
    binding: bool
    upper: tuple[float, ...]
    lower: tuple[float, ...]
    drift: float
    inflation: float
    planned_beta: float = field(repr=False)
    alpha_spent: tuple[float, ...] = field(repr=False)

    @property
    def looks(self) -> int:
        """Number of looks, the last included."""
        return len(self.information_rates)

    @property
    def level(self) -> float:
        """Alpha of the upper side: half of a two-sided alpha."""
        return self.alpha / self.sides

    @property
    def fixed_power(self) -> float:
        """Power of the fixed design with the maximum information: of use with any formula for fixed designs."""
        return normal_cdf(self.drift - normal_quantile(1.0 - self.level))

    @property
    def nominal_p(self) -> tuple[float, ...]:
        """One-sided p at which each look rejects."""
        return tuple(normal_upper_p(z) for z in self.upper)

    def exits(self, drift: float | Floats) -> tuple[Floats, Floats]:
        """Find the probabilities of stopping at each look below and above, arrays (looks, drifts).

        At the last look what lies between the bounds counts in neither.
        """
        return exit_probabilities(self.information_rates, self.lower, self.upper, drift)

    def power_at(self, drift: float | Floats) -> float | Floats:
        """Find the probability of crossing an upper bound at `drift`; a number for a number, else an array."""
        power = self.exits(drift)[1].sum(axis=0)
        return float(power[0]) if np.ndim(drift) == 0 else power

    def expected_information(self, drift: float | Floats) -> float | Floats:
        """Find the expected information at `drift` as a share of the maximum."""
        below, above = self.exits(drift)
        rates = np.asarray(self.information_rates)
        saved = (rates[-1] - rates[:-1]) @ (below + above)[:-1]
        expected = rates[-1] - saved
        return float(expected[0]) if np.ndim(drift) == 0 else expected

    def tabulate(self) -> pl.DataFrame:
        """Tabulate the looks.

        Columns: look; information_rate; lower, upper (z; null where there is none); nominal_p (one-sided, of
        upper); b_lower, b_upper (z sqrt t); alpha_spent and power (cumulative); lower_h0, upper_h0, lower_h1,
        upper_h1 (probability of crossing that bound at this look, without and with the design's drift).
        """
        below, above = self.exits(np.array([0.0, self.drift]))
        root = np.sqrt(self.information_rates)
        return pl.DataFrame(
            {
                "look": np.arange(1, self.looks + 1),
                "information_rate": self.information_rates,
                "lower": _finite(self.lower),
                "upper": _finite(self.upper),
                "nominal_p": self.nominal_p,
                "b_lower": _finite(self.lower * root),
                "b_upper": _finite(self.upper * root),
                "alpha_spent": self.alpha_spent,
                "power": np.cumsum(above[:, 1]),
                "lower_h0": below[:, 0],
                "upper_h0": above[:, 0],
                "lower_h1": below[:, 1],
                "upper_h1": above[:, 1],
            }
        )

    def tabulate_drifts(self, drifts: Sequence[float] | None = None) -> pl.DataFrame:
        """Tabulate what the design does at `drifts`: 0, half of the design's drift and the drift unless given.

        Columns: drift; power (upper bounds); reject_below (two-sided); stop_early; expected_information (share of
        the maximum); expected_relative (over the information of the fixed design).
        """
        values = np.array([0.0, 0.5 * self.drift, self.drift] if drifts is None else drifts, dtype=float)
        below, above = self.exits(values)
        expected = self.expected_information(values)
        return pl.DataFrame(
            {
                "drift": values,
                "power": above.sum(axis=0),
                "reject_below": below.sum(axis=0) if self.sides == 2 else np.zeros(values.size),
                "stop_early": (below + above)[:-1].sum(axis=0),
                "expected_information": expected,
                "expected_relative": expected * self.inflation,
            }
        )

    def effect_bounds(self, effect: float) -> pl.DataFrame:
        """Give the bounds as estimates: columns look, lower, upper, on the scale of `effect`.

        `effect` is that of the alternative (mean difference, log hazard ratio, ...), the one with the design's
        drift; a negative one turns the bounds over. The estimate at look k is z_k over the root of I_k.
        """
        unit = effect / (self.drift * np.sqrt(self.information_rates))
        return pl.DataFrame(
            {
                "look": np.arange(1, self.looks + 1),
                "lower": _finite(np.asarray(self.lower) * unit),
                "upper": _finite(np.asarray(self.upper) * unit),
            }
        )


def group_sequential(
    looks: int | Sequence[float],
    *,
    alpha: float = 0.025,
    sides: Sides = 1,
    bounds: Rule | str | Sequence[float] = "lan-demets-obrien-fleming",
    power: float = 0.9,
    futility: LowerRule | Sequence[float] | None = None,
    binding: bool = False,
) -> GroupSequential:
    """Design a group sequential test.

    `looks`: number of equally spaced looks, or the information rates, increasing to 1. `alpha`: of the whole test;
    a two-sided one is halved. `bounds`: exact shapes `obrien-fleming`, `pocock`, `haybittle-peto`,
    `WangTsiatis(d)`, `HaybittlePeto(z)`; spending functions `lan-demets-obrien-fleming`, `lan-demets-pocock`,
    `KimDeMets(rho)`, `HwangShihDeCani(gamma)`, `ExponentialSpending(nu)`, `LogisticSpending(...)`; or the
    cumulative alpha of one side per look. `futility` (one-sided): z per interim look, `FutilityConditionalPower`,
    `BetaSpending` or `HarmSpending`; `binding` bounds must be obeyed and lower the upper ones.

    Raises `DataError` for numbers out of range, `EstimationFailed` where no such bounds exist.
    Source: Jennison and Turnbull (2000).
    """
    times = information_rates(looks)
    _require(alpha, sides, power, futility is not None)
    rule = rule_of(bounds, times)
    lower = None if futility is None else lower_rule(futility, times)
    level = alpha / sides
    solution = solve(times, rule, level, lower, symmetric=sides == 2, binding=binding, power=power)
    return GroupSequential(
        information_rates=times,
        alpha=alpha,
        sides=sides,
        power=power,
        rule=rule,
        lower_rule=lower,
        binding=binding,
        upper=solution.bounds.upper,
        lower=solution.bounds.lower,
        drift=solution.drift,
        inflation=(solution.drift / (normal_quantile(1.0 - level) + normal_quantile(power))) ** 2,
        planned_beta=1.0 - power,
        alpha_spent=alpha_spent(times, solution.bounds, sides, obey=binding),
    )


def information_rates(looks: int | Sequence[float]) -> tuple[float, ...]:
    """Read a number of looks or rates as rates that increase to 1; `DataError` otherwise."""
    if isinstance(looks, int | np.integer):
        if not 1 <= looks <= 100:
            raise DataError(f"a design must have from 1 to 100 looks. Got {looks}")
        return tuple(float((k + 1) / looks) for k in range(int(looks)))
    if isinstance(looks, str) or not isinstance(looks, Iterable):
        raise DataError(f"looks must be a whole number, or the information rates increasing to 1. Got {looks}")
    times = tuple(float(t) for t in looks)
    require_information(times)
    if not times or times[-1] != 1:
        raise DataError(
            f"information rates must end at 1, the maximum. Got {', '.join(f'{t:g}' for t in times) or 'none'}"
        )
    return times


def _require(alpha: float, sides: int, power: float, has_lower: bool) -> None:
    if sides not in (1, 2):
        raise DataError(f"sides must be 1 or 2. Got {sides}")
    if not 0 < alpha < 0.5 * sides:
        raise DataError(
            f"alpha must lie between 0 and {0.5 * sides:g} (exclusive); try {0.025 * sides:g}. Got {alpha:g}"
        )
    if not alpha / sides < power < 1:
        raise DataError(f"power must lie between alpha and 1 (exclusive); did you mean 0.9? Got {power:g}")
    if sides == 2 and has_lower:
        raise DataError("lower bounds for futility or harm go with a one-sided test; halve alpha. Got 2 sides")


def alpha_spent(times: Sequence[float], bounds: Bounds, sides: int, *, obey: bool) -> tuple[float, ...]:
    """Find the cumulative probability of rejecting without drift; `obey`: lower bounds stop a one-sided trial."""
    lower = bounds.lower if obey or sides == 2 else (-np.inf,) * len(times)
    above = exit_probabilities(times, lower, bounds.upper, 0.0)[1][:, 0]
    return tuple(float(x) for x in sides * np.cumsum(above))


def _finite(values: Sequence[float] | Floats) -> pl.Series:
    array = np.asarray(values, dtype=float)
    return pl.Series(array).set(pl.Series(~np.isfinite(array)), None)
