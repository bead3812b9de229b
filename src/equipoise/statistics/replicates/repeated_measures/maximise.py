"""The maximum of the likelihood of many trials: by the EM algorithm to begin with, then by Newton's method.

An EM step solves every visit in closed form and never lowers the likelihood; it starts each trial, and stands in
wherever Newton's step would lower the likelihood or leave the parameters. Converged means, as for a single fit, that
the next step would change -2 log-likelihood by less than 1e-17 and that the second derivatives are positive
definite. Each trial goes its own way: none depends on the others it is computed with.
"""

from collections.abc import Iterator

import numpy as np

from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import Codes
from equipoise.statistics.replicates.repeated_measures.factors import inverse_factor, solve
from equipoise.statistics.replicates.repeated_measures.likelihood import Points, evaluate
from equipoise.statistics.replicates.repeated_measures.sums import Sums

_CONVERGED = 1e-17
_NEAR = 1e-5  # expected change of -2 log-likelihood below which rounding may hide that it falls
_ROUNDING = 1e-9
_EM_STEPS = 2
_MOST_STEPS = 60


def maximise(sums: Sums) -> Iterator[tuple[Codes, Points]]:
    """Give the trials that have come to their maximum, and the likelihood there, group by group."""
    trials = np.arange(sums.number.shape[1])
    rho = solve_visits(sums.responses, sums.number)
    rows, columns = np.tril_indices(rho.shape[1])
    fallback, before = rho, np.full(trials.size, np.inf)
    slack = np.zeros(trials.size)
    for step in range(_MOST_STEPS):
        points = evaluate(sums, rho)
        # NaN is no improvement
        better = points.deviance <= before + slack
        before = np.where(better, points.deviance, before)
        steady = solve_visits(points.expected, sums.number)
        fallback = np.where(better[:, None, None], steady, fallback)
        if step < _EM_STEPS and sums.weights.shape[2]:
            rho = fallback
            continue
        move, change = _newton(points)
        done = better & (change >= 0.0) & (change < _CONVERGED)
        if done.any():
            yield trials[done], points.take(np.flatnonzero(done))
            if done.all():
                return
        rho = rho.copy()
        rho[:, rows, columns] += move
        good = better & (change > 0.0) & (np.diagonal(rho, axis1=1, axis2=2) > 0.0).all(axis=1)
        rho = np.where(good[:, None, None], rho, fallback)
        slack = np.where(change < _NEAR, _ROUNDING, 0.0)
        if done.any():
            left = np.flatnonzero(~done)
            trials, sums, rho = trials[left], sums.take(left), rho[left]
            fallback, before, slack = fallback[left], before[left], slack[left]


def solve_visits(expected: Floats, number: Floats) -> Floats:
    """Solve H_v rho_v = nu_v / rho_vv e_v at every visit: R (T x V x V) from H (V x T x V x V) and nu (V x T).

    By L L' = H_v of the visits up to v, rho_v is the last row of L^-1 times the root of nu_v.
    """
    visits = len(number)
    place = np.arange(visits)
    outside = np.maximum(place[:, None], place[None, :])[None] > place[:, None, None]
    inside = np.where(outside[:, None], np.eye(visits), expected)
    rows = inverse_factor(inside)[place, :, place] * np.sqrt(number)[:, :, None]
    return np.ascontiguousarray(rows.transpose(1, 0, 2))


def _newton(points: Points) -> tuple[Floats, Floats]:
    """Find the step to where the gradient vanishes, and the fall of the deviance that it promises."""
    move = -solve(points.information, points.gradient[..., None])[..., 0]
    return move, -0.5 * (move * points.gradient).sum(axis=1)
