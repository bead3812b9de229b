"""Schemes side by side: imbalance over time, predictability, and the size of analyses, for one kind of trial.

Every scheme allocates the same virtual participants. Numbers come from simulated trials; each mean has its Monte
Carlo standard error.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from equipoise.errors import DataError
from equipoise.randomisation.properties.analysis_size import simulate_analysis_sizes
from equipoise.randomisation.properties.imbalance import measure_imbalance, measure_stratum_imbalance
from equipoise.randomisation.properties.predictability import measure_predictability
from equipoise.randomisation.schemes import Scheme
from equipoise.randomisation.strata import Integers
from equipoise.statistics.distributions import Floats


@dataclass(frozen=True, eq=False)
class SchemeComparison:
    """What each scheme does in trials of `participants`, from `trials` simulated ones.

    summary: scheme, property, value, error (Monte Carlo standard error; missing for percentiles). Properties:
    `final imbalance` and `largest imbalance` (over time) of the whole trial, and `stratum imbalance` of the
    worst stratum at the end, each as mean and as `..., 95th percentile`; `correct guesses` (convergence
    strategy), `best guesses` (by one who knows the method), `deterministic` as shares of allocations; `size,
    <analysis>` at `alpha`.

    imbalance: scheme, scope (`trial` or `worst stratum`), participants (so far), mean, percentile_95.
    """

    participants: int
    trials: int
    alpha: float
    summary: pl.DataFrame
    imbalance: pl.DataFrame

    def value(self, scheme: str, name: str) -> float:
        """Return one property of one scheme; `DataError` where there is none of these names."""
        found = self.summary.filter((pl.col("scheme") == scheme) & (pl.col("property") == name))
        if found.height != 1:
            known = ", ".join(self.summary["property"].unique(maintain_order=True))
            raise DataError(f"the properties compared are {known}. Got {name} of {scheme}")
        return float(found["value"][0])


def compare_schemes(
    schemes: Mapping[str, Scheme],
    *,
    n: int,
    rng: np.random.Generator,
    factors: Sequence[Sequence[float]] = (),
    trials: int = 1000,
    trend: float = 1.0,
    effect: float = 1.0,
    alpha: float = 0.05,
    retests: int = 0,
    redraws: int = 199,
) -> SchemeComparison:
    """Compare schemes, by label, in trials of `n` participants.

    `factors` holds, for each stratification factor, the shares of its levels among participants. `trend` and
    `effect` are the rise of the outcome over the trial and over the levels of each factor, in standard
    deviations. The re-randomisation test is done in `retests` of the trials with `redraws` allocations each; 0
    leaves it out. Raises `DataError` for nothing to compare, and shares that are none.
    """
    if not schemes or n < 2 or trials < 2:
        raise DataError(
            "a comparison needs a scheme, two participants and two trials at least. "
            f"Got {len(schemes)} schemes, {n} participants, {trials} trials"
        )
    levels = draw_levels(rng, factors, trials, n)
    summary: list[pl.DataFrame] = []
    over_time: list[pl.DataFrame] = []
    for label, scheme in schemes.items():
        allocation = scheme.draw(rng, levels)
        whole = measure_imbalance(scheme, allocation)
        rows = [*_spread("final imbalance", whole[:, -1]), *_spread("largest imbalance", whole.max(axis=1))]
        over_time.append(_course(label, "trial", whole))
        if factors:
            worst = measure_stratum_imbalance(scheme, allocation, levels)
            rows += _spread("stratum imbalance", worst[:, -1])
            over_time.append(_course(label, "worst stratum", worst))
        guesses = measure_predictability(scheme, allocation, levels)
        rows += [
            _mean("correct guesses", guesses.correct),
            _mean("best guesses", guesses.best),
            _mean("deterministic", guesses.deterministic),
        ]
        sizes = simulate_analysis_sizes(
            scheme,
            allocation,
            levels,
            rng,
            trend=trend,
            effect=effect,
            alpha=alpha,
            retests=retests,
            redraws=redraws,
        )
        rows += [(f"size, {found.analysis}", found.size, found.error) for found in sizes]
        summary.append(
            pl.DataFrame(
                [(label, *row) for row in rows],
                schema={"scheme": pl.String, "property": pl.String, "value": pl.Float64, "error": pl.Float64},
                orient="row",
            )
        )
    return SchemeComparison(n, trials, alpha, pl.concat(summary), pl.concat(over_time))


def draw_levels(rng: np.random.Generator, factors: Sequence[Sequence[float]], trials: int, n: int) -> Integers:
    """Draw the levels of factors for T trials of n participants, T x n x k, from the shares of the levels."""
    levels = np.zeros((trials, n, len(factors)), dtype=np.int64)
    for place, shares in enumerate(factors):
        given = np.asarray(shares, dtype=float)
        if given.ndim != 1 or given.size < 2 or not (given > 0).all() or abs(given.sum() - 1.0) > 1e-9:
            raise DataError(
                "the shares of a factor's levels must be two or more numbers above 0 that add up to 1. "
                f"Got {list(shares)}"
            )
        levels[:, :, place] = np.searchsorted(np.cumsum(given)[:-1], rng.random((trials, n)), side="right")
    return levels


def _mean(name: str, values: Floats) -> tuple[str, float, float | None]:
    return name, float(values.mean()), float(values.std(ddof=1) / np.sqrt(values.size))


def _spread(name: str, values: Floats) -> list[tuple[str, float, float | None]]:
    return [_mean(name, values), (f"{name}, 95th percentile", float(np.quantile(values, 0.95)), None)]


def _course(label: str, scope: str, imbalance: Floats) -> pl.DataFrame:
    n = imbalance.shape[1]
    return pl.DataFrame(
        {
            "scheme": [label] * n,
            "scope": [scope] * n,
            "participants": np.arange(1, n + 1),
            "mean": imbalance.mean(axis=0),
            "percentile_95": np.quantile(imbalance, 0.95, axis=0),
        }
    )
