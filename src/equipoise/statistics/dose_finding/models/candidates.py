"""Candidate dose-response models: shapes guessed before the trial, scaled to a placebo and a maximum effect.

A candidate is f(d) = e0 + slope x f0(d; guess), with f(0) the placebo effect and its largest difference from
f(0) in the range of the doses the maximum effect. Source: Bretz, Pinheiro and Branson, Biometrics 2005;61:738-48;
Pinheiro, Bornkamp and Bretz, J Biopharm Stat 2006;16:639-56. As `Mods` of the R package DoseFinding; where the top
of a quadratic or betaMod lies above the highest dose, the maximum effect is that at the highest dose (DoseFinding
takes the top outside the range). Checked against DoseFinding 1.0.3 and 1.4.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast, get_args

import numpy as np
import polars as pl

from equipoise.errors import DataError
from equipoise.statistics.arrays import read_floats
from equipoise.statistics.distributions import Floats
from equipoise.statistics.dose_finding.models.shapes import Shape, find_shape

Direction = Literal["increasing", "decreasing"]
Guess = float | Sequence[float] | Mapping[str, float]


@dataclass(frozen=True)
class Candidate:
    """One candidate: its `label` (the model's name, numbered where there are several), guess, e0 and slope."""

    label: str
    shape: Shape
    guess: tuple[float, ...]
    placebo_effect: float
    maximum_effect: float

    @property
    def model(self) -> str:
        """Name the model."""
        return self.shape.name

    @property
    def slope(self) -> float:
        """Factor of f0 that gives the maximum effect."""
        ends = self.shape.standardised(np.array([0.0, self.shape.top(self.guess)]), self.guess)
        return self.maximum_effect / float(ends[1] - ends[0])

    @property
    def parameters(self) -> dict[str, float]:
        """Name all parameters of the model, as DoseFinding does."""
        slope = self.slope
        e0 = self.placebo_effect - slope * float(self.shape.standardised(np.zeros(1), self.guess)[0])
        rest = (slope * self.guess[0],) if self.model == "quadratic" else self.guess
        return dict(zip(self.shape.parameters, (e0, slope, *rest), strict=True))

    def means(self, doses: Sequence[float] | Floats) -> Floats:
        """Evaluate the mean response at `doses` (from 0)."""
        at = np.asarray(doses, dtype=float)
        curve = self.shape.standardised(np.append(at, 0.0), self.guess)
        return np.asarray(self.placebo_effect + self.slope * (curve[:-1] - curve[-1]), dtype=float)

    def target_dose(self, delta: float) -> float | None:
        """Find the smallest dose whose effect over placebo reaches `delta` in the candidate's direction."""
        if not delta > 0:
            raise DataError(f"the effect of a target dose must be above 0. Got {delta:g}")
        return self.shape.inverse(delta / abs(self.slope), self.guess)

    def effective_dose(self, share: float) -> float | None:
        """Find the smallest dose that gives the `share` (0-1) of the maximum effect in the range of the doses."""
        require_share(share)
        return self.target_dose(share * abs(self.maximum_effect))


@dataclass(frozen=True)
class Candidates:
    """The candidate set: `doses` (the first is 0), the candidates, and whether benefit is an increase."""

    doses: tuple[float, ...]
    candidates: tuple[Candidate, ...]
    direction: Direction

    @property
    def labels(self) -> tuple[str, ...]:
        """Label the candidates."""
        return tuple(candidate.label for candidate in self.candidates)

    @property
    def means(self) -> pl.DataFrame:
        """Tabulate the mean response: a column `dose`, and one for each candidate."""
        return pl.DataFrame({"dose": self.doses, **{one.label: one.means(self.doses) for one in self.candidates}})

    @property
    def parameters(self) -> pl.DataFrame:
        """Tabulate the full parameters: label, model, parameter, value."""
        rows = [
            (one.label, one.model, name, value)
            for one in self.candidates
            for name, value in one.parameters.items()
        ]
        return pl.DataFrame(rows, schema=["label", "model", "parameter", "value"], orient="row")

    def target_doses(self, delta: float) -> pl.DataFrame:
        """Tabulate the target dose for an effect of `delta` over placebo: label, dose (null if none)."""
        found = [one.target_dose(delta) for one in self.candidates]
        return pl.DataFrame({"label": self.labels, "dose": pl.Series(found, dtype=pl.Float64)})

    def effective_doses(self, share: float) -> pl.DataFrame:
        """Tabulate the dose that gives `share` (0-1) of the maximum effect: label, dose."""
        found = [one.effective_dose(share) for one in self.candidates]
        return pl.DataFrame({"label": self.labels, "dose": pl.Series(found, dtype=pl.Float64)})


def candidate_models(
    doses: Sequence[float],
    models: Mapping[str, Guess | Sequence[Guess] | None],
    *,
    placebo_effect: float = 0.0,
    maximum_effect: float | None = None,
    direction: Direction = "increasing",
    scal: float | None = None,
    off: float | None = None,
) -> Candidates:
    """Define candidate models on `doses` (0 among them).

    `models` maps a name to its guess: None for linear and linlog; a number (`{"emax": 20}`), a tuple
    (`{"sigEmax": (30, 3)}`), what `guess_parameters` gives, or a list of these for several candidates of one model
    (labelled emax1, emax2, ...). `maximum_effect` over placebo is signed; its default is 1 upwards or downwards,
    as `direction` says. `scal` (betaMod) and `off` (linlog) are by default 1.2 and 0.01 times the highest dose.
    Raises `DataError` for doses or guesses that make no curve.
    """
    levels = require_doses(doses)
    if direction not in get_args(Direction):
        raise DataError(f"a direction must be increasing or decreasing. Got {direction}")
    effect = (1.0 if direction == "increasing" else -1.0) if maximum_effect is None else float(maximum_effect)
    if not np.isfinite(effect) or effect == 0.0 or not np.isfinite(placebo_effect):
        raise DataError(f"a candidate needs finite effects, the maximum effect other than 0. Got {effect:g}")
    if not models:
        raise DataError("a candidate set needs at least one model. Got none")
    found: list[Candidate] = []
    for name, value in models.items():
        shape = find_shape(name, levels[-1], scal=scal, off=off)
        try:
            guesses = _guesses(shape, value)
        except (TypeError, ValueError):
            raise DataError(f"a guess of {name} must be numbers, a tuple of them or a list. Got {value}") from None
        if not guesses:
            raise DataError(f"a list of guesses of {name} must hold one or more. Got none")
        for place, guess in enumerate(guesses, start=1):
            label = name if len(guesses) == 1 else f"{name}{place}"
            shape.require_guess(guess, f"candidate {label}")
            found.append(Candidate(label, shape, guess, float(placebo_effect), effect))
    for one in found:
        if np.ptp(one.means(levels)) <= 1e-10 * abs(effect):
            raise DataError(f"candidate {one.label} must vary over the doses; change its guess. Got {one.guess}")
    return Candidates(levels, tuple(found), "increasing" if effect > 0 else "decreasing")


def require_doses(doses: Sequence[float] | Floats) -> tuple[float, ...]:
    """Sort doses; `DataError` unless they are finite, differ, begin with 0 and are at least two."""
    levels = tuple(np.sort(read_floats(doses, "doses"), axis=None).tolist())
    if len(levels) < 2 or len(set(levels)) < len(levels) or not np.isfinite(levels).all() or levels[0] != 0.0:
        shown = ", ".join(f"{dose:g}" for dose in levels)
        raise DataError(f"doses must be two or more finite numbers from 0 (placebo), none twice. Got {shown}")
    return levels


def require_share(share: float) -> None:
    """Refuse (`DataError`) a share of an effect outside 0-1."""
    if not 0 < share < 1:
        raise DataError(f"a share of the maximum effect must lie between 0 and 1 (exclusive). Got {share:g}")


def _guesses(shape: Shape, value: Guess | Sequence[Guess] | None) -> list[tuple[float, ...]]:
    if value is None:
        return [()]
    if isinstance(value, int | float):
        return [(float(value),)]
    if isinstance(value, Mapping):
        missing = [name for name in shape.guesses if name not in value]
        if missing:
            raise DataError(f"a guess of {shape.name} needs {', '.join(shape.guesses)}. Got {', '.join(value)}")
        return [tuple(float(value[name]) for name in shape.guesses)]
    if isinstance(value, list):
        return [one for part in value for one in _guesses(shape, cast("Guess", part))]
    return [tuple(float(cast("float", part)) for part in value)]
