"""Tests that combine the p-values of separate stages, whatever was changed between them.

Inverse normal (Lehmacher and Wassmer 1999): Z_k = sum w_i z_i / sqrt(sum w_i^2), z_i = Phi^{-1}(1 - p_i), with
weights fixed beforehand; under the hypothesis the Z_k are distributed as the statistics of a group sequential
design with information rates w_1^2 + ... + w_k^2, so its bounds hold after any change of sample size, and the
weights are the roots of its increments of information. Fisher's product for two stages (Bauer and Koehne 1994):
reject at stage 1 for p_1 <= alpha_1, accept for p_1 > alpha_0, reject at stage 2 for p_1 p_2 <= c. Checked
against R rpact.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from scipy import optimize

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats, normal_quantile
from equipoise.statistics.sequential.boundaries import HaybittlePeto
from equipoise.statistics.sequential.design import GroupSequential
from equipoise.statistics.sequential.inference import repeated_p
from equipoise.statistics.sequential.recursion import exit_probabilities


@dataclass(frozen=True)
class InverseNormal:
    """An inverse normal combination test after the stages in `p`.

    `z`: combined statistic at each look; `weights`: of the stages, their squares sum to the information rates;
    `rejected_at`: first look at which the bound is crossed, None if none; `p_repeated`: smallest alpha at which
    the latest look rejects, None at interim looks of Haybittle and Peto; `p_final`: p by stage-wise ordering for
    a trial that ended at the latest look.
    """

    design: GroupSequential
    p: tuple[float, ...]
    weights: tuple[float, ...]
    z: tuple[float, ...]
    rejected_at: int | None
    p_repeated: float | None
    p_final: float

    def tabulate(self) -> pl.DataFrame:
        """Tabulate the stages: look, p (of the stage), weight, z (combined), lower, upper."""
        done = len(self.p)
        bounds = self.design.tabulate().head(done)
        return bounds.select(
            "look",
            pl.Series("p", self.p),
            pl.Series("weight", self.weights[:done]),
            pl.Series("z", self.z),
            "lower",
            "upper",
        )


@dataclass(frozen=True)
class Fisher:
    """Bounds of Fisher's product test in two stages; `c` is that of the product of both p-values."""

    alpha: float
    alpha1: float
    alpha0: float
    c: float

    def second_p(self, p1: float) -> float:
        """Find the largest p of the second stage that rejects, the conditional error, given `p1` of the first."""
        if not 0 <= p1 <= 1:
            raise DataError(f"a p-value must lie between 0 and 1. Got {p1:g}")
        if p1 <= self.alpha1:
            return 1.0
        return 0.0 if p1 > self.alpha0 else min(1.0, self.c / p1)


def combine_z(design: GroupSequential, z: Floats) -> Floats:
    """Combine stage-wise `z` (stages, or stages x hypotheses) with the weights of `design`, look by look."""
    rates = np.asarray(design.information_rates[: z.shape[0]])
    weights = np.sqrt(np.diff(rates, prepend=0.0))
    combined: Floats = np.cumsum((weights * z.T).T, axis=0).T / np.sqrt(rates)
    return combined.T


def repeated_p_or_none(design: GroupSequential, look: int, z: float) -> float | None:
    """Find the repeated p, or None at interim looks of Haybittle and Peto, whose bounds do not depend on alpha."""
    fixed = isinstance(design.rule, HaybittlePeto) and look < design.looks
    return None if fixed else repeated_p(design, look, z)


