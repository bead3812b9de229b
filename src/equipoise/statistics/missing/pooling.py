"""Rubin's rules: one answer from the analyses of m completed data sets.

Estimate: the mean Q. Variance: T = U + (1 + 1/m) B, U the mean within, B the variance between imputations (Rubin,
Multiple Imputation for Nonresponse in Surveys, Wiley 1987, 3.1). With lambda = (1 + 1/m) B / T the degrees of
freedom are (m - 1) / lambda^2 (Rubin), and with v of complete data they join (v + 1) / (v + 3) v (1 - lambda) as
harmonic halves (Barnard and Rubin, Biometrika 1999;86:948-55). Several parameters at once: the D1 test of Li,
Raghunathan and Rubin, JASA 1991;86:1065-73, with v of complete data by Reiter, Biometrika 2007;94:502-8.
Checked against R's mice (`pool.scalar`, `D1`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from equipoise.errors import DataError
from equipoise.statistics.confidence import require_confidence
from equipoise.statistics.distributions import Floats, f_upper_p, t_quantile, t_two_sided_p


@dataclass(frozen=True)
class Pooled:
    """One estimate from m imputations.

    `within` and `between` are the variances U and B, `se` is the root of T. `df_rubin` are the degrees of freedom
    for infinitely many complete data, `df` those used. `relative_increase` is (1 + 1/m) B / U, `fraction_missing`
    the fraction of information that is missing, `relative_efficiency` that of m against infinitely many.
    """

    estimate: float
    se: float
    df: float
    t: float
    p: float
    lower: float
    upper: float
    level: float
    imputations: int
    within: float
    between: float
    df_rubin: float
    relative_increase: float
    fraction_missing: float
    relative_efficiency: float


@dataclass(frozen=True)
class PooledTest:
    """The test D1 that several parameters have their null values: F on `df` and `df_denominator`."""

    estimate: Floats
    f: float
    df: int
    df_denominator: float
    p: float
    relative_increase: float
    imputations: int


@dataclass(frozen=True, eq=False)
class RubinParts:
    """Rubin's rules for many parameters: arrays of the parameters' shape (`within` to `fraction_missing`)."""

    estimate: Floats
    within: Floats
    between: Floats
    total: Floats
    df: Floats
    df_rubin: Floats
    relative_increase: Floats
    fraction_missing: Floats


def pool(
    estimates: ArrayLike,
    standard_errors: ArrayLike,
    *,
    df_complete: float = np.inf,
    null: float = 0.0,
    level: float = 0.95,
) -> Pooled:
    """Pool the estimates of m imputations with their standard errors (both of length m, m at least 2).

    `df_complete`: degrees of freedom that the complete data would have had; infinite gives Rubin's own. `null` is
    the value tested. Raises `DataError` for lengths that differ, fewer than two imputations, values that are not
    finite, standard errors that are not above 0, degrees of freedom not above 0.
    """
    require_confidence(level)
    values = np.asarray(estimates, dtype=float)
    errors = np.asarray(standard_errors, dtype=float)
    if values.ndim != 1 or values.shape != errors.shape:
        raise DataError(
            "pooling needs one estimate and one standard error an imputation, in two lists of one length. "
            f"Got shapes {values.shape} and {errors.shape}"
        )
    if not (np.isfinite(values).all() and np.isfinite(errors).all() and (errors > 0).all()):
        wrong = np.flatnonzero(~(np.isfinite(values) & np.isfinite(errors) & (errors > 0)))[0]
        raise DataError(
            "pooling needs finite estimates and standard errors above 0. "
            f"Got {values[wrong]:g} and {errors[wrong]:g} at imputation {wrong + 1}"
        )
    parts = combine(values, errors**2, df_complete)
    estimate, se, df = float(parts.estimate), float(np.sqrt(parts.total)), float(parts.df)
    t = (estimate - null) / se
    half = t_quantile(0.5 + level / 2.0, df) * se
    missing = float(parts.fraction_missing)
    return Pooled(
        estimate=estimate,
        se=se,
        df=df,
        t=t,
        p=t_two_sided_p(t, df),
        lower=estimate - half,
        upper=estimate + half,
        level=level,
        imputations=values.size,
        within=float(parts.within),
        between=float(parts.between),
        df_rubin=float(parts.df_rubin),
        relative_increase=float(parts.relative_increase),
        fraction_missing=missing,
        relative_efficiency=1.0 / (1.0 + missing / values.size),
    )


def pool_test(
    estimates: ArrayLike, covariances: ArrayLike, *, df_complete: float = np.inf, null: ArrayLike = 0.0
) -> PooledTest:
    """Test k parameters jointly: `estimates` (m x k) and their `covariances` (m x k x k) of m imputations.

    D1 takes the share of missing information as equal over the parameters. `null`: their null values. Raises
    `DataError` for shapes that do not go together, fewer than two imputations, a mean covariance that is singular.
    """
    values = np.asarray(estimates, dtype=float)
    inner = np.asarray(covariances, dtype=float)
    if values.ndim != 2 or inner.shape != (*values.shape, values.shape[1]):
        raise DataError(
            "a pooled test needs estimates of shape (m, k) and covariances of shape (m, k, k). "
            f"Got {values.shape} and {inner.shape}"
        )
    m, k = values.shape
    _require_imputations(m)
    mean, within = values.mean(axis=0), inner.mean(axis=0)
    if not (np.isfinite(values).all() and np.isfinite(within).all()) or np.linalg.matrix_rank(within) < k:
        raise DataError("a pooled test needs finite estimates and a mean covariance of full rank. Got none")
    between = np.atleast_2d(np.cov(values, rowvar=False, ddof=1))
    increase = (1.0 + 1.0 / m) * float(np.trace(np.linalg.solve(within, between))) / k
    away = mean - np.asarray(null, dtype=float)
    f = float(away @ np.linalg.solve(within, away)) / (k * (1.0 + increase))
    df = _d1_df(increase, k, m, df_complete)
    return PooledTest(mean, f, k, df, f_upper_p(f, k, df), increase, m)


def combine(estimates: Floats, variances: Floats, df_complete: float | Floats) -> RubinParts:
    """Apply Rubin's rules along the first axis (imputations) of `estimates` and `variances`.

    `df_complete` is a number or an array of the parameters' shape. Raises `DataError` for fewer than two
    imputations and degrees of freedom not above 0.
    """
    m = estimates.shape[0]
    _require_imputations(m)
    freedom = np.asarray(df_complete, dtype=float)
    if not (freedom > 0).all():
        raise DataError(f"degrees of freedom of complete data must be above 0. Got {freedom.min():g}")
    within = variances.mean(axis=0)
    between = estimates.var(axis=0, ddof=1)
    return combine_moments(estimates.mean(axis=0), within, between, m, freedom)


def combine_moments(
    estimate: Floats, within: Floats, between: Floats, imputations: int, df_complete: float | Floats
) -> RubinParts:
    """Apply Rubin's rules to the mean estimate and the variances within and between `imputations`."""
    freedom = np.asarray(df_complete, dtype=float)
    extra = (1.0 + 1.0 / imputations) * np.asarray(between, dtype=float)
    total = within + extra
    share = extra / total
    with np.errstate(divide="ignore"):
        df_rubin = (imputations - 1.0) / share**2
        finite = np.where(np.isinf(freedom), 1.0, freedom)
        observed = (finite + 1.0) / (finite + 3.0) * finite * (1.0 - share)
        df = np.where(np.isinf(freedom), df_rubin, 1.0 / (1.0 / df_rubin + 1.0 / observed))
    increase = extra / within
    missing = (increase + 2.0 / (df + 3.0)) / (increase + 1.0)
    return RubinParts(
        np.asarray(estimate), np.asarray(within), np.asarray(between), total, df, df_rubin, increase, missing
    )


