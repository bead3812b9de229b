"""Several doses against one control in stages, in many trials at once, by the closed combination test.

Each intersection of hypotheses is tested by an inverse normal combination of its stage-wise p-values; a dose is
shown to work when all intersections that hold it are rejected, as `closed_combination` does it: a dose that was
dropped leaves the intersections at later stages, an intersection of dropped doses alone is rejected no more.
Dunnett's p of two doses is the tail of `bivariate`, of more doses that of `multivariate`. Checked against
`closed_combination`, replicate by replicate.
"""

from dataclasses import dataclass
from itertools import combinations
from typing import get_args

import numpy as np
from numpy.typing import ArrayLike

from equipoise.errors import DataError, suggest
from equipoise.statistics.arrays import read_floats
from equipoise.statistics.distributions import Floats, normal_quantile, t_upper_p
from equipoise.statistics.factors import Codes
from equipoise.statistics.multivariate import t_maximum_p
from equipoise.statistics.replicates.multiplicity.bivariate import larger_exceeds
from equipoise.statistics.replicates.trials import Booleans
from equipoise.statistics.sequential import GroupSequential
from equipoise.statistics.sequential.adaptive import dunnett_correlation
from equipoise.statistics.sequential.adaptive.closed_test import IntersectionTest

# p-values are kept where their normal quantiles are finite
LEAST_P, MOST_P = 1e-300, 1.0 - 1e-15


@dataclass(frozen=True, eq=False)
class CombinationReplicates:
    """Closed combination tests of T trials.

    `rejected_at` (T x doses): first look by which all intersections that hold the dose are rejected, 0 if none;
    `rejected` (T x doses): whether there is one; `stage` (T): the look at which a trial that stops as soon as a
    dose is shown to work has stopped, else the last.
    """

    rejected_at: Codes
    rejected: Booleans
    stage: Codes


def replicate_closed_combination(
    design: GroupSequential,
    statistics: ArrayLike,
    *,
    participants: ArrayLike | None = None,
    df: ArrayLike = np.inf,
    test: IntersectionTest = "dunnett",
) -> CombinationReplicates:
    """Test doses against a control in each trial.

    `statistics`: T x stages x doses, each from the participants of that stage alone, large where the dose works;
    NaN for a dose that was dropped. `participants`: numbers in control and in each dose, stages x (1 + doses), for
    Dunnett; `df`: of the statistics, one number or one a stage. `test` of the intersections: `dunnett`,
    `bonferroni`, `sidak`, `simes`, or `fixed-sequence`. Raises `DataError` for a dose that comes back, shapes that
    do not fit, or a two-sided design.
    """
    known = get_args(IntersectionTest)
    if test not in known:
        raise DataError(f"the test must be one of {', '.join(known)}{suggest(test, known)} Got {test}")
    if design.sides != 1:
        raise DataError("stages are combined by one-sided p-values; take a one-sided design. Got 2 sides")
    value = _read_statistics(statistics, design.looks)
    trials, stages, doses = value.shape
    freedom = read_floats(df, "degrees of freedom")
    if freedom.shape not in ((), (stages,)) or not (freedom >= 1).all():
        raise DataError(f"df must be a number of 1 or more, or one for each of {stages} stages. Got {freedom}")
    freedom = np.broadcast_to(freedom, (stages,))
    sizes = _read_sizes(participants, stages, doses) if test == "dunnett" else np.ones((stages, doses + 1))
    single = np.stack([t_upper_p(value[:, stage], float(freedom[stage])) for stage in range(stages)], axis=1)
    rates = np.asarray(design.information_rates[:stages])
    weights = np.sqrt(np.diff(rates, prepend=0.0))
    latest = np.zeros((trials, doses), dtype=np.intp)
    for number in range(1, doses + 1):
        for members in combinations(range(doses), number):
            p = np.stack(
                [
                    _stage_p(value[:, stage], single[:, stage], members, float(freedom[stage]), sizes[stage], test)
                    for stage in range(stages)
                ],
                axis=1,
            )
            # once all members are dropped, NaN goes on from there and crosses nothing
            z = np.cumsum(weights * -normal_quantile(np.clip(p, LEAST_P, MOST_P)), axis=1) / np.sqrt(rates)
            crossed = z >= np.asarray(design.upper[:stages])
            look = np.where(crossed.any(axis=1), crossed.argmax(axis=1) + 1, stages + 1)
            latest[:, members] = np.maximum(latest[:, members], look[:, None])
    rejected = latest <= stages
    stage = np.minimum(latest.min(axis=1), stages)
    return CombinationReplicates(np.where(rejected, latest, 0), np.asarray(rejected), np.asarray(stage))


