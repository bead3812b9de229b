"""Power of the multiple contrast test, and the sample size for it.

Under a candidate with means mu the statistics have the noncentral joint t distribution (Kshirsagar) with
noncentralities c'mu / sqrt(c'Sc); power = 1 - P(no statistic passes the critical value). Source: Pinheiro,
Bornkamp and Bretz, J Biopharm Stat 2006;16:639-56. As `powMCT` and `sampSizeMCT` of the R package DoseFinding,
which solves for a fractional sample size within a tolerance of the power where we give the smallest whole one that
reaches it. Checked against them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import polars as pl

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.arrays import read_floats
from equipoise.statistics.distributions import Floats
from equipoise.statistics.dose_finding.contrasts.contrast_test import Alternative, require_alternative
from equipoise.statistics.dose_finding.contrasts.optimal import (
    ContrastKind,
    Contrasts,
    correlate_contrasts,
    optimal_contrasts,
)
from equipoise.statistics.dose_finding.estimates import from_weights, require_covariance
from equipoise.statistics.dose_finding.models.candidates import Candidates
from equipoise.statistics.multivariate import t_equicoordinate_quantile, t_rectangles

Summary = Literal["mean", "min", "max"]
_LARGEST = 10**7


@dataclass(frozen=True, eq=False)
class ContrastPower:
    """Power of a multiple contrast test: `table` (candidate, power), its mean and smallest.

    `n`: participants at each dose, None where a covariance was given.
    """

    table: pl.DataFrame
    mean: float
    smallest: float
    critical_value: float
    df: float
    n: tuple[int, ...] | None


def contrast_test_power(
    candidates: Candidates,
    *,
    n: int | Sequence[int] | None = None,
    sd: float | None = None,
    covariance: Floats | Sequence[Sequence[float]] | None = None,
    df: float | None = None,
    contrasts: Contrasts | None = None,
    alpha: float = 0.025,
    alternative: Alternative = "one-sided",
    kind: ContrastKind = "unconstrained",
) -> ContrastPower:
    """Find the power of the multiple contrast test under each candidate with its placebo and maximum effect.

    Either `n` participants at each dose (a number: the same at all) and the residual `sd`, on sum(n) - doses
    degrees of freedom unless `df` says otherwise; or the `covariance` of the estimates (then `df` is by default
    infinite). `contrasts`: by default the optimal ones of the candidates for that design. Raises `DataError` for
    input that does not go together.
    """
    require_alternative(alternative, alpha)
    k = len(candidates.doses)
    if covariance is not None:
        if n is not None or sd is not None:
            raise DataError("power needs n and sd, or a covariance. Got both")
        spread = read_floats(covariance, "a covariance")
        if spread.shape != (k, k):
            raise DataError(f"{k} doses need a covariance of that size. Got {spread.shape}")
        require_covariance(spread, "the covariance of the dose means")
        sizes, freedom = None, float("inf") if df is None else float(df)
    else:
        sizes = _sizes(n, k)
        if sd is None or not (np.isfinite(sd) and sd > 0):
            raise DataError(f"power needs a finite sd above 0. Got {sd}")
        spread = sd**2 * from_weights(sizes, k)
        freedom = float(sum(sizes) - k) if df is None else float(df)
    if not freedom > 0:
        raise DataError(f"power needs more participants than doses. Got {sizes} at {k} doses")
    if contrasts is None:
        contrasts = optimal_contrasts(candidates, covariance=spread, kind=kind)
    elif contrasts.placebo_adjusted or contrasts.doses != candidates.doses:
        raise DataError(f"contrasts must be of the means at {candidates.doses}. Got {contrasts.doses}")
    table, critical = _power(candidates, contrasts.matrix, spread, freedom, alpha, alternative)
    power = table["power"].to_numpy()
    return ContrastPower(table, float(power.mean()), float(power.min()), critical, freedom, sizes)


def contrast_test_sample_size(
    candidates: Candidates,
    *,
    sd: float,
    power: float,
    ratio: float | Sequence[float] = 1.0,
    summary: Summary = "mean",
    contrasts: Contrasts | None = None,
    alpha: float = 0.025,
    alternative: Alternative = "one-sided",
    kind: ContrastKind = "unconstrained",
) -> ContrastPower:
    """Find the smallest sample size with which the multiple contrast test has at least `power`.

    `ratio`: allocation to the doses, up to a factor; the smallest group is raised one by one, the others are its
    multiples, rounded up. `summary`: which power over the candidates must reach it, `mean` (as DoseFinding), `min`
    or `max`. `contrasts` are by default optimal for the ratio. Returns the power at that size. Raises `DataError`
    for wrong input, `EstimationFailed` where ten million in the smallest group do not suffice.
    """
    if summary not in get_args(Summary):
        raise DataError(f"a summary of the power must be mean, min or max. Got {summary}")
    if not alpha < power < 1:
        raise DataError(f"power must lie between the level {alpha:g} and 1. Got {power:g}")
    k = len(candidates.doses)
    share = 1.0 / np.diag(from_weights(ratio, k))
    share /= share.min()
    fixed = contrasts or optimal_contrasts(candidates, weights=share.tolist(), kind=kind)

    def at(smallest: int, df: float | None = None) -> ContrastPower:
        sizes = np.ceil(smallest * share - 1e-9).astype(int).tolist()
        return contrast_test_power(
            candidates, n=sizes, sd=sd, df=df, contrasts=fixed, alpha=alpha, alternative=alternative
        )

    def enough(found: ContrastPower) -> bool:
        return float(getattr(found.table["power"], summary)()) >= power

    # the normal distribution, far quicker, leads to within a few participants of the t distribution
    high, normal = 2, float("inf")
    while not enough(at(high, normal)):
        high *= 2
        if high > _LARGEST:
            raise EstimationFailed(f"no sample size reaches this power; enlarge the effects. Got {power:g}")
    low = 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(at(middle, normal)) else (middle, high)
    found = at(high)
    while not enough(found):
        high += 1
        found = at(high)
    while high > 2 and enough(smaller := at(high - 1)):
        high, found = high - 1, smaller
    return found


def _power(
    candidates: Candidates, matrix: Floats, spread: Floats, df: float, alpha: float, alternative: Alternative
) -> tuple[pl.DataFrame, float]:
    correlation = correlate_contrasts(matrix, spread)
    se = np.sqrt(np.einsum("im,ij,jm->m", matrix, spread, matrix))
    two_sided = alternative == "two-sided"
    critical = t_equicoordinate_quantile(1.0 - alpha, correlation, df, two_sided=two_sided)
    centres = np.stack([one.means(candidates.doses) @ matrix / se for one in candidates.candidates])
    accepted = t_rectangles(-critical if two_sided else -np.inf, critical, correlation, df, mean=centres)
    return pl.DataFrame({"candidate": candidates.labels, "power": 1.0 - accepted}), critical


def _sizes(n: int | Sequence[int] | None, k: int) -> tuple[int, ...]:
    if n is None:
        raise DataError("power needs n and sd, or a covariance. Got neither")
    sizes = [n] * k if isinstance(n, int | float) else list(n)
    if len(sizes) != k or any(size < 1 or size != int(size) for size in sizes):
        raise DataError(f"{k} doses need as many whole group sizes above 0. Got {sizes}")
    return tuple(int(size) for size in sizes)
