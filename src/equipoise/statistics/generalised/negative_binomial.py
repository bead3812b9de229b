"""Negative binomial regression of counts: Var Y = mu + k mu^2, log mu = offset + x' b, all by maximum likelihood.

k is the `dispersion` of SAS GENMOD `DIST=NEGBIN`, `theta` = 1 / k that of R's `MASS::glm.nb`. Standard errors from
the inverse of the observed information of the coefficients and k together, as SAS prints them, or of the expected
one, in which they are independent, as `glm.nb` does. Where the likelihood is highest at k = 0 the model is the
Poisson one, and the fit says so. Source: Lawless, Canadian J Statistics 1987;15:209-25. Checked against
`MASS::glm.nb` and against its likelihood maximised and differentiated by other programs in R.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from narwhals.typing import IntoFrame
from scipy.optimize import brentq

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.distributions import Floats, chi2_upper_p
from equipoise.statistics.generalised.dispersion import (
    cross_information,
    dispersion_information,
    dispersion_score,
    observed_weights,
)
from equipoise.statistics.generalised.families import POISSON, negative_binomial_family
from equipoise.statistics.generalised.fit import CovarianceKind, estimate_covariance, summarise_fit
from equipoise.statistics.generalised.likelihood import (
    Basis,
    Likelihood,
    Maximum,
    climb,
    null_space,
    orthogonalise,
)
from equipoise.statistics.generalised.model import ModelData, explain_endless, read_model, require_counts
from equipoise.statistics.generalised.poisson import CountFit

Information = Literal["observed", "expected"]
MOST_ROUNDS = 500
MOST_EVENTS = 1_000_000  # of one row: the likelihood is a sum over them
LEAST_LOG_DISPERSION = -60.0
MOST_LOG_DISPERSION = 25.0
AT_BOUNDARY = "no over-dispersion: the likelihood is highest at dispersion 0, where the model is the Poisson one"


@dataclass(frozen=True, eq=False)
class NegativeBinomialFit(CountFit):
    """A fitted negative binomial regression.

    `dispersion` (k) and `theta` (1 / k) with their standard errors, null at the boundary k = 0, where theta is
    infinite, `at_poisson_boundary` is true and `note` says so. `overdispersion_chi2` is twice the gain in
    log-likelihood over the Poisson model, `overdispersion_p` half its chi-square tail on 1 df, as the null
    hypothesis lies on the boundary (1 at the boundary). AIC and BIC count k.
    """

    dispersion: float
    dispersion_se: float | None
    theta: float
    theta_se: float | None
    at_poisson_boundary: bool
    note: str
    information: Information
    poisson_log_likelihood: float
    overdispersion_chi2: float
    overdispersion_p: float


def negative_binomial(
    formula: str,
    data: IntoFrame,
    *,
    offset: str | None = None,
    exposure: str | None = None,
    reference: Mapping[str, object] | None = None,
    weights: str | None = None,
    covariance: CovarianceKind = "model",
    information: Information = "observed",
    level: float = 0.95,
) -> NegativeBinomialFit:
    """Fit a negative binomial regression such as `EVENTS ~ STRATUM + ARM`.

    Arguments as of `poisson`. `information`: `observed` (SAS GENMOD) or `expected` (R `MASS::glm.nb`) gives the
    standard errors of `covariance="model"` and of the dispersion; robust covariances take the expected one at the
    estimated dispersion, as `sandwich::vcovHC` does. Raises as `poisson`.
    """
    if information not in get_args(Information):
        raise DataError(f"information must be one of {', '.join(get_args(Information))}. Got {information}")
    model = read_model(formula, data, reference=reference, weights=weights, offset=offset, exposure=exposure)
    require_counts(model)
    if model.response.max() > MOST_EVENTS:
        raise DataError(
            f"a negative binomial model takes counts up to {MOST_EVENTS:,}; use poisson with a robust covariance. "
            f"Got {model.response.max():g}"
        )
    blame = explain_endless(model, binary=False)
    basis = orthogonalise(model.design.matrix, model.design.columns)
    k, best, poisson = _maximise(model, basis, blame)
    likelihood = _likelihood(model, basis, k)

    def restrict(rows: Floats) -> float:
        directions = null_space(rows @ basis.back)
        start = directions @ (directions.T @ best.point)
        return _maximise(model, basis, blame, start, directions)[1].log_likelihood

    vcov = estimate_covariance(likelihood, best, covariance)
    se = None
    if k:
        inverse = np.linalg.inv(_joint_information(likelihood, best, k, information))
        se = float(np.sqrt(inverse[-1, -1]))
        if covariance == "model":
            vcov = basis.back @ inverse[:-1, :-1] @ basis.back.T
    gain = max(0.0, 2.0 * (best.log_likelihood - poisson))
    fields: dict[str, Any] = summarise_fit(
        model,
        likelihood,
        best,
        vcov,
        kind=covariance,
        level=level,
        parameters=len(model.design.columns) + 1,
        log_likelihood=best.log_likelihood,
    )
    return NegativeBinomialFit(
        **fields,
        _restrict=restrict,
        dispersion=k,
        dispersion_se=se,
        theta=1.0 / k if k else np.inf,
        theta_se=se / k**2 if se is not None else None,
        at_poisson_boundary=k == 0.0,
        note="" if k else AT_BOUNDARY,
        information=information,
        poisson_log_likelihood=poisson,
        overdispersion_chi2=gain,
        overdispersion_p=0.5 * chi2_upper_p(gain, 1) if k else 1.0,
    )


def _likelihood(model: ModelData, basis: Basis, k: float) -> Likelihood:
    family = negative_binomial_family(k) if k else POISSON
    return Likelihood(basis, model.response, model.weights, model.offset, family)


def _maximise(
    model: ModelData,
    basis: Basis,
    blame: Mapping[str, str],
    start: Floats | None = None,
    directions: Floats | None = None,
) -> tuple[float, Maximum, float]:
    """Climb in the coefficients and in k by turns: k, the maximum there, and the Poisson log-likelihood."""
    y, weights = model.response, model.weights
    best = climb(_likelihood(model, basis, 0.0), start=start, directions=directions, blame=blame)
    poisson = best.log_likelihood
    mean = best.evaluation.mean
    # the derivative of the profile likelihood by k at k = 0
    if float(weights @ ((y - mean) ** 2 - y)) <= 0.0:
        return 0.0, best, poisson
    # the moment estimate, from the variance mu + k mu^2
    previous = float(weights @ ((y - mean) ** 2 - y)) / float(weights @ mean**2)
    for _ in range(MOST_ROUNDS):
        k = _best_dispersion(y, best.evaluation.mean, weights, previous)
        best = climb(_likelihood(model, basis, k), start=best.point, directions=directions, blame=blame)
        if k == 0.0 or abs(k - previous) <= 1e-11 * k:
            return k, best, poisson
        previous = k
    raise EstimationFailed(
        "the dispersion of a negative binomial model did not settle; use poisson with a robust covariance. "
        f"Got {previous:g} and still moving"
    )


def _best_dispersion(y: Floats, mean: Floats, weights: Floats, guess: float) -> float:
    """Find k at given means, near `guess`: the root of the score, 0 where the score is not above 0 near 0."""

    def score(log_k: float) -> float:
        return float(weights @ dispersion_score(y, mean, float(np.exp(log_k))))

    lower = upper = float(np.log(guess))
    width = 0.01
    while score(lower) <= 0.0:
        upper, lower, width = lower, lower - width, 4.0 * width
        if lower < LEAST_LOG_DISPERSION:
            return 0.0
    while score(upper) >= 0.0:
        lower, upper, width = upper, upper + width, 4.0 * width
        if upper > MOST_LOG_DISPERSION:
            raise EstimationFailed(
                "the dispersion of a negative binomial model has no finite estimate; use poisson with a robust "
                f"covariance. Got a likelihood still rising at {np.exp(lower):.3g}"
            )
    return float(np.exp(brentq(score, lower, upper, xtol=1e-13, rtol=1e-14)))


def _joint_information(likelihood: Likelihood, best: Maximum, k: float, kind: Information) -> Floats:
    """Information of the coordinates of the basis and k; the expected one has zeros between them."""
    y, mean, columns, weights = (
        likelihood.response,
        best.evaluation.mean,
        likelihood.basis.columns,
        likelihood.weights,
    )
    p = columns.shape[1]
    joint = np.zeros((p + 1, p + 1))
    joint[-1, -1] = weights @ dispersion_information(y, mean, k)
    if kind == "expected":
        joint[:-1, :-1] = best.evaluation.information
        return joint
    joint[:-1, :-1] = (columns * (weights * observed_weights(y, mean, k))[:, None]).T @ columns
    joint[:-1, -1] = joint[-1, :-1] = columns.T @ (weights * cross_information(y, mean, k))
    return joint
