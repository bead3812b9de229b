"""Degrees of freedom that need no derivatives: residual and between-within.

Residual: observations less parameters (SAS DDFM=RESIDUAL). Between-within (Schluchter and Elashoff, J Statist
Comput Simul 1990;37:69-87; SAS DDFM=BW): a coefficient whose column is constant within every participant has
participants less the number of such coefficients; any other one, and the intercept, has observations less
participants less the number of other coefficients. A combination has the smallest of its coefficients' (R's mmrm).
Checked against mmrm.
"""

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from equipoise.errors import EstimationFailed
from equipoise.statistics.distributions import Floats, f_upper_p
from equipoise.statistics.linear.inference import FTest
from equipoise.statistics.repeated_measures.likelihood import Point
from equipoise.statistics.repeated_measures.sums import by_covariate

_SINGULAR = 1e-12  # smallest eigenvalue of a correlation matrix of rows that can be tested jointly

DfMethod = Literal["kenward-roger", "kenward-roger-second-order", "satterthwaite", "residual", "between-within"]


class Inference(Protocol):
    """A way from coefficients to t and F: their covariance `vcov` (p x p) and degrees of freedom."""

    @property
    def vcov(self) -> Floats:
        """Covariance of the coefficients (p x p)."""

    def degrees_of_freedom(self, rows: Floats) -> Floats:
        """Find the degrees of freedom of each of `rows` (m x p) of coefficients."""

    def joint_test(self, rows: Floats, beta: Floats) -> FTest:
        """Test that all `rows` (m x p, independent) of the coefficients are 0."""


@dataclass(frozen=True, eq=False)
class Fixed:
    """Degrees of freedom that each coefficient has (p), with any covariance of the coefficients."""

    vcov: Floats
    by_coefficient: Floats

    def degrees_of_freedom(self, rows: Floats) -> Floats:
        """Take the smallest degrees of freedom of the coefficients in each row."""
        smallest: Floats = np.where(rows != 0.0, self.by_coefficient, np.inf).min(axis=1)
        return smallest

    def joint_test(self, rows: Floats, beta: Floats) -> FTest:
        """Test rows by Wald's F on the smallest degrees of freedom of their coefficients."""
        f = wald_f(rows, beta, self.vcov)
        df = float(self.degrees_of_freedom(rows).min())
        return FTest(f, len(rows), df, f_upper_p(f, len(rows), df))


def residual_df(point: Point) -> Floats:
    """Give every coefficient the observations less the parameters."""
    size = point.gamma.size
    return np.full(size, point.sums.observations - size)


def between_within_df(point: Point, intercept: int | None) -> Floats:
    """Give each coefficient of the design its degrees of freedom; `intercept` is the intercept's place."""
    sums = point.sums
    at = sums.participants
    seen = sums.observed[at.pattern]
    design = sums.basis @ sums.root
    size = design.shape[1]
    constant = np.empty(size, dtype=bool)
    for column in range(size):
        values = at.z @ by_covariate(sums, design[:, column])
        highest = np.where(seen, values, -np.inf).max(axis=1)
        lowest = np.where(seen, values, np.inf).min(axis=1)
        constant[column] = bool((highest - lowest <= 1e-9 * np.abs(values).max()).all())
    participants = len(at.pattern)
    between = participants - int(constant.sum())
    within = sums.observations - participants - int((~constant).sum())
    found = np.where(constant, between, within).astype(float)
    if intercept is not None:
        found[intercept] = within
    return found


def wald_f(rows: Floats, beta: Floats, vcov: Floats) -> float:
    """Compute (L beta)'(L V L')^-1 (L beta) / r; `EstimationFailed` where L V L' is singular."""
    value, middle = rows @ beta, rows @ vcov @ rows.T
    sd = np.sqrt(np.abs(np.diag(middle)))
    smallest = float(np.linalg.eigvalsh(middle / np.outer(sd, sd)).min()) if sd.all() else 0.0
    if not smallest > _SINGULAR:
        raise EstimationFailed(
            f"a joint test of {len(rows)} rows needs a covariance of that rank; an empirical variance needs more "
            f"participants than rows, so take variance model or fewer rows. Got a smallest eigenvalue of "
            f"{smallest:.2g}"
        )
    return float(value @ np.linalg.solve(middle, value)) / len(rows)


def f_by_directions(rows: Floats, beta: Floats, inference: "Inference") -> FTest:
    """Test rows by F with degrees of freedom joined from those of independent directions.

    Fai and Cornelius, J Statist Comput Simul 1996;54:363-78: with nu_i those of the eigenvectors of L V L' and
    E = sum of nu_i / (nu_i - 2), the denominator has 2 E / (E - r); 2 where some nu_i is 2 or less (as R's mmrm).
    """
    count = len(rows)
    f = wald_f(rows, beta, inference.vcov)
    if count == 1:
        df = float(inference.degrees_of_freedom(rows)[0])
        return FTest(f, 1, df, f_upper_p(f, 1, df))
    _, vectors = np.linalg.eigh(rows @ inference.vcov @ rows.T)
    each = inference.degrees_of_freedom(vectors.T @ rows)
    if np.ptp(each) < 1e-8 * each.max():
        df = float(each.mean())
    elif (each <= 2.0).any():
        df = 2.0
    else:
        expected = float((each / (each - 2.0)).sum())
        df = 2.0 * expected / (expected - count)
    return FTest(f, count, df, f_upper_p(f, count, df))
