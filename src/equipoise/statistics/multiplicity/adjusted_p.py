"""Adjusted p-values of several tests, from their p-values alone.

An adjusted p-value is the smallest familywise error rate at which the procedure rejects that hypothesis.
Bonferroni; Sidak, JASA 1967;62:626-33; Holm, Scand J Stat 1979;6:65-70 (with weights: Benjamini and Hochberg,
Scand J Stat 1997;24:407-18); Hochberg, Biometrika 1988;75:800-2; Hommel, Biometrika 1988;75:383-6 (computed as
Wright, Biometrics 1992;48:1005-13); fixed sequence: Maurer, Hothorn and Lehmacher 1995. Beside them two that hold
the false discovery rate and not the familywise error rate: Benjamini and Hochberg, JRSS B 1995;57:289-300;
Benjamini and Yekutieli, Ann Stat 2001;29:1165-88. Checked against R's `p.adjust`.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal, cast, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.errors import DataError
from equipoise.statistics.arrays import read_floats
from equipoise.statistics.distributions import Floats

AdjustMethod = Literal[
    "bonferroni",
    "sidak",
    "holm",
    "hochberg",
    "hommel",
    "fixed-sequence",
    "benjamini-hochberg",
    "benjamini-yekutieli",
]


def adjust_p(p: ArrayLike, method: AdjustMethod = "holm", *, weights: ArrayLike | None = None) -> Floats:
    """Adjust `p` (k p-values) for multiplicity: an array of k, in the order given.

    `method`: `bonferroni`, `sidak` (independent or positively dependent tests), `holm`, `hochberg` and `hommel`
    (positively dependent tests), `fixed-sequence` (tested in the order given, until one fails), or for the false
    discovery rate `benjamini-hochberg` and `benjamini-yekutieli`. `weights` (k numbers above 0, scaled to sum 1)
    for `bonferroni` and `holm`. `DataError` for p outside 0-1, an unknown method, or weights that do not fit.
    """
    value = require_p(p)
    if method not in get_args(AdjustMethod):
        raise DataError(
            f"the method of adjustment must be one of {', '.join(get_args(AdjustMethod))}. Got {method}"
        )
    if weights is None:
        return _at_most_one(_METHODS[method](value))
    if method not in ("bonferroni", "holm"):
        raise DataError(f"weights are for bonferroni and holm; leave them out. Got method {method}")
    weight = read_floats(weights, "weights")
    if weight.shape != value.shape or not np.all((weight > 0) & np.isfinite(weight)):
        raise DataError(f"weights must be {value.size} numbers above 0. Got {weights}")
    share = value / (weight / weight.sum())
    if method == "bonferroni":
        return _at_most_one(share)
    order = np.argsort(share, kind="stable")
    left = np.cumsum(weight[order][::-1])[::-1] / weight.sum()
    return _at_most_one(_back(order, np.maximum.accumulate(share[order] * left)))


def require_p(p: ArrayLike) -> Floats:
    """Read p-values as an array; `DataError` unless there is one or more and all lie between 0 and 1."""
    value = read_floats(p, "p-values")
    if value.ndim != 1 or not value.size:
        raise DataError(f"p-values must be a list of one or more numbers. Got shape {value.shape}")
    wrong = ~((value >= 0) & (value <= 1))
    if wrong.any():
        raise DataError(f"a p-value must lie between 0 and 1. Got {value[wrong][0]:g}")
    return value


def _at_most_one(adjusted: Floats) -> Floats:
    return cast("Floats", np.minimum(adjusted, 1.0))


def _holm(p: Floats) -> Floats:
    order = np.argsort(p, kind="stable")
    return _back(order, np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1)))


def _step_up(p: Floats, factor: Floats) -> Floats:
    """Take the running minimum, from the largest p down, of p times its `factor` (that of the largest first)."""
    order = np.argsort(-p, kind="stable")
    return _back(order, np.minimum.accumulate(p[order] * factor))


def _hommel(p: Floats) -> Floats:
    """Close Simes' tests of all intersections, one size at a time."""
    k = p.size
    order = np.argsort(p, kind="stable")
    ordered = p[order]
    adjusted = ordered.copy()
    for size in range(2, k + 1):
        # the worst intersection of this size that holds i is i with the largest others
        largest = ordered[k - size + 1 :]
        simes = float(np.min(size * largest / np.arange(2, size + 1)))
        alone = np.minimum(size * ordered, simes)
        alone[k - size :] = np.minimum(simes, float(size * ordered[k - size]))
        adjusted = np.maximum(adjusted, alone)
    return _back(order, adjusted)


def _back(order: NDArray[np.int64], ordered: Floats) -> Floats:
    value = np.empty_like(ordered)
    value[order] = ordered
    return value


def _sidak(p: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        return cast("Floats", -np.expm1(p.size * np.log1p(-p)))


_METHODS: Mapping[str, Callable[[Floats], Floats]] = MappingProxyType(
    {
        "bonferroni": lambda p: p * p.size,
        "sidak": _sidak,
        "holm": _holm,
        "hochberg": lambda p: _step_up(p, np.arange(1.0, p.size + 1)),
        "hommel": _hommel,
        "fixed-sequence": np.maximum.accumulate,
        "benjamini-hochberg": lambda p: _step_up(p, p.size / np.arange(p.size, 0.0, -1)),
        "benjamini-yekutieli": lambda p: _step_up(
            p, p.size * float(np.sum(1 / np.arange(1.0, p.size + 1))) / np.arange(p.size, 0.0, -1)
        ),
    }
)
