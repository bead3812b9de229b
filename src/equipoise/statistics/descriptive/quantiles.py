"""Sample quantiles as SAS and as R print them.

Of the nine definitions in Hyndman and Fan, Sample Quantiles in Statistical Packages, The American Statistician
1996;50:361-5, two are here. With the values sorted, x[1] to x[n], and a probability p:

- `sas` (definition 2): with n p = j + g, j whole, the mean of x[j] and x[j + 1] where g is 0, else x[j + 1].
  SAS prints it by default and calls it percentile definition 5 (PCTLDEF=5, QNTLDEF=5); R calls it type 2.
- `r` (definition 7): with (n - 1) p + 1 = j + g, the point g of the way from x[j] to x[j + 1]. R prints it by
  default (type 7), as do numpy and spreadsheets.

The median is the same in both. Checked against R's `quantile`.
"""

from collections.abc import Sequence
from typing import Literal, overload

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.distributions import Floats

Definition = Literal["sas", "r"]


@overload
def quantile(values: ArrayLike | pl.Series, p: float, *, definition: Definition = "sas") -> float: ...
@overload
def quantile(
    values: ArrayLike | pl.Series, p: Sequence[float] | Floats, *, definition: Definition = "sas"
) -> Floats: ...
def quantile(
    values: ArrayLike | pl.Series, p: float | Sequence[float] | Floats, *, definition: Definition = "sas"
) -> float | Floats:
    """Estimate the quantiles of `values` at the probabilities `p` (0-1): a float for a float, else an array.

    `values` is a sequence of numbers without missing ones. `definition` is `sas` (default) or `r`, see above.
    Raises `EstimationFailed` without values, `DataError` for a value that is not finite or a wrong `p`.
    """
    ordered = np.sort(np.asarray(values, dtype=float).ravel())
    if ordered.size == 0:
        raise EstimationFailed("a quantile needs at least one value. Got none")
    if not np.isfinite(ordered).all():
        raise DataError("a quantile needs finite values; drop the missing ones. Got one that is not finite")
    at = np.asarray(p, dtype=float)
    below, above, share = positions(np.full(at.shape, ordered.size), at, definition)
    found = between(ordered[below], ordered[above], share)
    return float(found) if at.ndim == 0 else found


def positions(
    n: NDArray[np.int64], p: float | Floats, definition: Definition
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Find where a quantile lies among `n` (at least 1) sorted values.

    Returns the places (from 0) of the value below and above, and the share of the way between them. Raises
    `DataError` for a probability outside 0-1 or an unknown definition.
    """
    if np.any((np.asarray(p) < 0) | (np.asarray(p) > 1)) or np.any(np.isnan(p)):
        raise DataError(f"a probability must lie between 0 and 1. Got {p}")
    if definition == "sas":
        whole, rest = _split(n * np.asarray(p, dtype=float))
        below = np.where(rest == 0, whole - 1, whole)
        above, share = whole, np.where(rest == 0, 0.5, 0.0)
    elif definition == "r":
        whole, rest = _split((n - 1) * np.asarray(p, dtype=float))
        below, above, share = whole, whole + 1, rest
    else:
        raise DataError(f"a quantile's definition must be sas or r. Got {definition}")
    return np.clip(below, 0, n - 1), np.clip(above, 0, n - 1), share


def between(below: Floats, above: Floats, share: Floats) -> Floats:
    """Go `share` of the way from one value to the next; exact where both are equal."""
    return np.where(share == 0.5, (below + above) / 2.0, below + share * (above - below))


def _split(place: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Split into a whole part and a rest, where rounding in n p must not pass for a rest."""
    fuzz = 4.0 * np.finfo(float).eps * np.maximum(place, 1.0)
    whole = np.floor(place + fuzz)
    rest = place - whole
    return whole.astype(np.int64), np.where(np.abs(rest) <= fuzz, 0.0, rest)
