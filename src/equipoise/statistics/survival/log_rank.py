"""The log-rank test of two or more arms, weighted, stratified, and for a trend.

At each event time t with d events among n at risk, arm k expects d n_k / n; U_k = sum w (d_k - d n_k / n), and
V_kl = sum w^2 d (n - d) / (n - 1) n_k (n delta_kl - n_l) / n^2 (Mantel 1966; Kalbfleisch and Prentice 2002,
1.5). U and V add up over strata; chi-square = U' V^- U. Weights w: 1 (log-rank), n (Gehan 1965, Breslow 1970),
root n (Tarone and Ware 1977), a survival estimate (Peto and Peto 1972; modified by n / (n + 1), Andersen 1982),
S(t-)^rho (1 - S(t-))^gamma with Kaplan-Meier's S of the stratum (Fleming and Harrington 1991, chapter 7).
Checked against R survival 3.5 (`survdiff`), sums by hand in R and published tests.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import polars as pl
from narwhals.typing import IntoFrame

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.distributions import Floats, chi2_upper_p
from equipoise.statistics.factors import Codes
from equipoise.statistics.survival.observations import (
    Observations,
    read_observations,
    require_arms,
    require_events,
    sort_by_stratum_and_time,
)

Weights = Literal["fleming-harrington", "gehan-breslow", "tarone-ware", "peto-peto", "modified-peto-peto"]
WEIGHTS = ("fleming-harrington", "gehan-breslow", "tarone-ware", "peto-peto", "modified-peto-peto")


@dataclass(frozen=True)
class Trend:
    """A test that hazards rise or fall with the scores of the arms: chi-square on 1 degree of freedom."""

    chi2: float
    df: int
    p: float
    scores: tuple[float, ...]


@dataclass(frozen=True)
class LogRank:
    """A test that all arms have the same hazard.

    `table` has a row an arm: its label, `n`, (weighted) `observed` and `expected` events. `covariance` (arms x
    arms) is that of observed minus expected. `dropped` rows had a missing value.
    """

    chi2: float
    df: int
    p: float
    table: pl.DataFrame
    covariance: Floats
    dropped: int
    _by: str

    def trend(self, scores: Mapping[object, float] | Sequence[float] | None = None) -> Trend:
        """Test for a trend over `scores` of the arms (0, 1, 2, ... in their order unless given); Tarone 1975.

        Raises `DataError` where an arm has no score or all scores are equal, `EstimationFailed` where they do not
        differ between arms at risk.
        """
        labels = self.table[self._by].to_list()
        if isinstance(scores, Mapping):
            if missing := [label for label in labels if label not in scores]:
                raise DataError(
                    f"scores must name every arm: {', '.join(map(str, labels))}. Got none for {missing[0]}"
                )
            values = [float(scores[label]) for label in labels]
        else:
            values = [float(score) for score in (range(len(labels)) if scores is None else scores)]
        if len(values) != len(labels) or not np.all(np.isfinite(values)) or len(set(values)) < 2:
            raise DataError(f"scores must be {len(labels)} finite numbers, not all equal. Got {values}")
        score = np.array(values)
        excess = (self.table["observed"] - self.table["expected"]).to_numpy()
        variance = float(score @ self.covariance @ score)
        if variance <= 0:
            raise EstimationFailed(f"the scores must differ between arms at risk at an event time. Got {values}")
        chi2 = float(score @ excess) ** 2 / variance
        return Trend(chi2, 1, chi2_upper_p(chi2, 1), tuple(values))


def log_rank(
    data: IntoFrame,
    time: str,
    event: str,
    by: str,
    *,
    strata: str | Sequence[str] | None = None,
    weights: Weights = "fleming-harrington",
    rho: float = 0.0,
    gamma: float = 0.0,
) -> LogRank:
    """Test that the levels of `by` have the same hazard, within each combination of levels of `strata`.

    `rho` and `gamma` (from 0 on) are the powers of Fleming and Harrington: 0 and 0 is the log-rank test, 1 and 0
    R's Peto-Peto (`survdiff` with rho = 1). An arm of which nobody is at risk at any event time costs a degree of
    freedom. Raises `DataError` for bad columns, fewer than two arms or unknown weights; `EstimationFailed`
    without an event, or where no event time has two arms at risk.
    """
    if weights not in WEIGHTS:
        raise DataError(f"weights must be one of {', '.join(WEIGHTS)}. Got {weights}")
    if rho < 0 or gamma < 0 or (weights != "fleming-harrington" and (rho or gamma)):
        raise DataError(
            f"rho and gamma must be 0 or above, and go with fleming-harrington weights. Got {rho:g} and {gamma:g}"
        )
    observed = read_observations(data, time, event, by=by, strata=strata)
    require_arms(observed.arm, by)
    require_events(observed.event, event)
    if by in {"n", "observed", "expected"}:
        raise DataError(f"the column of arms must not be named like a statistic; rename it. Got {by}")
    seen, expected, covariance = _sum_over_times(observed, weights, rho, gamma)
    excess = seen - expected
    informative = np.flatnonzero(np.diagonal(covariance) > 1e-12 * np.diagonal(covariance).max())
    if informative.size < 2:
        raise EstimationFailed(
            f"two levels of {by} must be at risk at an event time for a comparison; the strata may be too fine. "
            f"Got {informative.size}"
        )
    keep = informative[:-1]
    chi2 = float(excess[keep] @ np.linalg.lstsq(covariance[np.ix_(keep, keep)], excess[keep], rcond=1e-12)[0])
    df = int(np.linalg.matrix_rank(covariance[np.ix_(keep, keep)], tol=1e-10 * covariance.max(), hermitian=True))
    arms = len(observed.arm.levels)
    table = pl.DataFrame(
        [
            *observed.arm_column(np.arange(arms)),
            pl.Series("n", np.bincount(observed.arm.codes, minlength=arms)),
            pl.Series("observed", seen),
            pl.Series("expected", expected),
        ]
    )
    return LogRank(chi2, df, chi2_upper_p(chi2, df), table, covariance, observed.dropped, by)


def _sum_over_times(
    observed: Observations, weights: Weights, rho: float, gamma: float
) -> tuple[Floats, Floats, Floats]:
    """Weighted observed and expected events of each arm and the covariance of their difference."""
    order = sort_by_stratum_and_time(observed.time, observed.stratum)
    time, event = observed.time[order], observed.event[order]
    arm, stratum = observed.arm.codes[order], observed.stratum.codes[order]
    arms = len(observed.arm.levels)
    new = np.ones(time.size, dtype=bool)
    new[1:] = time[1:] != time[:-1]
    if len(observed.stratum.levels) > 1:
        new[1:] |= stratum[1:] != stratum[:-1]
    moment = np.cumsum(new) - 1
    deaths = np.flatnonzero(event)
    # moments without an event count for nothing
    when = moment[deaths]
    leads = np.flatnonzero(np.append(True, when[1:] != when[:-1]))
    first = np.flatnonzero(new)[when[leads]]
    d = np.diff(np.append(leads, deaths.size)).astype(float)
    end = np.cumsum(np.bincount(stratum))[stratum[first]]
    n = (end - first).astype(float)
    at_risk, events = np.empty((arms, first.size)), np.empty((arms, first.size))
    for code in range(arms - 1):
        own = arm == code
        before = np.append(0, np.cumsum(own))
        at_risk[code] = before[end] - before[first]
        events[code] = np.add.reduceat(own[deaths].astype(float), leads)
    # the last arm is what the others leave
    at_risk[-1] = n - at_risk[:-1].sum(axis=0)
    events[-1] = d - events[:-1].sum(axis=0)
    w = _weigh(weights, n, d, stratum[first], rho=rho, gamma=gamma)
    share = at_risk / n
    spread = w * w * d * (n - d) / np.maximum(n - 1.0, 1.0)
    covariance = np.diag(share @ spread) - (share * spread) @ share.T
    return events @ w, share @ (w * d), covariance


def _weigh(weights: Weights, n: Floats, d: Floats, stratum: Codes, *, rho: float, gamma: float) -> Floats:
    if weights == "gehan-breslow":
        return n
    if weights == "tarone-ware":
        return np.sqrt(n)
    if weights == "fleming-harrington":
        if rho == 0 and gamma == 0:
            return np.ones(n.size)
        before = _survival_by_stratum(1.0 - d / n, stratum, left=True)
        return before**rho * (1.0 - before) ** gamma
    estimate = _survival_by_stratum(1.0 - d / (n + 1.0), stratum, left=False)
    return estimate if weights == "peto-peto" else estimate * n / (n + 1.0)


def _survival_by_stratum(factor: Floats, stratum: Codes, *, left: bool) -> Floats:
    """Multiply `factor` along each stratum; with `left` up to but not including each moment."""
    survival = np.empty(factor.size)
    edges = np.flatnonzero(np.r_[True, np.diff(stratum) != 0, True])
    for start, end in pairwise(edges):
        product = np.cumprod(factor[start:end])
        survival[start:end] = np.r_[1.0, product[:-1]] if left else product
    return survival
