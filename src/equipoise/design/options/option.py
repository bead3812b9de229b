"""Ways to look at the data before the end: how many participants each takes, at most and on average.

One arm against the control: group sequential bounds, by recursion (`statistics.sequential`). Several arms: stages
combined by inverse normal in a closed test (`stages`), by drawing the statistics of `TRIALS` trials, always the
same ones; the probabilities then have a Monte Carlo error of at most 0.004. Statistics are taken as normal with
the mean that gives the power of the design without looks, as rpact and gsDesign do.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from ...protocol.model import Interim
from ...statistics.distributions import Floats, normal_quantile, t_quantile
from ...statistics.sample_size.noncentral import noncentral_t_upper
from ...statistics.sequential import GroupSequential, group_sequential
from ..comparisons import Comparisons, Model
from ..size import LARGEST, Question, claimed_power, effective, required_size
from .stages import Courses, Rules, draw_noise, run_stages, stage_statistics

TRIALS = 16_000
SEED = 2019
_BOUNDS = {"obrien-fleming": "lan-demets-obrien-fleming", "pocock": "lan-demets-pocock"}
_INTERSECTION = {
    "dunnett": "dunnett",
    "step-down dunnett": "dunnett",
    "none": "none",
    "fixed sequence": "fixed sequence",
}


@dataclass(frozen=True)
class Looks:
    """Looks before the last: information at each, spending, futility and selection as in the protocol language."""

    at: tuple[float, ...]
    spending: str
    futility: float | None = None
    best: bool = False

    @classmethod
    def of(cls, interim: Interim) -> "Looks":
        """Read those of a protocol."""
        return cls(interim.looks, interim.spending, interim.futility, interim.select == "best")


@dataclass(frozen=True)
class Option:
    """A design with looks (None: without).

    maximum: participants that give the power asked for, None where none in reach do. expected_null,
    expected_planned: participants on average at that size without effect, and with the planned one. stop_null,
    stop_planned: probability to end at each look, the last included. power: for the claim, at the size of the
    protocol. claim: `any` where only the best arm goes on, otherwise that of the protocol. method: `exact`,
    `recursion` or `drawn`. own: whether it is the design of the protocol.
    """

    looks: Looks | None
    claim: str
    maximum: float | None
    power: float
    expected_null: float | None
    expected_planned: float | None
    stop_null: tuple[float, ...]
    stop_planned: tuple[float, ...]
    method: Literal["exact", "recursion", "drawn"]
    own: bool


USUAL = (
    Looks((0.5,), "obrien-fleming"),
    Looks((1 / 3, 2 / 3), "obrien-fleming"),
    Looks((0.5,), "pocock"),
    Looks((1 / 3, 2 / 3), "pocock"),
    Looks((0.5,), "obrien-fleming", futility=0.0),
)
SELECTING = Looks((0.5,), "obrien-fleming", best=True)


def compare_options(
    model: Model, question: Question, participants: float, allocation: Floats, interim: Interim | None
) -> tuple[Option, ...]:
    """Compare the design without looks, the usual ones, and that of the protocol.

    participants: of the protocol. allocation: share of the control and of each arm.
    """
    own = None if interim is None else Looks.of(interim)
    chosen = [*USUAL, *([SELECTING] if len(model.arms) > 1 else [])]
    if own is not None and own not in chosen:
        chosen.append(own)
    found = [_without_looks(model, question, participants, own is None)]
    for looks in chosen:
        asked = replace(question, claim="any") if looks.best else question
        staged = _Staged(model, asked, looks, allocation)
        found.append(staged.option(participants, own=looks == own))
    return tuple(found)


def _without_looks(model: Model, question: Question, participants: float, own: bool) -> Option:
    size = required_size(model, question)
    power = claimed_power(model, question, participants)
    return Option(None, question.claim, size, power, size, size, (1.0,), (1.0,), "exact", own)


class _Staged:
    """One design with looks, at any size."""

    def __init__(self, model: Model, question: Question, looks: Looks, allocation: Floats) -> None:
        self.model, self.question, self.looks = model, question, looks
        self.allocation = allocation
        procedure = question.procedure
        self.level = procedure.alpha / procedure.sides
        times = (*looks.at, 1.0)
        spent: str | Sequence[float] = _BOUNDS.get(looks.spending, "")
        if looks.spending == "none":
            spent = [0.0] * len(looks.at) + [self.level]
        self.design: GroupSequential = group_sequential(
            times, alpha=self.level, sides=1, bounds=spent, power=question.power, futility=self._futility()
        )
        self.rules = Rules(
            times,
            self.design.upper,
            _INTERSECTION.get(procedure.name, "bonferroni"),
            procedure.order,
            looks.futility,
            looks.best,
        )
        self.several = len(model.arms) > 1
        if self.several:
            rng = np.random.default_rng(SEED)
            self.noise = draw_noise(TRIALS, len(times), len(model.arms), rng)

    def option(self, participants: float, *, own: bool) -> Option:
        maximum = self._required()
        stops: list[tuple[float, ...]] = [(), ()]
        expected: list[float | None] = [None, None]
        if maximum is not None:
            given = self.model.at(maximum)
            for place, drift in enumerate((np.zeros(len(self.model.arms)), self._drift(given))):
                stops[place], share = self._course(given, drift)
                expected[place] = share * maximum
        return Option(
            self.looks,
            self.question.claim,
            maximum,
            self._power(participants),
            expected[0],
            expected[1],
            stops[0],
            stops[1],
            "drawn" if self.several else "recursion",
            own,
        )

    def _futility(self) -> list[float] | None:
        return None if self.looks.futility is None else [self.looks.futility] * len(self.looks.at)

    def _drift(self, given: Comparisons) -> Floats:
        """Mean of a normal statistic with the power that the statistic of each arm has by itself."""
        power = [
            noncentral_t_upper(-t_quantile(self.level, df) / stretch, given.common_df, float(ncp))
            for df, stretch, ncp in zip(given.df, given.stretch, given.ncp, strict=True)
        ]
        drift: Floats = normal_quantile(np.clip(power, 1e-12, 1.0 - 1e-12)) - normal_quantile(self.level)
        return drift

    def _run(self, given: Comparisons, drift: Floats) -> Courses:
        statistics = stage_statistics(drift, given.loadings, self.rules.rates, self.noise)
        return run_stages(statistics, given.believed, self.rules)

    def _power(self, participants: float) -> float:
        if participants <= self.model.smallest:
            return 0.0
        given = self.model.at(participants)
        drift = self._drift(given)
        if not self.several:
            return float(self.design.power_at(float(drift[0])))
        shown = self._run(given, drift).shown[:, effective(self.model)]
        if self.question.claim == "each":
            return float(shown.mean(axis=0).min())
        return float((shown.any(axis=1) if self.question.claim == "any" else shown.all(axis=1)).mean())

    def _required(self) -> float | None:
        """Halve the interval in which the power is passed until it is a participant wide, or less."""
        fixed = required_size(self.model, self.question)
        if fixed is None:
            return None
        low, high = 0.5 * fixed, 1.5 * fixed
        while self._power(high) < self.question.power:
            low, high = high, 2.0 * high
            if high > LARGEST:
                return None
        while high - low > 1e-3 * fixed:
            middle = (low + high) / 2
            low, high = (low, middle) if self._power(middle) >= self.question.power else (middle, high)
        return high

    def _course(self, given: Comparisons, drift: Floats) -> tuple[tuple[float, ...], float]:
        """Probability to end at each look, and participants expected as a share of the maximum."""
        if not self.several:
            below, above = self.design.exits(float(drift[0]))
            early = (below + above)[:-1, 0]
            stop = (*(float(one) for one in early), float(1.0 - early.sum()))
            return stop, float(self.design.expected_information(float(drift[0])))
        courses = self._run(given, drift)
        looks = len(self.rules.rates)
        stop = tuple(float((courses.ended == look + 1).mean()) for look in range(looks))
        return stop, courses.expected_size(self.rules.rates, self.allocation)
