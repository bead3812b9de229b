"""Models hold the terms that they need, at visits and with missing values that suit them."""

import re
from collections.abc import Iterator

from ..finding import Finding
from ..model import (
    Ancova,
    Cox,
    Estimand,
    GraphOfHypotheses,
    Mmrm,
    Protocol,
    RankSum,
    ReferenceBasedImputation,
    TippingPoint,
    TTest,
)

_FACTOR = re.compile(r"\s*[*:]\s*")


def check_models(protocol: Protocol) -> Iterator[Finding]:
    """Yield a finding for each model whose terms, visits, arms or missing values do not go together."""
    for name, analysis in protocol.analyses.items():
        where = ("analyses", name)
        if isinstance(analysis, Ancova | Cox) and "visit" in _factors(analysis):
            problem = f"holds visit, and {analysis.method} looks at each visit alone; use mmrm"
            yield Finding((*where, "terms"), problem)
        if isinstance(analysis, TippingPoint | ReferenceBasedImputation):
            yield from _imputation(protocol, where, analysis)
        if isinstance(analysis, GraphOfHypotheses):
            yield from _hypotheses(protocol, where, analysis)
        if isinstance(analysis, Ancova | Mmrm):
            estimand = protocol.estimands.get(analysis.estimand)
            if estimand is not None:
                yield from _comparisons(protocol, where, analysis, estimand)
            if estimand is not None and isinstance(analysis, Mmrm):
                yield from _repeated_measures(protocol, where, analysis, estimand)


def _factors(analysis: Ancova | Cox | Mmrm) -> set[str]:
    return {name for term in analysis.terms for name in _FACTOR.split(term.strip())}


def _comparisons(
    protocol: Protocol, where: tuple[str, ...], analysis: Ancova | Mmrm, estimand: Estimand
) -> Iterator[Finding]:
    versus = estimand.versus or protocol.control
    if analysis.multiplicity != "none" and "arm" not in _factors(analysis):
        yield Finding((*where, "multiplicity"), "adjusts comparisons of arms, and the terms hold no arm")
    compared = [arm for arm in estimand.arms or protocol.arms if arm != versus]
    if analysis.sequence and sorted(analysis.sequence) != sorted(compared):
        problem = f"must name each arm compared with {versus} once: {', '.join(compared)}"
        yield Finding((*where, "sequence"), problem, ", ".join(analysis.sequence))


def _repeated_measures(
    protocol: Protocol, where: tuple[str, ...], analysis: Mmrm, estimand: Estimand
) -> Iterator[Finding]:
    if "visit" not in _factors(analysis):
        problem = "needs visit for repeated measures, such as [baseline * visit, site, arm * visit]"
        yield Finding((*where, "terms"), problem)
    if estimand.missing != "observed only":
        problem = f"leaves missing values to the model; give {analysis.estimand} `missing: observed only`"
        yield Finding((*where, "estimand"), problem, estimand.missing)
    for event, strategy in estimand.intercurrent.items():
        if strategy == "while on treatment":
            problem = (
                f"carries one value through all later visits of {event}, which no covariance fits; use ancova"
            )
            yield Finding((*where, "estimand"), problem, strategy)
    visits = protocol.schedule.visits
    for visit in estimand.variable.at:
        if analysis.visits and visit not in analysis.visits:
            yield Finding((*where, "visits"), f"must hold {visit}, the visit of {analysis.estimand}")
    for visit in analysis.visits:
        if visit in visits and visits[visit].target <= 1:
            yield Finding((*where, "visits"), "takes visits after day 1; the baseline is a term", visit)


def _imputation(
    protocol: Protocol, where: tuple[str, ...], analysis: TippingPoint | ReferenceBasedImputation
) -> Iterator[Finding]:
    model = protocol.analyses.get(analysis.of)
    estimand = protocol.estimands.get(analysis.estimand)
    if model is not None and not isinstance(model, Mmrm):
        problem = f"imputes by the model of an mmrm, and {analysis.of} is {model.method}"
        yield Finding((*where, "of"), problem)
    if isinstance(model, Mmrm):
        if model.estimand != analysis.estimand:
            problem = f"must be that of {analysis.of}, {model.estimand}"
            yield Finding((*where, "estimand"), problem, analysis.estimand)
        if "arm" not in _factors(model):
            yield Finding((*where, "of"), f"compares arms, and the terms of {analysis.of} hold no arm")
        if model.covariance_by not in (None, "arm"):
            problem = (
                f"can hold a covariance for each arm alone, and {analysis.of} has one by {model.covariance_by}"
            )
            yield Finding((*where, "of"), problem)
    if estimand is not None and estimand.versus is None and protocol.control is None:
        yield Finding((*where, "estimand"), "needs an arm to compare with", analysis.estimand)


def _hypotheses(protocol: Protocol, where: tuple[str, ...], analysis: GraphOfHypotheses) -> Iterator[Finding]:
    for name, hypothesis in analysis.hypotheses.items():
        place = (*where, "hypotheses", name)
        of = protocol.analyses.get(hypothesis.of)
        if of is None:
            continue
        if not isinstance(of, Ancova | Mmrm | Cox | RankSum | TTest):
            problem = (
                f"takes the p of an ancova, mmrm, cox, rank-sum or t test, and {hypothesis.of} is {of.method}"
            )
            yield Finding((*place, "of"), problem)
            continue
        estimand = protocol.estimands.get(of.estimand)
        if estimand is None:
            continue
        if len(estimand.variable.at) > 1:
            problem = f"needs an analysis at one visit, and {hypothesis.of} asks at {len(estimand.variable.at)}"
            yield Finding((*place, "of"), problem)
        versus = estimand.versus or protocol.control
        compared = [arm for arm in estimand.arms or protocol.arms if arm != versus]
        if hypothesis.arm not in compared:
            problem = f"must be an arm that {hypothesis.of} compares with {versus}: {', '.join(compared)}"
            yield Finding((*place, "arm"), problem, hypothesis.arm)
