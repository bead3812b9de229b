"""What the likelihood needs of a trial: for every visit, cross products of those present, free of its coefficients.

With Q_v the projection, among those present at visit v, away from the columns that have a coefficient for every
visit, and B the remaining columns (common ones, then the gaps: 1 for the participant),

    S_v = Y'Q_v Y (visits up to v),    b_v = B'Q_v Y,    N_v = B'Q_v B

A column of B stands at some visits only: with weight a_sj at visit s (1 for common columns, 1 at its own visit for a
gap), so that no more than these sums is needed for any covariance matrix.
"""

from dataclasses import dataclass

import numpy as np

from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import Codes
from equipoise.statistics.replicates.repeated_measures.factors import inverse_factor
from equipoise.statistics.replicates.repeated_measures.trials import Trials
from equipoise.statistics.replicates.trials import Booleans


@dataclass(frozen=True, eq=False)
class Gaps:
    """The gaps of T trials, as many places (g) in each: `participant`, `visit` and whether the place is `used`."""

    participant: Codes
    visit: Codes
    used: Booleans

    def take(self, trials: Codes) -> "Gaps":
        """Take some of the trials."""
        return Gaps(self.participant[trials], self.visit[trials], self.used[trials])


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums of T trials; visits first, then trials. B has k columns.

    `number` (V x T) are the degrees of freedom of a visit in the likelihood; `responses` S (V x T x V x V), `mixed` b
    (V x T x k x V), `columns` N (V x T x k x k), `weights` a (T x V x k), `unused` (T x k) marks places of B that stand
    for nothing. `size_columns` and `size_unused` are those of the determinant: the same for restricted
    likelihood. `whitening` (V x T x a x a), `columns_each` (V x T x k x a) and `responses_each` (V x T x V x a) give the
    coefficients of a visit: its columns times `whitening` are orthonormal among those present.
    """

    number: Floats
    responses: Floats
    mixed: Floats
    columns: Floats
    weights: Floats
    unused: Booleans
    size_columns: Floats
    size_unused: Booleans
    whitening: Floats
    columns_each: Floats
    responses_each: Floats

    def take(self, trials: Codes) -> "Sums":
        """Take some of the trials."""
        by_trial = ("weights", "unused", "size_unused")
        taken = {
            name: values[trials] if name in by_trial else values[:, trials]
            for name, values in vars(self).items()
            if name != "size_columns"
        }
        same = self.size_columns is self.columns
        return Sums(size_columns=taken["columns"] if same else self.size_columns[:, trials], **taken)


def count_gaps(trials: Trials) -> Codes:
    """Count the gaps of each trial (T)."""
    return np.asarray((trials.present & ~trials.seen).sum(axis=(1, 2)))


def list_gaps(trials: Trials, places: int) -> Gaps:
    """List the gaps of each trial in `places` places, by visit."""
    trial, visit, participant = np.nonzero((trials.present & ~trials.seen).transpose(0, 2, 1))
    count = np.bincount(trial, minlength=len(trials.seen))
    place = np.arange(trial.size) - np.repeat(np.cumsum(count) - count, count)
    who = np.zeros((len(count), places), dtype=np.intp)
    when = np.zeros_like(who)
    used = np.zeros(who.shape, dtype=bool)
    who[trial, place], when[trial, place], used[trial, place] = participant, visit, True
    return Gaps(who, when, used)


def rows_of_gaps(gaps: Gaps, participants: int) -> Floats:
    """Give the columns of the gaps (T x n x g): 1 for the participant."""
    rows = np.zeros((len(gaps.used), participants, gaps.used.shape[1]))
    trial, place = np.nonzero(gaps.used)
    rows[trial, gaps.participant[trial, place], place] = 1.0
    return rows


def sum_by_visit(trials: Trials, gaps: Gaps, *, reml: bool) -> Sums:
    """Sum over those present at each visit."""
    number, _, visits = trials.y.shape
    each, common = trials.each.shape[2], trials.common.shape[2]
    places = gaps.used.shape[1]
    size = common + places
    joined = np.concatenate([trials.each, trials.common, trials.y], axis=2)
    rows = np.take_along_axis(joined, gaps.participant[:, :, None], axis=1) * gaps.used[:, :, None]
    here = np.take_along_axis(trials.present, gaps.participant[:, :, None], axis=1) & gaps.used[:, :, None]
    same = (gaps.participant[:, :, None] == gaps.participant[:, None, :]).astype(float)
    width = joined.shape[2]

    products = np.zeros((visits, number, width + places, width + places))
    for visit in range(visits):
        present = trials.present[:, :, visit, None]
        products[visit, :, :width, :width] = (joined * present).transpose(0, 2, 1) @ joined
        at = here[:, :, visit].astype(float)
        products[visit, :, width:, :width] = rows * at[:, :, None]
        products[visit, :, :width, width:] = products[visit, :, width:, :width].transpose(0, 2, 1)
        products[visit, :, width:, width:] = same * at[:, :, None] * at[:, None, :]
    order = np.r_[
        np.arange(each, each + common), np.arange(width, width + places), np.arange(each + common, width)
    ]
    lower = products[:, :, order]
    whitening = inverse_factor(products[:, :, :each, :each]).transpose(0, 1, 3, 2)
    turned = lower[..., :each] @ whitening
    rest = lower[..., order] - turned @ turned.transpose(0, 1, 3, 2)
    weights = np.zeros((number, visits, size))
    weights[:, :, :common] = 1.0
    trial, place = np.nonzero(gaps.used)
    weights[trial, gaps.visit[trial, place], common + place] = 1.0
    count = trials.present.sum(axis=1).astype(float).T
    unused = np.concatenate([trials.absent, ~gaps.used], axis=1)
    columns = np.ascontiguousarray(rest[..., :size, :size])
    size_columns, size_unused = columns, unused
    if not reml:
        size_columns = np.zeros_like(columns)
        size_columns[:, :, common:, common:] = lower[..., common:size, width:]
        size_unused = unused.copy()
        size_unused[:, :common] = True
    return Sums(
        number=count - each if reml else count,
        responses=np.ascontiguousarray(rest[..., size:, size:]),
        mixed=np.ascontiguousarray(rest[..., :size, size:]),
        columns=columns,
        weights=weights,
        unused=unused,
        size_columns=size_columns,
        size_unused=size_unused,
        whitening=whitening,
        columns_each=np.ascontiguousarray(turned[..., :size, :]),
        responses_each=np.ascontiguousarray(turned[..., size:, :]),
    )