def _d1_df(increase: float, k: int, m: int, df_complete: float) -> float:
    t = k * (m - 1)
    if increase <= 0.0:
        return float(df_complete)
    if np.isinf(df_complete) or t <= 4:
        if t > 4:
            return 4.0 + (t - 4.0) * (1.0 + (1.0 - 2.0 / t) / increase) ** 2
        return t * (1.0 + 1.0 / k) * (1.0 + 1.0 / increase) ** 2 / 2.0
    a = increase * t / (t - 2.0)
    complete = (df_complete + 1.0) / (df_complete + 3.0) * df_complete
    c0, c1, c2 = 1.0 / (t - 4.0), complete - 2.0 * (1.0 + a), complete - 4.0 * (1.0 + a)
    z = (
        1.0 / c2
        + c0 * a**2 * c1 / ((1.0 + a) ** 2 * c2)
        + c0 * (8.0 * a**2 * c1 / ((1.0 + a) * c2**2) + 4.0 * a**2 / ((1.0 + a) * c2))
        + c0 * (4.0 * a**2 / (c2 * c1) + 16.0 * a**2 * c1 / c2**3)
        + c0 * 8.0 * a**2 / c2**2
    )
    return 4.0 + 1.0 / z


def _require_imputations(m: int) -> None:
    if m < 2:
        raise DataError(f"Rubin's rules need at least two imputations. Got {m}")
