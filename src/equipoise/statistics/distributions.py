"""Probabilities and quantiles of the normal, t, chi-square and F distributions.

Upper tails are computed as upper tails, never as one minus a lower one, so p-values keep their relative
accuracy down to the smallest float. The tails of t and F are the regularised incomplete beta function
(Abramowitz and Stegun 1964, 26.5.27, 26.6.2, 26.7.1), those of chi-square the incomplete gamma function
(26.4.19). Only `scipy.special` is used: `scipy.stats` takes seconds to import. Checked against R's `pnorm`,
`pt`, `pchisq`, `pf` and their quantiles.

The first argument may be a float (a float comes back) or an array (an array of its shape comes back);
degrees of freedom are a number, or an array that goes with the first argument. Not a number in, not a number
out.
"""

from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray
from scipy import special

from equipoise.errors import DataError

Floats = NDArray[np.float64]
Number = TypeVar("Number", float, Floats)


def normal_cdf(z: Number) -> Number:
    """Probability that a standard normal variable is at most `z`."""
    return _like(z, special.ndtr(np.asarray(z, dtype=float)))


def normal_upper_p(z: Number) -> Number:
    """Probability that a standard normal variable exceeds `z`: the one-sided p of a large z."""
    return _like(z, special.ndtr(-np.asarray(z, dtype=float)))


def normal_two_sided_p(z: Number) -> Number:
    """Probability that a standard normal variable is further from 0 than `z`."""
    return _like(z, special.erfc(np.abs(np.asarray(z, dtype=float)) * np.sqrt(0.5)))


def normal_quantile(probability: Number) -> Number:
    """Value below which a standard normal variable lies with `probability` (0-1, checked)."""
    return _like(probability, special.ndtri(_probability(probability)))


def t_cdf(t: Number, df: float | Floats) -> Number:
    """Probability that Student's t with `df` (above 0, may be infinite) degrees of freedom is at most `t`."""
    value = np.asarray(t, dtype=float)
    tail = 0.5 * _t_outside(value, _positive(df))
    return _like(t, np.where(value > 0, 1.0 - tail, tail))


def t_upper_p(t: Number, df: float | Floats) -> Number:
    """Probability that Student's t with `df` degrees of freedom exceeds `t`."""
    value = np.asarray(t, dtype=float)
    tail = 0.5 * _t_outside(value, _positive(df))
    return _like(t, np.where(value > 0, tail, 1.0 - tail))


def t_two_sided_p(t: Number, df: float | Floats) -> Number:
    """Probability that Student's t with `df` degrees of freedom is further from 0 than `t`."""
    return _like(t, _t_outside(np.asarray(t, dtype=float), _positive(df)))


def t_quantile(probability: Number, df: float | Floats) -> Number:
    """Value below which Student's t with `df` degrees of freedom lies with `probability` (0-1, checked)."""
    p, freedom = np.broadcast_arrays(_probability(probability), _positive(df))
    finite = np.isfinite(freedom)
    # stdtrit answers -1 rather than infinity at the ends, and knows no infinite degrees of freedom
    inside = (p > 0) & (p < 1)
    student = special.stdtrit(np.where(finite, freedom, 1.0), np.where(inside, p, 0.5))
    return _like(probability, np.where(finite & inside, student, special.ndtri(p)))


def chi2_upper_p(statistic: Number, df: float | Floats) -> Number:
    """Probability that chi-square with `df` degrees of freedom exceeds `statistic` (1 for a negative one)."""
    half = np.maximum(np.asarray(statistic, dtype=float), 0.0) / 2.0
    return _like(statistic, special.gammaincc(_positive(df) / 2.0, half))


def chi2_quantile(probability: Number, df: float | Floats) -> Number:
    """Value below which chi-square with `df` degrees of freedom lies with `probability` (0-1, checked)."""
    return _like(probability, 2.0 * special.gammaincinv(_positive(df) / 2.0, _probability(probability)))


def f_upper_p(statistic: Number, df1: float | Floats, df2: float | Floats) -> Number:
    """Probability that F with `df1` and `df2` (may be infinite) degrees of freedom exceeds `statistic`."""
    upper, lower = _positive(df1), _positive(df2)
    scaled = upper * np.maximum(np.asarray(statistic, dtype=float), 0.0)
    limit = np.isinf(lower)
    freedom = np.where(limit, 1.0, lower)
    # the share that is small is the one that is formed exactly
    near = special.betaincc(upper / 2.0, freedom / 2.0, _ratio(scaled, freedom))
    far = special.betainc(freedom / 2.0, upper / 2.0, _ratio(freedom, scaled))
    finite = np.where(scaled < freedom, near, far)
    return _like(statistic, np.where(limit, special.gammaincc(upper / 2.0, scaled / 2.0), finite))


def f_quantile(probability: Number, df1: float | Floats, df2: float | Floats) -> Number:
    """Value below which F with `df1` and `df2` (may be infinite) degrees of freedom lies with `probability`."""
    p, upper, lower = _probability(probability), _positive(df1), _positive(df2)
    limit = np.isinf(lower)
    freedom = np.where(limit, 1.0, lower)
    # both shares are asked for, as one minus the other would lose the digits of the smaller
    share = special.betaincinv(upper / 2.0, freedom / 2.0, p)
    rest = special.betainccinv(freedom / 2.0, upper / 2.0, p)
    with np.errstate(divide="ignore"):
        finite = freedom * share / (upper * rest)
    return _like(probability, np.where(limit, 2.0 * special.gammaincinv(upper / 2.0, p) / upper, finite))


def _t_outside(value: Floats, df: Floats) -> Floats:
    limit = np.isinf(df)
    freedom = np.where(limit, 1.0, df)
    square = value * value
    near = special.betaincc(0.5, freedom / 2.0, _ratio(square, freedom))
    far = special.betainc(freedom / 2.0, 0.5, _ratio(freedom, square))
    outside = np.where(square < freedom, near, far)
    return cast("Floats", np.where(limit, special.erfc(np.abs(value) * np.sqrt(0.5)), outside))


def _ratio(part: Floats, rest: Floats) -> Floats:
    """Share `part / (part + rest)`, also where one of them is infinite."""
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(np.isinf(part), 1.0, part / (part + rest))
    return cast("Floats", np.where(np.isnan(part) | np.isnan(rest), np.nan, share))


def _positive(df: float | Floats) -> Floats:
    value = np.asarray(df, dtype=float)
    if np.any(value <= 0):
        raise DataError(f"degrees of freedom must be above 0. Got {value[value <= 0].flat[0]:g}")
    return value


def _probability(probability: float | Floats) -> Floats:
    value = np.asarray(probability, dtype=float)
    wrong = (value < 0) | (value > 1)
    if np.any(wrong):
        raise DataError(f"a probability must lie between 0 and 1. Got {value[wrong].flat[0]:g}")
    return value


def _like(_given: Number, value: Floats) -> Number:
    """Give a float for a float and an array for an array."""
    return cast("Number", float(value) if np.ndim(value) == 0 else value)
