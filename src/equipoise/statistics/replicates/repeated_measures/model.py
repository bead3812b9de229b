"""Mixed model for repeated measures, with unstructured covariance, of many simulated trials at once.

Each trial gets what `mmrm` gives it: estimates, standard errors, degrees of freedom and likelihood of the
restricted or full maximum. The modules beside say how: `trials` makes the data monotone, `sums` sums them,
`likelihood` and its derivatives need no participants any more, `maximise` ends after some six steps (none where
there is a closed form), `inference` gives contrasts.
Source: as for `equipoise.statistics.repeated_measures`. Checked against it, replicate by replicate, and R's nlme.
"""

from dataclasses import dataclass, field
from typing import get_args

import numpy as np
from numpy.typing import ArrayLike

from equipoise.errors import DataError
from equipoise.statistics.arrays import read_floats
from equipoise.statistics.confidence import require_confidence
from equipoise.statistics.distributions import Floats, t_quantile, t_two_sided_p
from equipoise.statistics.replicates.repeated_measures.fit import DfMethod, Results, fit_trials, is_estimable
from equipoise.statistics.replicates.repeated_measures.sums import count_gaps
from equipoise.statistics.replicates.repeated_measures.trials import arrange, join
from equipoise.statistics.replicates.trials import Booleans, read_participants
from equipoise.statistics.threads import on_one_thread

_AT_ONCE = 200_000  # numbers of the data arranged at once, to stay in the cache of the processor
_TOGETHER = 5_000_000  # numbers of the data from which trials with as many gaps are put together
_TRIALS = 128  # trials that go together at most
_SUMS = 4_000_000  # numbers of their largest sums held at once
_GAPS_STEP = 4  # trials with about as many gaps go together


