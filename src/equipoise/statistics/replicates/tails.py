"""Tails of t and chi-square where there is a p for each of many trials: the functions of `distributions`, quicker.

P(|T| > t) = I_x(df / 2, 1 / 2) with x = df / (df + t^2) (Abramowitz and Stegun 1964, 26.5.27, 26.7.1); this
argument keeps small tails exact, and only next to t = 0 it loses digits, where the complement stands in. On 1
degree of freedom the tail of chi-square is that of the normal (26.4.19). Checked against `distributions`.
"""

from typing import cast

import numpy as np
from scipy import special

from equipoise.statistics.distributions import Floats

NEXT_TO_NOUGHT = 1e-4


def t_outside(t: Floats, df: Floats) -> Floats:
    """Probability that Student's t with `df` degrees of freedom (may be infinite) is further from 0 than `t`."""
    square = t * t
    limit = np.isinf(df)
    freedom = np.where(limit, 1.0, df)
    tail = special.betainc(freedom / 2.0, 0.5, freedom / (freedom + square))
    near = square < NEXT_TO_NOUGHT * freedom
    if near.any():
        share = square[near] / (freedom[near] + square[near])
        tail[near] = 1.0 - special.betainc(0.5, freedom[near] / 2.0, share)
    return cast("Floats", np.where(limit, special.erfc(np.abs(t) * np.sqrt(0.5)), tail))


def chi2_above(statistic: Floats, df: Floats) -> Floats:
    """Probability that chi-square with `df` degrees of freedom exceeds `statistic`; not a number on 0 of them."""
    half = np.maximum(statistic, 0.0) / 2.0
    tail = special.erfc(np.sqrt(half))
    other = df != 1.0
    if other.any():
        tail = np.asarray(tail)
        tail[other] = np.where(df[other] > 0, special.gammaincc(df[other] / 2.0, half[other]), np.nan)
    return cast("Floats", tail)
