"""Dunnett's test and every other test by the largest of correlated t statistics, single-step and step-down.

For estimates with covariance V, t_i = (estimate_i - null) / se_i and R the correlation of V. Single-step:
adjusted p_i = P(max |T| >= |t_i|), limits estimate -+ c se with P(max |T| <= c) = level: Dunnett, JASA
1955;50:1096-121, with any covariance and group sizes: Hothorn, Bretz and Westfall, Biom J 2008;50:346-63.
Step-down: the largest statistic against the maximum of all, the next against the maximum of those left, and so
on, each adjusted p at least the one before: Marcus, Peritz and Gabriel, Biometrika 1976;63:655-60, Dunnett and
Tamhane, Stat Med 1991;10:939-47. Checked against R's multcomp and scipy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, get_args

import numpy as np
import polars as pl
from narwhals.typing import IntoFrame
from numpy.typing import ArrayLike

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.confidence import require_confidence
from equipoise.statistics.distributions import Floats
from equipoise.statistics.frames import (
    factor_levels,
    keep_complete,
    require_columns,
    require_level,
    require_numbers,
    show_levels,
    to_polars,
)
from equipoise.statistics.multiplicity.standardised import Alternative, Standardised, standardise
from equipoise.statistics.multivariate import t_equicoordinate_quantile, t_maximum_p

Procedure = Literal["single-step", "step-down"]


@dataclass(frozen=True, eq=False)
class MaximumTest:
    """Estimates tested by their largest t statistic.

    `table`: name, estimate, se, df, t, p (of one test), adjusted_p, critical, lower, upper. `critical` and the
    simultaneous limits (one of them infinite in a one-sided test) belong to the single-step test and are null
    after step-down. `correlation` is that of the estimates.
    """

    procedure: Procedure
    alternative: Alternative
    level: float
    table: pl.DataFrame
    correlation: Floats


def dunnett(
    estimates: ArrayLike,
    covariance: ArrayLike,
    *,
    df: ArrayLike = np.inf,
    names: Sequence[str] | None = None,
    alternative: Alternative = "two-sided",
    procedure: Procedure = "single-step",
    null: float = 0.0,
    level: float = 0.95,
) -> MaximumTest:
    """Test k `estimates`, such as differences from one control, with their `covariance` (k x k).

    Any model gives them: analysis of covariance, MMRM, or contrasts of another kind (all pairs: Tukey-Kramer; the
    covariance may be singular). `df`: degrees of freedom, one number or one an estimate (then each row is adjusted
    with its own, SAS `ADJDFE=ROW`); infinite for normal tests. `alternative`: `greater` and `less` are one-sided
    against `null`. `level` of the simultaneous intervals. `DataError` where these do not fit together.
    """
    given = standardise(estimates, covariance, df, names, alternative, null)
    require_confidence(level)
    if procedure not in get_args(Procedure):
        raise DataError(f"the procedure must be one of {', '.join(get_args(Procedure))}. Got {procedure}")
    critical: Floats | None = None
    lower, upper = np.full(given.t.size, -np.inf), np.full(given.t.size, np.inf)
    if procedure == "single-step":
        adjusted, critical = _single_step(given, level)
        if alternative != "less":
            lower = given.estimates - critical * given.se
        if alternative != "greater":
            upper = given.estimates + critical * given.se
    else:
        adjusted = _step_down(given)
    table = pl.DataFrame(
        {
            "name": given.names,
            "estimate": given.estimates,
            "se": given.se,
            "df": given.df,
            "t": given.t,
            "p": given.p,
            "adjusted_p": np.maximum(adjusted, given.p),
            "critical": critical,
            "lower": None if critical is None else lower,
            "upper": None if critical is None else upper,
        },
        schema_overrides=dict.fromkeys(("critical", "lower", "upper"), pl.Float64),
    )
    return MaximumTest(procedure, alternative, level, table, given.correlation)


def dunnett_contrasts(
    pairwise: IntoFrame,
    factor: str,
    versus: object,
    *,
    alternative: Alternative = "two-sided",
    procedure: Procedure = "single-step",
    null: float = 0.0,
    level: float = 0.95,
) -> MaximumTest:
    """Test every level of `factor` against one, `versus`, from the table of all pairwise contrasts of a fit.

    `pairwise`: what `fit.contrasts(factor, pairwise=True)` gives (filtered to one visit where it holds several):
    columns `factor`, versus, estimate, se, df, a row for each pair in either direction. The variances of all pairs
    give the covariances: cov(a - c, b - c) = (var(a - c) + var(b - c) - var(a - b)) / 2. `DataError` for an
    unknown level, a pair that is missing or there twice. Other arguments as in `dunnett`.
    """
    frame = to_polars(pairwise)
    require_columns(frame, [factor, "versus", "estimate", "se", "df"], where="the table of contrasts")
    for name in ("estimate", "se", "df"):
        require_numbers(frame, name, where="the table of contrasts")
    levels = list(dict.fromkeys([*frame["versus"].to_list(), *frame[factor].to_list()]))
    control = require_level(levels, versus, factor)
    others = [one for one in levels if one != control]
    rows: dict[frozenset[object], tuple[object, float, float, float]] = {}
    for one, other, estimate, se, df in frame.select(factor, "versus", "estimate", "se", "df").iter_rows():
        pair = frozenset((one, other))
        if pair in rows:
            raise DataError(
                f"the table of contrasts must hold each pair once; filter it. Got {one}, {other} twice"
            )
        rows[pair] = (one, estimate, se, df)
    missing = [pair for pair in map(frozenset, combinations(levels, 2)) if pair not in rows]
    if missing:
        raise DataError(
            "the table of contrasts must hold all pairs; use pairwise=True. "
            f"Got none for {show_levels([*missing[0]])}"
        )
    found = [rows[frozenset((one, control))] for one in others]
    estimates = [
        estimate if first == one else -estimate for one, (first, estimate, _, _) in zip(others, found, strict=True)
    ]
    variance = np.array([se**2 for _, _, se, _ in found])
    between = np.array([[0.0 if a == b else rows[frozenset((a, b))][2] ** 2 for b in others] for a in others])
    return dunnett(
        estimates,
        0.5 * (variance[:, None] + variance[None, :] - between),
        df=[df for _, _, _, df in found],
        names=[f"{one} - {control}" for one in others],
        alternative=alternative,
        procedure=procedure,
        null=null,
        level=level,
    )


def dunnett_test(
    data: IntoFrame,
    value: str,
    by: str,
    *,
    versus: object = None,
    alternative: Alternative = "two-sided",
    procedure: Procedure = "single-step",
    null: float = 0.0,
    level: float = 0.95,
) -> MaximumTest:
    """Compare the mean of `value` at each level of `by` with that at one, `versus` (default: the first level).

    The variance is pooled over all levels, on n - levels degrees of freedom; group sizes may differ. Rows that
    lack either are left out. `EstimationFailed` with fewer than two levels, no more values than levels, or values
    that do not vary within levels; `DataError` for an unknown level. Other arguments as in `dunnett`.
    """
    frame = keep_complete(to_polars(data), [value, by]).frame
    numbers = require_numbers(frame, value)
    levels = factor_levels(frame[by])
    if len(levels) < 2 or numbers.size <= len(levels):
        raise EstimationFailed(
            f"Dunnett's test needs two levels of {by} and more values than levels. "
            f"Got {numbers.size} values in {len(levels)} levels"
        )
    control = levels[0] if versus is None else require_level(levels, versus, by)
    groups = [numbers[(frame[by] == one).to_numpy()] for one in levels]
    mean = np.array([group.mean() for group in groups])
    df = numbers.size - len(levels)
    variance = sum(float(((group - group.mean()) ** 2).sum()) for group in groups) / df
    if variance * df <= (1e-13**2) * float(numbers @ numbers):
        raise EstimationFailed(
            f"Dunnett's test needs {value} to vary within the levels of {by}. Got a variance of {variance:.3g}"
        )
    size = np.array([group.size for group in groups], dtype=float)
    at = levels.index(control)
    others = [place for place in range(len(levels)) if place != at]
    return dunnett(
        mean[others] - mean[at],
        variance * (np.diag(1.0 / size[others]) + 1.0 / size[at]),
        df=df,
        names=[f"{levels[place]} - {control}" for place in others],
        alternative=alternative,
        procedure=procedure,
        null=null,
        level=level,
    )


def _single_step(given: Standardised, level: float) -> tuple[Floats, Floats]:
    """Find adjusted p-values and critical values, each row with its own degrees of freedom."""
    adjusted, critical = np.empty(given.t.size), np.empty(given.t.size)
    for df in np.unique(given.df).tolist():
        rows = given.df == df
        adjusted[rows] = t_maximum_p(given.size[rows], given.correlation, df, two_sided=given.two_sided)
        critical[rows] = t_equicoordinate_quantile(level, given.correlation, df, two_sided=given.two_sided)
    return adjusted, critical


def _step_down(given: Standardised) -> Floats:
    """Find adjusted p-values: each statistic against the maximum of those that are no larger."""
    adjusted, reached = np.empty(given.t.size), 0.0
    order = np.argsort(given.p, kind="stable")
    for step, place in enumerate(order.tolist()):
        left = np.sort(order[step:])
        within = given.correlation[np.ix_(left, left)]
        found = t_maximum_p(given.size[place], within, float(given.df[place]), two_sided=given.two_sided)
        reached = adjusted[place] = max(reached, float(found))
    return adjusted
