"""How several comparisons with one control are judged, and the power that follows.

Every procedure compares each |T_i| with few thresholds, so the plane falls into cells in which the same arms are
shown. Bonferroni, Holm, Hochberg, Hommel and a fixed sequence have thresholds at p = alpha k / m; the arms shown
are those whose adjusted p is at most alpha. Dunnett's are critical values of the largest statistic, of all arms
(single step) or of each set of arms (step-down, a closed test). Power counts the arms shown to be better.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from ..statistics.distributions import Floats, t_quantile
from ..statistics.multiplicity import adjust_p
from ..statistics.multivariate import t_equicoordinate_quantile
from ..statistics.sample_size.noncentral import noncentral_t_upper
from .comparisons import Comparisons, cell_probabilities

Shown = NDArray[np.bool_]
NIL = 1e-9
"""A mean of the statistic that counts as none."""
SINGLE_STEP = ("none", "bonferroni", "dunnett")
_NEAR_LIMIT = (0.0, 1 / 400, 1 / 160, 1 / 80, 1 / 40, 1 / 20, 1 / 12, 1 / 8)


@dataclass(frozen=True)
class Power:
    """Power to show each arm to be better, any and all of those that are; m numbers for the first and last.

    familywise: probability to reject the null hypothesis, on whichever side, of an arm that has no effect.
    either_side: the same of each arm, whatever its effect.
    """

    each: tuple[float, ...]
    any_arm: float
    all_arms: float
    familywise: float
    either_side: tuple[float, ...]


@dataclass(frozen=True)
class Procedure:
    """A procedure at a familywise level; `order`: places of the arms in a fixed sequence."""

    name: str
    alpha: float
    sides: int
    order: tuple[int, ...] = ()

    def power(self, given: Comparisons) -> Power:
        """Find the power of each arm, and of any and all of the arms that are better than the control."""
        arms, better_by_nature, equal = given.ncp.size, given.ncp > NIL, np.abs(given.ncp) <= NIL
        thresholds, better, rejected = self._cells(given)
        borders = np.hstack([-thresholds[:, ::-1], thresholds]) if self.sides == 2 else thresholds
        chance = cell_probabilities(given, borders)
        some = bool(better_by_nature.any())
        return Power(
            each=tuple(float(chance @ better[:, arm]) for arm in range(arms)),
            any_arm=float(chance @ better[:, better_by_nature].any(axis=1)),
            all_arms=float(chance @ better[:, better_by_nature].all(axis=1)) if some else 0.0,
            familywise=float(chance @ rejected[:, equal].any(axis=1)),
            either_side=tuple(float(chance @ rejected[:, arm]) for arm in range(arms)),
        )

    def power_of(self, given: Comparisons, arm: int) -> float:
        """Find the power of one arm; of single-step procedures without the integral over the others."""
        if self.name not in SINGLE_STEP:
            return self.power(given).each[arm]
        critical = self.critical(given)[arm] / given.stretch[arm]
        return float(noncentral_t_upper(critical, given.common_df, float(given.ncp[arm])))

    def critical(self, given: Comparisons) -> Floats:
        """Find the value that the statistic of each arm must pass in a single-step procedure."""
        arms = given.ncp.size
        if self.name == "dunnett" and arms > 1:
            return np.full(arms, self._dunnett(given.believed, given.common_df))
        level = self.alpha / self.sides / (arms if self.name == "bonferroni" else 1)
        return np.array([-t_quantile(level, df) for df in given.df])

    def _cells(self, given: Comparisons) -> tuple[Floats, Shown, Shown]:
        arms = given.ncp.size
        if self.name in SINGLE_STEP:
            return self.critical(given)[:, None], *_judge(arms, self.sides, 1, "none")
        if self.name == "step-down dunnett":
            sets = [chosen for size in range(1, arms + 1) for chosen in combinations(range(arms), size)]
            limits = [self._dunnett(given.believed[list(chosen)], given.common_df) for chosen in sets]
            levels = sorted(set(limits))
            passed = tuple((chosen, levels.index(limit) + 1) for chosen, limit in zip(sets, limits, strict=True))
            return np.tile(levels, (arms, 1)), *_judge(arms, self.sides, len(levels), "sets", (), passed)
        shares = sorted({k / m for m in range(1, arms + 1) for k in range(1, m + 1)}, reverse=True)
        thresholds = np.array(
            [[-t_quantile(self.alpha * share / self.sides, df) for share in shares] for df in given.df]
        )
        return thresholds, *_judge(arms, self.sides, len(shares), self.name, self.order)

    def _dunnett(self, loadings: Floats, df: float) -> float:
        if loadings.size == 1:
            return -t_quantile(self.alpha / self.sides, df)
        kept = tuple(float(one) for one in np.round(np.sort(loadings), 12))
        if df < 1 / _NEAR_LIMIT[-1]:
            return _quantile(kept, df, self.alpha, self.sides)
        places = np.array(_NEAR_LIMIT)
        values = np.array([_quantile(kept, 1 / x if x else np.inf, self.alpha, self.sides) for x in places])
        return _interpolate(places, values, 0.0 if np.isinf(df) else 1.0 / df)


@lru_cache(maxsize=512)
def _quantile(loadings: tuple[float, ...], df: float, alpha: float, sides: int) -> float:
    correlation = np.outer(loadings, loadings)
    np.fill_diagonal(correlation, 1.0)
    return t_equicoordinate_quantile(1.0 - alpha, correlation, df, two_sided=sides == 2)


def _interpolate(places: Floats, values: Floats, at: float) -> float:
    """Take the polynomial through the points: critical values are a smooth function of 1 / df."""
    distance = at - places
    if not distance.all():
        return float(values[distance == 0][0])
    gaps = places[:, None] - places[None, :]
    np.fill_diagonal(gaps, 1.0)
    weights = 1.0 / gaps.prod(axis=1) / distance
    return float(weights @ values / weights.sum())


@lru_cache(maxsize=64)
def _judge(
    arms: int,
    sides: int,
    levels: int,
    name: str,
    order: tuple[int, ...] = (),
    passed: tuple[tuple[tuple[int, ...], int], ...] = (),
) -> tuple[Shown, Shown]:
    """Tell for every combination of cells which arms are shown to be better, and which null is rejected.

    A cell is known by the number of thresholds that |T| passes, and its side. `passed`: for each set of arms how
    many thresholds its largest |T| must pass.
    """
    cells = np.arange(-levels if sides == 2 else 0, levels + 1)
    grid = np.array(list(product(cells, repeat=arms)))
    depth = np.abs(grid)
    if name == "none":
        rejected = depth >= 1
    elif name == "sets":
        rejected = np.ones_like(depth, dtype=bool)
        for chosen, level in passed:
            members = np.array(chosen)
            rejected[:, members] &= depth[:, members].max(axis=1, keepdims=True) >= level
    else:
        rejected = _by_adjusted_p(depth, name, list(order))
    return rejected & (grid > 0), rejected


def _by_adjusted_p(depth: NDArray[np.int64], name: str, order: list[int]) -> Shown:
    """Judge each cell by a p inside it, with alpha at 1 on the scale of the thresholds k / m."""
    arms = depth.shape[1]
    shares = sorted({k / m for m in range(1, arms + 1) for k in range(1, m + 1)}, reverse=True)
    edges = np.array([1.5, *shares, 0.0])
    # a middle of the cell, at a level small enough that no adjusted p is cut at 1
    level = 0.01
    middle = level * (edges[:-1] + edges[1:]) / 2
    order = order or list(range(arms))
    rejected = np.zeros(depth.shape, dtype=bool)
    for row, cell in enumerate(depth):
        adjusted = adjust_p([float(middle[cell[arm]]) for arm in order], name.replace(" ", "-"))  # type: ignore[arg-type]
        rejected[row, order] = adjusted <= level
    return rejected
