"""The maximum of the likelihood of many trials: by secants and one matrix of second derivatives, from near.

The start solves every visit in closed form, gaps filled from the visits beside them: the maximum itself where
nothing but dropout is missing and no column is common to the visits. Second derivatives are those of the start,
with gaps without a small part of those of log|F|; what they lack comes from the slopes of the points since, by the
BFGS method, in some six steps. Where that has not been enough, as gaps are many, steps have exact ones. An EM step
never lowers the likelihood; it stands in wherever such a step would, or would leave the parameters. Converged
means, as for a single fit, that the next step would change -2 log-likelihood by next to nothing. Each trial goes
its own way, whatever it is computed with.
"""

from dataclasses import dataclass

import numpy as np

from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import Codes
from equipoise.statistics.replicates.repeated_measures.factors import cholesky, inverse_factor, solve
from equipoise.statistics.replicates.repeated_measures.likelihood import Points, evaluate, lower_triangle
from equipoise.statistics.replicates.repeated_measures.sums import Sums

_CONVERGED = 1e-17
_NEAR = 1e-5  # expected change of -2 log-likelihood below which rounding may hide that it falls
_ROUNDING = 1e-9
_EXACT_FROM = 14  # the first step with exact second derivatives
_MOST_STEPS = 100
_CROWD = 0.7  # share of trials on their way below which the others are left behind


@dataclass(frozen=True, eq=False)
class Secants:
    """What earlier points say of second derivatives: changes of the parameters and slopes (T x parameters each).

    With those of the `metric` they give the steps of the BFGS method by its recursion in two loops: Nocedal, Math
    Comput 1980;35:773-82. `scale` (T) is one over the product of both changes, 0 where a pair says nothing.
    """

    last: tuple[Floats, Floats] | None = None
    pairs: tuple[tuple[Floats, Floats, Floats], ...] = ()

    def add(self, parameters: Floats, gradient: Floats) -> "Secants":
        """Add a point."""
        if self.last is None:
            return Secants((parameters, gradient))
        moved, turned = parameters - self.last[0], gradient - self.last[1]
        product = (moved * turned).sum(axis=1)
        bent = (product > 0.0) & np.isfinite(product)
        scale = np.where(bent, 1.0 / np.where(bent, product, 1.0), 0.0)
        turned = np.where(bent[:, None], turned, 0.0)
        return Secants((parameters, gradient), (*self.pairs, (moved, turned, scale)))

    def take(self, trials: Codes) -> "Secants":
        """Take some of the trials."""
        last = None if self.last is None else (self.last[0][trials], self.last[1][trials])
        pairs = tuple((moved[trials], turned[trials], scale[trials]) for moved, turned, scale in self.pairs)
        return Secants(last, pairs)

    def solve(self, metric: Floats, gradient: Floats) -> Floats:
        """Divide the gradient by second derivatives, those of the `metric` (its factor) but for the secants."""
        left, shares = gradient, []
        for moved, turned, scale in reversed(self.pairs):
            shares.append(scale * (moved * left).sum(axis=1))
            left = left - shares[-1][:, None] * turned
        found = solve(metric, left[..., None])[..., 0]
        for (moved, turned, scale), share in zip(self.pairs, reversed(shares), strict=True):
            found += (share - scale * (turned * found).sum(axis=1))[:, None] * moved
        return found


def maximise(sums: Sums) -> tuple[Codes, Points]:
    """Find the trials that come to their maximum, and the likelihood there."""
    trials = np.arange(len(sums.number))
    rows, columns = np.tril_indices(sums.number.shape[1])
    rho = solve_visits(sums.responses, sums.number)
    kept, before, slack = rho, np.full(trials.size, np.inf), np.zeros(trials.size)
    ended = np.zeros(trials.size, dtype=bool)
    secants = Secants()
    for step in range(_MOST_STEPS):
        points = evaluate(sums, rho)
        # not a number is no improvement
        better = points.deviance <= before + slack
        before = np.where(better, points.deviance, before)
        kept = rho if better.all() else np.where(better[:, None, None], rho, kept)
        if not step:
            found = points
            metric = cholesky(points.step_information) if sums.places else points.factor
        elif step >= _EXACT_FROM:
            metric, secants = points.factor, Secants()
        secants = secants.add(lower_triangle(rho), points.gradient)
        move = -secants.solve(metric, points.gradient)
        change = -0.5 * (move * points.gradient).sum(axis=1)
        done = better & (change >= 0.0) & (change < _CONVERGED) & ~ended[trials]
        ended[trials[done]] = True
        if step and done.any():
            found.put(trials[done], points.take(np.flatnonzero(done)))
        left = np.flatnonzero(~ended[trials])
        if not left.size:
            break
        rho = rho.copy()
        rho[:, rows, columns] += move
        newton = better & (change > 0.0) & (np.diagonal(rho, axis1=1, axis2=2) > 0.0).all(axis=1)
        back = np.flatnonzero(~newton & ~ended[trials])
        if back.size:
            rho[back] = solve_visits(evaluate(sums.take(back), kept[back]).expected, sums.number[back])
        slack = np.where(change < _NEAR, _ROUNDING, 0.0)
        # a few that are done cost less than to move the others together
        if left.size <= _CROWD * trials.size:
            trials, sums, rho, metric = trials[left], sums.take(left), rho[left], metric[left]
            kept, before, slack, secants = kept[left], before[left], slack[left], secants.take(left)
    at = np.flatnonzero(ended)
    return at, found if at.size == ended.size else found.take(at)


def solve_visits(expected: Floats, number: Floats) -> Floats:
    """Solve H_v rho_v = nu_v / rho_vv e_v at every visit: R (T x V x V) from H (T x V x V x V) and nu (T x V).

    By L L' = H_v of the visits up to v, rho_v is the last row of L^-1 times the root of nu_v.
    """
    visits = number.shape[1]
    place = np.arange(visits)
    outside = np.maximum(place[:, None], place[None, :])[None] > place[:, None, None]
    inside = np.where(outside, np.eye(visits), expected)
    return np.asarray(inverse_factor(inside)[:, place, place] * np.sqrt(number)[:, :, None])
