"""The pools beside the model of level and slope they were calibrated to: what both say of one population.

Level and slope: a participant's true count is L + S t from day 0 (L before it), both normal and independent, at
least 1. Counts are the truth times a lognormal error of mean 1 and are rounded. For the responses, participants
are enrolled whose count at screening is eligible; nobody is treated, so every response is noise, drift and
selection.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from equipoise.errors import DataError
from equipoise.simulation.cd4_pools.calibrate import calibrate_pools
from equipoise.simulation.cd4_pools.draw import draw_participants
from equipoise.simulation.cd4_pools.participants import PoolParameters
from equipoise.simulation.cd4_pools.rates import PoolRates
from equipoise.simulation.cd4_pools.solve import solve_pools
from equipoise.statistics.distributions import Floats

SLOPES, POOLS = "level and slope", "pools"
SCREENING = -14.0
WEEKS = np.arange(0, 97, 4)
VISITS = (4, 12, 24, 36, 48, 60, 72, 84, 96)
RISE, CELLS = 1.3, 50.0


@dataclass(frozen=True, eq=False)
class ModelComparison:
    """What `compare_with_slopes` found; `model` in the frames is `level and slope` or `pools`.

    courses: model, week, mean, lower, upper (10 and 90 % of true counts, cells/uL), correlation (of true counts,
    with week 0). changes: true change from week 0 to 48, cells/uL, by model. pools: mean naive, memory and
    activated cells/uL by week. responses: model, definition, share, se, over `enrolled` participants by model.
    """

    parameters: PoolParameters
    courses: pl.DataFrame
    changes: dict[str, Floats]
    pools: pl.DataFrame
    responses: pl.DataFrame
    enrolled: dict[str, int]


def compare_with_slopes(
    level_mean: float,
    level_sd: float,
    slope_mean: float,
    slope_sd: float,
    per_days: float,
    rng: np.random.Generator,
    *,
    size: int = 20_000,
    within_cv: float = 0.17,
    eligible: tuple[float, float] = (50.0, 250.0),
    rates: PoolRates | None = None,
) -> ModelComparison:
    """Calibrate the pools to a level and a slope and draw `size` participants of each model.

    The first five arguments are those of `calibrate_pools`. `within_cv`: coefficient of variation of repeated
    counts. `eligible`: counts at screening above the first and up to the second are enrolled, cells/uL. Raises
    `DataError` where fewer than 2 participants of a model are eligible.
    """
    parameters = calibrate_pools(level_mean, level_sd, slope_mean, slope_sd, per_days, rates=rates)
    days = np.concatenate([[SCREENING], 7.0 * WEEKS])
    level = rng.normal(level_mean, level_sd, (size, 1))
    slope = rng.normal(slope_mean, slope_sd, (size, 1))
    lines = np.maximum(level + slope * np.maximum(days, 0.0) / per_days, 1.0)
    pools = solve_pools(draw_participants(parameters, rng, size), days, rates=parameters.rates)
    truths = {SLOPES: lines, POOLS: pools.total}
    responses, enrolled = [], {}
    for model, truth in truths.items():
        spread = np.sqrt(np.log1p(within_cv**2))
        counts = np.rint(truth * np.exp(rng.normal(-(spread**2) / 2.0, spread, truth.shape)))
        counts = counts[(counts[:, 0] > eligible[0]) & (counts[:, 0] <= eligible[1]), 1:]
        if len(counts) < 2:
            raise DataError(
                f"hardly anyone has an eligible count at screening; widen eligible. Got {len(counts)} of {size} "
                f"by {model}"
            )
        enrolled[model] = len(counts)
        responses += [(model, name, *_share(met)) for name, met in _respond(counts).items()]
    return ModelComparison(
        parameters,
        pl.concat([_course(model, truth[:, 1:]) for model, truth in truths.items()]),
        {model: truth[:, 1 + _place(48)] - truth[:, 1] for model, truth in truths.items()},
        pl.DataFrame(
            {"week": WEEKS}
            | {name: getattr(pools, name)[:, 1:].mean(axis=0) for name in ("naive", "memory", "activated")}
        ),
        pl.DataFrame(responses, schema=["model", "definition", "share", "se"], orient="row"),
        enrolled,
    )


def _course(model: str, truth: Floats) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "model": [model] * len(WEEKS),
            "week": WEEKS,
            "mean": truth.mean(axis=0),
            "lower": np.quantile(truth, 0.1, axis=0),
            "upper": np.quantile(truth, 0.9, axis=0),
            "correlation": np.asarray(np.corrcoef(truth.T))[0],
        }
    )


def _respond(counts: Floats) -> dict[str, NDArray[np.bool_]]:
    """Say by definition who responds, from the counts of enrolled participants in all `WEEKS`."""
    baseline = counts[:, :1]
    visits = counts[:, [_place(week) for week in VISITS]]
    risen = np.greater_equal(visits, RISE * baseline)
    met = {
        "30 % over baseline, ever": risen.any(axis=1),
        "50 cells over baseline, ever": np.greater_equal(visits, baseline + CELLS).any(axis=1),
        "30 %, at two visits running": (risen[:, 1:] & risen[:, :-1]).any(axis=1),
        "30 %, at week 48": risen[:, VISITS.index(48)],
    }
    return {name: np.asarray(who) for name, who in met.items()}


def _share(met: NDArray[np.bool_]) -> tuple[float, float]:
    share = float(met.mean())
    return share, float(np.sqrt(share * (1.0 - share) / met.size))


def _place(week: int) -> int:
    return int(np.flatnonzero(week == WEEKS)[0])
