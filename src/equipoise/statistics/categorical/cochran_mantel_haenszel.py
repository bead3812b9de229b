"""Tests of association between arm and response within strata: Cochran, Mantel and Haenszel, generalised.

Given all margins of stratum h the counts n_ij have mean r_i c_j / n and covariance
r_i (n delta_ik - r_k) c_j (n delta_jl - c_l) / (n^2 (n - 1)). Deviations and covariances add up over strata:
of all cells (general association), of row means of response scores (row mean scores), of the product of arm and
response scores (correlation); Landis, Heyman and Koch (1978), as SAS FREQ's CMH prints them. Scores: the numbers
themselves (1, 2, ... for labels), midranks, or midranks over n (ridit) or n + 1 (modified ridit) in each stratum.
2 x 2 tables add the common odds ratio of Mantel and Haenszel. Checked against R (`mantelhaen.test`, vcdExtra).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.categorical.odds_ratio import mantel_haenszel_log_odds
from equipoise.statistics.categorical.tables import Counts, pair_arms, read_table
from equipoise.statistics.confidence import critical_value
from equipoise.statistics.distributions import Floats, chi2_upper_p

Scores = Literal["table", "rank", "ridit", "modified-ridit"]
SCORES = ("table", "rank", "ridit", "modified-ridit")


@dataclass(frozen=True)
class CochranMantelHaenszel:
    """`chi2`, `df`, `p` of general association, the test that needs no order.

    `tests` has a row for each alternative: `test` (general association, row mean scores, correlation), `chi2`,
    `df`, `p`. A 2 x 2 x K table has the common `odds_ratio` of the arm against `versus` with `lower` and
    `upper`, where it can be estimated; else none.
    """

    chi2: float
    df: int
    p: float
    tests: pl.DataFrame
    odds_ratio: float | None
    lower: float | None
    upper: float | None
    dropped: int


def cochran_mantel_haenszel(
    data: Counts,
    response: str | None = None,
    by: str | None = None,
    *,
    versus: object = None,
    strata: str | Sequence[str] | None = None,
    count: str | None = None,
    scores: Scores = "table",
    continuity: bool = False,
    level: float = 0.95,
) -> CochranMantelHaenszel:
    """Test that the response does not depend on the arm within strata: columns, or strata x arms x levels.

    `scores` are those of response (and arm, for correlation); `continuity` takes a half off the deviation in
    2 x 2 x K tables, as R does by default and SAS does not, and `tests` then has the first row only. The odds of
    a 2 x 2 x K table are those of the first column of counts, or of the later level of a column (1 before 0), in
    the other arm against `versus` (the first arm unless given).
    Raises `DataError` for bad columns, counts or options; `EstimationFailed` where no stratum has two arms and
    two levels.
    """
    z = critical_value(level)
    if scores not in SCORES:
        raise DataError(f"scores must be one of {', '.join(SCORES)}. Got {scores}")
    table = read_table(data, response, by, strata=strata, count=count)
    counts = table.counts
    control = pair_arms(table, versus)[0][1]
    two_by_two = counts.shape[1:] == (2, 2)
    if continuity and not two_by_two:
        raise DataError(
            f"the continuity correction is for 2 x 2 tables. Got {counts.shape[1]} x {counts.shape[2]}"
        )
    strata_used = counts[counts.sum(axis=(1, 2)) > 1]
    general, covariance = _general(strata_used)
    if continuity:
        general = np.sign(general) * np.maximum(np.abs(general) - 0.5, 0.0)
    found = [("general association", *_quadratic(general, covariance))]
    if not continuity:
        a, b = (
            _scores_of(table.levels, strata_used.sum(axis=1), scores),
            _scores_of(table.arms, strata_used.sum(axis=2), scores),
        )
        found.append(("row mean scores", *_quadratic(*_row_means(strata_used, a))))
        found.append(("correlation", *_quadratic(*_correlation(strata_used, a, b))))
    tests = pl.DataFrame(found, schema=["test", "chi2", "df"], orient="row")
    tests = tests.with_columns(pl.Series("p", chi2_upper_p(tests["chi2"].to_numpy(), tests["df"].to_numpy())))
    odds, lower, upper = None, None, None
    if two_by_two:
        odds, lower, upper = _common_odds(counts, z, control=control, from_frame=response is not None)
    first = tests.row(0, named=True)
    return CochranMantelHaenszel(first["chi2"], first["df"], first["p"], tests, odds, lower, upper, table.dropped)


def _general(counts: Floats) -> tuple[Floats, Floats]:
    """Deviations of all cells but the last arm and level, with their covariance, added up over strata."""
    n = counts.sum(axis=(1, 2))
    r, c = counts.sum(axis=2), counts.sum(axis=1)
    deviation = (counts - r[:, :, None] * c[:, None, :] / n[:, None, None])[:, :-1, :-1].sum(axis=0)
    by_arm, by_level = _spread(r, n)[:, :-1, :-1], _spread(c, n)[:, :-1, :-1]
    arms, levels = by_arm.shape[1], by_level.shape[1]
    covariance = np.einsum("hik,hjl,h->ijkl", by_arm, by_level, n * n / (n - 1.0))
    return deviation.reshape(-1), covariance.reshape(arms * levels, arms * levels)


def _row_means(counts: Floats, scores: Floats) -> tuple[Floats, Floats]:
    """Deviations of the sums of response scores of all arms but the last, with their covariance."""
    n = counts.sum(axis=(1, 2))
    r, c = counts.sum(axis=2), counts.sum(axis=1)
    mean, variance = _moments(scores, c, n)
    deviation = (np.einsum("hij,hj->hi", counts, scores) - r * mean[:, None])[:, :-1].sum(axis=0)
    covariance = np.einsum("hik,h->ik", _spread(r, n)[:, :-1, :-1], variance * n * n / (n - 1.0))
    return deviation, covariance


def _correlation(counts: Floats, scores: Floats, arm_scores: Floats) -> tuple[Floats, Floats]:
    """Deviation of the sum of products of arm and response scores, with its variance."""
    n = counts.sum(axis=(1, 2))
    mean, variance = _moments(scores, counts.sum(axis=1), n)
    arm_mean, arm_variance = _moments(arm_scores, counts.sum(axis=2), n)
    deviation = (np.einsum("hij,hi,hj->h", counts, arm_scores, scores) - n * mean * arm_mean).sum()
    return np.array([deviation]), np.array([[(variance * arm_variance * n * n / (n - 1.0)).sum()]])


def _spread(margin: Floats, n: Floats) -> Floats:
    """Multinomial covariance of one draw from each stratum's margin: diag(share) - share share'."""
    share = margin / n[:, None]
    return np.asarray(share[:, :, None] * (np.eye(margin.shape[1]) - share[:, None, :]))


def _moments(scores: Floats, margin: Floats, n: Floats) -> tuple[Floats, Floats]:
    share = margin / n[:, None]
    mean = (share * scores).sum(axis=1)
    return mean, (share * (scores - mean[:, None]) ** 2).sum(axis=1)


def _scores_of(labels: Sequence[object], margin: Floats, scores: Scores) -> Floats:
    """Scores of the labels in each stratum (strata x labels)."""
    if scores == "table":
        numbers = [label for label in labels if isinstance(label, (int, float))]
        values = numbers if len(numbers) == len(labels) else range(1, len(labels) + 1)
        return np.tile(np.array(values, dtype=float), (margin.shape[0], 1))
    ranks = np.cumsum(margin, axis=1) - margin + (margin + 1.0) / 2.0
    n = margin.sum(axis=1, keepdims=True)
    divisor = {"rank": np.ones_like(n), "ridit": n, "modified-ridit": n + 1.0}[scores]
    return np.asarray(ranks / divisor)


def _quadratic(deviation: Floats, covariance: Floats) -> tuple[float, int]:
    """Chi-square and degrees of freedom; arms and levels that no stratum can compare cost theirs."""
    scale = np.sqrt(np.diagonal(covariance))
    keep = scale > 0
    if not keep.any():
        raise EstimationFailed(
            "a stratum must have two arms and two levels with participants; use fewer strata. Got none"
        )
    standard = covariance[np.ix_(keep, keep)] / np.outer(scale[keep], scale[keep])
    values, vectors = np.linalg.eigh(standard)
    free = values > 1e-10 * values.max()
    along = (vectors.T @ (deviation[keep] / scale[keep]))[free]
    return float((along**2 / values[free]).sum()), int(free.sum())


def _common_odds(
    counts: Floats, z: float, *, control: int, from_frame: bool
) -> tuple[float | None, float | None, float | None]:
    with_it = 1 if from_frame else 0
    x, y = counts[:, :, with_it], counts[:, :, 1 - with_it]
    try:
        log_odds, se = mantel_haenszel_log_odds(x[:, 1 - control], y[:, 1 - control], x[:, control], y[:, control])
    except EstimationFailed:
        # the tests stand without an odds ratio, as in SAS and R
        return None, None, None
    return float(np.exp(log_odds)), float(np.exp(log_odds - z * se)), float(np.exp(log_odds + z * se))
