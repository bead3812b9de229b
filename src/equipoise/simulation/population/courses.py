"""The courses of the main item: how it runs in a participant without treatment, and what is recorded of it.

- level and slope: truth L + S t, with a multiplicative error (lognormal, mean 1) or a normal one;
- pools: the truth of `simulation.cd4_pools`, calibrated to the same level and slope, with the multiplicative
error;
- repeated measurements: multivariate normal over the visits, no error beside.

A course is drawn for persons who come to be screened; who is enrolled is decided by what is recorded of them.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ...errors import ProtocolError
from ...protocol.model.planning.assumptions import (
    CD4OnTreatment,
    CD4Pools,
    NormalMeasurement,
    RepeatedMeasurements,
)
from ...statistics.distributions import Floats
from .streams import Streams
from .trials import Integers

Persons = Mapping[str, Floats]
"""What is drawn once of each person, by name; trials x persons (x further)."""


class Course(ABC):
    """The course of an item in many persons at once."""

    @abstractmethod
    def draw(self, streams: Streams, trials: int, persons: int) -> Persons:
        """Draw what makes a person; a longer draw need not begin with the same persons."""

    @abstractmethod
    def truth(self, persons: Persons, days: Integers, visits: Sequence[str]) -> Floats:
        """Return the true value on study `days` of `visits`, trials x persons x visits, without treatment."""

    @abstractmethod
    def record(self, rng: np.random.Generator, truth: Floats) -> Floats:
        """Return what is recorded of true values, before it is rounded."""


@dataclass(frozen=True)
class LevelAndSlope(Course):
    """A level and a slope of each person's own."""

    model: CD4OnTreatment | NormalMeasurement

    def draw(self, streams: Streams, trials: int, persons: int) -> Persons:
        """Draw `level` and `slope` (per day)."""
        level, slope = self.model.level, self.model.slope
        drawn = {
            "level": draw_truncated(streams("level"), level.mean, level.sd, level.truncate, (trials, persons)),
            "slope": np.zeros((trials, persons)),
        }
        if slope is not None:
            rng, days = streams("slope"), slope.per.to("day")
            drawn["slope"] = rng.normal(slope.mean / days, slope.sd / days, (trials, persons))
        return drawn

    def truth(self, persons: Persons, days: Integers, visits: Sequence[str]) -> Floats:  # noqa: ARG002
        """Return level + slope x days since study day 1; before it, the level."""
        since = np.maximum(days - 1, 0)
        return np.asarray(persons["level"][..., None] + persons["slope"][..., None] * since)

    def record(self, rng: np.random.Generator, truth: Floats) -> Floats:
        """Add the error of the model."""
        if isinstance(self.model, NormalMeasurement):
            return truth + self.model.within_sd * rng.standard_normal(truth.shape)
        return draw_counts(rng, truth, self.model.within_cv, self.model.samples)


@dataclass(frozen=True)
class Pools(Course):
    """CD4 count from the pools of naive and memory cells."""

    model: CD4Pools

    def draw(self, streams: Streams, trials: int, persons: int) -> Persons:
        """Draw the latent factors of each person, as standard normal scores."""
        from ..cd4_pools import LATENT

        return {"scores": streams("pools").standard_normal((trials, persons, LATENT))}

    def truth(self, persons: Persons, days: Integers, visits: Sequence[str]) -> Floats:  # noqa: ARG002
        """Return the total of the pools."""
        from ..cd4_pools import calibrate_pools, participants_at, solve_pools

        slope, level = self.model.slope, self.model.level
        parameters = calibrate_pools(level.mean, level.sd, slope.mean, slope.sd, slope.per.to("day"))
        scores, since = persons["scores"], np.where(days > 0, days - 1, days).astype(float)
        people = participants_at(parameters, scores.reshape(-1, scores.shape[-1]))
        pools = solve_pools(people, since.reshape(-1, days.shape[-1]), rates=parameters.rates)
        return np.asarray(pools.total).reshape(days.shape)

    def record(self, rng: np.random.Generator, truth: Floats) -> Floats:
        """Add the error of repeated counts."""
        return draw_counts(rng, truth, self.model.within_cv, self.model.samples)


@dataclass(frozen=True)
class Repeated(Course):
    """Multivariate normal over the visits that have a mean."""

    model: RepeatedMeasurements

    def draw(self, streams: Streams, trials: int, persons: int) -> Persons:
        """Draw the values at all visits."""
        factor = np.linalg.cholesky(np.array(self.model.covariance))
        scores = streams("repeated").standard_normal((trials, persons, len(factor)))
        return {"values": scores @ factor.T + np.array(list(self.model.means.values()))}

    def truth(self, persons: Persons, days: Integers, visits: Sequence[str]) -> Floats:
        """Return the values at the visits that have a mean, NaN at the others."""
        places = list(self.model.means)
        found = np.full(days.shape, np.nan)
        for v, visit in enumerate(visits):
            if visit in self.model.means:
                found[..., v] = persons["values"][..., places.index(visit)]
        return found

    def record(self, rng: np.random.Generator, truth: Floats) -> Floats:  # noqa: ARG002
        """Return the values: their error is in the covariance."""
        return truth


def course_of(model: object) -> Course:
    """Return the course of a participant model of the protocol."""
    if isinstance(model, CD4Pools):
        return Pools(model)
    if isinstance(model, CD4OnTreatment | NormalMeasurement):
        return LevelAndSlope(model)
    if isinstance(model, RepeatedMeasurements):
        return Repeated(model)
    raise ProtocolError(f"assumptions.participant names a model that cannot be drawn. Got {model}")


def draw_counts(rng: np.random.Generator, truth: Floats, cv: float, samples: int) -> Floats:
    """Return the mean of `samples` counts, each the truth times a lognormal error of mean 1, as whole cells."""
    spread = float(np.sqrt(np.log1p(cv**2)))
    total = np.zeros(truth.shape)
    floor = np.maximum(truth, 1.0)
    for _ in range(samples):
        error = rng.standard_normal(truth.shape)
        error *= spread
        error -= spread**2 / 2
        total += np.rint(floor * np.exp(error, out=error))
    return total / samples


def draw_truncated(
    rng: np.random.Generator, mean: float, sd: float, limits: tuple[float, float] | None, shape: tuple[int, ...]
) -> Floats:
    """Draw from a normal distribution cut at the limits, by its quantile function."""
    from scipy.special import ndtr, ndtri

    if limits is None or sd == 0:
        return rng.normal(mean, sd, shape)
    low, high = ndtr((np.array(limits) - mean) / sd)
    return np.asarray(mean + sd * ndtri(rng.uniform(low, high, shape)))
