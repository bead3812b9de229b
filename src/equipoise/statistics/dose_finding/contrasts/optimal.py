"""Optimal contrasts of dose means for candidate shapes.

Unconstrained: c proportional to S^-1 (mu - 1 (mu'S^-1 1) / (1'S^-1 1)), which makes c'mu / sqrt(c'Sc) largest; S
is the covariance of the dose means (diag(1 / n) for group sizes n). Constrained: the largest of the same ratio
among contrasts that give placebo one sign and no active dose that sign, a non-negative least squares problem in
the active doses. Columns have length 1 and c'mu > 0, so that benefit is a large statistic in either direction.

Sources: Bretz, Pinheiro and Branson, Biometrics 2005;61:738-48; Pinheiro, Bornkamp, Glimm and Bretz, Statistics in
Medicine 2014;33:1646-61. As `optContr` of the R package DoseFinding. Contrasts of Williams type: Bretz,
Computational Statistics and Data Analysis 2006;50:1735-48, as `contrMat(type = "Williams")` of multcomp. Checked
against both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import polars as pl
from scipy.linalg import solve, solve_triangular
from scipy.optimize import nnls

from equipoise.errors import DataError
from equipoise.statistics.arrays import read_floats
from equipoise.statistics.distributions import Floats
from equipoise.statistics.dose_finding.estimates import from_weights, require_covariance
from equipoise.statistics.dose_finding.models.candidates import Candidates, require_doses

ContrastKind = Literal["unconstrained", "constrained"]


@dataclass(frozen=True, eq=False)
class Contrasts:
    """Contrasts of the means at `doses`: `matrix` has a row for each dose and a column for each of `labels`.

    `covariance` is the matrix S they were made for, `placebo_adjusted` whether they are for differences from
    placebo (their columns then do not sum to 0).
    """

    labels: tuple[str, ...]
    doses: tuple[float, ...]
    matrix: Floats
    covariance: Floats
    placebo_adjusted: bool = False

    @property
    def table(self) -> pl.DataFrame:
        """Tabulate the coefficients: a column `dose`, and one for each contrast."""
        columns = {label: self.matrix[:, place] for place, label in enumerate(self.labels)}
        return pl.DataFrame({"dose": self.doses, **columns})

    @property
    def correlation(self) -> Floats:
        """Correlate the contrasts of means that have the covariance S: contrasts x contrasts."""
        return correlate_contrasts(self.matrix, self.covariance)


def optimal_contrasts(
    candidates: Candidates,
    *,
    weights: float | Sequence[float] | None = None,
    covariance: Floats | Sequence[Sequence[float]] | None = None,
    doses: Sequence[float] | None = None,
    kind: ContrastKind = "unconstrained",
    placebo_adjusted: bool = False,
) -> Contrasts:
    """Find the contrast for each candidate.

    Give either `weights` (group sizes, up to a factor; a number means equal groups) or `covariance` (k x k, up to
    a factor) of the means at `doses` (default: those of the candidates; without 0 when `placebo_adjusted`).
    `kind`: `unconstrained`, or `constrained`: no active dose has placebo's sign. Raises `DataError` for input that
    does not go together.
    """
    if kind not in get_args(ContrastKind):
        raise DataError(f"contrasts are unconstrained or constrained. Got {kind}")
    levels = np.array(require_doses([0.0, *(dose for dose in doses or candidates.doses if dose != 0)]))
    if doses is not None and not placebo_adjusted and 0.0 not in doses:
        raise DataError("contrasts of means need the dose 0 among their doses, or placebo_adjusted. Got none")
    active = levels[1:] if placebo_adjusted else levels
    if (weights is None) == (covariance is None):
        raise DataError("contrasts need either weights or a covariance. Got both or neither")
    if placebo_adjusted and covariance is None:
        raise DataError("contrasts of differences from placebo need their covariance. Got weights")
    if covariance is not None:
        s = read_floats(covariance, "a covariance")
        if s.shape != (active.size, active.size):
            raise DataError(f"{active.size} doses need a covariance of that size. Got {s.shape}")
        require_covariance(s, "the covariance of the dose means")
    else:
        assert weights is not None
        s = from_weights(weights, active.size)
    columns = []
    for one in candidates.candidates:
        mu = one.means(levels)
        effect = (mu[1:] - mu[0]) if placebo_adjusted else mu
        if np.ptp(mu) <= 1e-10 * np.abs(mu - one.placebo_effect).max(initial=abs(one.maximum_effect)):
            raise DataError(f"candidate {one.label} must vary over the doses. Got the same mean at all of them")
        if kind == "unconstrained":
            column = solve(s, effect if placebo_adjusted else _centred(effect, s), assume_a="pos")
        else:
            column = _constrained(mu[1:] - mu[0], s, placebo_adjusted=placebo_adjusted)
        column = column if placebo_adjusted else column - column.mean()
        columns.append(column / np.linalg.norm(column))
    return Contrasts(candidates.labels, tuple(active.tolist()), np.stack(columns, axis=1), s, placebo_adjusted)


def williams_contrasts(weights: Sequence[float], doses: Sequence[float]) -> Contrasts:
    """Find the contrasts of Williams type: the pooled means of the highest 1, 2, ... doses, each minus placebo.

    `weights`: group sizes in the order of `doses`, the first of which is 0. Benefit is an increase; turn the sign
    of `matrix` for a decrease. Raises `DataError` for weights and doses that do not go together.
    """
    levels = require_doses(doses)
    s = from_weights(weights, len(levels))
    size = 1.0 / np.diag(s)
    columns, labels = [], []
    for first in range(len(levels) - 1, 0, -1):
        pooled = np.where(np.arange(len(levels)) >= first, size, 0.0)
        pooled /= pooled.sum()
        pooled[0] = -1.0
        columns.append(pooled)
        labels.append(f"{levels[first]:g} and above" if first < len(levels) - 1 else f"{levels[first]:g}")
    return Contrasts(tuple(labels), levels, np.stack(columns, axis=1), s)


def correlate_contrasts(matrix: Floats, covariance: Floats) -> Floats:
    """Correlate contrasts (columns of `matrix`) of means with `covariance`."""
    product = matrix.T @ covariance @ matrix
    scale = np.sqrt(np.diag(product))
    correlation = np.clip(product / np.outer(scale, scale), -1.0, 1.0)
    np.fill_diagonal(correlation, 1.0)
    return np.asarray((correlation + correlation.T) / 2.0)


def _centred(mu: Floats, s: Floats) -> Floats:
    weight = solve(s, np.ones(mu.size), assume_a="pos")
    return np.asarray(mu - (weight @ mu) / weight.sum())


def _constrained(effect: Floats, s: Floats, *, placebo_adjusted: bool) -> Floats:
    """Maximise c'effect / sqrt(c'Sc) over coefficients of the active doses that share the sign of the benefit."""
    sign = 1.0 if effect[np.abs(effect).argmax()] > 0 else -1.0
    to_difference = np.hstack([-np.ones((effect.size, 1)), np.eye(effect.size)])
    spread = s if placebo_adjusted else to_difference @ s @ to_difference.T
    lower = np.linalg.cholesky(spread)
    active, _ = nnls(lower.T, solve_triangular(lower, sign * effect, lower=True))
    active = sign * active
    return active if placebo_adjusted else np.concatenate([[-active.sum()], active])
