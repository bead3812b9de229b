"""Wilcoxon's rank tests in many trials at once: each arm against the control, with strata, and change within arms.

The asymptotic tests of `rank_sum`, `van_elteren` (ranks within strata over their size plus 1) and `signed_rank`
(zeros dropped), with midranks and their variances for ties, and the same corrections for continuity. Checked
against these, replicate by replicate, and R's `wilcox.test`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from equipoise.statistics.distributions import Floats, normal_two_sided_p
from equipoise.statistics.replicates.ordering import order_values
from equipoise.statistics.replicates.trials import (
    Booleans,
    blocks,
    read_arms,
    read_codes,
    read_participants,
    read_trials,
)


@dataclass(frozen=True, eq=False)
class RankReplicates:
    """Rank tests of T trials: `z`, above 0 for larger values, and two-sided `p`, T x k.

    Of each arm but the control against it, or of the change in each arm, in the order of the arms. NaN where a
    test is not `estimable`: an arm without values, or none that differ.
    """

    z: Floats
    p: Floats
    estimable: Booleans


def replicate_rank_sum(
    outcome: ArrayLike,
    arm: ArrayLike,
    *,
    arms: int,
    control: int = 0,
    strata: ArrayLike | None = None,
    participants: ArrayLike | None = None,
) -> RankReplicates:
    """Compare the ranks of `outcome` (T x n, NaN where missing) of each arm with the `control`, pair by pair.

    With `strata` by van Elteren's test, else with a continuity correction. `arm`, `strata` (whole numbers from 0
    on) and `participants` are T x n, or n where all trials share them. Raises `DataError` for values outside these
    and shapes that do not go together.
    """
    values = read_trials(outcome, "outcomes")
    codes = read_arms(arm, values.shape, arms, control)
    stratum = None if strata is None else read_codes(strata, values.shape, None, "strata")
    kept = read_participants(participants, values.shape) & ~np.isnan(values)
    z = np.empty((values.shape[0], arms - 1))
    for part in blocks(*values.shape, at_once=60_000):
        for place, one in enumerate(other for other in range(arms) if other != control):
            own = codes[part] == one
            pair = kept[part] & (own | (codes[part] == control))
            if stratum is None:
                z[part, place] = _rank_sum(values[part], own, pair)
            else:
                within = [pair & (stratum[part] == level) for level in np.unique(stratum).tolist()]
                z[part, place] = _van_elteren(values[part], own, within)
    return RankReplicates(z, normal_two_sided_p(z), np.isfinite(z))


def replicate_signed_rank(
    change: ArrayLike, arm: ArrayLike, *, arms: int, participants: ArrayLike | None = None
) -> RankReplicates:
    """Test in each arm of each trial that `change` (T x n, NaN where missing) is symmetric about 0.

    Other arguments as in `replicate_rank_sum`, `DataError` likewise.
    """
    values = read_trials(change, "changes")
    codes = read_arms(arm, values.shape, arms, fewest=1)
    kept = read_participants(participants, values.shape) & ~np.isnan(values) & (values != 0)
    z = np.empty((values.shape[0], arms))
    for part in blocks(*values.shape, at_once=60_000):
        for one in range(arms):
            ranks, _ = _midranks(np.abs(values[part]), kept[part] & (codes[part] == one))
            deviation = np.where(values[part] > 0, ranks, 0.0).sum(axis=1) - ranks.sum(axis=1) / 2.0
            with np.errstate(invalid="ignore", divide="ignore"):
                z[part, one] = _corrected(deviation) / np.sqrt((ranks**2).sum(axis=1) / 4.0)
    return RankReplicates(z, normal_two_sided_p(z), np.isfinite(z))


def _rank_sum(values: Floats, own: Booleans, pair: Booleans) -> Floats:
    ranks, tied = _midranks(values, pair)
    m, n = (pair & own).sum(axis=1), (pair & ~own).sum(axis=1)
    u = np.where(own, ranks, 0.0).sum(axis=1) - m * (m + 1) / 2.0
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = m * n / 12.0 * (m + n + 1 - tied / ((m + n) * (m + n - 1)))
        return np.asarray(np.where(variance > 0, _corrected(u - m * n / 2.0) / np.sqrt(variance), np.nan))


def _van_elteren(values: Floats, own: Booleans, strata: list[Booleans]) -> Floats:
    deviation, variance = np.zeros(values.shape[0]), np.zeros(values.shape[0])
    for inside in strata:
        ranks, _ = _midranks(values, inside)
        m, size = (inside & own).sum(axis=1), inside.sum(axis=1)
        centred = np.where(inside, ranks - (size[:, None] + 1) / 2.0, 0.0)
        spread = (centred**2).sum(axis=1)
        used = (m > 0) & (m < size) & (spread > 0)
        weight = np.where(used, 1.0 / (size + 1), 0.0)
        deviation += weight * np.where(own, centred, 0.0).sum(axis=1)
        variance += weight**2 * m * (size - m) / np.maximum(size * (size - 1), 1) * spread
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(variance > 0, deviation / np.sqrt(variance), np.nan))


def _midranks(values: Floats, inside: Booleans) -> tuple[Floats, Floats]:
    """Rank the values `inside` each trial, 0 elsewhere, and add up t^3 - t over groups of t equal ones."""
    order, new = order_values(np.where(inside, values, np.inf))
    place = np.arange(values.shape[1])
    first = np.maximum.accumulate(np.where(new, place, 0), axis=1)
    # a group ends where the next one starts
    ends = np.concatenate([new[:, 1:], np.ones((values.shape[0], 1), dtype=bool)], axis=1)
    last = np.minimum.accumulate(np.where(ends, place, values.shape[1])[:, ::-1], axis=1)[:, ::-1]
    ordered_inside = np.take_along_axis(inside, order, axis=1)
    shared = np.where(ordered_inside, (first + last) / 2.0 + 1.0, 0.0)
    size = np.where(ordered_inside, last - first + 1.0, 1.0)
    ranks = np.empty_like(shared)
    np.put_along_axis(ranks, order, shared, axis=1)
    return ranks, (size**2 - 1.0).sum(axis=1)


def _corrected(deviation: Floats) -> Floats:
    """Take 0.5 from each deviation, towards 0."""
    return np.asarray(deviation - 0.5 * np.sign(deviation))
