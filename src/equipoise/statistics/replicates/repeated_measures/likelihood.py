"""The likelihood of many trials with an unstructured covariance matrix, and its exact derivatives.

Sigma^-1 = R'R with R lower triangular; its rows rho_v are the parameters. With alpha_v = sum_s rho_vs a_s over the
weights of the remaining columns (see `sums`), F = sum_v (alpha_v alpha_v') o N_v (o: entry by entry), beta = sum_v
alpha_v o (b_v rho_v) and gamma = F^-1 beta, -2 log-likelihood is, but for constants,

    -2 sum_v nu_v log rho_vv + log|F| + sum_v rho_v' S_v rho_v - beta' gamma

with nu_v = n_v less the coefficients of the visit for restricted likelihood. Without remaining columns every visit
stands for itself: S_v rho_v = nu_v / rho_vv e_v has a solution in closed form. Otherwise, with

    H_v = S_v - X_v - X_v' + a ((F^-1 + gamma gamma') o N_v) a',    X_v = (a o gamma)' b_v

the same equation is the fixed point of the EM algorithm that takes gaps and common coefficients for missing, and
2 (H_v rho_v - nu_v / rho_vv e_v) is the gradient; F and the gradient take N_v by its parts (see `sums`), the most
of them of low rank. The second derivatives for k = (v, s), l = (w, t) are

    2 [v = w] (H_v + nu_v / rho_vv^2 e_v e_v') - 2 J_k' F^-1 J_l - tr(K_k K_l),
    J_k = d beta / dk - dF/dk gamma,    K_k = U dF/dk U',    U'U = F^-1

Full likelihood has N_v without the coefficients of the visits, and without common columns, in log|F|. Source:
Harville, JASA 1977;72:320-38 (restricted likelihood); Dempster, Laird and Rubin, JRSS B 1977;39:1-38 (EM). Checked
against `mmrm`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import Codes
from equipoise.statistics.replicates.repeated_measures.factors import cholesky, inverse_factor
from equipoise.statistics.replicates.repeated_measures.sums import Sums
from equipoise.statistics.replicates.trials import Booleans

# numbers held at once, to stay in the cache of the processor: of N and second derivatives, and products with F
_AT_ONCE = 200_000
_PRODUCTS = 250_000


@dataclass(frozen=True, eq=False)
class Points:
    """The likelihood of T trials at `rho` (T x V x V, lower).

    `alpha` is T x V x k. `gamma` (T x k) are the coefficients of the remaining columns, `inverse` (T x k x k)
    F^-1; `size_root` U and `size_inverse` are those of log|F|. `deviance` (T) is -2 log-likelihood but for
    constants, `gradient` (T x parameters) its first derivatives, row by row of R. `least` (T): the smallest share
    of its squares that is a remaining column's own.
    """

    sums: Sums
    rho: Floats
    alpha: Floats
    gamma: Floats
    inverse: Floats
    size_root: Floats
    size_inverse: Floats
    deviance: Floats
    gradient: Floats
    least: Floats

    def take(self, trials: Codes | slice) -> "Points":
        """Take some of the trials."""
        own = {name: vars(self)[name] for name in Points.__dataclass_fields__}
        taken = Points(
            **{name: each.take(trials) if name == "sums" else each[trials] for name, each in own.items()}
        )
        if "factor" in vars(self):
            vars(taken)["factor"] = self.factor[trials]
        return taken

    def put(self, places: Codes, found: "Points") -> None:
        """Put what was found into the `places` of its trials."""
        own = vars(self)
        for name in [name for name in own if name not in Points.__dataclass_fields__]:
            del own[name]
        for name in Points.__dataclass_fields__:
            if name != "sums":
                own[name][places] = vars(found)[name]

    @cached_property
    def expected(self) -> Floats:
        """H (T x V x V x V)."""
        sums = self.sums
        trials, visits, size = self.alpha.shape
        if not size:
            return sums.responses
        turned = sums.weights.transpose(0, 2, 1)
        crossed = sums.mixed @ (turned * self.gamma[:, :, None])[:, None]
        joined = self.gamma[:, :, None] * self.gamma[:, None, :]
        if sums.restricted:
            joined += self.inverse
            spread = joined[:, None] * sums.columns
        else:
            spread = joined[:, None] * sums.columns
            spread += self.size_inverse[:, None] * sums.size_columns
        half = (spread.reshape(trials, visits * size, size) @ turned).reshape(trials, visits, size, visits)
        found = sums.weights[:, None] @ half
        found += sums.responses
        found -= crossed
        found -= crossed.transpose(0, 1, 3, 2)
        return found

    @cached_property
    def information(self) -> Floats:
        """Second derivatives of the deviance (T x parameters x parameters)."""
        return self._in_parts(Points._exact if self.sums.slots.shape[2] else Points._nearly)

    @cached_property
    def step_information(self) -> Floats:
        """Second derivatives for steps, the last term as if gaps were free of all coefficients."""
        return self._in_parts(Points._nearly)

    @cached_property
    def factor(self) -> Floats:
        """Cholesky's factor of the second derivatives; not a number where they are not positive definite."""
        return cholesky(self.information)

    def _in_parts(self, derive: Callable[["Points"], Floats]) -> Floats:
        """Derive a matrix of the parameters from some trials at once."""
        trials, visits, size = self.alpha.shape
        parameters = visits * (visits + 1) // 2
        step = 1 + _AT_ONCE // (visits * size**2 + parameters**2)
        found = np.empty((trials, parameters, parameters))
        for start in range(0, trials, step):
            part = slice(start, start + step)
            found[part] = derive(self.take(part))
        return found

    def _exact(self) -> Floats:
        found = self._without_size()
        parameters, size = found.shape[1], self.gamma.shape[1]
        step = 1 + _PRODUCTS // (parameters * size**2)
        for start in range(0, len(found), step):
            part = slice(start, start + step)
            changes = self._size_changes(part)
            found[part] -= changes @ changes.transpose(0, 2, 1)
        return found

    def _nearly(self) -> Floats:
        found = self._without_size()
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

    def _without_size(self) -> Floats:
        trials, visits, _ = self.rho.shape
        parameters = visits * (visits + 1) // 2
        if self.gamma.shape[1]:
            moves = self._moves()
            found = (moves @ (-2.0 * self.inverse)) @ moves.transpose(0, 2, 1)
        else:
            found = np.zeros((trials, parameters, parameters))
        twice = 2.0 * self.expected
        for visit in range(visits):
            first = visit * (visit + 1) // 2
            last = first + visit
            found[:, first : last + 1, first : last + 1] += twice[:, visit, : visit + 1, : visit + 1]
            found[:, last, last] += 2.0 * self.sums.number[:, visit] / self.rho[:, visit, visit] ** 2
        return found

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
    diagonal = np.diagonal(rho, axis1=1, axis2=2)
    logs = -2.0 * (sums.number * np.log(diagonal)).sum(axis=1)
    if not size:
        slopes = (sums.responses @ rho[..., None])[..., 0]
        deviance = logs + (rho * slopes).sum(axis=(1, 2))
        gamma, none, least = np.zeros((trials, 0)), np.zeros((trials, 0, 0)), np.ones(trials)
        return Points(sums, rho, alpha, gamma, none, none, none, deviance, _slopes(slopes, sums, diagonal), least)

    by_column = alpha.transpose(0, 2, 1) * sums.here
    leaning = (by_column[..., None] * sums.columns_each).reshape(trials, size, -1)
    root, inverse, log_size, least = _invert(_total(sums, alpha, by_column, leaning), sums.unused)
    size_root, size_inverse = root, inverse
    if not sums.restricted:
        gaps = sums.shared * (by_column @ by_column.transpose(0, 2, 1))
        gaps[:, : size - sums.places] = gaps[:, :, : size - sums.places] = 0.0
        size_root, size_inverse, log_size, _ = _invert(gaps, sums.size_unused)
    gathered = (rho[:, :, None, :] @ sums.mixed)[:, :, 0]
    gamma = ((alpha * gathered).sum(axis=1)[:, None, :] @ inverse)[:, 0]

    ends = np.concatenate([rho, -gamma[:, None, :] * alpha], axis=2)
    slopes = (sums.products[:, :, :visits] @ ends[..., None])[..., 0]
    deviance = logs + log_size + (rho * slopes).sum(axis=(1, 2))
    joined = gamma[:, :, None] * gamma[:, None, :]
    if sums.restricted:
        spread = _spread(sums, joined + inverse, alpha, by_column, leaning)
    else:
        spread = _spread(sums, joined, alpha, by_column, leaning)
        spread += sums.here * ((size_inverse * sums.shared) @ by_column)
    spread -= gamma[:, :, None] * gathered.transpose(0, 2, 1)
    slopes += (sums.weights @ spread).transpose(0, 2, 1)
    return Points(
        sums,
        rho,
        alpha,
        gamma,
        inverse,
        size_root,
        size_inverse,
        deviance,
        _slopes(slopes, sums, diagonal),
        least,
    )


