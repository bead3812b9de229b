"""Student's and Welch's t: one sample, pairs, two samples.

Two samples: pooled variance on n1 + n2 - 2 degrees of freedom (Student), or separate variances with the degrees of
freedom of Welch, Biometrika 1947;34:28-35 (also called Satterthwaite's, as SAS prints). Two-sided throughout.
Checked against R's `t.test`.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from narwhals.typing import IntoFrame

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.confidence import require_confidence
from equipoise.statistics.distributions import Floats, t_quantile, t_two_sided_p
from equipoise.statistics.frames import keep_complete, require_numbers, split_two_groups, to_polars


@dataclass(frozen=True)
class TTest:
    """A mean or a difference of means, its interval and its test.

    `n` and `n_versus` values were used (pairs for a paired test; `n_versus` 0 without a second group), `dropped`
    rows had a missing value. `first` and `versus` name the groups or columns compared, empty where there are none.
    """

    method: str
    estimate: float
    se: float
    df: float
    t: float
    p: float
    lower: float
    upper: float
    level: float
    n: int
    n_versus: int
    dropped: int
    first: str = ""
    versus: str = ""


def t_test(
    data: IntoFrame,
    value: str,
    by: str,
    *,
    versus: object = None,
    variance: Literal["welch", "pooled"] = "welch",
    null: float = 0.0,
    level: float = 0.95,
) -> TTest:
    """Compare the means of `value` in the two levels of `by`: the other level minus `versus`.

    `versus` is by default the first level (declared order of an `Enum`, else sorted). `variance`: `welch`
    (default) or `pooled`. `null` is the difference tested. Raises `DataError` unless `by` has two levels,
    `EstimationFailed` with too few values (two a group; pooled: three in all) or without variation.
    """
    if variance not in ("welch", "pooled"):
        raise DataError(f"the variance of a t test must be welch or pooled. Got {variance}")
    groups = split_two_groups(data, value, by, versus)
    x, y = groups.first_values, groups.versus_values
    if variance == "welch" and min(x.size, y.size) < 2:
        raise EstimationFailed(f"Welch's t test needs two values a group. Got {x.size} and {y.size}")
    if x.size + y.size < 3:
        raise EstimationFailed(f"a pooled t test needs three values. Got {x.size} and {y.size}")
    square_x, square_y = _sum_of_squares(x), _sum_of_squares(y)
    if variance == "welch":
        part_x, part_y = square_x / (x.size - 1) / x.size, square_y / (y.size - 1) / y.size
        spread = part_x + part_y
        below = part_x**2 / (x.size - 1) + part_y**2 / (y.size - 1)
        df = spread**2 / below if below > 0 else 1.0
    else:
        df = float(x.size + y.size - 2)
        spread = (square_x + square_y) / df * (1.0 / x.size + 1.0 / y.size)
    name = {"welch": "Welch two-sample t test", "pooled": "two-sample t test, pooled variance"}[variance]
    return _tested(
        name,
        float(x.mean() - y.mean()),
        spread,
        df,
        null=null,
        level=level,
        size=float(max(np.abs(x).max(), np.abs(y).max())),
        n=x.size,
        n_versus=y.size,
        dropped=groups.dropped,
        first=groups.first,
        versus=groups.versus,
    )


def t_test_paired(data: IntoFrame, value: str, versus: str, *, null: float = 0.0, level: float = 0.95) -> TTest:
    """Compare two columns of the same rows: mean of `value` minus `versus`.

    Rows that lack either value are dropped and counted. Raises `EstimationFailed` for fewer than two pairs or
    differences that do not vary.
    """
    complete = keep_complete(to_polars(data), [value, versus])
    one, other = require_numbers(complete.frame, value), require_numbers(complete.frame, versus)
    size = float(max(np.abs(one).max(initial=0.0), np.abs(other).max(initial=0.0)))
    return _one_sample(
        "paired t test",
        one - other,
        null=null,
        level=level,
        size=size,
        dropped=complete.dropped,
        first=value,
        versus=versus,
    )


def t_test_one_sample(data: IntoFrame, value: str, *, null: float = 0.0, level: float = 0.95) -> TTest:
    """Compare the mean of the column `value` with `null`; `estimate` is the mean itself.

    Raises `EstimationFailed` for fewer than two values or values that do not vary.
    """
    complete = keep_complete(to_polars(data), [value])
    values = require_numbers(complete.frame, value)
    size = float(np.abs(values).max(initial=0.0))
    return _one_sample(
        "one-sample t test", values, null=null, level=level, size=size, dropped=complete.dropped, first=value
    )


def _one_sample(
    name: str,
    values: Floats,
    *,
    null: float,
    level: float,
    size: float,
    dropped: int,
    first: str,
    versus: str = "",
) -> TTest:
    n = values.size
    if n < 2:
        raise EstimationFailed(f"a {name} needs two values. Got {n}")
    spread = _sum_of_squares(values) / (n - 1) / n
    return _tested(
        name,
        float(values.mean()),
        spread,
        float(n - 1),
        null=null,
        level=level,
        size=size,
        n=n,
        n_versus=0,
        dropped=dropped,
        first=first,
        versus=versus,
    )


def _tested(
    name: str,
    estimate: float,
    variance: float,
    df: float,
    *,
    null: float,
    level: float,
    size: float,
    n: int,
    n_versus: int,
    dropped: int,
    first: str,
    versus: str,
) -> TTest:
    require_confidence(level)
    se = float(np.sqrt(variance))
    # R refuses the same: what is left of constant data is rounding
    if se <= 10.0 * np.finfo(float).eps * size:
        raise EstimationFailed(f"a {name} needs values that vary. Got a standard error of {se:.3g}")
    t = (estimate - null) / se
    half = t_quantile((1.0 + level) / 2.0, df) * se
    return TTest(
        name, estimate, se, df, t, t_two_sided_p(t, df), estimate - half, estimate + half, level, n, n_versus,
        dropped, first, versus,
    )  # fmt: skip


def _sum_of_squares(values: Floats) -> float:
    return float(((values - values.mean()) ** 2).sum())
