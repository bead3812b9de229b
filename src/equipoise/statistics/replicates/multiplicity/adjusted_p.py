"""p-values of several tests in many trials at once, adjusted for their number: the procedures of `adjust_p`.

Bonferroni, Sidak, Holm, Hochberg, Hommel and the fixed sequence, by the same steps along the last axis of an array
of trials x tests. Checked against `adjust_p`, replicate by replicate.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from equipoise.errors import DataError, suggest
from equipoise.statistics.arrays import read_floats
from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import Codes

Adjustment = Literal["bonferroni", "sidak", "holm", "hochberg", "hommel", "fixed-sequence"]


def replicate_adjusted_p(p: ArrayLike, method: Adjustment = "holm") -> Floats:
    """Adjust `p` (T x k) for multiplicity within each trial: T x k, in the order given.

    A trial that lacks one of its p-values (NaN) has none adjusted. Raises `DataError` for p outside 0-1, another
    shape or an unknown method.
    """
    value = read_floats(p, "p-values")
    if value.ndim != 2 or not value.shape[1]:
        raise DataError(f"p-values must be an array of trials x tests. Got the shape {value.shape}")
    if (wrong := (value < 0) | (value > 1)).any():
        raise DataError(f"a p-value must lie between 0 and 1. Got {value[wrong][0]:g}")
    known = get_args(Adjustment)
    if method not in known:
        raise DataError(
            f"the method of adjustment must be one of {', '.join(known)}{suggest(method, known)} Got {method}"
        )
    adjusted = np.minimum(_METHODS[method](value), 1.0)
    adjusted[np.isnan(value).any(axis=1)] = np.nan
    return adjusted


def _holm(p: Floats) -> Floats:
    order = np.argsort(p, axis=1, kind="stable")
    ordered = np.take_along_axis(p, order, axis=1) * np.arange(p.shape[1], 0, -1)
    return _back(order, np.maximum.accumulate(ordered, axis=1))


def _hochberg(p: Floats) -> Floats:
    order = np.argsort(-p, axis=1, kind="stable")
    ordered = np.take_along_axis(p, order, axis=1) * np.arange(1, p.shape[1] + 1)
    return _back(order, np.minimum.accumulate(ordered, axis=1))


def _hommel(p: Floats) -> Floats:
    """Close Simes' tests of all intersections, one size at a time."""
    k = p.shape[1]
    order = np.argsort(p, axis=1, kind="stable")
    ordered = np.take_along_axis(p, order, axis=1)
    adjusted = ordered.copy()
    for size in range(2, k + 1):
        # the worst intersection of this size that holds i is i with the largest others
        largest = size * ordered[:, k - size + 1 :] / np.arange(2, size + 1)
        simes = largest.min(axis=1, keepdims=True)
        alone = np.minimum(size * ordered, simes)
        alone[:, k - size :] = np.minimum(simes, size * ordered[:, [k - size]])
        adjusted = np.maximum(adjusted, alone)
    return _back(order, adjusted)


def _sidak(p: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        return np.asarray(-np.expm1(p.shape[1] * np.log1p(-p)))


def _back(order: Codes, ordered: Floats) -> Floats:
    value = np.empty_like(ordered)
    np.put_along_axis(value, order, ordered, axis=1)
    return value


_METHODS: Mapping[str, Callable[[Floats], Floats]] = MappingProxyType(
    {
        "bonferroni": lambda p: p * p.shape[1],
        "sidak": _sidak,
        "holm": _holm,
        "hochberg": _hochberg,
        "hommel": _hommel,
        "fixed-sequence": lambda p: np.maximum.accumulate(p, axis=1),
    }
)
