"""The fit of trials that have about as many gaps, from sums to contrasts, and what a trial must have for it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import Codes
from equipoise.statistics.replicates.repeated_measures.inference import contrast
from equipoise.statistics.replicates.repeated_measures.likelihood import Points
from equipoise.statistics.replicates.repeated_measures.maximise import maximise
from equipoise.statistics.replicates.repeated_measures.sums import list_gaps, sum_by_visit
from equipoise.statistics.replicates.repeated_measures.trials import Trials
from equipoise.statistics.replicates.trials import Booleans

DfMethod = Literal["satterthwaite", "kenward-roger", "residual"]
_PIVOT = 1e-10  # what a column must add to those before it, as a share of its own sum of squares
_SINGULAR = 1e-9  # smallest eigenvalue of a correlation matrix that counts as estimated
_VANISHED = 1e-14  # smallest variance, relative to that of all residuals, that counts as estimated


@dataclass(frozen=True, eq=False)
class Results:
    """What is found for T trials: m contrasts, their covariance, the likelihood, the covariance of V visits."""

    estimate: Floats
    covariance: Floats
    df: Floats
    log_likelihood: Floats
    sigma: Floats

    @classmethod
    def empty(cls, trials: int, contrasts: int, visits: int) -> "Results":
        """Set up results that are not a number."""
        shapes: list[tuple[int, ...]] = [(contrasts,), (contrasts, contrasts), (contrasts,), (), (visits, visits)]
        return cls(*(np.full((trials, *shape), np.nan) for shape in shapes))

    def put(self, places: Codes, found: "Results") -> None:
        """Put what was found into the `places` of its trials."""
        for name, values in vars(found).items():
            getattr(self, name)[places] = values


def is_estimable(trials: Trials) -> Booleans:
    """Say which trials have the measurements for every parameter of an unstructured matrix (T)."""
    visits = trials.y.shape[2]
    seen = trials.seen.astype(float)
    together = (seen.transpose(0, 2, 1) @ seen).min(axis=(1, 2)) > 0.0
    enough = trials.seen.sum(axis=(1, 2)) - coefficients(trials) >= visits * (visits + 1) // 2
    participants = trials.present.sum(axis=1).min(axis=1) > trials.each.shape[2]
    return np.asarray(trials.usable & together & enough & participants)


def coefficients(trials: Trials) -> Codes:
    """Count the coefficients of each trial (T), less those of columns that are 0."""
    return np.asarray(trials.each.shape[2] * trials.y.shape[2] + (~trials.absent).sum(axis=1))


def fit_trials(trials: Trials, gaps: int, each: Floats, common: Floats, df: DfMethod, *, reml: bool) -> Results:
    """Fit trials with up to `gaps` gaps; `each` (T x m x a x V) and `common` (T x m x c) weigh coefficients."""
    listed = list_gaps(trials, gaps)
    sums = sum_by_visit(trials, listed, reml=reml)
    found = Results.empty(len(trials.y), each.shape[1], trials.y.shape[2])
    pivots = np.diagonal(sums.whitening, axis1=2, axis2=3) ** -2.0
    independent = np.flatnonzero((pivots > _PIVOT).all(axis=(1, 2)))
    if not independent.size:
        return found
    if independent.size < len(trials.y):
        sums = sums.take(independent)
    ended, points = maximise(sums)
    if not ended.size:
        return found
    at = independent[ended]
    some = trials.take(at)
    fitted = contrast(some, listed.take(at), points, each[at], common[at])
    covariance = fitted.kenward_roger() if df == "kenward-roger" else fitted.covariance
    residual = (some.seen.sum(axis=(1, 2)) - coefficients(some)).astype(float)
    freedom = np.repeat(residual[:, None], each.shape[1], axis=1)
    if df != "residual":
        freedom = fitted.satterthwaite()
    inverse = np.linalg.inv(points.rho)
    sigma = inverse @ inverse.transpose(0, 2, 1)
    likelihood = _log_likelihood(some, points, reml=reml)
    lost = ~_is_regular(some, sigma, points)
    for values in (fitted.estimate, covariance, freedom, likelihood, sigma):
        values[lost] = np.nan
    unknown = (some.absent[:, None] & (common[at] != 0.0)).any(axis=2)
    for values in (fitted.estimate, freedom, covariance, covariance.transpose(0, 2, 1)):
        values[unknown] = np.nan
    found.put(at, Results(fitted.estimate, covariance, freedom, likelihood, sigma))
    return found


def _log_likelihood(trials: Trials, points: Points, *, reml: bool) -> Floats:
    """Add the constants; the restricted likelihood is that of the columns as given."""
    visits = trials.y.shape[2]
    number = trials.seen.sum(axis=(1, 2)).astype(float)
    deviance = points.deviance
    if reml:
        number = number - coefficients(trials)
        deviance = deviance - 2.0 * _log_diagonal(points.sums.whitening).sum(axis=1)
        deviance = deviance + 2.0 * visits * _log_diagonal(trials.root) + 2.0 * np.log(trials.length).sum(axis=1)
    return np.asarray(-0.5 * (deviance + number * np.log(2.0 * np.pi)))


def _log_diagonal(matrices: Floats) -> Floats:
    return np.asarray(np.log(np.diagonal(matrices, axis1=-2, axis2=-1)).sum(axis=-1))


def _is_regular(trials: Trials, sigma: Floats, points: Points) -> Booleans:
    """Say where the likelihood has a maximum, Sigma is definite and remaining columns are independent."""
    variances = np.diagonal(sigma, axis1=1, axis2=2)
    sd = np.sqrt(variances)
    smallest = np.linalg.eigvalsh(sigma / (sd[:, :, None] * sd[:, None, :])).min(axis=1)
    overall = (trials.y**2).sum(axis=(1, 2)) / trials.seen.sum(axis=(1, 2))
    there = variances.min(axis=1) > _VANISHED * overall
    maximum = np.isfinite(points.factor).all(axis=(1, 2))
    return np.asarray(maximum & (smallest > _SINGULAR) & there & (points.least > _PIVOT))
