"""What the likelihood needs of a trial: for every visit, cross products of those present, its coefficients out.

With Q_v the projection, among those present at visit v, away from the columns that have a coefficient for every
visit, and B the remaining columns (common ones, then the gaps: 1 for the participant),

    S_v = Y'Q_v Y (visits up to v),    b_v = B'Q_v Y,    N_v = B'Q_v B

A column of B has the weight a_sj at visit s (1 for common columns; for a gap 1 at its own visit, else 0), so that
no more than these sums is needed for any covariance matrix. With h_v marking the gaps of whoever is present, the
part of N_v that a gap has is (shared o h_v h_v') - L_v L_v', the last of low rank: the coefficients of a visit.

Whoever is present at a visit was present before: products of those who have the same last visit, added up from
the last, are those of all visits.
"""

from dataclasses import dataclass
from functools import cached_property

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

    `number` nu (T x V) are the degrees of freedom of a visit in the likelihood. `products` (T x V x (V + k) x
    (V + k)) are those of the responses and B; what they say of later visits is not used. `among` (T x V x c c) is
    N_v of the common columns once more. `weights` are a (T x V x k); `unused` (T x k) marks columns which stand
    for nothing. `slots` (T x V x most at a visit) are the places in B of the gaps at a visit, k where there is
    none. `here` h (T x k x V) and `shared` (T x k x k, 0 between common columns) give the products that a gap is
    in. By `whitening` (T x V x a x a) the columns of a visit are orthonormal among those present; `columns_each` L
    (T x k x V x a) and `responses_each` (T x V x V x a) are their products with B and the responses. The size of
    the determinant is that of N_v for `restricted` likelihood, otherwise of the gaps alone.
    """

    number: Floats
    products: Floats
    among: Floats
    weights: Floats
    unused: Booleans
    slots: Codes
    here: Floats
    shared: Floats
    whitening: Floats
    columns_each: Floats
    responses_each: Floats
    places: int
    restricted: bool

    def take(self, trials: Codes | slice) -> "Sums":
        """Take some of the trials."""
        own = {name: vars(self)[name] for name in Sums.__dataclass_fields__}
        fixed = ("places", "restricted")
        return Sums(**{name: each if name in fixed else each[trials] for name, each in own.items()})

    @property
    def responses(self) -> Floats:
        """S (T x V x V x V)."""
        visits = self.number.shape[1]
        return self.products[:, :, :visits, :visits]

    @property
    def mixed(self) -> Floats:
        """The mixed products b' (T x V x V x k)."""
        visits = self.number.shape[1]
        return self.products[:, :, :visits, visits:]

    @property
    def columns(self) -> Floats:
        """N (T x V x k x k)."""
        visits = self.number.shape[1]
        return self.products[:, :, visits:, visits:]

    @cached_property
    def size_columns(self) -> Floats:
        """N of the determinant (T x V x k x k)."""
        if self.restricted:
            return self.columns
        found = np.zeros(self.columns.shape)
        common = self.unused.shape[1] - self.places
        here = self.here[:, common:].transpose(0, 2, 1)
        found[:, :, common:, common:] = self.shared[:, None, common:, common:] * here[..., None] * here[:, :, None]
        return found

    @property
    def size_unused(self) -> Booleans:
        """Mark the columns that are not in the determinant (T x k)."""
        if self.restricted:
            return self.unused
        common = np.arange(self.unused.shape[1]) < self.unused.shape[1] - self.places
        return np.asarray(self.unused | common)


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


def at_gaps(gaps: Gaps, values: Floats) -> Floats:
    """Give the values (T x n x w) of the participants who have the gaps (T x g x w)."""
    found = np.take_along_axis(values, gaps.participant[:, :, None], axis=1)
    return np.asarray(found * gaps.used[:, :, None])


def sum_by_visit(trials: Trials, gaps: Gaps, *, reml: bool) -> Sums:
    """Sum over those present at each visit."""
    number, _, visits = trials.y.shape
    each, common, places = trials.each.shape[2], trials.common.shape[2], gaps.used.shape[1]
    size, known = common + places, visits + common
    raw = add_by_visit(trials.present, np.concatenate([trials.y, trials.common, trials.each], axis=2))
    whitening = inverse_factor(raw[:, :, known:, known:]).transpose(0, 1, 3, 2)
    products = np.empty((number, visits, visits + size, visits + size))
    products[:, :, :known, :known] = raw[:, :, :known, :known]
    own = np.empty((number, visits, visits + size, each))
    np.matmul(raw[:, :, :known, known:], whitening, out=own[:, :, :known])
    here, shared = np.ones((number, size, visits)), np.zeros((number, size, size))
    if places:
        rows_each, rows_common, rows_y, at = (
            at_gaps(gaps, values)
            for values in (trials.each, trials.common, trials.y, trials.present.astype(float))
        )
        here[:, common:] = at
        shared[:, common:, common:] = gaps.participant[:, :, None] == gaps.participant[:, None, :]
        shared[:, common:, :common] = rows_common
        shared[:, :common, common:] = rows_common.transpose(0, 2, 1)
        at = at.transpose(0, 2, 1)[..., None]
        np.multiply(rows_each[:, None] @ whitening, at, out=own[:, :, known:])
        np.multiply(rows_y[:, None], at, out=products[:, :, known:, :visits])
        np.multiply(shared[:, None, common:, :common], at, out=products[:, :, known:, visits:known])
        np.multiply(shared[:, None, common:, common:], at, out=products[:, :, known:, known:])
        products[:, :, known:, known:] *= at.transpose(0, 1, 3, 2)
        products[:, :, :known, known:] = products[:, :, known:, :known].transpose(0, 1, 3, 2)
    products -= own @ own.transpose(0, 1, 3, 2)
    count = trials.present.sum(axis=1).astype(float)
    weights, slots = _weigh(gaps, common, visits)
    return Sums(
        number=count - each if reml else count,
        products=products,
        among=products[:, :, visits:known, visits:known].reshape(number, visits, common * common),
        weights=weights,
        unused=np.concatenate([trials.absent, ~gaps.used], axis=1),
        slots=slots,
        here=here,
        shared=shared,
        whitening=whitening,
        columns_each=np.ascontiguousarray(own[:, :, visits:].transpose(0, 2, 1, 3)),
        responses_each=own[:, :, :visits],
        places=places,
        restricted=reml,
    )


def add_by_visit(present: Booleans, rows: Floats) -> Floats:
    """Add up the cross products of `rows` (T x n x w) of those present at each visit (T x V x w x w)."""
    visits = present.shape[2]
    last = present.sum(axis=2)
    order = np.argsort(last, axis=1, kind="stable")
    ends = (last[:, :, None] <= np.arange(visits + 1)).sum(axis=1)
    found = np.empty((len(rows), visits, rows.shape[2], rows.shape[2]))
    for own, places, counts, total in zip(rows, order, ends.tolist(), found, strict=True):
        ordered = own[places]
        for visit in range(visits):
            some = ordered[counts[visit] : counts[visit + 1]]
            np.dot(some.T, some, out=total[visit])
    for visit in range(visits - 1, 0, -1):
        found[:, visit - 1] += found[:, visit]
    return found


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