@dataclass(frozen=True, eq=False)
class MmrmReplicates:
    """Contrasts of coefficients in each of T trials.

    `estimate`, `se`, `df`, `t`, `p` (two-sided): T x m; `covariance_of_contrasts`: T x m x m, adjusted by Kenward
    and Roger where df says so; `log_likelihood`: T; `sigma`: covariance of the visits, T x V x V. A trial that has
    not `converged` (T) has no numbers: fit it by `mmrm`, with a ladder of structures.
    """

    estimate: Floats
    se: Floats
    df: Floats
    covariance_of_contrasts: Floats
    log_likelihood: Floats
    sigma: Floats
    converged: Booleans
    t: Floats = field(init=False)
    p: Floats = field(init=False)

    def __post_init__(self) -> None:
        with np.errstate(invalid="ignore", divide="ignore"):
            object.__setattr__(self, "t", self.estimate / self.se)
        object.__setattr__(self, "p", t_two_sided_p(self.t, self.df))

    def limits(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """Give lower and upper limits (T x m) at `level`."""
        require_confidence(level)
        half = t_quantile(np.full(self.df.shape, (1.0 + level) / 2.0), self.df) * self.se
        return self.estimate - half, self.estimate + half


@on_one_thread
def replicate_mmrm(
    outcome: ArrayLike,
    covariates: ArrayLike,
    by_visit: ArrayLike,
    contrasts: ArrayLike,
    df: DfMethod = "kenward-roger",
    reml: bool = True,
    participants: ArrayLike | None = None,
) -> MmrmReplicates:
    """Fit the MMRM to `outcome` (T x n x V, NaN where missing) and estimate `contrasts` of its coefficients.

    `covariates` (T x n x q, or n x q for all trials) are constant in time, the intercept among them where it is
    wanted. `by_visit` (q, True or False): a column has a coefficient for every visit, or one for all. The
    P coefficients stand in the order of the columns, those of a column by visit in the order of the visits;
    `contrasts` are m rows of weights of them (m x P, or T x m x P). `df`: kenward-roger (first order, as `mmrm`),
    satterthwaite, residual. `participants`: who is in the analysis (T x n or n, True or False); whoever has no
    outcome or lacks a covariate is not. A column with one coefficient that is 0 for all participants of a trial,
    such as the indicator of a site that lost everybody, leaves its model, as a level that does not occur; a
    contrast that weighs it is not a number.

    A trial has not `converged` where `mmrm` refuses the unstructured matrix: columns that depend on each other,
    more parameters than measurements, visits never seen together, a singular matrix, no maximum. Raises
    `DataError` for shapes that do not go together, infinite numbers and an unknown df.
    """
    _require_method(df, reml=reml)
    y = _read_outcome(outcome)
    trials, participants_number, visits = y.shape
    x = _read_covariates(covariates, (trials, participants_number))
    each = _read_by_visit(by_visit, x.shape[2])
    weights = _read_contrasts(contrasts, trials, visits * int(each.sum()) + int((~each).sum()))
    kept = read_participants(participants, (trials, participants_number))
    found = Results.empty(trials, weights.shape[1], visits)
    split = np.repeat(each, np.where(each, visits, 1))
    of_each = weights[:, :, split].reshape(trials, weights.shape[1], -1, visits)
    of_common = weights[:, :, ~split]
    numbers = participants_number * (x.shape[2] + visits)
    size, batch = max(1, _AT_ONCE // numbers), max(1, _TOGETHER // numbers)
    for start in range(0, trials, batch):
        part = slice(start, min(start + batch, trials))
        pieces = [slice(at, min(at + size, part.stop)) for at in range(start, part.stop, size)]
        arranged = join([arrange(y[piece], x[piece], each, kept[piece]) for piece in pieces])
        usable = np.flatnonzero(is_estimable(arranged))
        gaps = count_gaps(arranged)[usable]
        places = -(-gaps // _GAPS_STEP) * _GAPS_STEP
        for number in np.unique(places).tolist():
            chosen = usable[places == number]
            remaining = number + arranged.common.shape[2]
            together = min(_TRIALS, 1 + _SUMS // (visits * max(1, remaining) ** 2))
            for first in range(0, chosen.size, together):
                at = chosen[first : first + together]
                # on the way to a boundary parameters may overflow; such points are refused
                with np.errstate(all="ignore"):
                    fit = fit_trials(
                        arranged.take(at), number, of_each[part][at], of_common[part][at], df, reml=reml
                    )
                found.put(start + at, fit)
    return MmrmReplicates(
        estimate=found.estimate,
        se=np.sqrt(np.diagonal(found.covariance, axis1=1, axis2=2)),
        df=found.df,
        covariance_of_contrasts=found.covariance,
        log_likelihood=found.log_likelihood,
        sigma=found.sigma,
        converged=np.isfinite(found.log_likelihood),
    )


def _require_method(df: str, *, reml: bool) -> None:
    if df not in get_args(DfMethod):
        raise DataError(f"df of replicates must be one of {', '.join(get_args(DfMethod))}. Got {df}")
    if df == "kenward-roger" and not reml:
        raise DataError(f"df {df} needs restricted likelihood; set reml or take df satterthwaite. Got reml=False")


def _read_outcome(outcome: ArrayLike) -> Floats:
    read = _as_floats(outcome, "outcomes")
    if read.ndim != 3 or not read.size:
        raise DataError(f"outcomes must be an array of trials x participants x visits. Got the shape {read.shape}")
    if np.isinf(read).any():
        raise DataError("outcomes must be finite, or NaN where missing. Got infinity")
    return read


def _read_covariates(covariates: ArrayLike, shape: tuple[int, int]) -> Floats:
    read = _as_floats(covariates, "covariates")
    if read.ndim not in (2, 3) or read.shape[:-1] not in (shape, shape[1:]) or not read.shape[-1]:
        raise DataError(
            f"covariates must be {shape[0]} trials x {shape[1]} participants x columns, or {shape[1]} "
            f"participants x columns that all trials share. Got the shape {read.shape}"
        )
    if np.isinf(read).any():
        raise DataError("covariates must be finite, or NaN where missing. Got infinity")
    return np.broadcast_to(read, (*shape, read.shape[-1]))


def _read_by_visit(by_visit: ArrayLike, columns: int) -> Booleans:
    read = np.asarray(by_visit)
    if read.dtype != np.bool_ or read.shape != (columns,):
        raise DataError(
            f"by_visit must say True (a coefficient for every visit) or False for each of {columns} covariates. "
            f"Got the shape {read.shape} of type {read.dtype}"
        )
    if not read.any():
        raise DataError(
            "a column at least must have a coefficient for every visit, such as the intercept. Got none"
        )
    return read


def _read_contrasts(contrasts: ArrayLike, trials: int, coefficients: int) -> Floats:
    read = _as_floats(contrasts, "contrasts")
    fits = read.ndim in (2, 3) and read.shape[-1] == coefficients and read.shape[-2] > 0
    if not fits or (read.ndim == 3 and read.shape[0] != trials):
        raise DataError(
            f"contrasts must be rows of {coefficients} weights, for all trials or each of {trials}. "
            f"Got the shape {read.shape}"
        )
    if not np.isfinite(read).all():
        raise DataError("the weights of a contrast must be finite. Got one that is not")
    return np.broadcast_to(read, (trials, *read.shape[-2:]))


def _as_floats(values: ArrayLike, what: str) -> Floats:
    known = isinstance(values, np.ndarray) and values.dtype == np.float64
    return np.asarray(values) if known else read_floats(values, what)
