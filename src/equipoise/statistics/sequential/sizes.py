"""Sample sizes of group sequential trials, from the formulas for fixed designs.

What rpact and gsDesign do: the fixed size times the inflation factor is the maximum size. With a size given, the
power of the fixed test at the maximum gives the drift, z_{1-alpha} + z_{fixed power}, and the joint distribution
the power at the looks. So the t distribution enters through the fixed design alone, the looks are taken as
normal. Bounds on the scale of the effect are the estimates whose p in a fixed test at that look is the nominal
one. Numbers of participants are not rounded but in columns that say so. Checked against R rpact.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy import optimize

from equipoise.errors import DataError
from equipoise.statistics.distributions import normal_quantile, normal_upper_p, t_quantile
from equipoise.statistics.sample_size.result import SampleSize, require_positive, require_share, round_up
from equipoise.statistics.sequential.design import GroupSequential


@dataclass(frozen=True)
class SequentialSize:
    """Participants at the looks of a group sequential design.

    `per_look`: for each look the participants of each of `arms`, cumulative, not rounded; `drift`, that of the
    effect assumed; `power`, at that drift; `fixed`: the fixed design that it comes from.
    """

    design: GroupSequential
    fixed: SampleSize
    arms: tuple[str, ...]
    per_look: tuple[tuple[float, ...], ...]
    drift: float
    power: float

    @property
    def n(self) -> float:
        """Participants in all arms at the last look, not rounded."""
        return sum(self.per_look[-1])

    def expected_n(self, drift: float) -> float:
        """Find the expected number of participants at `drift`: 0, half of `self.drift`, `self.drift`, ..."""
        return float(self.design.expected_information(drift)) * self.n

    def tabulate(self) -> pl.DataFrame:
        """Tabulate the looks.

        Columns: look; information_rate; n; n_whole (each arm rounded up); n_ and the name of each arm; upper,
        lower (z); nominal_p (one-sided); power (cumulative) and stop (probability of stopping at this look) at
        the drift.
        """
        below, above = (side[:, 0] for side in self.design.exits(self.drift))
        stop = below + above
        stop[-1] = 1.0 - stop[:-1].sum()
        bounds = self.design.tabulate()
        return pl.DataFrame(
            {
                "look": bounds["look"],
                "information_rate": bounds["information_rate"],
                "n": [sum(sizes) for sizes in self.per_look],
                "n_whole": [sum(round_up(size) for size in sizes) for sizes in self.per_look],
                **{f"n_{arm}": [sizes[place] for sizes in self.per_look] for place, arm in enumerate(self.arms)},
                "upper": bounds["upper"],
                "lower": bounds["lower"],
                "nominal_p": bounds["nominal_p"],
                "power": np.cumsum(above),
                "stop": stop,
            }
        )


def sequential_size(design: GroupSequential, fixed: SampleSize) -> SequentialSize:
    """Join a design with a sample size for one look, made with the same alpha and sides and without `strict`.

    Where `fixed` was solved for n, its power must be that of the design, and the size is inflated; where n was
    given, it is the maximum, and the power follows. Raises `DataError` where the two do not fit.
    """
    if (fixed.alpha, fixed.sides) != (design.alpha, design.sides):
        raise DataError(
            f"the fixed design must have the alpha and sides of the group sequential one, {design.alpha:g} and "
            f"{design.sides}. Got {fixed.alpha:g} and {fixed.sides}"
        )
    factor, drift = 1.0, normal_quantile(1.0 - design.level) + normal_quantile(fixed.power)
    if fixed.solved == "n":
        if abs(fixed.power - design.power) > 1e-9:
            raise DataError(
                f"the fixed design must have the power of the group sequential one, {design.power:g}. "
                f"Got {fixed.power:g}"
            )
        factor, drift = design.inflation, design.drift
    return SequentialSize(
        design=design,
        fixed=fixed,
        arms=fixed.arms,
        per_look=tuple(tuple(size * factor * rate for size in fixed.per_arm) for rate in design.information_rates),
        drift=drift,
        power=float(design.power_at(drift)),
    )


def mean_bounds(size: SequentialSize, sd: float, *, null: float = 0.0, student: bool = True) -> pl.DataFrame:
    """Give the bounds as differences of two means (one mean for one arm): columns look, lower, upper.

    `sd`: standard deviation of the outcome; `null`: the difference tested; `student`: t with as many degrees of
    freedom as participants less arms, else normal. A one-sided test of an effect below `null` has its upper bound
    below it too. Null where there is no bound.
    """
    require_positive("sd", sd)
    towards = _direction(size, null)
    spread = [sd * float(np.sqrt(sum(1.0 / n for n in sizes))) for sizes in size.per_look]
    freedom = [sum(sizes) - len(sizes) for sizes in size.per_look]

    def estimate(z: float, look: int) -> float | None:
        if not np.isfinite(z):
            return None
        if not student:
            return null + towards * z * spread[look]
        if freedom[look] <= 0:
            raise DataError(f"a t test needs more participants than arms at each look. Got {size.per_look[look]}")
        # The tail is the smaller one, so that it keeps its digits
        tail = -t_quantile(normal_upper_p(abs(z)), freedom[look])
        return null + towards * float(np.sign(z)) * tail * spread[look]

    return _bounds(size.design, estimate)


def proportion_bounds(size: SequentialSize, control: float) -> pl.DataFrame:
    """Give the bounds as differences of two proportions by the pooled z test: columns look, lower, upper.

    `control`: proportion in the second arm (0-1). A one-sided test of a lower proportion with treatment has
    negative upper bounds. Null where there is no bound or no proportion reaches it.
    """
    require_share("control", control)
    towards = _direction(size, control)
    if len(size.arms) != 2:
        raise DataError(f"bounds of a difference need two arms. Got {len(size.arms)}")

    def estimate(z: float, look: int) -> float | None:
        n1, n2 = size.per_look[look]
        z = towards * z

        def excess(treated: float) -> float:
            pooled = (n1 * treated + n2 * control) / (n1 + n2)
            return (treated - control) - z * float(np.sqrt(pooled * (1.0 - pooled) * (1.0 / n1 + 1.0 / n2)))

        far = 1.0 if z > 0 else 0.0
        if not np.isfinite(z) or excess(far) * np.sign(z) < 0:
            return None
        return 0.0 if z == 0 else float(optimize.brentq(excess, control, far, xtol=1e-14)) - control

    return _bounds(size.design, estimate)


def _direction(size: SequentialSize, null: float) -> float:
    """Tell where the upper bound lies: -1 for a one-sided test of an effect below `null`, else 1."""
    return -1.0 if size.design.sides == 1 and size.fixed.effect < null else 1.0


def _bounds(design: GroupSequential, estimate: Callable[[float, int], float | None]) -> pl.DataFrame:
    looks = range(design.looks)
    return pl.DataFrame(
        {
            "look": [look + 1 for look in looks],
            "lower": [estimate(design.lower[look], look) for look in looks],
            "upper": [estimate(design.upper[look], look) for look in looks],
        },
        schema={"look": pl.Int64, "lower": pl.Float64, "upper": pl.Float64},
    )
