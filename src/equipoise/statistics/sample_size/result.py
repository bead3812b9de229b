"""One result for every calculation of power, and the search for the quantity that was left open.

A method gives its power as a function of the sizes of the arms and of the effect. Of sample size, power and
effect two are given; the third follows: power at once, size and effect as the root of power(x) = power, found
by bracketing and Brent's method to the last digits. Sizes are real numbers until they are rounded up, arm by
arm; a size that is whole but for rounding error is not raised.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, inf, isfinite, nan
from typing import Literal, get_args

import numpy as np
from scipy import optimize

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.distributions import normal_quantile

Solved = Literal["n", "power", "effect", "duration"]
Direction = Literal["above", "below"]
# power from the sizes of the arms and the effect
PowerCurve = Callable[[tuple[float, ...], float], float]
LARGEST = 1e12
STEPS = 32


@dataclass(frozen=True)
class SampleSize:
    """Sample size, power and effect that go together; `solved` says which of them was calculated.

    `per_arm` holds the participants of each of `arms` as calculated, `per_arm_whole` rounded up; `power` goes with
    the first, `power_whole` with the second. `effect` is on the scale of the method's argument of that name.
    """

    method: str
    solved: Solved
    arms: tuple[str, ...]
    per_arm: tuple[float, ...]
    per_arm_whole: tuple[int, ...]
    power: float
    power_whole: float
    effect: float
    alpha: float
    sides: int

    @property
    def n(self) -> float:
        """Participants in all arms, not rounded."""
        return sum(self.per_arm)

    @property
    def n_whole(self) -> int:
        """Participants in all arms, each arm rounded up."""
        return sum(self.per_arm_whole)


@dataclass(frozen=True)
class Question:
    """What a caller gave: two of `n` (total, or a size an arm), `power` and `effect`; the level and the sides."""

    n: float | Sequence[float] | None
    power: float | None
    effect: float | None
    alpha: float
    sides: int

    def __post_init__(self) -> None:
        """Refuse anything but one open quantity, and levels and sides that make no sense, with `DataError`."""
        if sum(value is None for value in (self.n, self.power, self.effect)) != 1:
            given = [name for name in ("n", "power", "effect") if getattr(self, name) is not None]
            raise DataError(
                "give two of sample size n, power and effect, and leave the third open. "
                f"Got {' and '.join(given) or 'none of them'}"
            )
        if self.effect is not None and not isfinite(self.effect):
            raise DataError(f"the effect must be a finite number. Got {self.effect:g}")
        require_share("alpha", self.alpha)
        if self.sides not in (1, 2):
            raise DataError(f"sides must be 1 or 2. Got {self.sides}")
        if self.power is not None and not self.level < self.power < 1:
            raise DataError(
                f"power must lie between the one-sided level {self.level:g} and 1 (exclusive); did you mean 0.9? "
                f"Got {self.power:g}"
            )

    @property
    def level(self) -> float:
        """The level of one side."""
        return self.alpha / self.sides

    @property
    def critical(self) -> float:
        """The normal quantile that the statistic must pass on one side."""
        return -normal_quantile(self.level)


def solve(
    question: Question,
    curve: PowerCurve,
    *,
    method: str,
    arms: Sequence[str],
    allocation: Sequence[float],
    fewest: float,
    fewest_an_arm: float = 0.0,
    null: float = 0.0,
    farthest: float = inf,
) -> SampleSize:
    """Find the quantity that `question` leaves open.

    `allocation` gives the relative sizes of the `arms`; `fewest` and `fewest_an_arm` are the smallest sizes at
    which the power is defined; an open effect is searched from `null` towards `farthest` (may be infinite). Raises
    `DataError` for sizes that do not fit, `EstimationFailed` if no size or effect in reach has the power.
    """
    if not isfinite(null):
        raise DataError(f"null must be a finite number. Got {null:g}")
    shares = tuple(share / sum(allocation) for share in allocation)
    if question.n is not None:
        per_arm = _sizes(question.n, shares, arms)
        if sum(per_arm) < fewest or min(per_arm) < fewest_an_arm:
            raise DataError(
                f"n must be at least {fewest:g} participants in all and {fewest_an_arm:g} in an arm here. "
                f"Got {sum(per_arm):g} and {min(per_arm):g}"
            )
    if question.n is None and question.effect == null:
        raise DataError(
            f"the effect must differ from the one tested, or no size can show it. Got {null:g} for both"
        )
    solved: Solved

    def power_at(sizes: tuple[float, ...], effect: float) -> float:
        return _require_power(curve, sizes, effect)

    if question.power is None:
        assert question.effect is not None
        solved, effect = "power", question.effect
    elif question.effect is None:
        solved, effect = "effect", _find_effect(lambda x: power_at(per_arm, x) - question.power, null, farthest)  # type: ignore[operator]
    else:
        solved, effect = "n", question.effect
        total = find_size(
            lambda n: power_at(tuple(n * share for share in shares), effect) - question.power,  # type: ignore[operator]
            max(fewest, fewest_an_arm / min(shares)),
        )
        per_arm = tuple(total * share for share in shares)
    whole = tuple(round_up(size) for size in per_arm)
    return SampleSize(
        method,
        solved,
        tuple(arms),
        per_arm,
        whole,
        float(question.power if question.power is not None else power_at(per_arm, effect)),
        float(power_at(tuple(float(size) for size in whole), effect)),
        float(effect),
        question.alpha,
        question.sides,
    )


def find_size(excess: Callable[[float], float], fewest: float) -> float:
    """Find the total size at which `excess`, power less the power wanted, is 0; `fewest` where it starts above."""
    low, high = fewest, 2.0 * fewest
    if excess(low) >= 0:
        return low
    while excess(high) < 0:
        low, high = high, 2.0 * high
        if high > LARGEST:
            raise EstimationFailed(
                "no sample size in reach has the power wanted; the effect is too near the one tested or on "
                f"the wrong side of it. Got power below the one wanted at {low:.3g} participants"
            )
    return float(optimize.brentq(excess, low, high, xtol=1e-10, rtol=1e-14))


def round_up(size: float) -> int:
    """Round a size up, unless it is whole but for rounding error."""
    return ceil(size - 1e-9 * max(1.0, size))


def inflate_for_dropout(n: float, dropout: float) -> int:
    """Participants to randomise so that `n` are left when a share `dropout` (0-1) is lost: n / (1 - dropout)."""
    require_positive("n", n)
    if not 0 <= dropout < 1:
        raise DataError(f"dropout must be a share from 0 to below 1; did you mean 0.1? Got {dropout:g}")
    return round_up(n / (1.0 - dropout))


def require_positive(name: str, *values: float) -> None:
    """Refuse (`DataError`) a value that is not a finite number above 0."""
    for value in values:
        if not (isfinite(value) and value > 0):
            raise DataError(f"{name} must be a finite number above 0. Got {value:g}")


def require_share(name: str, *values: float) -> None:
    """Refuse (`DataError`) a value that does not lie between 0 and 1 (exclusive)."""
    for value in values:
        if not 0 < value < 1:
            raise DataError(f"{name} must lie between 0 and 1 (exclusive). Got {value:g}")


def require_one_of(name: str, value: str, allowed: object) -> None:
    """Refuse (`DataError`) a word that is not one of the `Literal` type `allowed`."""
    words = get_args(allowed)
    if value not in words:
        raise DataError(f"{name} must be one of {', '.join(words)}. Got {value}")


def _require_power(curve: PowerCurve, sizes: tuple[float, ...], effect: float) -> float:
    """Take the power from `curve`; `EstimationFailed` where numbers too large or too small leave none."""
    try:
        with np.errstate(all="ignore"):
            power = curve(sizes, effect)
    except ArithmeticError:
        power = nan
    if not isfinite(power):
        raise EstimationFailed(
            "the power cannot be calculated in double precision; give numbers on a scale nearer to 1. "
            f"Got effect {effect:g} with {', '.join(f'{size:g}' for size in sizes)} participants"
        )
    return power


def _sizes(n: float | Sequence[float], shares: tuple[float, ...], arms: Sequence[str]) -> tuple[float, ...]:
    if isinstance(n, Sequence | np.ndarray):
        per_arm = tuple(float(size) for size in n)
        if len(per_arm) != len(arms):
            raise DataError(
                f"n must be one total or one size for each of {', '.join(arms)}. Got {len(per_arm)} sizes"
            )
    else:
        per_arm = tuple(n * share for share in shares)
    require_positive("n", *per_arm)
    return per_arm


def _find_effect(excess: Callable[[float], float], null: float, farthest: float) -> float:
    if isfinite(farthest):
        # some statistics lose power again near the end, so the first crossing is looked for step by step
        steps = [null + (farthest - null) * step / STEPS for step in range(1, STEPS)]
        steps.append(null + (farthest - null) * (1.0 - 1e-12))
    else:
        sign = 1.0 if farthest > null else -1.0
        steps = [null + sign * 2.0**step for step in range(40)]
    near = null + (steps[0] - null) * 1e-12
    for far in steps:
        if excess(far) >= 0:
            return float(optimize.brentq(excess, near, far, xtol=1e-300, rtol=1e-14))
        near = far
    raise EstimationFailed(
        f"no effect between {null:g} and {steps[-1]:g} has the power wanted with this sample size; take more "
        f"participants or less power. Got power short by {-excess(steps[-1]):.3g} at the end"
    )