def lower_triangle(matrices: Floats) -> Floats:
    """Give the entries of matrices (T x V x V) on and below the diagonal, row by row (T x parameters)."""
    rows, columns = np.tril_indices(matrices.shape[1])
    # in the order of trials, so that sums over parameters add up alike for one trial and many
    return np.ascontiguousarray(matrices[:, rows, columns])


def _slopes(slopes: Floats, sums: Sums, diagonal: Floats) -> Floats:
    """Complete the first derivatives, row by row of R."""
    visits = diagonal.shape[1]
    at = np.arange(visits)
    slopes[:, at, at] -= sums.number / diagonal
    return 2.0 * lower_triangle(slopes)


def _total(sums: Sums, alpha: Floats, by_column: Floats, leaning: Floats) -> Floats:
    """F (T x k x k), from parts of low rank where there are gaps."""
    trials, _, size = alpha.shape
    common = size - sums.places
    found = np.empty((trials, size, size))
    if sums.places:
        found = by_column @ by_column.transpose(0, 2, 1)
        found *= sums.shared
        found -= leaning @ leaning.transpose(0, 2, 1)
    if common:
        squares = alpha[:, None, :, 0] ** 2
        found[:, :common, :common] = (squares @ sums.among).reshape(trials, common, common)
    return found


