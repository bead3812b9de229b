"""What the likelihood needs of a trial: for every visit, cross products of those present, its coefficients out.

With Q_v the projection, among those present at visit v, away from the columns that have a coefficient for every
visit, and B the remaining columns (common ones, then the gaps: 1 for the participant),

    S_v = Y'Q_v Y (visits up to v),    b_v = B'Q_v Y,    N_v = B'Q_v B

A column of B has the weight a_sj at visit s (1 for common columns; for a gap 1 at its own visit, else 0), so that
no more than these sums is needed for any covariance matrix.
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
    """Sums of T trials. B has k columns, the last `places` of them for gaps.

    `number` nu (T x V) are the degrees of freedom of a visit in the likelihood; `responses` S is T x V x V x V,
    `mixed` b' T x V x V x k, `columns` N T x V x k x k, `weights` a T x V x k. `unused` (T x k) marks columns
    which stand for nothing. `slots` (T x V x most at a visit) are the places in B of the gaps at a visit, k
    where there is none. `size_columns` and `size_unused` are those of the determinant, the same for restricted
    likelihood. By `whitening` (T x V x a x a) the columns of a visit are orthonormal among those present;
    `columns_each` (T x V x k x a) and `responses_each` (T x V x V x a) are their products with B and the
    responses.
    """

    number: Floats
    responses: Floats
    mixed: Floats
    columns: Floats
    weights: Floats
    unused: Booleans
    slots: Codes
    size_columns: Floats
    size_unused: Booleans
    whitening: Floats
    columns_each: Floats
    responses_each: Floats
    places: int

    def take(self, trials: Codes) -> "Sums":
        """Take some of the trials."""
        taken = {
            name: values[trials] for name, values in vars(self).items() if name not in ("places", "size_columns")
        }
        restricted = self.size_columns is self.columns
        size_columns = taken["columns"] if restricted else self.size_columns[trials]
        return Sums(size_columns=size_columns, places=self.places, **taken)


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
    number, participants, visits = trials.y.shape
    each, common, places = trials.each.shape[2], trials.common.shape[2], gaps.used.shape[1]
    size = common + places
    present = trials.present.transpose(0, 2, 1).astype(float)
    pairs = (trials.each[:, :, :, None] * trials.each[:, :, None, :]).reshape(number, participants, each * each)
    squares = (present @ pairs).reshape(number, visits, each, each)
    whitening = inverse_factor(squares).transpose(0, 1, 3, 2)
    rows_each, rows_common, rows_y, here = (
        np.take_along_axis(values, gaps.participant[:, :, None], axis=1) * gaps.used[:, :, None]
        for values in (trials.each, trials.common, trials.y, trials.present.astype(float))
    )
    same = (gaps.participant[:, :, None] == gaps.participant[:, None, :]).astype(float)

    responses = np.zeros((number, visits, visits, visits))
    mixed = np.zeros((number, visits, visits, size))
    columns = np.empty((number, visits, size, size))
    columns_each = np.empty((number, visits, size, each))
    responses_each = np.zeros((number, visits, visits, each))
    size_columns = columns if reml else np.zeros_like(columns)
    for visit in range(visits):
        among = present[:, visit, :, None]
        # only responses up to the visit come in
        up_to = slice(visit + 1)
        y = trials.y[:, :, up_to] * among
        white = trials.each @ whitening[:, visit]
        at = here[:, :, visit, None]
        both = same * at * at.transpose(0, 2, 1)
        if not reml:
            size_columns[:, visit, common:, common:] = both
        own_y = y.transpose(0, 2, 1) @ white
        own = columns_each[:, visit]
        own[:, common:] = (rows_each @ whitening[:, visit]) * at
        products = columns[:, visit]
        products[:, common:, common:] = both
        mixed[:, visit, up_to, common:] = (rows_y[:, :, up_to] * at).transpose(0, 2, 1)
        if common:
            held = trials.common * among
            own[:, :common] = held.transpose(0, 2, 1) @ white
            products[:, :common, :common] = held.transpose(0, 2, 1) @ trials.common
            products[:, common:, :common] = rows_common * at
            products[:, :common, common:] = products[:, common:, :common].transpose(0, 2, 1)
            mixed[:, visit, up_to, :common] = y.transpose(0, 2, 1) @ trials.common
        products -= own @ own.transpose(0, 2, 1)
        mixed[:, visit, up_to] -= own_y @ own.transpose(0, 2, 1)
        responses[:, visit, up_to, up_to] = y.transpose(0, 2, 1) @ y - own_y @ own_y.transpose(0, 2, 1)
        responses_each[:, visit, up_to] = own_y
    count = present.sum(axis=2)
    unused = np.concatenate([trials.absent, ~gaps.used], axis=1)
    size_unused = unused
    if not reml:
        size_unused = unused.copy()
        size_unused[:, :common] = True
    weights, slots = _weigh(gaps, common, visits)
    return Sums(
        number=count - each if reml else count,
        responses=responses,
        mixed=mixed,
        columns=columns,
        weights=weights,
        unused=unused,
        slots=slots,
        size_columns=size_columns,
        size_unused=size_unused,
        whitening=whitening,
        columns_each=columns_each,
        responses_each=responses_each,
        places=places,
    )


def _weigh(gaps: Gaps, common: int, visits: int) -> tuple[Floats, Codes]:
    """Weights of the columns by visit (T x V x k), and the places of the gaps of each visit (T x V x most)."""
    trials, places = gaps.used.shape
    weights = np.zeros((trials, visits, common + places))
    weights[:, :, :common] = 1.0
    trial, place = np.nonzero(gaps.used)
    visit = gaps.visit[trial, place]
    weights[trial, visit, common + place] = 1.0
    # gaps are listed by visit: a new trial or visit begins a new count
    cell = trial * visits + visit
    count = np.bincount(cell, minlength=trials * visits)
    at = np.arange(cell.size) - (np.cumsum(count) - count)[cell]
    slots = np.full((trials, visits, int(count.max(initial=0))), common + places)
    slots[trial, visit, at] = common + place
    return weights, slots
