"""Student's and Welch's t in many trials at once: the mean change of each arm, and each arm against the control.

As `t_test_one_sample` in each arm and `t_test` of two arms, without the rest. Checked against these, replicate by
replicate, and R's `t.test`.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from equipoise.errors import DataError
from equipoise.statistics.confidence import require_confidence
from equipoise.statistics.distributions import Floats, t_quantile
from equipoise.statistics.replicates.tails import t_outside
from equipoise.statistics.replicates.trials import Booleans, blocks, read_arms, read_participants, read_trials

Variance = Literal["welch", "pooled"]
# a standard error this small against the values is rounding
ROUNDING = 10.0 * float(np.finfo(float).eps)


@dataclass(frozen=True, eq=False)
class MeanReplicates:
    """Means, or their differences, in T trials: `estimate`, `se`, `df`, `t`, `p` (two-sided), T x k.

    Of each arm, or of each arm but the control against it, in the order of the arms. `n`: values of each arm (T x
    arms), `sd`: their SD. NaN where a mean is not `estimable`: too few values, or all equal.
    """

    estimate: Floats
    se: Floats
    df: Floats
    t: Floats
    p: Floats
    n: Floats
    sd: Floats
    estimable: Booleans

    def limits(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """Give lower and upper limits (T x k) at `level`."""
        require_confidence(level)
        half = t_quantile(np.full(self.df.shape, (1.0 + level) / 2.0), self.df) * self.se
        return self.estimate - half, self.estimate + half


@dataclass(frozen=True, eq=False)
class _Samples:
    """Numbers, means, sums of squares about them and largest absolute values, T x arms."""

    n: Floats
    mean: Floats
    square: Floats
    size: Floats


def replicate_change(
    change: ArrayLike, arm: ArrayLike, *, arms: int, participants: ArrayLike | None = None
) -> MeanReplicates:
    """Test in each arm of each trial that the mean of `change` (T x n, NaN where missing) is 0.

    `arm`: whole numbers from 0 to `arms` - 1, `participants`: who is in the analysis, each T x n, or n where all
    trials share it. Raises `DataError` for values outside these and shapes that do not go together.
    """
    found = _summarise(change, arm, arms, 0, participants)
    with np.errstate(invalid="ignore", divide="ignore"):
        return _tested(found, found.mean, found.square / (found.n - 1.0) / found.n, found.n - 1.0, found.size)


def replicate_t_test(
    outcome: ArrayLike,
    arm: ArrayLike,
    *,
    arms: int,
    control: int = 0,
    variance: Variance = "welch",
    participants: ArrayLike | None = None,
) -> MeanReplicates:
    """Compare the mean `outcome` of each arm of each trial with that of the `control`, one pair at a time.

    `variance`: `welch` or `pooled` over the two arms. Other arguments as in `replicate_change`, `DataError`
    likewise.
    """
    if variance not in get_args(Variance):
        raise DataError(f"the variance of a t test must be welch or pooled. Got {variance}")
    if arms < 2:
        raise DataError(f"a comparison needs two or more arms. Got {arms}")
    found = _summarise(outcome, arm, arms, control, participants)
    others = [one for one in range(arms) if one != control]
    n, n0 = found.n[:, others], found.n[:, [control]]
    square, square0 = found.square[:, others], found.square[:, [control]]
    with np.errstate(invalid="ignore", divide="ignore"):
        if variance == "welch":
            part, part0 = square / (n - 1.0) / n, square0 / (n0 - 1.0) / n0
            spread = part + part0
            df = spread**2 / (part**2 / (n - 1.0) + part0**2 / (n0 - 1.0))
        else:
            df = n + n0 - 2.0
            spread = (square + square0) / df * (1.0 / n + 1.0 / n0)
    size = np.maximum(found.size[:, others], found.size[:, [control]])
    return _tested(found, found.mean[:, others] - found.mean[:, [control]], spread, df, size)


def _summarise(
    values: ArrayLike, arm: ArrayLike, arms: int, control: int, participants: ArrayLike | None
) -> _Samples:
    given = read_trials(values, "outcomes")
    codes = read_arms(arm, given.shape, arms, control, fewest=1)
    kept = read_participants(participants, given.shape) & ~np.isnan(given)
    found = np.empty((4, given.shape[0], arms))
    for part in blocks(*given.shape):
        for one in range(arms):
            inside = kept[part] & (codes[part] == one)
            value = np.where(inside, given[part], 0.0)
            n = inside.sum(axis=1)
            with np.errstate(invalid="ignore", divide="ignore"):
                mean = value.sum(axis=1) / n
            square = (np.where(inside, value - mean[:, None], 0.0) ** 2).sum(axis=1)
            found[:, part, one] = n, mean, square, np.abs(value).max(axis=1)
    return _Samples(*found)


def _tested(found: _Samples, estimate: Floats, variance: Floats, df: Floats, size: Floats) -> MeanReplicates:
    with np.errstate(invalid="ignore", divide="ignore"):
        se = np.sqrt(variance)
        estimable = np.asarray((se > ROUNDING * size) & np.isfinite(estimate) & np.isfinite(se) & (df > 0))
        estimate, se, df = (np.where(estimable, one, np.nan) for one in (estimate, se, df))
        t = estimate / se
        sd = np.sqrt(found.square / (found.n - 1.0))
    return MeanReplicates(estimate, se, df, t, t_outside(t, df), found.n, sd, estimable)
