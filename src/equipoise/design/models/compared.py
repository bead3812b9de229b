"""Which arms an analysis compares, in which direction an arm is better, and what the terms of a model cost.

The shares of the arms are those of the allocation ratio, or of the numbers planned where nobody is randomised.
Terms other than arm, visit and baseline are taken to explain nothing of the outcome: each takes its degrees of
freedom, and the chance imbalance of q such covariates raises the variance of a difference by q / (n - a - q - 1)
on average; a coefficient that all visits share costs less, as it is known from all of them. What stratified blocks
leave of the imbalance of a factor is that of the last block of each stratum, as of (b + 1) / 6 participants for
blocks of b, and that of the participants not seen.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from ...errors import ProtocolError
from ...protocol import Protocol
from ...protocol.model import Estimand
from ...statistics.distributions import Floats

_JOINED = re.compile(r"\s*[*:]\s*")
_OWN = ("arm", "visit", "baseline")


@dataclass(frozen=True)
class Compared:
    """The arms of an analysis, the control first; `allocation`: share of the trial's participants in each.

    sign: 1 where higher is better, -1 where lower is. places: where the arms stand in the moments.
    """

    arms: tuple[str, ...]
    allocation: Floats
    sign: float
    places: tuple[int, ...]

    @property
    def active(self) -> tuple[str, ...]:
        """The arms compared with the control."""
        return self.arms[1:]


def compare_arms(protocol: Protocol, estimand: Estimand, arms: Sequence[str]) -> Compared:
    """Find the arms of an estimand among those of the moments; ProtocolError where none are compared."""
    control = estimand.versus or protocol.control
    if control is None:
        raise ProtocolError(
            f"the design of {protocol.trial.id} needs a control arm; mark one with `control: true`, or name it "
            "under `versus` in the estimand"
        )
    active = [arm for arm in (estimand.arms or protocol.arms) if arm != control]
    if not active:
        raise ProtocolError(
            f"the design of {protocol.trial.id} needs an arm beside the control. Got {control} alone"
        )
    chosen = (control, *active)
    planned = protocol.enrolment.per_arm if protocol.enrolment is not None else {}
    size = {arm: float(planned.get(arm, 0) if planned else protocol.arms[arm].ratio) for arm in protocol.arms}
    sign = -1.0 if estimand.variable.better == "lower" else 1.0
    allocation = np.array([size[arm] for arm in chosen]) / sum(size.values())
    return Compared(chosen, allocation, sign, tuple(list(arms).index(arm) for arm in chosen))


@dataclass(frozen=True)
class Covariate:
    """A term beside the arm: its degrees of freedom, and how it stands in the model.

    by_visit: with coefficients of its own at each visit. stratified: balanced by the randomisation.
    """

    number: int
    by_visit: bool
    stratified: bool


@dataclass(frozen=True)
class Covariates:
    """What a model holds beside the arms.

    slope: `each visit` where baseline has a slope a visit, `one` where it has one in all, else `none`. left:
    participants' worth of imbalance that the strata leave in all.
    """

    slope: str
    terms: tuple[Covariate, ...]
    left: float

    def number(self, common: float) -> float:
        """Degrees of freedom taken at a visit; `common`: share taken by a coefficient that all visits share."""
        return sum(term.number * (1.0 if term.by_visit else common) for term in self.terms)

    def imbalance(self, participants: float, seen: float, common: float) -> float:
        """Covariates balanced by chance alone that cost as much; `seen`: share of the participants seen."""
        kept = seen * (1.0 - min(1.0, self.left / participants))
        return sum(
            term.number * (1.0 if term.by_visit else common) * (1.0 - kept if term.stratified else 1.0)
            for term in self.terms
        )


def read_covariates(protocol: Protocol, terms: Sequence[str]) -> Covariates:
    """Read what the terms of a model hold beside the arm."""
    plan = protocol.randomisation
    strata = plan.strata if plan is not None and plan.method != "complete" else ()
    slope, found = "none", []
    for term in terms:
        names = names_of(term)
        by_visit = "visit" in names
        others = [name for name in names if name not in _OWN]
        if "baseline" in names:
            slope = "each visit" if by_visit else "one"
        number = prod(_levels(protocol, name) for name in others) - 1 if others else int("baseline" in names)
        if number:
            found.append(Covariate(number, by_visit, bool(others) and set(others) <= set(strata)))
    blocks = [(size + 1) / 6 for size in plan.block_sizes] if plan is not None else []
    worth = float(np.mean(blocks)) if blocks else 1.0
    return Covariates(slope, tuple(found), worth * prod(_levels(protocol, name) for name in strata))


def names_of(term: str) -> list[str]:
    """Return the words that a term joins: arm and visit of `arm * visit`."""
    return _JOINED.split(term.strip())


def _levels(protocol: Protocol, name: str) -> int:
    """Count the levels of a factor; a number counts as two, which gives one for its slope."""
    if name == "site":
        sites = protocol.assumptions.sites if protocol.assumptions is not None else None
        return sites.count if sites is not None else 1
    variable = protocol.variables.get(name)
    return len(variable.codes) if variable is not None and variable.codes else 2
