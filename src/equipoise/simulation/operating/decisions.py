"""What a trial concludes: of each comparison whether it is significant and right, and which arm it would choose.

A comparison is significant where p, adjusted if the analysis adjusts it, is below alpha; a success where the
estimate lies on the side that is better too. The arm chosen is, among the successes, the one with the best
estimate; it is right where no other arm's true effect is better.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from ...statistics.distributions import Floats
from ..analyses import Place, Replicated
from .sums import Sums

THRESHOLDS = (0.01, 0.001)
"""Levels of p that are counted beside alpha."""
CLOSE = 1e-9
"""True effects that differ by less are the same."""

Truths = Mapping[Place, float]


def summarise_comparison(
    sums: Sums, one: Replicated, truth: float | None, alpha: float, better: str | None
) -> None:
    """Add estimates, errors, limits and decisions of one place."""
    given = one.statistics
    found: dict[str, Floats] = {
        name: given[name] for name in ("estimate", "se", "df", "kaplan_meier") if name in given
    }
    if truth is not None and "estimate" in given:
        found["error"] = given["estimate"] - truth
    for prefix in ("", "adjusted_"):
        if f"{prefix}lower" not in given:
            continue
        lower, upper = given[f"{prefix}lower"], given[f"{prefix}upper"]
        found[f"{prefix}width"] = upper - lower
        if truth is not None:
            at = np.exp(truth) if one.ratio else truth
            inside = ((lower <= at) & (at <= upper)).astype(float)
            found[f"{prefix}coverage"] = np.where(np.isnan(lower), np.nan, inside)
    if "p" in given:
        found |= _decisions(one, alpha, better)
    sums.add(one.place, found)


def _decisions(one: Replicated, alpha: float, better: str | None) -> dict[str, Floats]:
    """Return 1 or 0 for each decision that p supports; a trial without p decides nothing."""
    p = one.statistics["p"]
    found = {"rejected": _below(p, alpha)}
    found |= {f"p_below_{level:g}": _below(p, level) for level in THRESHOLDS}
    found["estimable"] = (~np.isnan(p)).astype(float)
    if "adjusted_p" in one.statistics:
        found["adjusted_rejected"] = _below(one.statistics["adjusted_p"], alpha)
    if one.place.versus and better is not None:
        found["success"] = succeeds(one, alpha, better)
    return found


def _below(p: Floats, level: float) -> Floats:
    return np.where(np.isnan(p), 0.0, (p < level).astype(float))


def succeeds(one: Replicated, alpha: float, better: str) -> Floats:
    """Return 1 where a comparison is significant on the side that is better, 0 elsewhere."""
    p = one.statistics.get("adjusted_p", one.statistics["p"])
    direction = one.statistics.get("estimate", one.statistics.get("z"))
    if direction is None:
        return _below(p, alpha)
    favourable = direction > 0 if better == "higher" else direction < 0
    return _below(p, alpha) * favourable


def summarise_family(
    sums: Sums, family: Sequence[Replicated], truths: Truths, alpha: float, better: str | None
) -> None:
    """Add what the comparisons of several arms with one say together; nothing for a single one."""
    if not family:
        return
    at = family[0].place
    place = Place(at.analysis, at.visit, "", at.versus)
    rejected = np.array([_below(one.statistics.get("adjusted_p", one.statistics["p"]), alpha) for one in family])
    found: dict[str, Floats] = {"any_rejected": rejected.max(axis=0), "all_rejected": rejected.min(axis=0)}
    known = [truths.get(one.place) for one in family]
    if all(truth is not None for truth in known):
        true_effects = np.array(known, dtype=float)
        null = np.abs(true_effects) < CLOSE
        if null.any():
            found["any_true_null_rejected"] = rejected[null].max(axis=0)
        if better is not None and all("estimate" in one.statistics for one in family):
            found |= _choice(family, true_effects, alpha, better)
    sums.add(place, found)


def _choice(family: Sequence[Replicated], truths: Floats, alpha: float, better: str) -> dict[str, Floats]:
    """Return whether an arm is chosen, and whether it is a right one; where no arm is better, none is right."""
    sign = 1.0 if better == "higher" else -1.0
    success = np.array([succeeds(one, alpha, better) for one in family])
    estimates = sign * np.array([np.nan_to_num(one.statistics["estimate"], nan=-np.inf) for one in family])
    best = np.where(success > 0, estimates, -np.inf).argmax(axis=0)
    chosen = success.max(axis=0)
    gains = sign * truths
    right = (gains >= gains.max() - CLOSE) & (gains > CLOSE)
    correct = chosen * right[best] if right.any() else 1.0 - chosen
    return {"any_success": chosen, "all_success": success.min(axis=0), "right_arm": correct}
