"""From the terms of a model to its columns in many virtual trials.

`arm` and codes are indicators of each level but the first (of arms: but the one compared with), numbers stand as
they are, factors joined by `*` or `:` are multiplied. In a repeated measures model a term joined with `visit` has
a coefficient a visit, and the intercept has.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...errors import ProtocolError
from ...statistics.distributions import Floats
from ..population import VirtualTrials
from ..population.trials import Booleans

_JOINED = re.compile(r"\s*([*:])\s*")


@dataclass(frozen=True, eq=False)
class Columns:
    """The columns of a model without the visits.

    values: T x n x q. by_visit: which have a coefficient a visit; q. arms: column of each arm but the one compared
    with, by id.
    """

    values: Floats
    by_visit: Booleans
    arms: dict[str, int]


def build_columns(
    terms: Sequence[str], trials: VirtualTrials, baseline: Floats, arms: Sequence[str], versus: str
) -> Columns:
    """Return the columns of `terms`; ProtocolError for a term that is not simulated.

    baseline: T x n. arms: ids of the arms of the estimand, `versus` among them.
    """
    effects: dict[tuple[str, ...], bool] = {(): True}
    for term in terms:
        for factors in _expanded(term):
            without = tuple(sorted(f for f in factors if f != "visit"))
            effects[without] = effects.get(without, False) or "visit" in factors
    repeated = any(effects[key] for key in effects if key)
    names: list[tuple[str, ...]] = []
    columns: list[Floats] = []
    places: dict[str, int] = {}
    for factors in effects:
        parts = [_factor(name, trials, baseline, arms, versus) for name in factors]
        if "arm" in factors and len(factors) > 1:
            raise ProtocolError(
                f"the term {' * '.join(factors)} lets the effect of an arm differ, which is not simulated"
            )
        made = [np.ones(trials.shape)]
        for part in parts:
            made = [left * right for left in made for right in part]
        if factors == ("arm",):
            others = [arm for arm in arms if arm != versus]
            places = {arm: len(columns) + k for k, arm in enumerate(others)}
        columns += made
        names += [factors] * len(made)
    if not places:
        raise ProtocolError("a model without arm compares no arms, and is not simulated")
    by_visit = np.array([effects[name] and repeated for name in names])
    return Columns(np.stack(columns, axis=-1), by_visit, places)


def _expanded(term: str) -> list[tuple[str, ...]]:
    """Return the effects of a term: those of a * b are a, b and a:b."""
    parts = _JOINED.split(term.strip())
    names, joins = parts[::2], parts[1::2]
    if all(join == ":" for join in joins):
        return [tuple(names)]
    effects: list[tuple[str, ...]] = [()]
    for name in names:
        effects += [(*effect, name) for effect in effects]
    return [effect for effect in effects if effect]


def _factor(name: str, trials: VirtualTrials, baseline: Floats, arms: Sequence[str], versus: str) -> list[Floats]:
    """Return the columns of one factor."""
    if name == "baseline":
        return [baseline]
    if name == "arm":
        return [(trials.arm == trials.arms.index(arm)).astype(float) for arm in arms if arm != versus]
    if name in trials.numbers:
        return [trials.numbers[name]]
    if name in trials.levels:
        levels = np.where(trials.levels[name] < 0, np.nan, trials.levels[name])
        return [np.where(np.isnan(levels), np.nan, levels == level) for level in range(1, len(trials.codes[name]))]
    raise ProtocolError(f"the model names {name}, which virtual participants do not have")


def factors_in(terms: Sequence[str]) -> tuple[str, ...]:
    """Return the participant variables that terms name."""
    words = dict.fromkeys(word for term in terms for word in _JOINED.split(term.strip())[::2])
    return tuple(word for word in words if word not in ("arm", "visit", "baseline"))