def select_doses(statistics: ArrayLike, number: int = 1, *, within: float | None = None) -> Booleans:
    """Choose the doses that go on after the first look: the `number` with the largest statistics (T x doses).

    With `within`, all doses whose statistic lacks at most that much from the largest. Doses that are NaN are not
    chosen; of equal ones the earlier is. Raises `DataError` for a number that is not 1 to the number of doses.
    """
    value = read_floats(statistics, "statistics")
    if value.ndim != 2 or not 1 <= number <= value.shape[1]:
        raise DataError(
            f"statistics must be trials x doses, and 1 or more chosen. Got the shape {value.shape} and {number}"
        )
    filled = np.where(np.isnan(value), -np.inf, value)
    if within is not None:
        return np.asarray((filled >= filled.max(axis=1, keepdims=True) - within) & ~np.isnan(value))
    chosen = np.zeros(value.shape, dtype=bool)
    np.put_along_axis(chosen, np.argsort(-filled, axis=1, kind="stable")[:, :number], True, axis=1)
    return np.asarray(chosen & ~np.isnan(value))


def _stage_p(
    value: Floats, single: Floats, members: tuple[int, ...], df: float, sizes: Floats, test: IntersectionTest
) -> Floats:
    """Find the p of an intersection at a stage (T), NaN where all its doses were dropped."""
    own, present = single[:, members], ~np.isnan(single[:, members])
    number = present.sum(axis=1)
    ordered = np.sort(own, axis=1)
    if test == "fixed-sequence":
        p = own[np.arange(own.shape[0]), present.argmax(axis=1)]
    elif test == "simes":
        with np.errstate(invalid="ignore"):
            p = np.fmin.reduce(number[:, None] * ordered / np.arange(1, len(members) + 1), axis=1)
    elif test == "bonferroni":
        p = number * ordered[:, 0]
    elif test == "sidak":
        p = -np.expm1(number * np.log1p(-ordered[:, 0]))
    else:
        p = _dunnett(value, ordered[:, 0].copy(), members, present, df, sizes)
    return np.asarray(np.where(number > 0, p, np.nan))


def _dunnett(
    value: Floats, alone: Floats, members: tuple[int, ...], present: Booleans, df: float, sizes: Floats
) -> Floats:
    """Dunnett's p; of trials with one dose left that of the dose `alone`."""
    p = alone
    for pattern in np.unique(present, axis=0):
        here = np.flatnonzero((present == pattern).all(axis=1))
        left = [dose for dose, stays in zip(members, pattern.tolist(), strict=True) if stays]
        if len(left) < 2:
            continue
        correlation = dunnett_correlation([sizes[0], *(sizes[1 + dose] for dose in left)])
        largest = value[here][:, left].max(axis=1)
        if len(left) == 2:
            rho = np.full(here.size, correlation[0, 1])
            p[here] = larger_exceeds(largest, rho, np.full(here.size, df), two_sided=False)
        else:
            p[here] = t_maximum_p(largest, correlation, df, two_sided=False)
    return p


def _read_statistics(statistics: ArrayLike, looks: int) -> Floats:
    value = read_floats(statistics, "statistics")
    if value.ndim != 3 or not 1 <= value.shape[1] <= looks or not value.shape[2]:
        raise DataError(f"statistics must be trials x stages (1 to {looks}) x doses. Got the shape {value.shape}")
    if np.isnan(value[:, 0]).any() or np.isinf(value).any():
        raise DataError("statistics must be finite numbers, those of the first stage complete. Got others")
    if (np.isnan(value[:, :-1]) & ~np.isnan(value[:, 1:])).any():
        raise DataError("a dose that was dropped cannot come back. Got a statistic after NaN")
    return value


def _read_sizes(participants: ArrayLike | None, stages: int, doses: int) -> Floats:
    sizes = read_floats(participants, "participants")
    if sizes.shape != (stages, doses + 1) or not (sizes > 0).all():
        raise DataError(
            f"Dunnett's test needs {stages} rows of {doses + 1} numbers of participants above 0, control first. "
            f"Got {sizes.tolist()}"
        )
    return sizes