def inverse_normal(design: GroupSequential, p: Sequence[float]) -> InverseNormal:
    """Combine one-sided p-values `p` of the separate stages done so far by the weights of a one-sided `design`.

    The p-values must be of the stage alone, not cumulative, and independent under the hypothesis. Raises
    `DataError` for more p-values than looks, values outside 0-1 (exclusive) or a two-sided design.
    """
    if design.sides != 1:
        raise DataError("stages are combined by one-sided p-values; take a one-sided design. Got 2 sides")
    if not 1 <= len(p) <= design.looks:
        raise DataError(f"p must have a value for each stage done, 1 to {design.looks}. Got {len(p)}")
    if not all(0 < one < 1 for one in p):
        raise DataError(
            f"p-values of stages must lie between 0 and 1 (exclusive). Got {', '.join(f'{x:g}' for x in p)}"
        )
    done = len(p)
    combined = combine_z(design, -normal_quantile(np.asarray(p, dtype=float)))
    crossed = np.flatnonzero(combined >= np.asarray(design.upper[:done]))
    lower = design.lower[: done - 1] if design.binding else (-np.inf,) * (done - 1)
    latest = float(combined[-1])
    above = exit_probabilities(
        design.information_rates[:done], (*lower, -np.inf), (*design.upper[: done - 1], latest), 0.0
    )[1]
    return InverseNormal(
        design=design,
        p=tuple(float(one) for one in p),
        weights=tuple(float(w) for w in np.sqrt(np.diff(design.information_rates, prepend=0.0))),
        z=tuple(float(z) for z in combined),
        rejected_at=int(crossed[0]) + 1 if crossed.size else None,
        p_repeated=repeated_p_or_none(design, done, latest),
        p_final=float(above.sum()),
    )


def fisher_combination(
    alpha: float = 0.025,
    *,
    alpha1: float | Literal["equal", "full"] = "equal",
    alpha0: float = 1.0,
) -> Fisher:
    """Find the bounds of Fisher's product test in two stages with one-sided level `alpha`.

    `alpha1`: level of the first stage; `full` gives c the level alpha if both stages were always done (Bauer and
    Koehne), `equal` gives both bounds the same level in a test that would stop nowhere else. `alpha0`: binding
    futility, at 1 none. Raises `DataError` for levels out of order.
    """
    if not 0 < alpha < 0.5:
        raise DataError(f"alpha must lie between 0 and 0.5 (exclusive); try 0.025. Got {alpha:g}")
    if not alpha < alpha0 <= 1:
        raise DataError(f"alpha0 must lie above alpha and at most at 1. Got {alpha0:g}")
    if alpha1 == "full":
        c = _product_bound(alpha)
        # Without futility, alpha_1 = c spends alpha exactly
        first = c if alpha0 == 1 else float(optimize.brentq(lambda a: _size(a, c, alpha0) - alpha, c, alpha))
    elif alpha1 == "equal":
        first = float(
            optimize.brentq(lambda a: _size(a, _product_bound(a), alpha0) - alpha, 1e-12, alpha, xtol=1e-15)
        )
        c = _product_bound(first)
    else:
        first = float(alpha1)
        if not 0 < first < alpha:
            raise DataError(f"alpha1 must lie between 0 and alpha (exclusive). Got {first:g}")
        c = float(optimize.brentq(lambda x: _size(first, x, alpha0) - alpha, 1e-300, alpha0, xtol=1e-15))
    return Fisher(alpha, first, alpha0, c)


def fisher_p(p1: float, p2: float) -> float:
    """Find the p of the product of two independent p-values: P(p1 p2 <= product) = product (1 - log product)."""
    product = p1 * p2
    if not 0 < product <= 1:
        raise DataError(f"p-values must lie above 0 and at most at 1. Got {p1:g}, {p2:g}")
    return product * (1.0 - float(np.log(product)))


def _product_bound(level: float) -> float:
    """Find c with P(p1 p2 <= c) = `level`."""
    return float(optimize.brentq(lambda c: c * (1.0 - np.log(c)) - level, 1e-300, 1.0, xtol=1e-16))


def _size(alpha1: float, c: float, alpha0: float) -> float:
    """Find the level: alpha1 plus the integral of min(1, c / p) over (alpha1, alpha0)."""
    sure = min(max(c, alpha1), alpha0)
    return sure + c * float(np.log(alpha0 / sure))
