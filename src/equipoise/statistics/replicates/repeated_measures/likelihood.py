"""The likelihood of many trials with an unstructured covariance matrix, and its exact derivatives.

Sigma^-1 = R'R with R lower triangular; its rows rho_v are the parameters. With alpha_v = sum_s rho_vs a_s over the
weights of the remaining columns (see `sums`), F = sum_v (alpha_v alpha_v') o N_v (o: entry by entry), beta = sum_v
alpha_v o (b_v rho_v) and gamma = F^-1 beta, -2 log-likelihood is, but for constants,

    -2 sum_v nu_v log rho_vv + log|F| + sum_v rho_v' S_v rho_v - beta' gamma

with nu_v = n_v less the coefficients of the visit for restricted likelihood. Without remaining columns every visit
stands for itself: S_v rho_v = nu_v / rho_vv e_v has a solution in closed form. Otherwise, with

    H_v = S_v - X_v - X_v' + a ((F^-1 + gamma gamma') o N_v) a',    X_v = (a o gamma)' b_v

the same equation is the fixed point of the EM algorithm that takes gaps and common coefficients for missing, and
2 (H_v rho_v - nu_v / rho_vv e_v) is the gradient. The second derivatives for k = (v, s), l = (w, t) are

    2 [v = w] (H_v + nu_v / rho_vv^2 e_v e_v') - 2 J_k' F^-1 J_l - tr(K_k K_l),
    J_k = d beta / dk - dF/dk gamma,    K_k = U dF/dk U',    U'U = F^-1

Full likelihood has N_v without the coefficients of the visits, and without common columns, in log|F|. Source:
Harville, JASA 1977;72:320-38 (restricted likelihood); Dempster, Laird and Rubin, JRSS B 1977;39:1-38 (EM). Checked
against `mmrm`.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import Codes
from equipoise.statistics.replicates.repeated_measures.factors import cholesky, inverse_factor
from equipoise.statistics.replicates.repeated_measures.sums import Sums
from equipoise.statistics.replicates.trials import Booleans

_AT_ONCE = 250_000  # numbers of products with F held at once, to stay in the cache of the processor


@dataclass(frozen=True, eq=False)
class Points:
    """The likelihood of T trials at `rho` (T x V x V, lower).

    `alpha` is T x V x k. `gamma` (T x k) are the coefficients of the remaining columns, `inverse` (T x k x k)
    F^-1; `size_root` U and `size_inverse` are those of log|F|. `deviance` (T) is -2 log-likelihood but for
    constants, `expected` H is T x V x V x V. `least` (T): the smallest share of its squares that is a remaining
    column's own.
    """

    sums: Sums
    rho: Floats
    alpha: Floats
    gamma: Floats
    inverse: Floats
    size_root: Floats
    size_inverse: Floats
    deviance: Floats
    expected: Floats
    least: Floats

    def take(self, trials: Codes) -> "Points":
        """Take some of the trials."""
        own = {name: vars(self)[name] for name in Points.__dataclass_fields__}
        taken = Points(
            **{name: each.take(trials) if name == "sums" else each[trials] for name, each in own.items()}
        )
        if "factor" in vars(self):
            vars(taken)["factor"] = self.factor[trials]
        return taken

    @cached_property
    def gradient(self) -> Floats:
        """First derivatives of the deviance (T x parameters), row by row of R."""
        visits = self.rho.shape[1]
        found = 2.0 * (self.expected @ self.rho[..., None])[..., 0]
        at = np.arange(visits)
        found[:, at, at] -= 2.0 * self.sums.number / self.rho[:, at, at]
        rows, columns = np.tril_indices(visits)
        return found[:, rows, columns]

    @cached_property
    def information(self) -> Floats:
        """Second derivatives of the deviance (T x parameters x parameters)."""
        if not self.sums.slots.shape[2]:
            return self.step_information
        found = self._information_without_size()
        step = 1 + _AT_ONCE // (found.shape[1] * self.gamma.shape[1] ** 2)
        for start in range(0, len(found), step):
            part = slice(start, start + step)
            changes = self._size_changes(part)
            found[part] -= changes @ changes.transpose(0, 2, 1)
        return found

    @cached_property
    def factor(self) -> Floats:
        """Cholesky's factor of the second derivatives; not a number where they are not positive definite."""
        return cholesky(self.information)

    @cached_property
    def step_information(self) -> Floats:
        """Second derivatives for steps, the last term as if gaps were free of all coefficients."""
        found = self._information_without_size()
        if not self.gamma.shape[1]:
            return found
        trials, visits, _ = self.alpha.shape
        rows, columns = np.tril_indices(visits)
        common = self.gamma.shape[1] - self.sums.places
        if self.sums.places:
            at_gaps = self.sums.weights[:, :, common:]
            squares = at_gaps @ self.size_inverse[:, common:, common:] ** 2 @ at_gaps.transpose(0, 2, 1)
            values = 2.0 * self.rho[:, rows, columns]
            spread = squares[:, columns[:, None], columns]
            spread *= values[:, :, None]
            spread *= values[:, None, :]
            found -= spread
        if common:
            among = self.size_inverse[:, None, :common, :common] @ self.sums.size_columns[:, :, :common, :common]
            flat = among.reshape(trials, visits, -1)
            products = flat @ among.transpose(0, 1, 3, 2).reshape(flat.shape).transpose(0, 2, 1)
            sizes = 2.0 * self.rho.sum(axis=2)
            products *= sizes[:, :, None] * sizes[:, None, :]
            found -= products[:, rows[:, None], rows]
        return found

    def _information_without_size(self) -> Floats:
        trials, visits, _ = self.rho.shape
        parameters = visits * (visits + 1) // 2
        if self.gamma.shape[1]:
            moves = self._moves
            found = -2.0 * ((moves @ self.inverse) @ moves.transpose(0, 2, 1))
        else:
            found = np.zeros((trials, parameters, parameters))
        for visit in range(visits):
            first = visit * (visit + 1) // 2
            last = first + visit
            found[:, first : last + 1, first : last + 1] += 2.0 * self.expected[:, visit, : visit + 1, : visit + 1]
            found[:, last, last] += 2.0 * self.sums.number[:, visit] / self.rho[:, visit, visit] ** 2
        return found

    @cached_property
    def _moves(self) -> Floats:
        """J: how the equation of gamma changes by each parameter (T x parameters x k)."""
        sums = self.sums
        trials, visits, size = self.alpha.shape
        by_visit = sums.weights * self.gamma[:, None, :]
        found = np.empty((trials, visits * (visits + 1) // 2, size))
        for visit in range(visits):
            free = sums.mixed[:, visit] - by_visit @ sums.columns[:, visit]
            whole = self.rho[:, visit, None, :] @ free
            first = visit * (visit + 1) // 2
            part = found[:, first : first + visit + 1]
            np.multiply(sums.weights[:, : visit + 1], whole, out=part)
            part += self.alpha[:, visit, None, :] * free[:, : visit + 1]
        return found

    def _size_changes(self, part: slice) -> Floats:
        """K: how log|F| changes by each parameter, in its own metric (trials x parameters x triangle of k x k)."""
        columns, alpha = self.sums.size_columns[part], self.alpha[part]
        trials, visits, size = alpha.shape
        turned = np.zeros((trials, size + 1, size))
        turned[:, :size] = self.size_root[part].transpose(0, 2, 1)
        # the columns that stand at a visit: the common ones and its gaps
        common = np.broadcast_to(np.arange(size - self.sums.places), (trials, visits, size - self.sums.places))
        standing = np.concatenate([common, self.sums.slots[part]], axis=2)
        chosen = np.arange(trials)[:, None, None]
        left = turned[chosen, standing].transpose(0, 1, 3, 2)
        # entries off the diagonal count twice
        rows, others = np.triu_indices(size)
        upper, lower = rows * size + others, others * size + rows
        twice = np.where(rows == others, 1.0, np.sqrt(2.0))
        found = np.empty((trials, visits * (visits + 1) // 2, rows.size))
        right = np.zeros_like(turned)
        for visit in range(visits):
            scaled = alpha[:, visit, :, None] * turned[:, :size]
            np.matmul(columns[:, visit], scaled, out=right[:, :size])
            half = left[:, : visit + 1] @ right[chosen, standing[:, : visit + 1]]
            flat = half.reshape(trials, visit + 1, size * size)
            first = visit * (visit + 1) // 2
            np.add(flat.take(upper, axis=2), flat.take(lower, axis=2), out=found[:, first : first + visit + 1])
        found *= twice
        return found


def evaluate(sums: Sums, rho: Floats) -> Points:
    """Evaluate the likelihood at `rho` (T x V x V, lower, its diagonal above 0)."""
    trials, visits, _ = rho.shape
    alpha = rho @ sums.weights
    size = alpha.shape[2]
    rows = rho[:, :, None, :]
    squares = ((rows @ sums.responses)[:, :, 0] * rho).sum(axis=(1, 2))
    logs = np.log(np.diagonal(rho, axis1=1, axis2=2))
    deviance = squares - 2.0 * (sums.number * logs).sum(axis=1)
    if not size:
        gamma, none, least = np.zeros((trials, 0)), np.zeros((trials, 0, 0)), np.ones(trials)
        return Points(sums, rho, alpha, gamma, none, none, none, deviance, sums.responses, least)

    root, inverse, log_size, least = _invert(sums.columns, alpha, sums.unused)
    size_root, size_inverse = root, inverse
    if sums.size_columns is not sums.columns:
        size_root, size_inverse, log_size, _ = _invert(sums.size_columns, alpha, sums.size_unused)
    beta = (alpha * (rows @ sums.mixed)[:, :, 0]).sum(axis=1)
    gamma = (beta[:, None, :] @ inverse)[:, 0]
    deviance = deviance + log_size - (beta * gamma).sum(axis=1)

    crossed = sums.mixed.reshape(trials, visits * visits, size) @ (
        sums.weights.transpose(0, 2, 1) * gamma[:, :, None]
    )
    crossed = crossed.reshape(trials, visits, visits, visits)
    expected = sums.responses - crossed - crossed.transpose(0, 1, 3, 2)
    step = 1 + _AT_ONCE // (visits * size * size)
    for start in range(0, trials, step):
        part = slice(start, start + step)
        joined = gamma[part, :, None] * gamma[part, None, :]
        turned = sums.weights[part].transpose(0, 2, 1)
        if sums.size_columns is sums.columns:
            spread = (joined + inverse[part])[:, None] * sums.columns[part]
        else:
            spread = joined[:, None] * sums.columns[part]
            spread += size_inverse[part, None] * sums.size_columns[part]
        half = (spread.reshape(len(turned), visits * size, size) @ turned).reshape(-1, visits, size, visits)
        expected[part] += sums.weights[part, None] @ half
    return Points(sums, rho, alpha, gamma, inverse, size_root, size_inverse, deviance, expected, least)


def _invert(columns: Floats, alpha: Floats, unused: Booleans) -> tuple[Floats, Floats, Floats, Floats]:
    """Give U and F^-1 (T x k x k), log|F| (T), and the least share of a column that is its own (T)."""
    total = np.einsum("tvj,tvk,tvjk->tjk", alpha, alpha, columns)
    places = np.arange(total.shape[1])
    total[:, places, places] += unused
    root = inverse_factor(total)
    pivots = np.diagonal(root, axis1=1, axis2=2)
    least = (pivots**-2.0 / np.diagonal(total, axis1=1, axis2=2)).min(axis=1)
    return root, root.transpose(0, 2, 1) @ root, -2.0 * np.log(pivots).sum(axis=1), least
