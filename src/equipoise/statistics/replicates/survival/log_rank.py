"""Log-rank tests of many trials at once: of all arms, and of each arm with the control.

At each event time with d events among n at risk, arm k expects d n_k / n; V_kl = sum d (n - d) / (n - 1) n_k (n
delta_kl - n_l) / n^2, both added up over strata; chi-square = U' V^- U, as `log_rank`, whose rules for arms of
which nobody is at risk hold here too. A test of two arms leaves the others out, as if they had not been in the
trial. Checked against `log_rank`, replicate by replicate, and R survival (`survdiff`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from equipoise.statistics.distributions import Floats
from equipoise.statistics.replicates.quadratic import quadratic_forms
from equipoise.statistics.replicates.survival.moments import Moments, find_moments, read_times
from equipoise.statistics.replicates.tails import chi2_above
from equipoise.statistics.replicates.trials import Booleans


@dataclass(frozen=True, eq=False)
class LogRankReplicates:
    """Log-rank tests of T trials.

    `chi2`, `df`, `p` (T): all arms; `n`, `observed`, `expected` (T x arms). `pair_z`, `pair_chi2`, `pair_p`: each
    arm but the control with the control, T x (arms - 1) in the order of the arms; z is above 0 where the arm has
    more events than expected. NaN where a trial is not `estimable` (T), a pair not `pair_estimable`: no event, or
    never two arms at risk.
    """

    chi2: Floats
    df: Floats
    p: Floats
    n: Floats
    observed: Floats
    expected: Floats
    pair_z: Floats
    pair_chi2: Floats
    pair_p: Floats
    estimable: Booleans
    pair_estimable: Booleans


def replicate_log_rank(
    time: ArrayLike,
    event: ArrayLike,
    arm: ArrayLike,
    *,
    arms: int,
    control: int = 0,
    strata: ArrayLike | None = None,
    participants: ArrayLike | None = None,
) -> LogRankReplicates:
    """Test in each trial that all `arms` have the same hazard, and each arm with the `control` (0 to arms - 1).

    `time`: from entry to the event or the end of observation (T x n, 0 or above, NaN where missing); `event`: seen
    (True or 1) or censored (T x n); `arm`: whole numbers from 0 to `arms` - 1, `strata`: whole numbers from 0 on,
    `participants`: who is in the analysis, each T x n, or n where all trials share it. Raises `DataError` for
    values outside these and shapes that do not go together.
    """
    given = read_times(time, event, arm, arms=arms, control=control, strata=strata, participants=participants)
    others = [one for one in range(arms) if one != control]
    parts = [_test(find_moments(given.select(part)), others, control) for part in given.blocks()]
    chi2, df, observed, expected, pair_z = (np.concatenate(column) for column in zip(*parts, strict=True))
    pair_chi2 = pair_z**2
    return LogRankReplicates(
        chi2=chi2,
        df=df,
        p=chi2_above(chi2, df),
        n=given.count_arms(),
        observed=observed,
        expected=expected,
        pair_z=pair_z,
        pair_chi2=pair_chi2,
        pair_p=chi2_above(pair_chi2, np.ones(pair_chi2.shape)),
        estimable=np.isfinite(chi2),
        pair_estimable=np.isfinite(pair_z),
    )


def _test(moments: Moments, others: list[int], control: int) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Chi-square, degrees of freedom, observed and expected events, and z of each pair."""
    observed = moments.total(moments.events).T
    pairs = [_pair(moments, arm, control) for arm in others]
    z = np.stack([one for one, _ in pairs], axis=1)
    if len(others) == 1:
        expected = np.empty(observed.shape)
        expected[:, others[0]] = pairs[0][1]
        expected[:, control] = observed.sum(axis=1) - pairs[0][1]
        chi2 = z[:, 0] ** 2
        return chi2, np.where(np.isnan(chi2), np.nan, 1.0), observed, expected, z
    expected, covariance = _moments_of_all(moments)
    chi2, df = quadratic_forms((observed - expected).T, covariance)
    return chi2, df, observed, expected, z


def _pair(moments: Moments, arm: int, control: int) -> tuple[Floats, Floats]:
    """Score z of two arms without the others, and the events expected in the first."""
    own = moments.at_risk[arm]
    n = own + moments.at_risk[control]
    d = moments.events[arm] + moments.events[control]
    share = own / np.maximum(n, 1.0)
    expected = moments.total(d * share)
    variance = moments.total(d * (n - d) / np.maximum(n - 1.0, 1.0) * share * (1.0 - share))
    with np.errstate(invalid="ignore", divide="ignore"):
        z = (moments.total(moments.events[arm]) - expected) / np.sqrt(variance)
    return np.where(variance > 0, z, np.nan), expected


def _moments_of_all(moments: Moments) -> tuple[Floats, Floats]:
    """Find expected events (T x arms) and the covariance (arms x arms x T) of observed minus expected."""
    n, d = moments.at_risk.sum(axis=0), moments.events.sum(axis=0)
    share = moments.at_risk / n
    spread = d * (n - d) / np.maximum(n - 1.0, 1.0)
    arms = share.shape[0]
    expected = moments.total(d * share).T
    covariance = np.empty((arms, arms, moments.trials))
    for row in range(arms):
        for column in range(row + 1):
            product = share[row] * ((row == column) - share[column])
            covariance[row, column] = covariance[column, row] = moments.total(spread * product)
    return expected, covariance
