"""The data of many trials as the likelihood wants them: monotone, with a coefficient for every gap.

Whoever was seen at a visit later counts as present at all visits before; a value that is missing there is a *gap*.
A gap is filled with any number and gets a coefficient of its own: the restricted and the full likelihood, their
estimates and standard errors, are then those of the values seen, as

    log|Sigma_oo| = log|Sigma| + log|W_mm|,    y_o' Sigma_oo^-1 y_o = min over y_m of y' W y,    W = Sigma^-1

and what is left is monotone: everybody has the visits up to the last (Little and Rubin, Statistical Analysis with
Missing Data, 3rd ed., chapter 7, for monotone data; a coefficient for a missing value is Bartlett's, Suppl. JRSS
1937;4:137-83). Columns with a coefficient for every visit are made orthonormal, the others free of them, and the
response is its residual from the first by visit: nothing of the likelihood depends on it, and sums keep their
digits on any scale of the data.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import Codes
from equipoise.statistics.replicates.trials import Booleans

_DEPENDENT = 1e-7  # the share of its length that a column must add to those before it, as in R's lm
_EXACT_FIT = 1e-12  # residuals this small against the response are rounding


@dataclass(frozen=True, eq=False)
class Trials:
    """T trials of n participants at V visits; a columns have a coefficient for every visit, c have one for all.

    `y` (T x n x V) is 0 after the last visit; gaps, visits not `seen` at which one is `present`, are filled.
    `each` (T x n x a) and `common` (T x n x c) are the columns, 0 for whoever does not count, `absent` (T x c)
    marks those that are 0 altogether. The columns as given are each x `root` (T x a x a), and each x `mixed` (T
    x a x c) + common x `length` (T x c); `centre` (T x a x V) are the coefficients taken off the response. Not
    `usable` (T) are trials whose columns depend on each other or fit exactly.
    """

    y: Floats
    seen: Booleans
    present: Booleans
    each: Floats
    common: Floats
    absent: Booleans
    root: Floats
    mixed: Floats
    length: Floats
    centre: Floats
    usable: Booleans

    def take(self, trials: Codes) -> "Trials":
        """Take some of the trials."""
        return Trials(**{name: values[trials] for name, values in vars(self).items()})


def arrange(outcome: Floats, covariates: Floats, by_visit: Booleans, participants: Booleans) -> Trials:
    """Arrange outcomes (T x n x V), covariates (T x n x q; `by_visit`, q) of the `participants` (T x n)."""
    complete: Booleans = np.logical_and(participants, ~np.isnan(covariates).any(axis=2))
    seen = ~np.isnan(outcome) & complete[:, :, None]
    counts: Booleans = np.asarray(seen.any(axis=2))
    known = np.where(counts[:, :, None], covariates, 0.0)
    present = np.logical_or.accumulate(seen[:, :, ::-1], axis=2)[:, :, ::-1]
    each, root, independent = _orthonormal(known[:, :, by_visit])
    common, mixed, length, absent, free = _without(known[:, :, ~by_visit], each)
    y, centre, varies = _residual(outcome, seen, each)
    usable = independent & free & varies
    return Trials(
        _filled(y, seen, present), seen, present, each, common, absent, root, mixed, length, centre, usable
    )


def join(parts: Sequence[Trials]) -> Trials:
    """Put trials one after the other."""
    return Trials(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in vars(parts[0])})


def _orthonormal(columns: Floats) -> tuple[Floats, Floats, Booleans]:
    """Make columns (T x n x a) orthonormal: columns = result x root; False where they depend on each other."""
    trials, _, size = columns.shape
    result = np.ascontiguousarray(np.moveaxis(columns, 2, 0))
    root = np.zeros((trials, size, size))
    independent = np.ones(trials, dtype=bool)
    for at in range(size):
        column = result[at]
        before = np.sqrt((column**2).sum(axis=1))
        # once more, as the first pass leaves rounding where little is left of a column
        for _ in range(2):
            for earlier in range(at):
                share = (result[earlier] * column).sum(axis=1)
                root[:, earlier, at] += share
                column -= share[:, None] * result[earlier]
        left = np.sqrt((column**2).sum(axis=1))
        independent &= left > _DEPENDENT * before
        root[:, at, at] = np.where(independent, left, 1.0)
        column /= root[:, at, at, None]
    return np.ascontiguousarray(np.moveaxis(result, 0, 2)), root, independent


def _without(columns: Floats, each: Floats) -> tuple[Floats, Floats, Floats, Booleans, Booleans]:
    """Take the part in `each` off columns (T x n x c) and scale the rest to length 1."""
    before = np.sqrt((columns**2).sum(axis=1))
    mixed = each.transpose(0, 2, 1) @ columns
    rest = columns - each @ mixed
    again = each.transpose(0, 2, 1) @ rest
    rest -= each @ again
    length = np.sqrt((rest**2).sum(axis=1))
    absent = before == 0.0
    free = (absent | (length > _DEPENDENT * before)).all(axis=1)
    length = np.where(length > 0.0, length, 1.0)
    return rest / length[:, None, :], mixed + again, length, absent, np.asarray(free)


def _residual(outcome: Floats, seen: Booleans, each: Floats) -> tuple[Floats, Floats, Booleans]:
    """Take the least-squares fit at every visit off the outcome."""
    trials, participants, size = each.shape
    y = np.where(seen, outcome, 0.0)
    weights = seen.astype(float).transpose(0, 2, 1)
    pairs = (each[:, :, :, None] * each[:, :, None, :]).reshape(trials, participants, size * size)
    products = (weights @ pairs).reshape(trials, -1, size, size)
    # where a visit has too few participants for its coefficients, any centre will do
    products += 1e-12 * np.eye(size)
    centre = np.linalg.solve(products, (y.transpose(0, 2, 1) @ each)[..., None])[..., 0].transpose(0, 2, 1)
    residual = np.where(seen, y - each @ centre, 0.0)
    varies = (residual**2).sum(axis=(1, 2)) > _EXACT_FIT**2 * (y**2).sum(axis=(1, 2))
    return residual, np.asarray(centre), np.asarray(varies)


def _filled(y: Floats, seen: Booleans, present: Booleans) -> Floats:
    """Fill each gap with the mean of the values before and after: a start near the maximum."""
    if np.array_equal(seen, present):
        return y
    visits = y.shape[2]
    place = np.arange(visits)
    after = np.minimum.accumulate(np.where(seen, place, visits - 1)[:, :, ::-1], axis=2)[:, :, ::-1]
    before = np.maximum.accumulate(np.where(seen, place, -1), axis=2)
    before = np.where(before < 0, after, before)
    trial, participant, visit = np.nonzero(present & ~seen)
    filled = y.copy()
    ends = (before[trial, participant, visit], after[trial, participant, visit])
    filled[trial, participant, visit] = 0.5 * (y[trial, participant, ends[0]] + y[trial, participant, ends[1]])
    return filled
