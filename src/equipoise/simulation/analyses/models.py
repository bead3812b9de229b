"""Analysis of covariance and mixed models for repeated measures of virtual trials.

The same models as `analysis.efficacy.ancova` and `analysis.repeated_measures.mmrm`: each arm against the one
compared with and, where the protocol asks, the others among themselves; p and limits adjusted for the number of
arms. An unstructured covariance is fitted by the batch; a trial that cannot give it is left missing, for the
caller to fit alone by the ladder of the protocol.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ...errors import ProtocolError
from ...protocol import Protocol
from ...protocol.model import Ancova, Estimand, Mmrm
from ...statistics.distributions import Floats
from ...statistics.replicates import replicate_ancova
from ...statistics.replicates.repeated_measures import replicate_mmrm
from ..estimands import Outcomes, arms_of, measure_outcomes
from ..estimands.needs import model_visits
from ..population import VirtualTrials
from .adjustment import adjust
from .covariates import Columns, build_columns
from .replicated import Place, Replicated, with_limits


@dataclass(frozen=True, eq=False)
class Contrasts:
    """Contrasts of arms at one visit in T trials; `of`: (arm, versus) of each. T x m; `covariance` T x m x m."""

    of: tuple[tuple[str, str], ...]
    estimate: Floats
    se: Floats
    df: Floats
    p: Floats
    lower: Floats
    upper: Floats
    covariance: Floats


def simulate_ancova(protocol: Protocol, name: str, spec: Ancova, trials: VirtualTrials) -> list[Replicated]:
    """Fit the model at each visit of the estimand, in every trial."""
    estimand = protocol.estimands[spec.estimand]
    outcomes = measure_outcomes(protocol, estimand, trials)
    columns, pairs = _model(protocol, spec, estimand, trials, outcomes)
    weights = _weights(columns, pairs, [[place] for place in range(columns.values.shape[-1])], 0)
    found: list[Replicated] = []
    for v, visit in enumerate(estimand.variable.at):
        fit = replicate_ancova(outcomes.outcome[..., v], columns.values, weights, outcomes.members)
        lower, upper = fit.limits(spec.confidence)
        contrasts = Contrasts(pairs, fit.estimate, fit.se, fit.df, fit.p, lower, upper, fit.covariance)
        found += _replicated(name, visit, spec, contrasts)
    return found


def simulate_mmrm(protocol: Protocol, name: str, spec: Mmrm, trials: VirtualTrials) -> list[Replicated]:
    """Fit the model over all its visits in every trial, and compare the arms at the visits of the estimand.

    Raises ProtocolError for what only the analysis of a single trial can do.
    """
    if spec.covariance[0] != "us" or spec.covariance_by is not None or spec.variance != "model":
        raise ProtocolError(f"analyses.{name}: only an unstructured covariance common to all arms is simulated")
    if spec.df not in ("kenward-roger", "satterthwaite", "residual"):
        raise ProtocolError(f"analyses.{name}: df {spec.df} is not simulated; take kenward-roger or satterthwaite")
    estimand = protocol.estimands[spec.estimand]
    visits = model_visits(protocol, spec, estimand)
    outcomes = measure_outcomes(protocol, estimand, trials, visits)
    columns, pairs = _model(protocol, spec, estimand, trials, outcomes)
    places, coefficients = [], 0
    for own in columns.by_visit:
        places.append(list(range(coefficients, coefficients + (len(visits) if own else 1))))
        coefficients = places[-1][-1] + 1
    asked = [visits.index(visit) for visit in estimand.variable.at]
    weights = np.concatenate([_weights(columns, pairs, places, v) for v in asked])
    fit = replicate_mmrm(
        outcomes.outcome,
        columns.values,
        columns.by_visit,
        weights,
        df=spec.df,
        participants=outcomes.members,
    )
    lower, upper = fit.limits(spec.confidence)
    found: list[Replicated] = []
    for k, visit in enumerate(estimand.variable.at):
        part = slice(k * len(pairs), (k + 1) * len(pairs))
        contrasts = Contrasts(
            pairs,
            fit.estimate[:, part],
            fit.se[:, part],
            fit.df[:, part],
            fit.p[:, part],
            lower[:, part],
            upper[:, part],
            fit.covariance_of_contrasts[:, part, part],
        )
        found += _replicated(name, visit, spec, contrasts)
    return found


def _model(
    protocol: Protocol, spec: Ancova | Mmrm, estimand: Estimand, trials: VirtualTrials, outcomes: Outcomes
) -> tuple[Columns, tuple[tuple[str, str], ...]]:
    """Return the columns of a model and the pairs of arms that it compares."""
    arms, versus = arms_of(protocol, estimand)
    if versus is None:
        raise ProtocolError(f"estimand {spec.estimand} compares no arms, and is not simulated")
    others = [arm for arm in arms if arm != versus]
    pairs = [(arm, versus) for arm in others] + (
        [(b, a) for a, b in combinations(others, 2)] if spec.pairwise else []
    )
    return build_columns(spec.terms, trials, outcomes.baseline, arms, versus), tuple(pairs)


def _weights(columns: Columns, pairs: tuple[tuple[str, str], ...], places: list[list[int]], visit: int) -> Floats:
    """Return the weights of the coefficients in each contrast of arms at a visit; pairs x coefficients."""
    weights = np.zeros((len(pairs), places[-1][-1] + 1))
    for row, (arm, versus) in enumerate(pairs):
        for one, sign in ((arm, 1.0), (versus, -1.0)):
            if one in columns.arms:
                at = places[columns.arms[one]]
                weights[row, at[visit] if len(at) > 1 else at[0]] = sign
    return weights


def _replicated(name: str, visit: str, spec: Ancova | Mmrm, contrasts: Contrasts) -> list[Replicated]:
    """Return the statistics of each pair, adjusted for the number of arms where the protocol says so."""
    statistics = [with_limits(contrasts, contrasts.lower, contrasts.upper, k) for k in range(len(contrasts.of))]
    versus = contrasts.of[0][1]
    against = [k for k, pair in enumerate(contrasts.of) if pair[1] == versus]
    added: Mapping[int, dict[str, Floats]] = adjust(spec, contrasts, against)
    return [
        Replicated(Place(name, visit, arm, other), statistics[k] | added.get(k, {}))
        for k, (arm, other) in enumerate(contrasts.of)
    ]
