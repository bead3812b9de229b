"""Trials to fit, and the single fit of one of them as `mmrm` gives it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from equipoise.statistics import mmrm
from equipoise.statistics.repeated_measures import MmrmFit

Draw = Callable[..., tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any]]]


def draw_trials(
    trials: int,
    participants: int,
    visits: int,
    *,
    sites: int = 1,
    arms: int = 3,
    dropout: float = 0.15,
    gaps: float = 0.03,
    seed: int = 1,
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Draw outcomes on the scale of CD4 counts, covariates (1, baseline, arms, sites), and which are by visit."""
    rng = np.random.default_rng(seed)
    place = np.arange(visits)
    sd = 60.0 + 5.0 * place
    correlation = 0.55 + 0.4 * 0.9 ** np.abs(np.subtract.outer(place, place))
    np.fill_diagonal(correlation, 1.0)
    outcome = rng.normal(size=(trials, participants, visits))
    outcome = outcome @ np.linalg.cholesky(correlation * np.outer(sd, sd)).T
    baseline = rng.normal(180.0, 60.0, (trials, participants))
    outcome += 5.0 * place - 0.2 * (baseline - 180.0)[:, :, None]
    left = np.maximum.accumulate(rng.random(outcome.shape) < dropout / visits, axis=2)
    left[:, :, 0] = False
    outcome[left | (rng.random(outcome.shape) < gaps)] = np.nan
    arm = np.broadcast_to(np.arange(participants) % arms, baseline.shape)
    site = rng.permuted(np.tile(np.arange(participants) % sites, (trials, 1)), axis=1)
    columns = [np.ones_like(baseline), baseline]
    columns += [(arm == one).astype(float) for one in range(1, arms)]
    columns += [(site == one).astype(float) for one in range(1, sites)]
    by_visit = np.repeat([True, False], [1 + arms, sites - 1])
    return outcome, np.stack(columns, axis=2), by_visit


def fit_single(
    outcome: np.ndarray[Any, Any], covariates: np.ndarray[Any, Any], by_visit: np.ndarray[Any, Any], **options: Any
) -> MmrmFit:
    """Fit one trial by `mmrm`, its columns spelled out."""
    who, when = np.nonzero(~np.isnan(outcome))
    columns: dict[str, Any] = {"ID": who, "VISIT": when, "Y": outcome[who, when]}
    terms = ["0"]
    for place, every_visit in enumerate(by_visit):
        values = covariates[who, place]
        chosen = [when == visit for visit in range(outcome.shape[1])] if every_visit else [np.ones(who.size)]
        for at, where in enumerate(chosen):
            terms.append(f"X{place}_{at}")
            columns[terms[-1]] = values * where
    return mmrm(f"Y ~ {' + '.join(terms)}", pl.DataFrame(columns), subject="ID", visit="VISIT", **options)


@pytest.fixture
def draw() -> Draw:
    return draw_trials


@pytest.fixture
def single() -> Callable[..., MmrmFit]:
    return fit_single
