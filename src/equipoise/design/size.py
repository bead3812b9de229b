"""The size that a power asks for, the power that a size has, and the smallest effect that it can find.

Size and effect are roots of power(x) = power. Sizes are of the whole trial, real numbers until they are rounded up
arm by arm. An arm whose effect is nil or on the wrong side is not asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from ..errors import EstimationFailed
from ..statistics.sample_size.result import find_size, round_up
from .comparisons import Model
from .procedure import NIL, Power, Procedure

LARGEST = 1e6


@dataclass(frozen=True)
class Question:
    """What is asked of a trial: the procedure, the power, and for which arms (`each`, `any`, `all`)."""

    procedure: Procedure
    power: float
    claim: str


def effective(model: Model) -> NDArray[np.bool_]:
    """Tell which arms have an effect on the side that is better."""
    return np.asarray(model.at(max(2.0 * model.smallest, 100.0)).ncp > NIL)


def power_at(model: Model, question: Question, participants: float) -> Power:
    """Find the power in a trial of so many participants; nil where the model leaves no degree of freedom."""
    if participants <= model.smallest:
        nothing = (0.0,) * len(model.arms)
        return Power(nothing, 0.0, 0.0, 0.0, nothing)
    return question.procedure.power(model.at(participants))


def claimed_power(model: Model, question: Question, participants: float) -> float:
    """Find the power for the claim: of the arm that has least, of any, or of all; nil without an effect."""
    if question.claim == "each":
        works = np.flatnonzero(effective(model)).tolist()
        return min((power_of_arm(model, question, participants, arm) for arm in works), default=0.0)
    power = power_at(model, question, participants)
    return power.any_arm if question.claim == "any" else power.all_arms


def power_of_arm(model: Model, question: Question, participants: float, arm: int) -> float:
    """Find the power of one arm."""
    if participants <= model.smallest:
        return 0.0
    return question.procedure.power_of(model.at(participants), arm)


def required_size(model: Model, question: Question, arm: int | None = None) -> float | None:
    """Find the participants that the claim, or one arm, asks for; None where none in reach have the power."""
    works = effective(model)
    if not works.any() or (arm is not None and not works[arm]):
        return None

    def excess(participants: float) -> float:
        found = (
            claimed_power(model, question, participants)
            if arm is None
            else power_of_arm(model, question, participants, arm)
        )
        return found - question.power

    if excess(LARGEST) < 0:
        return None
    return find_size(excess, model.smallest + 1e-6)


def detectable_effect(model: Model, question: Question, participants: float, arm: int) -> float | None:
    """Find the smallest effect of an arm that the trial has the power to show, the other arms as they are."""
    if participants <= model.smallest:
        return None

    def excess(size: float) -> float:
        effects = model.effects.copy()
        effects[arm] = model.sign * size
        return question.procedure.power_of(model.with_effects(effects).at(participants), arm) - question.power

    step = max(float(np.abs(model.effects).max()), 1e-3)
    far = next((step * 2.0**k for k in range(-6, 12) if excess(step * 2.0**k) >= 0), None)
    if far is None:
        return None
    return model.sign * float(optimize.brentq(excess, 0.0, far, xtol=1e-10 * far))


def whole_arms(participants: float, allocation: Sequence[float]) -> tuple[int, ...]:
    """Round the size of each arm up; `allocation`: share of the participants of each arm."""
    return tuple(round_up(participants * share) for share in allocation)


def require_size(found: float | None, question: Question) -> float:
    """Return the size; EstimationFailed where none in reach has the power."""
    if found is None:
        raise EstimationFailed(
            f"no trial of up to {LARGEST:,.0f} participants has a power of {question.power:g} for the planned "
            "effect; give the arms of design.scenario an effect on the side that is better"
        )
    return found
