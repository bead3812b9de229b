"""Draws of the imputation model's parameters from their posterior, by data augmentation.

Unstructured covariance, prior proportional to |Sigma|^-((V + 1) / 2), flat for beta (SAS PROC MI MCMC
PRIOR=JEFFREYS). Each round draws the missing visits given the parameters, Sigma given the completed data (inverse
Wishart) and beta given both (normal): Tanner and Wong, JASA 1987;82:528-40; Schafer, Analysis of Incomplete
Multivariate Data, Chapman and Hall 1997, 5.4. One chain for each imputation, all in step, each from the maximum of
the likelihood and burnt in on its own, so that the draws are independent. Checked by the posterior of complete
data, which is known in closed form, and by the coverage of intervals over simulated trials.
"""

from typing import Any

import numpy as np

from equipoise.errors import EstimationFailed
from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import Codes
from equipoise.statistics.missing.imputation.conditional import Mask, cholesky, draw_conditional
from equipoise.statistics.missing.imputation.impute import Parameters
from equipoise.statistics.missing.imputation.outcomes import Outcomes


def draw_posterior(
    outcomes: Outcomes, start: Parameters, draws: int, rng: np.random.Generator, *, burn_in: int
) -> Parameters:
    """Draw the parameters `draws` times, from chains of `burn_in` rounds that begin at `start` (one set).

    Raises `EstimationFailed` where a group has too few participants for its covariance.
    """
    modelled = outcomes.modelled
    used = np.flatnonzero(modelled.any(axis=1))
    values, modelled = outcomes.values[used], modelled[used]
    rows = outcomes.own_rows[used]
    group = start.group[outcomes.arm[used]]
    groups, visits = start.covariance.shape[1], values.shape[1]
    sizes = np.bincount(group, minlength=groups)
    if sizes.min() <= visits:
        raise EstimationFailed(
            f"a posterior of an unstructured covariance needs more participants than the {visits} visits; "
            f"share the covariance between arms or use method=bootstrap. Got {sizes.min()}"
        )
    members: list[Any] = [np.flatnonzero(group == at) for at in range(groups)] if groups > 1 else [slice(None)]
    cross = [_cross_products(rows[who]) for who in members]
    kinds = _patterns(group, modelled)
    beta = np.repeat(start.beta[:1], draws, axis=0)
    covariance = np.repeat(start.covariance[:1], draws, axis=0)
    completed = np.repeat(np.where(modelled, values, 0.0)[None], draws, axis=0)
    p = beta.shape[1]
    flat = rows.reshape(-1, p)
    for _ in range(burn_in):
        mean = (beta @ flat.T).reshape(completed.shape)
        for who, at, seen in kinds:
            noise = rng.standard_normal((draws, who.size, int((~seen).sum())))
            places = np.ix_(np.arange(draws), who, np.flatnonzero(~seen))
            completed[places] = draw_conditional(mean[:, who], covariance[:, at], values[who], seen, noise)
        away = completed - mean
        precision = np.zeros((draws, p, p))
        score = np.zeros((draws, p))
        for at, who in enumerate(members):
            part = away[:, who]
            scatter = np.swapaxes(part, -1, -2) @ part
            covariance[:, at] = draw_inverse_wishart(scatter, int(sizes[at]), rng)
            weight = np.linalg.inv(covariance[:, at])
            precision += (weight.reshape(draws, -1) @ cross[at]).reshape(draws, p, p)
            score += (completed[:, who] @ weight).reshape(draws, -1) @ rows[who].reshape(-1, p)
        beta = _draw_normal(precision, score, rng)
    return Parameters(beta, covariance, start.group)


def draw_inverse_wishart(scatter: Floats, df: int, rng: np.random.Generator) -> Floats:
    """Draw covariances (M x V x V) whose inverse is Wishart with `df` and the inverse of `scatter` (M x V x V).

    By Bartlett's decomposition: Smith and Hocking, Applied Statistics 1972;21:341-5.
    """
    draws, visits = scatter.shape[:2]
    lower = cholesky(scatter)
    triangle = np.tril(rng.standard_normal((draws, visits, visits)), -1)
    chi = np.sqrt(rng.chisquare(df - np.arange(visits), size=(draws, visits)))
    triangle[:, np.arange(visits), np.arange(visits)] = chi
    root = np.linalg.solve(triangle, np.swapaxes(lower, -1, -2))
    return np.asarray(np.swapaxes(root, -1, -2) @ root)


def _draw_normal(precision: Floats, score: Floats, rng: np.random.Generator) -> Floats:
    """Draw from the normal distribution with this precision (M x p x p) and mean precision^-1 score (M x p)."""
    lower = cholesky(precision)
    noise = rng.standard_normal(score.shape)
    whitened = np.linalg.solve(lower, score[..., None]) + noise[..., None]
    return np.asarray(np.linalg.solve(np.swapaxes(lower, -1, -2), whitened)[..., 0])


def _cross_products(rows: Floats) -> Floats:
    """Sum x_v x_w' over participants for each pair of visits: V^2 x p^2."""
    visits, p = rows.shape[1:]
    wide = rows.reshape(rows.shape[0], -1)
    blocks = (wide.T @ wide).reshape(visits, p, visits, p)
    return blocks.transpose(0, 2, 1, 3).reshape(visits * visits, p * p)


def _patterns(group: Codes, modelled: Mask) -> list[tuple[Codes, int, Mask]]:
    """List who shares group and pattern of missing visits, those with a missing visit only."""
    keys, member = np.unique(np.column_stack([group, modelled]).astype(np.int64), axis=0, return_inverse=True)
    return [
        (np.flatnonzero(member.ravel() == at), int(key[0]), key[1:].astype(bool))
        for at, key in enumerate(keys)
        if not key[1:].all()
    ]
