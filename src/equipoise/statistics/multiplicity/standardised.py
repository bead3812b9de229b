"""From estimates and their covariance to standardised statistics, their correlation and their single p-values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from equipoise.errors import DataError
from equipoise.statistics.arrays import read_floats
from equipoise.statistics.distributions import Floats, t_two_sided_p, t_upper_p

Alternative = Literal["two-sided", "greater", "less"]


@dataclass(frozen=True, eq=False)
class Standardised:
    """k estimates: `t` = (estimate - null) / se, `size` large against the null hypothesis, `p` of each alone."""

    names: tuple[str, ...]
    estimates: Floats
    se: Floats
    correlation: Floats
    df: Floats
    t: Floats
    size: Floats
    p: Floats
    two_sided: bool


def standardise(
    estimates: ArrayLike,
    covariance: ArrayLike,
    df: ArrayLike,
    names: Sequence[str] | None,
    alternative: Alternative,
    null: float,
) -> Standardised:
    """Standardise k `estimates` with `covariance` (k x k) and `df` (one number, or one an estimate).

    `DataError` where shapes misfit, a value is not finite, a variance or df is not above 0, or names are not k
    different ones.
    """
    value = np.atleast_1d(read_floats(estimates, "estimates"))
    matrix = np.atleast_2d(read_floats(covariance, "a covariance"))
    freedom = read_floats(df, "degrees of freedom")
    if value.ndim != 1 or not value.size or matrix.shape != (value.size, value.size):
        raise DataError(
            "estimates must be a list of k numbers and their covariance k x k. "
            f"Got shapes {value.shape} and {matrix.shape}"
        )
    if not (np.isfinite(value).all() and np.isfinite(matrix).all() and (np.diag(matrix) > 0).all()):
        raise DataError("estimates and covariance must be finite, with variances above 0. Got other values")
    if freedom.shape not in ((), value.shape) or not (freedom > 0).all():
        raise DataError(
            f"degrees of freedom must be one number above 0, or one an estimate. Got {freedom.tolist()}"
        )
    if alternative not in get_args(Alternative):
        raise DataError(f"the alternative must be one of {', '.join(get_args(Alternative))}. Got {alternative}")
    if not np.isfinite(null):
        raise DataError(f"the value under the null hypothesis must be finite. Got {null}")
    labels = [f"H{place + 1}" for place in range(value.size)] if names is None else [str(name) for name in names]
    if len(labels) != value.size or len(set(labels)) != value.size:
        raise DataError(f"each of {value.size} estimates needs a name of its own. Got {labels}")
    se = np.sqrt(np.diag(matrix))
    t = (value - null) / se
    two_sided = alternative == "two-sided"
    size = np.abs(t) if two_sided else (t if alternative == "greater" else -t)
    freedom = np.broadcast_to(freedom, value.shape).copy()
    p = t_two_sided_p(size, freedom) if two_sided else t_upper_p(size, freedom)
    return Standardised(tuple(labels), value, se, matrix / np.outer(se, se), freedom, t, size, p, two_sided)
