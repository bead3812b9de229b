"""One chunk of trials under one scenario: drawn, analysed, summed up."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

import numpy as np

from ...protocol import Protocol
from ..analyses import Place, Replicated, SimulatedAnalyses
from ..analyses.alone import fill_in
from ..estimands import arms_of
from ..estimands.moments import true_means
from ..population import Population, chunk_streams
from ..population.real import NONE, ResampledPopulation
from .decisions import Truths, summarise_comparison, summarise_family
from .interim import summarise_interim
from .sums import Sums
from .trial import summarise_trials

Drawn = Population | ResampledPopulation


def simulate_chunk(
    analyses: SimulatedAnalyses, population: Drawn, truths: Truths, seed: int, chunk: int, trials: int
) -> Sums:
    """Draw `trials` trials of a scenario, carry out every analysis on each, and sum up what they found."""
    protocol, sums = analyses.protocol, Sums()
    drawn = population.draw(chunk_streams(seed, chunk), trials)
    found = analyses.run(drawn)
    alone = fill_in(protocol, found, drawn, analyses.names)
    plan = protocol.design
    alpha = plan.alpha if plan is not None else 0.05
    betters = {name: analyses.better_of(name) for name in (*analyses.names, *analyses.definitions)}
    for one in found:
        summarise_comparison(sums, one, truths.get(one.place), alpha, betters[one.place.analysis])
    compared = [one for one in found if one.place.versus]
    for (name, _, versus), group in groupby(
        compared, key=lambda o: (o.place.analysis, o.place.visit, o.place.versus)
    ):
        if versus == arms_of(protocol, analyses.estimand_of(name))[1]:
            summarise_family(sums, list(group), truths, alpha, betters[name])
    _summarise_within_arms(sums, protocol, found)
    _summarise_reported(sums, analyses, found)
    summarise_trials(sums, drawn, population.main, analyses.planned_visit)
    summarise_interim(sums, analyses, drawn)
    sums.add(Place("trial"), {"analysed_alone": np.full(1, float(alone))})
    return sums


def _summarise_within_arms(sums: Sums, protocol: Protocol, found: list[Replicated]) -> None:
    """Add how often active arms change with p < 0.001 and the control does not: what may pass for an effect."""
    for name, spec in protocol.analyses.items():
        if spec.method != "within-arm change" or protocol.control is None:
            continue
        own = [one for one in found if one.place.analysis == name]
        for visit in dict.fromkeys(one.place.visit for one in own):
            at = {one.place.arm: one.statistics["p"] for one in own if one.place.visit == visit}
            control = at.pop(protocol.control, None)
            if control is None or not at:
                continue
            active = np.array([p < 0.001 for p in at.values()])
            found_only = active.all(axis=0) & (control >= 0.05)
            sums.add(
                Place(name, visit),
                {
                    "any_active_arm": active.any(axis=0).astype(float),
                    "all_active_arms_and_not_control": found_only.astype(float),
                },
            )


def _summarise_reported(sums: Sums, analyses: SimulatedAnalyses, found: list[Replicated]) -> None:
    """Add how often a definition gives what was reported, or more: shares as large, p as small, all at once."""
    plan = analyses.protocol.design
    if plan is None or plan.reported is None:
        return
    for name in analyses.definitions:
        reached = []
        for one in (one for one in found if one.place.analysis == name and one.place.arm):
            reported = plan.reported.p if one.place.versus else plan.reported.shares
            if one.place.arm not in reported:
                continue
            level = reported[one.place.arm]
            as_far = one.statistics["p"] <= level if one.place.versus else one.statistics["estimate"] >= level
            sums.add(one.place, {"as_reported": as_far.astype(float)})
            reached.append(as_far)
        if reached:
            sums.add(Place(name), {"all_as_reported": np.all(reached, axis=0).astype(float)})


def true_effects(analyses: SimulatedAnalyses, population: Drawn) -> dict[Place, float]:
    """Return the true value of each estimate that has one: of differences of means and shares, and within arms."""
    if isinstance(population, ResampledPopulation):
        return _effects_in_the_data(analyses, population)
    protocol = analyses.protocol
    specs: dict[str, Any] = {name: protocol.analyses[name] for name in analyses.names}
    specs = {
        n: s
        for n, s in specs.items()
        if s.method in ("ancova", "mmrm", "t test", "categorical", "within-arm change")
    }
    means = true_means(population, {spec.estimand: protocol.estimands[spec.estimand] for spec in specs.values()})
    found: dict[Place, float] = {}
    for name, spec in specs.items():
        found |= _differences(protocol, name, spec, means[spec.estimand])
    return found


def _effects_in_the_data(analyses: SimulatedAnalyses, population: ResampledPopulation) -> dict[Place, float]:
    """Return what each analysis finds in the data themselves, 0 where all are drawn from the control."""
    found = {}
    for one in analyses.run(population.itself()):
        if one.place.versus and "estimate" in one.statistics:
            found[one.place] = 0.0 if population.scenario == NONE else float(one.statistics["estimate"][0])
    return found


def _differences(protocol: Protocol, name: str, spec: Any, means: Any) -> Mapping[Place, float]:
    estimand = protocol.estimands[spec.estimand]
    arms, versus = arms_of(protocol, estimand)
    found: dict[Place, float] = {}
    for v, visit in enumerate(estimand.variable.at):
        for k, arm in enumerate(arms):
            if spec.method in ("within-arm change", "categorical"):
                found[Place(name, visit, arm)] = float(means[k, v])
            for other in arms[:k] if arm != versus else ():
                found[Place(name, visit, arm, other)] = float(means[k, v] - means[arms.index(other), v])
            if versus is not None and arm != versus:
                found[Place(name, visit, arm, versus)] = float(means[k, v] - means[arms.index(versus), v])
    return found
