"""The maximum of the likelihood of many trials: by Newton's method from a start that is near.

The start solves every visit in closed form, gaps filled from the visits beside them: the maximum itself where
nothing but dropout is missing and no column is common to the visits. Without gaps each step has second derivatives
of its own. With gaps two steps have, without a small part of those of log|F|, and later ones keep them; each gains
one or two digits. Where that has not been enough, as gaps are many, steps have exact ones. An EM step never lowers
the likelihood; it stands in wherever Newton's would, or would leave the parameters. Converged means, as for a
single fit, that the next step would change -2 log-likelihood by next to nothing. Each trial goes its own way,
whatever it is computed with.
"""

from collections.abc import Iterator

import numpy as np

from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import Codes
from equipoise.statistics.replicates.repeated_measures.factors import cholesky, inverse_factor, solve
from equipoise.statistics.replicates.repeated_measures.likelihood import Points, evaluate
from equipoise.statistics.replicates.repeated_measures.sums import Sums

_CONVERGED = 1e-17
_NEAR = 1e-5  # expected change of -2 log-likelihood below which rounding may hide that it falls
_ROUNDING = 1e-9
_NEW_METRIC = 2  # steps with second derivatives of their own; those after keep the last
_EXACT_FROM = 9  # the first step with exact second derivatives
_MOST_STEPS = 100


def maximise(sums: Sums) -> Iterator[tuple[Codes, Points]]:
    """Give the trials that have come to their maximum, and the likelihood there, group by group."""
    trials = np.arange(len(sums.number))
    rows, columns = np.tril_indices(sums.number.shape[1])
    rho = solve_visits(sums.responses, sums.number)
    kept, before, slack = sums.responses, np.full(trials.size, np.inf), np.zeros(trials.size)
    for step in range(_MOST_STEPS):
        points = evaluate(sums, rho)
        # not a number is no improvement
        better = points.deviance <= before + slack
        before = np.where(better, points.deviance, before)
        kept = points.expected if better.all() else np.where(better[:, None, None, None], points.expected, kept)
        if step >= _EXACT_FROM or not sums.places:
            metric = points.factor
        elif step < _NEW_METRIC:
            metric = cholesky(points.step_information)
        move = -solve(metric, points.gradient[..., None])[..., 0]
        change = -0.5 * (move * points.gradient).sum(axis=1)
        done = better & (change >= 0.0) & (change < _CONVERGED)
        if done.any():
            at = np.flatnonzero(done)
            yield trials[at], points if done.all() else points.take(at)
        left = np.flatnonzero(~done)
        if not left.size:
            return
        rho = rho.copy()
        rho[:, rows, columns] += move
        newton = better & (change > 0.0) & (np.diagonal(rho, axis1=1, axis2=2) > 0.0).all(axis=1)
        back = np.flatnonzero(~newton & ~done)
        if back.size:
            rho[back] = solve_visits(kept[back], sums.number[back])
        slack = np.where(change < _NEAR, _ROUNDING, 0.0)
        if left.size < trials.size:
            trials, sums, rho, metric = trials[left], sums.take(left), rho[left], metric[left]
            kept, before, slack = kept[left], before[left], slack[left]


def solve_visits(expected: Floats, number: Floats) -> Floats:
    """Solve H_v rho_v = nu_v / rho_vv e_v at every visit: R (T x V x V) from H (T x V x V x V) and nu (T x V).

    By L L' = H_v of the visits up to v, rho_v is the last row of L^-1 times the root of nu_v.
    """
    visits = number.shape[1]
    place = np.arange(visits)
    outside = np.maximum(place[:, None], place[None, :])[None] > place[:, None, None]
    inside = np.where(outside, np.eye(visits), expected)
    return np.asarray(inverse_factor(inside)[:, place, place] * np.sqrt(number)[:, :, None])
