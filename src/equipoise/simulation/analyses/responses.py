"""Times to an event, responses and changes within an arm in virtual trials.

The same tests as `analysis.efficacy.kaplan_meier`, `cox`, `categorical`, `rank_sum`, `t_test` and `within_arm`.
`estimate` of an arm without `versus`: its mean change, the share that responded, or of all participants those in
whom the event was seen; `kaplan_meier`: the share with the event at the end of the curve, which rises as those who
have not had it leave one by one on their last days.
"""

import numpy as np

from ...errors import ProtocolError
from ...protocol import Protocol
from ...protocol.model import Categorical, Cox, Estimand, KaplanMeier, RankSum, TTest, WithinArm
from ...statistics.distributions import Floats
from ...statistics.replicates import (
    replicate_change,
    replicate_cox,
    replicate_log_rank,
    replicate_proportions,
    replicate_rank_sum,
    replicate_signed_rank,
    replicate_survival,
    replicate_t_test,
)
from ...statistics.replicates.means import Variance
from ..estimands import Times, arms_of, measure_outcomes, time_outcomes
from ..population import VirtualTrials
from ..population.trials import Integers
from .replicated import Place, Replicated, with_limits


def simulate_kaplan_meier(
    protocol: Protocol, name: str, spec: KaplanMeier, trials: VirtualTrials
) -> list[Replicated]:
    """Count events by arm, and test all arms and each against the one compared with by the log-rank test."""
    if spec.test not in ("log-rank", "none"):
        raise ProtocolError(f"analyses.{name}: the {spec.test} test is not simulated")
    estimand = protocol.estimands[spec.estimand]
    times = time_outcomes(protocol, spec.estimand, estimand, trials)
    return compare_times(protocol, name, estimand, times, trials, strata_of(spec.strata, trials))


def compare_times(
    protocol: Protocol, name: str, estimand: Estimand, times: Times, trials: VirtualTrials, strata: Integers | None
) -> list[Replicated]:
    """Count events by arm, and compare the arms by the log-rank test."""
    arms, versus = arms_of(protocol, estimand)
    place = place_of(arms, trials)
    found = []
    for k, (arm, cumulative) in enumerate(zip(arms, _cumulative(times, place, len(arms)), strict=True)):
        inside = times.members & (place == k)
        share = np.where(inside, times.event, 0.0).sum(axis=1) / np.maximum(inside.sum(axis=1), 1)
        found.append(Replicated(Place(name, "", arm), {"estimate": share, "kaplan_meier": cumulative}))
    if versus is None:
        return found
    test = replicate_log_rank(
        times.time,
        times.event,
        place,
        arms=len(arms),
        control=arms.index(versus),
        strata=strata,
        participants=times.members,
    )
    found.append(Replicated(Place(name), {"p": test.p}))
    others = [arm for arm in arms if arm != versus]
    for k, arm in enumerate(others):
        found.append(Replicated(Place(name, "", arm, versus), {"z": test.pair_z[:, k], "p": test.pair_p[:, k]}))
    return found


def _cumulative(times: Times, place: Integers, arms: int) -> Floats:
    """Return the share with the event by Kaplan-Meier at the end of the curve of each arm; arms x T."""
    end = float(np.nanmax(times.time))
    extended = times.time.copy()
    for k in range(arms):
        inside = times.members & (place == k)
        last = np.where(inside, times.time, -np.inf).max(axis=1, keepdims=True)
        # who is followed longest is followed to the end, so that the curve has its last value there
        extended[inside & (times.time == last) & (times.event == 0)] = end
    curves = replicate_survival(extended, times.event, place, end, arms=arms, participants=times.members)
    return np.asarray(1.0 - curves.survival[:, :, 0].T)


def simulate_cox(protocol: Protocol, name: str, spec: Cox, trials: VirtualTrials) -> list[Replicated]:
    """Estimate the log hazard ratio of each arm against the one compared with, and limits of the ratio."""
    if spec.terms != ("arm",) or spec.ties != "efron":
        raise ProtocolError(f"analyses.{name}: only the arm as term and Efron's ties are simulated")
    estimand = protocol.estimands[spec.estimand]
    times = time_outcomes(protocol, spec.estimand, estimand, trials)
    arms, versus = arms_of(protocol, estimand)
    if versus is None:
        raise ProtocolError(f"analyses.{name}: an estimand that compares no arms is not simulated")
    fit = replicate_cox(
        times.time,
        times.event,
        place_of(arms, trials),
        arms=len(arms),
        control=arms.index(versus),
        strata=strata_of(spec.strata, trials),
        participants=times.members,
    )
    lower, upper = fit.limits(spec.confidence)
    others = [arm for arm in arms if arm != versus]
    return [
        Replicated(
            Place(name, "", arm, versus),
            {
                "estimate": fit.estimate[:, k],
                "se": fit.se[:, k],
                "p": fit.p[:, k],
                "lower": np.exp(lower[:, k]),
                "upper": np.exp(upper[:, k]),
            },
            ratio=True,
        )
        for k, arm in enumerate(others)
    ]


