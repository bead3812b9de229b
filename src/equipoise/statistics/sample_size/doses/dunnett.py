"""Several doses against one control by Dunnett's test: power for any dose, for all, and for each.

The statistics T_i = (mean_i - mean_0) / (s root(1/n_i + 1/n_0)) share the control and s; given both they are
independent, so that every pattern of rejections is a two-dimensional integral of products of normal probabilities
(Dunnett, JASA 1955;50:1096-121; Dunnett and Tamhane, Statistics in Medicine 1991;10:939-47). Single step: one
critical value. Step-down: every set of doses is tested at the critical value of the set, a dose is shown if all
sets that hold it are rejected (closed test; critical values of `statistics.multivariate`). Allocation with control
root(k) times a dose is the best for one control and k doses. Checked against mvtnorm in R.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from scipy import special

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats
from equipoise.statistics.multivariate import t_equicoordinate_quantile
from equipoise.statistics.multivariate.chi import chi_nodes
from equipoise.statistics.sample_size.doses.contrast import read_allocation
from equipoise.statistics.sample_size.result import (
    Direction,
    Question,
    SampleSize,
    require_one_of,
    require_positive,
    solve,
)

Step = Literal["single", "down"]
Method = Literal["student", "normal"]
MOST_DOSES = {"single": 8, "down": 4}


@dataclass(frozen=True)
class DunnettSize(SampleSize):
    """A sample size with the power to show any dose, all doses and each dose, and the critical values.

    `arms` are control and the doses, `effect` is the difference to which `shape` is relative. `critical` has the
    value of a single step, or of one dose, two doses, ... (the largest of them where the doses differ in size).
    """

    any_dose: float
    all_doses: float
    each_dose: tuple[float, ...]
    critical: tuple[float, ...]


def power_dunnett(
    difference: float | None = None,
    sd: float = 1.0,
    *,
    shape: Sequence[float] = (1.0, 1.0),
    target: Literal["any", "all"] | int = "any",
    step: Step = "single",
    n: float | tuple[float, ...] | None = None,
    power: float | None = None,
    allocation: Literal["equal", "sqrt"] | Sequence[float] = "equal",
    alpha: float = 0.05,
    sides: int = 2,
    direction: Direction = "above",
    method: Method = "student",
) -> DunnettSize:
    """Relate sample size, power and difference of k doses from one control, error of the family at `alpha`.

    The true differences are `difference` x `shape` (one number a dose). `target`: the power to show `any` dose,
    `all` doses, or the dose of that number (1, 2, ...). `n` is the total, or a size for control and each dose;
    `allocation`: `equal`, `sqrt` (control root(k) times a dose) or relative sizes, control first. `step`: `single`
    or `down` (up to 4 doses). Only rejections in the direction of `difference` count; an open difference is
    searched `above` or `below` 0. Raises `DataError` for values out of range, `EstimationFailed` where no answer
    exists.
    """
    require_one_of("step", step, Step)
    require_one_of("method", method, Method)
    require_one_of("direction", direction, Direction)
    require_positive("sd", sd)
    shapes = np.asarray(shape, dtype=float)
    doses = shapes.size
    most = MOST_DOSES[step]
    if shapes.ndim != 1 or not 1 <= doses <= most or not (np.isfinite(shapes).all() and shapes.any()):
        raise DataError(
            f"shape must hold a finite number for each of 1 to {most} doses, not all 0. Got {shapes.tolist()}"
        )
    if not (target in ("any", "all") or (isinstance(target, int) and 1 <= target <= doses)):
        raise DataError(f"target must be any, all or the number of a dose up to {doses}. Got {target}")
    question = Question(n, power, difference, alpha, sides)

    def patterns(sizes: tuple[float, ...], effect: float) -> "_Rejections":
        spread = sd * np.sqrt(1.0 / np.array(sizes[1:]) + 1.0 / sizes[0])
        df = np.inf if method == "normal" else sum(sizes) - doses - 1.0
        sign = np.sign(effect) if effect else 1.0
        return _Rejections(sign * effect * shapes / spread, np.array(sizes), df, alpha, sides, step)

    def curve(sizes: tuple[float, ...], effect: float) -> float:
        return patterns(sizes, effect).power(target)

    arms = ("control", *(f"dose {one}" for one in range(1, doses + 1)))
    found = solve(
        question,
        curve,
        method=f"Dunnett's test, {'single step' if step == 'single' else 'step-down'}",
        arms=arms,
        allocation=read_allocation(allocation, doses),
        fewest=doses + 2.0,
        farthest=np.inf if direction == "above" else -np.inf,
    )
    final = patterns(found.per_arm, found.effect)
    return DunnettSize(
        **vars(found),
        any_dose=final.power("any"),
        all_doses=final.power("all"),
        each_dose=tuple(final.power(one) for one in range(1, doses + 1)),
        critical=final.critical,
    )


class _Rejections:
    """Probabilities of every pattern of rejections at given sizes and noncentralities."""

    def __init__(self, ncp: Floats, sizes: Floats, df: float, alpha: float, sides: int, step: Step) -> None:
        doses = ncp.size
        loadings = np.sqrt(sizes[1:] / (sizes[1:] + sizes[0]))
        limits = _critical_values(loadings, df, alpha, sides, step)
        levels = np.unique(list(limits.values()))
        borders = np.concatenate([-levels[::-1], levels]) if sides == 2 else levels
        self.outcomes = _outcome_probabilities(ncp, loadings, df, borders)
        # a cell of T between two borders is known by its distance from 0, in levels passed, and its side
        cells = np.arange(borders.size + 1) - (levels.size if sides == 2 else 0)
        grid = np.stack(np.meshgrid(*[cells] * doses, indexing="ij"), axis=-1).reshape(-1, doses)
        shown = grid > 0
        for chosen, limit in limits.items():
            rejected = np.abs(grid[:, chosen]).max(axis=1) > np.searchsorted(levels, limit)
            if sides == 1:
                rejected = grid[:, chosen].max(axis=1) > np.searchsorted(levels, limit)
            shown[:, chosen] &= rejected[:, None]
        self.shown = shown
        self.critical = tuple(
            max(limit for chosen, limit in limits.items() if len(chosen) == size)
            for size in sorted({len(chosen) for chosen in limits})
        )

    def power(self, target: Literal["any", "all"] | int) -> float:
        if target == "any":
            return float(self.outcomes @ self.shown.any(axis=1))
        if target == "all":
            return float(self.outcomes @ self.shown.all(axis=1))
        return float(self.outcomes @ self.shown[:, int(target) - 1])


def _critical_values(
    loadings: Floats, df: float, alpha: float, sides: int, step: Step
) -> dict[tuple[int, ...], float]:
    """Find the critical value of every set of doses (for a single step only of each dose: that of all)."""
    doses = loadings.size
    everyone = tuple(range(doses))
    known: dict[tuple[float, ...], float] = {}

    def critical(chosen: tuple[int, ...]) -> float:
        kept = tuple(sorted(loadings[list(chosen)]))
        if kept not in known:
            correlation = np.outer(kept, kept)
            np.fill_diagonal(correlation, 1.0)
            known[kept] = t_equicoordinate_quantile(1.0 - alpha, correlation, df, two_sided=sides == 2)
        return known[kept]

    if step == "single":
        return {(one,): critical(everyone) for one in everyone}
    return {chosen: critical(chosen) for size in range(1, doses + 1) for chosen in combinations(everyone, size)}


def _outcome_probabilities(ncp: Floats, loadings: Floats, df: float, borders: Floats) -> Floats:
    """Probability of each combination of cells between the `borders`, one cell a dose, in row-major order."""
    s, s_weights = chi_nodes(df)
    step = 0.35 * min(float(np.sqrt(1.0 - loadings**2).min()), 0.7)
    count = int(np.ceil(8.6 / step))
    y = np.arange(-count, count + 1) * step
    y_weights = np.exp(-0.5 * y * y)
    weights = np.outer(s_weights, y_weights / y_weights.sum()).ravel()
    cells = []
    for shift, loading in zip(ncp, loadings, strict=True):
        moved = borders[None, None, :] * s[:, None, None] - shift - loading * y[None, :, None]
        below = special.ndtr(moved / np.sqrt(1.0 - loading**2)).reshape(weights.size, -1)
        ends = np.concatenate([np.zeros((weights.size, 1)), below, np.ones((weights.size, 1))], axis=1)
        cells.append(np.diff(ends, axis=1))
    half = (len(cells) + 1) // 2
    left = weights[:, None]
    for one in cells[:half]:
        left = (left[:, :, None] * one[:, None, :]).reshape(weights.size, -1)
    right = np.ones((weights.size, 1))
    for one in cells[half:]:
        right = (right[:, :, None] * one[:, None, :]).reshape(weights.size, -1)
    joint: Floats = (left.T @ right).ravel()
    return joint
