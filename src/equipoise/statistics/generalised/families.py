"""Families of outcomes: for a linear predictor eta the mean, its derivative, the variance and the likelihood.

Canonical links but for the negative binomial, which has the log link: normal (identity), binomial (logit), Poisson
(log). The likelihood of the normal is its quasi-likelihood -(y - mu)^2 / 2, all others have their constants.
Source: McCullagh and Nelder, Generalized Linear Models, 2nd ed. 1989, chapters 2 and 6. Checked against R's `glm`
and `MASS::glm.nb`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, gammaln, logit, xlog1py, xlogy

from equipoise.statistics.distributions import Floats
from equipoise.statistics.generalised.dispersion import sum_over_counts


@dataclass(frozen=True)
class Family:
    """What a fit needs of a family: functions of arrays of n that give arrays of n.

    `start`: of the response, a linear predictor to start from; `mean`: of the linear predictor; `slope`: of the
    mean, its derivative by the linear predictor; `variance`: of the mean, for dispersion 1; `log_likelihood`: of
    response and linear predictor; `deviance`: of response and mean, twice the log-likelihood lost against a
    perfect fit.
    """

    name: str
    start: Callable[[Floats], Floats]
    mean: Callable[[Floats], Floats]
    slope: Callable[[Floats], Floats]
    variance: Callable[[Floats], Floats]
    log_likelihood: Callable[[Floats, Floats], Floats]
    deviance: Callable[[Floats, Floats], Floats]


def _same(values: Floats) -> Floats:
    return values


GAUSSIAN = Family(
    name="gaussian",
    start=_same,
    mean=_same,
    slope=np.ones_like,
    variance=np.ones_like,
    log_likelihood=lambda y, eta: -0.5 * (y - eta) ** 2,
    deviance=lambda y, mean: (y - mean) ** 2,
)

BINOMIAL = Family(
    name="binomial",
    start=lambda y: np.asarray(logit((y + 0.5) / 2.0)),
    mean=expit,
    slope=lambda mean: mean * (1.0 - mean),
    variance=lambda mean: mean * (1.0 - mean),
    log_likelihood=lambda y, eta: y * eta - np.logaddexp(0.0, eta),
    deviance=lambda y, mean: np.asarray(-2.0 * (xlogy(y, mean) + xlog1py(1.0 - y, -mean))),
)

POISSON = Family(
    name="poisson",
    start=lambda y: np.log(y + 0.1),
    mean=np.exp,
    slope=_same,
    variance=_same,
    log_likelihood=lambda y, eta: np.asarray(y * eta - np.exp(eta) - gammaln(y + 1.0)),
    deviance=lambda y, mean: np.asarray(2.0 * (xlogy(y, y / mean) - (y - mean))),
)


def negative_binomial_family(k: float) -> Family:
    """Build the family of counts with log link and variance mu + k mu^2, k above 0 (theta in R is 1 / k)."""

    def log_likelihood(y: Floats, eta: Floats) -> Floats:
        spread = (y + 1.0 / k) * np.log1p(k * np.exp(eta))
        return np.asarray(sum_over_counts(y, k, 0) + y * eta - spread - gammaln(y + 1.0))

    def deviance(y: Floats, mean: Floats) -> Floats:
        excess = (y + 1.0 / k) * np.log((1.0 + k * y) / (1.0 + k * mean))
        return np.asarray(2.0 * (xlogy(y, y / mean) - excess))

    return Family(
        name="negative binomial",
        start=lambda y: np.log(y + 1.0 / 6.0),
        mean=np.exp,
        slope=_same,
        variance=lambda mean: mean * (1.0 + k * mean),
        log_likelihood=log_likelihood,
        deviance=deviance,
    )