def simulate_categorical(
    protocol: Protocol, name: str, spec: Categorical, trials: VirtualTrials
) -> list[Replicated]:
    """Count responses by arm and compare each arm with the one compared with, at each visit of the estimand."""
    estimand = protocol.estimands[spec.estimand]
    if estimand.variable.kind != "response":
        raise ProtocolError(f"analyses.{name}: categories of a measurement are not simulated, responses are")
    outcomes = measure_outcomes(protocol, estimand, trials)
    found = []
    for v, visit in enumerate(estimand.variable.at):
        response = np.where(outcomes.members, outcomes.outcome[..., v], np.nan)
        found += compare_responses(protocol, Place(name, visit), estimand, spec, response, trials)
    return found


def compare_responses(
    protocol: Protocol,
    at: Place,
    estimand: Estimand,
    spec: Categorical,
    response: Floats,
    trials: VirtualTrials,
) -> list[Replicated]:
    """Count a response by arm and compare the arms; `response`: T x n, NaN for whoever does not count."""
    arms, versus = arms_of(protocol, estimand)
    table = replicate_proportions(
        response,
        place_of(arms, trials),
        arms=len(arms),
        control=arms.index(versus) if versus is not None else 0,
        strata=strata_of(spec.strata, trials),
        participants=np.isin(trials.arm, [trials.arms.index(arm) for arm in arms]),
        test=spec.test,
        interval=spec.interval,
        level=spec.confidence,
    )
    found = [
        Replicated(Place(at.analysis, at.visit, arm), {"estimate": table.proportion[:, k]})
        for k, arm in enumerate(arms)
    ]
    if versus is None:
        return found
    found.append(Replicated(at, {"p": table.p}))
    others = [arm for arm in arms if arm != versus]
    for k, arm in enumerate(others):
        statistics = {
            "estimate": table.difference[:, k],
            "lower": table.lower[:, k],
            "upper": table.upper[:, k],
            "p": table.pair_p[:, k],
        }
        found.append(Replicated(Place(at.analysis, at.visit, arm, versus), statistics))
    return found


def simulate_within_arm(protocol: Protocol, name: str, spec: WithinArm, trials: VirtualTrials) -> list[Replicated]:
    """Test the change from baseline inside each arm."""
    estimand = protocol.estimands[spec.estimand]
    if estimand.variable.summary.startswith("percent"):
        raise ProtocolError(f"analyses.{name}: percent changes within an arm are not simulated")
    outcomes = measure_outcomes(protocol, estimand, trials)
    arms, _ = arms_of(protocol, estimand)
    found = []
    for v, visit in enumerate(estimand.variable.at):
        change, place = outcomes.change[..., v], place_of(arms, trials)
        if spec.test == "signed-rank":
            ranks = replicate_signed_rank(change, place, arms=len(arms), participants=outcomes.members)
            found += [
                Replicated(Place(name, visit, arm), {"z": ranks.z[:, k], "p": ranks.p[:, k]})
                for k, arm in enumerate(arms)
            ]
            continue
        test = replicate_change(change, place, arms=len(arms), participants=outcomes.members)
        lower, upper = test.limits(spec.confidence)
        for k, arm in enumerate(arms):
            statistics = with_limits(test, lower, upper, k)
            found.append(Replicated(Place(name, visit, arm), statistics))
    return found


def simulate_two_samples(
    protocol: Protocol, name: str, spec: TTest | RankSum, trials: VirtualTrials
) -> list[Replicated]:
    """Compare each arm with the one compared with by the t test, or by ranks."""
    estimand = protocol.estimands[spec.estimand]
    arms, versus = arms_of(protocol, estimand)
    if versus is None:
        raise ProtocolError(f"analyses.{name}: an estimand that compares no arms is not simulated")
    outcomes, place = measure_outcomes(protocol, estimand, trials), place_of(arms, trials)
    control, others = arms.index(versus), [arm for arm in arms if arm != versus]
    found = []
    for v, visit in enumerate(estimand.variable.at):
        values = outcomes.outcome[..., v]
        if isinstance(spec, RankSum):
            ranks = replicate_rank_sum(
                values,
                place,
                arms=len(arms),
                control=control,
                strata=strata_of(spec.strata, trials),
                participants=outcomes.members,
            )
            found += [
                Replicated(Place(name, visit, arm, versus), {"z": ranks.z[:, k], "p": ranks.p[:, k]})
                for k, arm in enumerate(others)
            ]
            continue
        variance: Variance = "welch" if spec.variances == "unequal" else "pooled"
        test = replicate_t_test(
            values, place, arms=len(arms), control=control, variance=variance, participants=outcomes.members
        )
        lower, upper = test.limits(spec.confidence)
        for k, arm in enumerate(others):
            statistics = with_limits(test, lower, upper, k)
            found.append(Replicated(Place(name, visit, arm, versus), statistics))
    return found


def place_of(arms: tuple[str, ...], trials: VirtualTrials) -> Integers:
    """Return the position of each participant's arm among `arms`; 0 for whoever is in none of them."""
    places = np.array([arms.index(arm) if arm in arms else 0 for arm in trials.arms])
    return np.asarray(places[trials.arm])


def strata_of(names: tuple[str, ...], trials: VirtualTrials) -> Integers | None:
    """Return the stratum of each participant as a number, None without strata."""
    if not names:
        return None
    stratum = np.zeros(trials.shape, dtype=np.int64)
    for name in names:
        if name not in trials.levels:
            raise ProtocolError(f"the stratum {name} is no code of virtual participants")
        stratum = stratum * len(trials.codes[name]) + trials.levels[name]
    return stratum
