"""Permutation tests that re-run the randomisation.

Outcomes and the order of entry stay, allocations are drawn anew by the scheme that was used; p is the share of
allocations whose statistic is at least as extreme. From B random allocations p = (count + 1) / (B + 1), which
keeps the size of the test (Phipson and Smyth, Statistical Applications in Genetics and Molecular Biology
2010;9:39); from all of them p is exact. Source: Rosenberger and Lachin, Randomization in Clinical Trials, 2nd ed.,
Wiley 2016, chapter 6; ICH E9 5.7. Checked against coin for complete randomisation.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats
from equipoise.statistics.permutation.allocations import Redraw

Alternative = Literal["two-sided", "greater", "less"]
_CELLS = 4_000_000  # of allocations held at once
_ROUNDING = 1e-10  # statistics that differ by less are tied


@dataclass(frozen=True)
class PermutationTest:
    """The `statistic` of the actual allocation and how often others reach it.

    `extreme` of `allocations` were at least as extreme. `exact`: all possible allocations were used; else
    `p_error` is the Monte Carlo standard error of p.
    """

    statistic: float
    p: float
    p_error: float
    extreme: int
    allocations: int
    exact: bool
    alternative: Alternative


def permutation_test(
    statistic: Callable[[NDArray[Any]], Floats],
    allocation: ArrayLike,
    redraw: Redraw | None = None,
    rng: np.random.Generator | None = None,
    *,
    draws: int = 10_000,
    every: ArrayLike | None = None,
    probabilities: ArrayLike | None = None,
    alternative: Alternative = "two-sided",
) -> PermutationTest:
    """Test `allocation` (N labels in the order of entry) against allocations by the same scheme.

    `statistic` takes allocations (B x N) and gives B numbers, 0 where nothing differs; two-sided compares
    absolute values. `compare_arms` makes fast ones. `redraw(rng, size)` draws whole allocations (size x N) by the
    scheme of the trial, in the order of entry. Instead, `every` lists all allocations (a row each) for an exact p,
    with their `probabilities` if they are not equally likely. Raises `DataError` for shapes that do not go
    together, neither or both of `redraw` and `every`, a `redraw` without `rng`, fewer than one draw and an unknown
    alternative.
    """
    if alternative not in get_args(Alternative):
        raise DataError(f"the alternative must be one of {', '.join(get_args(Alternative))}. Got {alternative}")
    labels = np.asarray(allocation)
    if labels.ndim != 1 or labels.size == 0:
        raise DataError(f"an allocation must be a list with an arm for each participant. Got shape {labels.shape}")
    observed = _evaluate(statistic, labels[None])
    if not np.isfinite(observed[0]):
        raise DataError(f"the statistic of the allocation must be a finite number. Got {observed[0]:g}")
    if every is not None:
        if redraw is not None:
            raise DataError("a permutation test takes either redraw or every allocation; choose one. Got both")
        return _exact(
            statistic, float(observed[0]), _rows(np.asarray(every), labels.size), probabilities, alternative
        )
    if redraw is None or rng is None:
        raise DataError("a permutation test needs redraw and rng, or every allocation. Got neither")
    if draws < 1:
        raise DataError(f"a permutation test needs at least one draw. Got {draws}")
    extreme = 0
    size = max(1, _CELLS // labels.size)
    for done in range(0, draws, size):
        drawn = _rows(redraw(rng, min(size, draws - done)), labels.size)
        extreme += int(_reaches(_evaluate(statistic, drawn), float(observed[0]), alternative).sum())
    p = (extreme + 1) / (draws + 1)
    error = float(np.sqrt(p * (1.0 - p) / (draws + 1)))
    return PermutationTest(float(observed[0]), p, error, extreme, draws, False, alternative)


def _exact(
    statistic: Callable[[NDArray[Any]], Floats],
    observed: float,
    every: NDArray[Any],
    probabilities: ArrayLike | None,
    alternative: Alternative,
) -> PermutationTest:
    count = every.shape[0]
    weights = (
        np.full(count, 1.0 / max(count, 1)) if probabilities is None else np.asarray(probabilities, dtype=float)
    )
    if weights.shape != (count,) or (weights < 0).any() or abs(weights.sum() - 1.0) > 1e-8:
        raise DataError(
            f"probabilities must be {count} numbers from 0 on that add up to 1. Got a sum of {weights.sum():g}"
        )
    size = max(1, _CELLS // every.shape[1])
    values = np.concatenate([_evaluate(statistic, every[at : at + size]) for at in range(0, count, size)])
    reached = _reaches(values, observed, alternative)
    p = min(1.0, float(weights[reached].sum()))
    return PermutationTest(observed, p, 0.0, int(reached.sum()), count, True, alternative)


def _evaluate(statistic: Callable[[NDArray[Any]], Floats], allocations: NDArray[Any]) -> Floats:
    values = np.asarray(statistic(allocations), dtype=float)
    if values.shape != (allocations.shape[0],):
        raise DataError(
            f"the statistic must give a number for each of {allocations.shape[0]} allocations. "
            f"Got shape {values.shape}"
        )
    return values


def _reaches(values: Floats, observed: float, alternative: Alternative) -> NDArray[np.bool_]:
    slack = _ROUNDING * max(abs(observed), float(np.abs(values).max(initial=0.0)))
    if alternative == "greater":
        return np.asarray(values >= observed - slack)
    if alternative == "less":
        return np.asarray(values <= observed + slack)
    return np.asarray(np.abs(values) >= abs(observed) - slack)


def _rows(allocations: NDArray[Any], participants: int) -> NDArray[Any]:
    if allocations.ndim != 2 or allocations.shape[1] != participants or not allocations.shape[0]:
        raise DataError(
            f"allocations must have a row each with {participants} participants. Got shape {allocations.shape}"
        )
    return allocations
