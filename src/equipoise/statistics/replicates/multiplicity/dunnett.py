"""Dunnett's test in many trials at once: estimates tested by their largest t statistic, single-step and step-down.

As `dunnett`, each estimate adjusted with its own degrees of freedom. One or two estimates have the tail and the
quantile of `bivariate` in all trials together; three and more are integrated trial by trial, by `multivariate`.
Checked against it, replicate by replicate, and R's multcomp.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import get_args

import numpy as np
from numpy.typing import ArrayLike

from equipoise.errors import DataError
from equipoise.statistics.arrays import read_floats
from equipoise.statistics.confidence import require_confidence
from equipoise.statistics.distributions import Floats, t_quantile
from equipoise.statistics.multiplicity import dunnett
from equipoise.statistics.multiplicity.dunnett import Procedure
from equipoise.statistics.multiplicity.standardised import standardise
from equipoise.statistics.multivariate import t_equicoordinate_quantile, t_maximum_p
from equipoise.statistics.replicates.multiplicity.bivariate import larger_exceeds, larger_quantile
from equipoise.statistics.replicates.tails import t_outside
from equipoise.statistics.replicates.trials import Booleans, blocks


@dataclass(frozen=True, eq=False)
class DunnettReplicates:
    """Estimates (T x m) of T trials with p-values that allow for their number.

    `se`, `df`, `t`, `p` (of one test), `adjusted_p`: T x m. `critical` and the simultaneous limits `lower` and
    `upper` belong to the single-step test, are NaN after step-down, and are found when they are first asked for.
    `correlation`: T x m x m. NaN where an estimate of the trial is.
    """

    estimate: Floats
    se: Floats
    df: Floats
    t: Floats
    p: Floats
    adjusted_p: Floats
    correlation: Floats
    procedure: Procedure
    level: float
    _known: Booleans = field(repr=False)

    @cached_property
    def critical(self) -> Floats:
        """Critical values of |t| (T x m), the same for all estimates of a trial with one number of df."""
        found = np.full(self.df.shape, np.nan)
        if self.procedure != "single-step":
            return found
        rows = np.flatnonzero(self._known)
        for column in range(self.estimate.shape[1]):
            if column and np.array_equal(self.df[rows, column], self.df[rows, 0]):
                found[:, column] = found[:, 0]
                continue
            found[rows, column] = _quantile(self.level, self.correlation[rows], self.df[rows, column])
        return found

    @property
    def lower(self) -> Floats:
        """Lower simultaneous limits (T x m)."""
        return self.estimate - self.critical * self.se

    @property
    def upper(self) -> Floats:
        """Upper simultaneous limits (T x m)."""
        return self.estimate + self.critical * self.se


def replicate_dunnett(
    estimate: ArrayLike,
    covariance: ArrayLike,
    df: ArrayLike = np.inf,
    *,
    procedure: Procedure = "single-step",
    level: float = 0.95,
) -> DunnettReplicates:
    """Test m estimates of each trial, such as differences from one control, two-sided.

    `estimate`: T x m; `covariance` of a trial's estimates: T x m x m; `df`: degrees of freedom, T x m, or one
    number; infinite for normal tests. A trial in which one of them is NaN has no adjusted p. Raises `DataError`
    for shapes that do not go together, variances or df that are not above 0, an unknown procedure or level.
    """
    require_confidence(level)
    if procedure not in get_args(Procedure):
        raise DataError(f"the procedure must be one of {', '.join(get_args(Procedure))}. Got {procedure}")
    value, matrix = read_floats(estimate, "estimates"), read_floats(covariance, "covariances")
    freedom = read_floats(df, "degrees of freedom")
    if value.ndim != 2 or not value.shape[1] or matrix.shape != (*value.shape, value.shape[1]):
        raise DataError(
            "estimates must be trials x m and their covariances trials x m x m. "
            f"Got the shapes {value.shape} and {matrix.shape}"
        )
    if freedom.shape not in ((), value.shape):
        raise DataError(
            f"degrees of freedom must be one number or of the shape {value.shape}. Got {freedom.shape}"
        )
    freedom = np.broadcast_to(freedom, value.shape)
    variance = np.diagonal(matrix, axis1=1, axis2=2)
    if (variance <= 0).any() or (freedom <= 0).any():
        raise DataError("variances and degrees of freedom must be above 0. Got one that is not")
    missing = np.isnan(value).any(axis=1) | np.isnan(matrix).any(axis=(1, 2)) | np.isnan(freedom).any(axis=1)
    known = np.asarray(~missing)
    se = np.sqrt(variance)
    t = value / se
    p = t_outside(t, freedom)
    correlation = matrix / (se[:, :, None] * se[:, None, :])
    adjusted = np.full(value.shape, np.nan)
    if value.shape[1] > 2:
        for trial in np.flatnonzero(known).tolist():
            adjusted[trial] = _adjust_many(value[trial], matrix[trial], freedom[trial], procedure)
    elif value.shape[1] == 1:
        adjusted[known] = p[known]
    else:
        rho = correlation[:, 0, 1]
        for part in blocks(value.shape[0], 200):
            rows = np.flatnonzero(known[part]) + part.start
            adjusted[rows] = _adjust_two(np.abs(t[rows]), rho[rows], freedom[rows], p[rows], procedure)
    return DunnettReplicates(value, se, freedom, t, p, adjusted, correlation, procedure, level, known)


def _adjust_two(size: Floats, rho: Floats, df: Floats, p: Floats, procedure: Procedure) -> Floats:
    if procedure == "single-step":
        columns = [larger_exceeds(size[:, one], rho, df[:, one], two_sided=True) for one in range(2)]
        return np.maximum(np.stack(columns, axis=1), p)
    # the more significant statistic against the larger of both, the other by itself
    trial, first = np.arange(p.shape[0]), np.argmin(p, axis=1)
    lead = larger_exceeds(size[trial, first], rho, df[trial, first], two_sided=True)
    return np.maximum(lead[:, None], p)


def _adjust_many(value: Floats, matrix: Floats, df: Floats, procedure: Procedure) -> Floats:
    if procedure == "step-down":
        return dunnett(value, matrix, df=df, procedure=procedure).table["adjusted_p"].to_numpy()
    given = standardise(value, matrix, df, None, "two-sided", 0.0)
    adjusted = given.p.copy()
    for one in np.unique(df).tolist():
        rows = df == one
        adjusted[rows] = np.maximum(t_maximum_p(given.size[rows], given.correlation, one), given.p[rows])
    return adjusted


def _quantile(level: float, correlation: Floats, df: Floats) -> Floats:
    size = correlation.shape[1]
    if size == 1:
        return t_quantile(np.full(df.shape, 0.5 + level / 2.0), df)
    if size == 2 and level >= 0.5:
        return larger_quantile(level, correlation[:, 0, 1], df)
    pairs = zip(correlation, df.tolist(), strict=True)
    return np.array([t_equicoordinate_quantile(level, matrix, freedom) for matrix, freedom in pairs])
