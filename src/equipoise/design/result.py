"""What a protocol can find out, as numbers at full precision; rounding and words are left to the report."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from ..statistics.distributions import Floats
from .options import Calendar, Option, Reestimated
from .procedure import Power
from .sensitivity import Sensible

COLUMNS = (
    "part",
    "scenario",
    "arm",
    "option",
    "look",
    "effect",
    "sd",
    "dropout",
    "participants",
    "statistic",
    "value",
)


@dataclass(frozen=True)
class Requirement:
    """Participants that the power asks for, in all arms; `arm` empty for the claim.

    complete: if everyone were seen. randomised: with the missing values assumed. per_arm: those, arm by arm
    (control first), rounded up. None where no size in reach has the power.
    """

    arm: str
    complete: float | None
    randomised: float | None
    per_arm: tuple[int, ...] | None


@dataclass(frozen=True)
class ScenarioPower:
    """Power of the protocol's size under a scenario; effects by arm as assumed, and at the estimand's visit."""

    scenario: str
    assumed: Mapping[str, float]
    effects: Mapping[str, float]
    power: Power


@dataclass(frozen=True)
class OtherAnalysis:
    """Power of another analysis at the protocol's size under the planned scenario; `reason` if it has none."""

    analysis: str
    method: str
    measure: str
    effects: Mapping[str, float]
    power: Mapping[str, float]
    reason: str = ""


@dataclass(frozen=True)
class Curve:
    """Power for the claim over the number of participants, under one scenario."""

    scenario: str
    participants: tuple[float, ...]
    power: tuple[float, ...]


@dataclass(frozen=True)
class Precisely:
    """What the planned model comes to: sd given the covariates, share seen, df at the protocol's size."""

    sd: float | None
    seen: float | None
    df: float | None


@dataclass(frozen=True)
class DesignResult:
    """The plan of a trial.

    participants: of the protocol; allocation: share of the control and of each arm of `arms`. effects are on the
    scale of `measure`, differences in `unit`. detectable: by arm, at the protocol's size.
    """

    trial: str
    analysis: str
    method: str
    measure: str
    unit: str
    visit: str
    control: str
    arms: tuple[str, ...]
    allocation: tuple[float, ...]
    participants: int
    scenario: str
    power: float
    alpha: float
    sides: int
    claim: str
    multiplicity: str
    model: Precisely
    required: tuple[Requirement, ...]
    detectable: Mapping[str, float | None]
    scenarios: tuple[ScenarioPower, ...]
    options: tuple[Option, ...]
    reestimated: tuple[Reestimated, ...]
    calendar: Calendar | None
    grid: tuple[Sensible, ...]
    curves: tuple[Curve, ...]
    others: tuple[OtherAnalysis, ...]

    @property
    def planned(self) -> ScenarioPower:
        """The scenario that is planned for."""
        return next(one for one in self.scenarios if one.scenario == self.scenario)

    @property
    def claimed(self) -> Requirement:
        """The size that the claim asks for."""
        return next(one for one in self.required if not one.arm)

    def rows(self) -> pl.DataFrame:
        """Give every number, one a row; columns `COLUMNS`, empty where a number concerns none."""
        from .rows import rows_of

        return rows_of(self)


def by_arm(arms: tuple[str, ...], values: Floats) -> dict[str, float]:
    """Name numbers by their arm."""
    return {arm: float(value) for arm, value in zip(arms, values, strict=True)}
