"""The likelihood of many trials with unstructured covariance, and its exact derivatives.

Sigma^-1 = R'R with R lower triangular, its rows rho_v the parameters. With alpha_v = sum_s rho_vs a_s over the weights
of the remaining columns (see `sums`), F = sum_v (alpha_v alpha_v') o N_v (o: entry by entry), beta = sum_v alpha_v o
(b_v rho_v) and gamma = F^-1 beta, -2 log-likelihood is, but for constants,

    -2 sum_v nu_v log rho_vv + log|F| + sum_v rho_v' S_v rho_v - beta' gamma

with nu_v = n_v less the coefficients of the visit for restricted likelihood. Without remaining columns each visit
stands for itself: H_v rho_v = nu_v / rho_vv e_v has a solution in closed form. Otherwise, with

    H_v = S_v - X_v - X_v' + a ((F^-1 + gamma gamma') o N_v) a',    X_v = (a o gamma) b_v

the same equation is the fixed point of the EM algorithm that takes gaps and common coefficients for missing, and
2 (H_v rho_v - nu_v / rho_vv e_v) the gradient. Second derivatives, for k = (v, s) and R_F'R_F = F^-1:

    2 [v = w] (H_v + nu_v / rho_vv^2 e_v e_v') - 2 J_k' F^-1 J_l - tr(K_k K_l),
    J_k = d beta / dk - dF/dk gamma,    K_k = R_F dF/dk R_F'

Source: Harville, JASA 1977;72:320-38 (restricted likelihood); the algebra is checked against `mmrm`.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import Codes
from equipoise.statistics.replicates.repeated_measures.factors import inverse_factor
from equipoise.statistics.replicates.repeated_measures.sums import Sums
from equipoise.statistics.replicates.trials import Booleans


@dataclass(frozen=True, eq=False)
class Points:
    """The likelihood of T trials at `rho` (T x V x V, lower).

    `deviance` (T) is -2 log-likelihood but for constants; `gamma` (T x k) are the remaining coefficients, `root`
    (T x k x k) is R_F; `size_root` is that of the determinant. `alpha` (T x V x k), `expected` (V x T x V x V) is H_v;
    `least` (T) is the smallest share of its own sum of squares that a remaining column adds to those before it.
    """

    sums: Sums
    rho: Floats
    alpha: Floats
    gamma: Floats
    root: Floats
    size_root: Floats
    deviance: Floats
    expected: Floats
    least: Floats

    def take(self, trials: Codes) -> "Points":
        """Take some of the trials, with the second derivatives."""
        taken = Points(
            self.sums.take(trials),
            self.rho[trials],
            self.alpha[trials],
            self.gamma[trials],
            self.root[trials],
            self.size_root[trials],
            self.deviance[trials],
            self.expected[:, trials],
            self.least[trials],
        )
        taken.__dict__["information"] = self.information[trials]
        return taken

    @cached_property
    def gradient(self) -> Floats:
        """First derivatives of the deviance (T x parameters), row by row of R."""
        visits = self.rho.shape[1]
        found = 2.0 * (self.expected @ self.rho.transpose(1, 0, 2)[..., None])[..., 0]
        at = np.arange(visits)
        found[at, :, at] -= 2.0 * self.sums.number / self.rho[:, at, at].T
        rows, columns = np.tril_indices(visits)
        return np.ascontiguousarray(found[rows, :, columns].T)

    @cached_property
    def information(self) -> Floats:
        """Second derivatives of the deviance (T x parameters x parameters)."""
        trials, visits, _ = self.rho.shape
        rows, columns = np.tril_indices(visits)
        found = np.zeros((trials, rows.size, rows.size))
        for visit in range(visits):
            first = visit * (visit + 1) // 2
            at = slice(first, first + visit + 1)
            block = 2.0 * self.expected[visit, :, : visit + 1, : visit + 1]
            block[:, visit, visit] += 2.0 * self.sums.number[visit] / self.rho[:, visit, visit] ** 2
            found[:, at, at] = block
        if self.gamma.shape[1]:
            turned = self.root @ self._moves
            found -= 2.0 * turned.transpose(0, 2, 1) @ turned
            changes = self._size_changes
            found -= changes @ changes.transpose(0, 2, 1)
        return found

    @cached_property
    def _moves(self) -> Floats:
        """J: what the estimating function of gamma changes by each parameter (T x k x parameters)."""
        sums, gamma = self.sums, self.gamma
        trials, visits, size = self.alpha.shape
        by_visit = sums.weights * gamma[:, None, :]
        parts = []
        for visit in range(visits):
            alpha = self.alpha[:, visit]
            row = self.rho[:, visit, :, None]
            free = sums.mixed[visit] - sums.columns[visit] @ by_visit.transpose(0, 2, 1)
            whole = (free @ row)[..., 0]
            part = sums.weights * whole[:, None, :] + alpha[:, None, :] * free.transpose(0, 2, 1)
            parts.append(part[:, : visit + 1])
        return np.concatenate(parts, axis=1).transpose(0, 2, 1)

    @cached_property
    def _size_changes(self) -> Floats:
        """K: the change of log|F| in its own metric by each parameter (T x parameters x k^2)."""
        sums, root = self.sums, self.size_root
        trials, visits, size = self.alpha.shape
        found = []
        for visit in range(visits):
            right = (sums.size_columns[visit] * self.alpha[:, visit, None, :]) @ root.transpose(0, 2, 1)
            for earlier in range(visit + 1):
                half = (root * sums.weights[:, earlier, None, :]) @ right
                found.append((half + half.transpose(0, 2, 1)).reshape(trials, -1))
        return np.stack(found, axis=1)


def evaluate(sums: Sums, rho: Floats) -> Points:
    """Evaluate the likelihood at `rho` (T x V x V, lower, its diagonal above 0)."""
    visits = rho.shape[1]
    alpha = rho @ sums.weights
    root, log_size, least = _factor(sums.columns, alpha, sums.unused)
    size_root = root
    if sums.size_columns is not sums.columns:
        size_root, log_size, _ = _factor(sums.size_columns, alpha, sums.size_unused)
    rows = rho.transpose(1, 0, 2)[..., None]
    beta = (alpha.transpose(1, 0, 2) * (sums.mixed @ rows)[..., 0]).sum(axis=0)
    half = (root @ beta[..., None])[..., 0]
    gamma = (half[:, None, :] @ root)[:, 0]
    squares = (rows.transpose(0, 1, 3, 2) @ sums.responses @ rows).sum(axis=0)[:, 0, 0] - (half**2).sum(axis=1)
    diagonal = np.diagonal(rho, axis1=1, axis2=2)
    deviance = log_size + squares - 2.0 * (sums.number.T * np.log(diagonal)).sum(axis=1)

    inverse = root.transpose(0, 2, 1) @ root
    joined = gamma[:, :, None] * gamma[:, None, :]
    by_visit = sums.weights * gamma[:, None, :]
    turned = sums.weights.transpose(0, 2, 1)
    expected = np.empty((visits, *rho.shape))
    for visit in range(visits):
        crossed = by_visit @ sums.mixed[visit]
        if size_root is root:
            spread = (inverse + joined) * sums.columns[visit]
        else:
            spread = joined * sums.columns[visit]
            spread += (size_root.transpose(0, 2, 1) @ size_root) * sums.size_columns[visit]
        expected[visit] = sums.responses[visit] - crossed - crossed.transpose(0, 2, 1)
        expected[visit] += sums.weights @ spread @ turned
    return Points(sums, rho, alpha, gamma, root, size_root, deviance, expected, least)


def _factor(columns: Floats, alpha: Floats, unused: Booleans) -> tuple[Floats, Floats, Floats]:
    """Inverse of the factor of F (T x k x k), log|F| (T), and the least share of a column that is its own (T)."""
    total = np.zeros(columns.shape[1:])
    for visit, products in enumerate(columns):
        total += alpha[:, visit, :, None] * alpha[:, visit, None, :] * products
    places = np.arange(total.shape[1])
    total[:, places, places] += unused
    root = inverse_factor(total)
    pivots = np.diagonal(root, axis1=1, axis2=2)
    share = 1.0 / (pivots**2 * np.diagonal(total, axis1=1, axis2=2))
    return root, -2.0 * np.log(pivots).sum(axis=1), share.min(axis=1, initial=1.0)
