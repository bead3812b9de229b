"""Moments of a population as an analysis sees it: what the calculations of `design` need.

Drawn, with the same persons under every arm, so that differences between arms are precise; the seed is fixed, so
the same protocol gives the same moments.
"""

from collections.abc import Iterator, Mapping

import numpy as np

from ...design.moments import MeasurementMoments, Moments, ResponseMoments, TimeMoments
from ...errors import ProtocolError
from ...protocol import Protocol
from ...protocol.model import Estimand
from ...statistics.distributions import Floats
from ..population import Population, VirtualTrials, chunk_streams, draw_trials
from .needs import model_visits, population_for
from .outcomes import arms_of, measure_outcomes
from .times import time_outcomes

PARTICIPANTS = 100_000
"""Participants drawn, in trials of the planned size."""
GRID = 97
"""Times at which the course of an event is kept."""
AT_A_TIME = 20_000


def measure_moments(protocol: Protocol, analysis: str, scenario: str | None = None) -> Moments:
    """Return the moments of the outcome of an analysis under a scenario, None for no effect.

    Raises ProtocolError where the analysis has no estimand, or the assumptions cannot give its outcome.
    """
    spec = protocol.analyses[analysis]
    name = getattr(spec, "estimand", None)
    if name is None:
        raise ProtocolError(f"analyses.{analysis} has no estimand, so its outcome has no moments")
    estimand = protocol.estimands[name]
    visits = model_visits(protocol, spec, estimand)
    population = population_for(protocol, {name: estimand}, scenario, visits=visits)
    kind = estimand.variable.kind
    if kind == "time to event":
        return _times(population, name, estimand)
    if kind == "response":
        return _responses(population, estimand)
    return _measurements(population, estimand, visits)


def as_everyone_in(population: Population, arm: str, *, leave: bool) -> Iterator[VirtualTrials]:
    """Draw the population part by part, everybody in one arm."""
    place = list(population.protocol.arms).index(arm)
    trials = max(1, AT_A_TIME // population.participants)
    parts = -(-PARTICIPANTS // (trials * population.participants))
    for part in range(parts):
        yield draw_trials(population, chunk_streams(0, part), trials, arm=place, leave=leave)


def _whatever_is_missing(estimand: Estimand) -> Estimand:
    """Return the estimand as if every hypothetical value were seen."""
    seen = {event: s for event, s in estimand.intercurrent.items() if s != "hypothetical"}
    return estimand.model_copy(update={"intercurrent": seen})


def _measurements(population: Population, estimand: Estimand, visits: tuple[str, ...]) -> MeasurementMoments:
    protocol, whole = population.protocol, _whatever_is_missing(estimand)
    arms, _ = arms_of(protocol, estimand)
    means, covariances, shares, baseline = [], [], [], 0.0
    patterns = np.array(np.meshgrid(*[[1.0, 0.0]] * len(visits), indexing="ij")).reshape(len(visits), -1).T
    weights = 2 ** np.arange(len(visits))[::-1]
    for arm in arms:
        rows = []
        counted = np.zeros(len(patterns))
        for trials in as_everyone_in(population, arm, leave=False):
            full = measure_outcomes(protocol, whole, trials, visits)
            stacked = np.concatenate([full.baseline[..., None], full.outcome], axis=-1)[full.members]
            rows.append(stacked[~np.isnan(stacked).any(axis=-1)])
        for trials in as_everyone_in(population, arm, leave=True):
            found = measure_outcomes(protocol, estimand, trials, visits)
            missing = np.isnan(found.outcome[found.members & ~np.isnan(found.baseline)])
            counted += np.bincount(missing @ weights, minlength=len(patterns))
        values = np.concatenate(rows)
        means.append(values[:, 1:].mean(axis=0))
        covariances.append(np.cov(values, rowvar=False))
        shares.append(counted / counted.sum())
        baseline = float(values[:, 0].mean())
    kept = np.array(shares).sum(axis=0) > 0
    return MeasurementMoments(
        arms, visits, baseline, np.array(means), np.array(covariances), patterns[kept], np.array(shares)[:, kept]
    )


def _responses(population: Population, estimand: Estimand) -> ResponseMoments:
    protocol = population.protocol
    arms, _ = arms_of(protocol, estimand)
    shares = []
    for arm in arms:
        found = [measure_outcomes(protocol, estimand, t) for t in as_everyone_in(population, arm, leave=True)]
        shares.append(np.nanmean(np.concatenate([f.outcome[f.members][..., -1] for f in found])))
    return ResponseMoments(arms, np.array(shares))


def _times(population: Population, name: str, estimand: Estimand) -> TimeMoments:
    protocol = population.protocol
    arms, _ = arms_of(protocol, estimand)
    drawn: list[tuple[Floats, Floats]] = []
    for arm in arms:
        found = [time_outcomes(protocol, name, estimand, t) for t in as_everyone_in(population, arm, leave=True)]
        drawn.append(
            (
                np.concatenate([f.time[f.members] for f in found]),
                np.concatenate([f.event[f.members] for f in found]),
            )
        )
    grid = np.linspace(0.0, max(float(time.max()) for time, _ in drawn), GRID)
    survival = np.array([_product_limit(time, event, grid) for time, event in drawn])
    followed = np.array([_product_limit(time, 1.0 - event, grid) for time, event in drawn])
    return TimeMoments(arms, estimand.variable.unit, grid, survival, followed)


def _product_limit(time: Floats, event: Floats, grid: Floats) -> Floats:
    """Return the Kaplan-Meier estimate at the times of a grid."""
    order = np.argsort(time, kind="stable")
    at, happened = time[order], event[order]
    starts = np.flatnonzero(np.diff(at, prepend=-np.inf) > 0)
    events, at_risk = np.add.reduceat(happened, starts), len(at) - starts
    curve = np.cumprod(1.0 - events / at_risk)
    places = np.searchsorted(at[starts], grid, side="right") - 1
    return np.where(places >= 0, curve[np.maximum(places, 0)], 1.0)


def true_means(population: Population, estimands: Mapping[str, Estimand]) -> dict[str, Floats]:
    """Return, by estimand, the mean outcome of each arm at each visit when nobody is missing; arms x visits.

    The persons are the same under every arm. Estimands that are times to an event have none.
    """
    protocol = population.protocol
    measured = {
        name: _whatever_is_missing(estimand)
        for name, estimand in estimands.items()
        if estimand.variable.kind != "time to event"
    }
    means = {name: np.full((len(protocol.arms), len(e.variable.at)), np.nan) for name, e in measured.items()}
    for place, arm in enumerate(protocol.arms):
        totals = {name: np.zeros((2, len(estimand.variable.at))) for name, estimand in measured.items()}
        for trials in as_everyone_in(population, arm, leave=False):
            for name, estimand in measured.items():
                if arm not in arms_of(protocol, estimand)[0]:
                    continue
                found = measure_outcomes(protocol, estimand, trials)
                values = found.outcome[found.members]
                totals[name] += np.nansum(values, axis=0), (~np.isnan(values)).sum(axis=0)
        for name, (total, count) in totals.items():
            means[name][place] = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return {
        name: means[name][[list(protocol.arms).index(a) for a in arms_of(protocol, e)[0]]]
        for name, e in measured.items()
    }
