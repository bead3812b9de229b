"""Completed data sets: the missing visits of every participant, for many draws of the parameters at once.

Participants who share arm, strategy, visit of the event and pattern of missing visits are imputed together, with
one solve for all of them and for all draws. Sources as in `strategies` and `conditional`.
"""

from dataclasses import dataclass

import numpy as np

from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import Codes
from equipoise.statistics.missing.imputation.conditional import conditional_mean, draw_conditional
from equipoise.statistics.missing.imputation.outcomes import Outcomes
from equipoise.statistics.missing.imputation.strategies import STRATEGIES, apply_strategy


@dataclass(frozen=True, eq=False)
class Parameters:
    """Draws of the imputation model: `beta` (M x p), `covariance` (M x groups x V x V), `group` of each arm."""

    beta: Floats
    covariance: Floats
    group: Codes


def impute_visits(outcomes: Outcomes, parameters: Parameters, rng: np.random.Generator | None = None) -> Floats:
    """Complete the outcomes, once for each of the M draws of the parameters: M x N x V.

    With `rng` the missing visits are drawn from their distribution given the observed ones, without it they take
    its mean. The same seed gives the same values whatever the order of the rows was.
    """
    draws = parameters.beta.shape[0]
    completed = np.repeat(outcomes.values[None], draws, axis=0)
    noise = None if rng is None else rng.standard_normal(completed.shape)
    observed = outcomes.observed
    incomplete = np.flatnonzero(~observed.all(axis=1))
    if not incomplete.size:
        return completed
    keys = np.column_stack([outcomes.arm, outcomes.strategy, outcomes.start, observed])[incomplete].astype(
        np.int64
    )
    kinds, member = np.unique(keys, axis=0, return_inverse=True)
    for at, kind in enumerate(kinds):
        who = incomplete[member.ravel() == at]
        seen = kind[3:].astype(bool)
        arm, reference = int(kind[0]), int(outcomes.reference[kind[0]])
        mean, covariance = apply_strategy(
            STRATEGIES[kind[1]],
            _means(outcomes.own_rows[who], parameters.beta),
            _means(outcomes.reference_rows[who], parameters.beta),
            parameters.covariance[:, parameters.group[arm]],
            parameters.covariance[:, parameters.group[reference]],
            int(kind[2]),
        )
        places = np.ix_(np.arange(draws), who, np.flatnonzero(~seen))
        values = outcomes.values[who]
        if noise is None:
            completed[places] = conditional_mean(mean, covariance, values, seen)
        else:
            completed[places] = draw_conditional(mean, covariance, values, seen, noise[places])
    return completed


def _means(rows: Floats, beta: Floats) -> Floats:
    """Mean at each row (n x V x p) for each draw (M x p): M x n x V."""
    return np.moveaxis(rows @ beta.T, -1, 0)