def _spread(sums: Sums, matrix: Floats, alpha: Floats, by_column: Floats, leaning: Floats) -> Floats:
    """(matrix o N_v) alpha_v at every visit (T x k x V)."""
    trials, visits, size = alpha.shape
    common = size - sums.places
    found = np.zeros((trials, size, visits))
    if sums.places:
        rest = matrix.copy()
        rest[:, :common, :common] = 0.0
        low = (rest @ leaning).reshape(trials, size, visits, -1)
        rest *= sums.shared
        np.multiply(rest @ by_column, sums.here, out=found)
        found -= np.einsum("tjva,tjva->tjv", low, sums.columns_each)
    if common:
        among = sums.among.reshape(trials, visits, common, common)
        own = np.einsum("tvij,tij->tiv", among, matrix[:, :common, :common])
        found[:, :common] += own * alpha[:, None, :, 0]
    return found


def _invert(total: Floats, unused: Booleans) -> tuple[Floats, Floats, Floats, Floats]:
    """Give U and F^-1 (T x k x k), log|F| (T), and the least share of a column that is its own (T)."""
    places = np.arange(total.shape[1])
    total[:, places, places] += unused
    root = inverse_factor(total)
    pivots = np.diagonal(root, axis1=1, axis2=2)
    least = (pivots**-2.0 / np.diagonal(total, axis1=1, axis2=2)).min(axis=1)
    return root, root.transpose(0, 2, 1) @ root, -2.0 * np.log(pivots).sum(axis=1), least
